import Glibc
import MeshModel
import Synchronization
import TerminalCanvas

/// The one place that writes to a terminal, or to whatever stands in for it: standard output and standard error.
///
/// Text from outside is cleaned here of all that a terminal would obey or that would mislead a reader; colours are only
/// those that we drew. What can't be written any more is dropped: whoever reads may go, the work goes on.
enum Output {
    private static let out = StandardStream(STDOUT_FILENO)
    private static let err = StandardStream(STDERR_FILENO)

    static func line(_ text: String) { lines(text, to: out) }

    static func error(_ text: String) { lines(text, to: err) }

    /// A question, whose answer stands in the same line.
    static func prompt(_ text: String) { send(Array(Text.sanitised(text).utf8), to: out) }

    /// JSON for a program, in a line; its strings escape what a terminal would obey.
    static func json(_ json: JSON) { Self.json(json.bytes + [0x0A]) }

    /// JSON for a program, as it was made elsewhere.
    static func json(_ bytes: [UInt8]) { send(JSONForTerminals.escaped(bytes), to: out) }

    /// What somebody types in answer to the last line; nil when nobody is there any more.
    static func answer() -> String? { readLine() }

    /// A document of ours, whose lines end as they are.
    static func document(_ text: String) {
        let clean = text.split(separator: "\n", omittingEmptySubsequences: false).map { Text.sanitised($0) }
        send(Array(clean.joined(separator: "\n").utf8), to: out)
    }

    /// A file for a program, byte for byte; false when nobody takes it any more.
    static func bytes(_ bytes: [UInt8]) -> Bool { send(bytes, to: out) }

    /// Lines that we drew ourselves, colours and all.
    static func painted(_ lines: [String]) { send(Array((lines.joined(separator: "\n") + "\n").utf8), to: out) }

    /// Text from outside, short enough to stand in a line with others.
    static func short(_ text: String, to width: Int = 40) -> String { Text.clipped(Text.sanitised(text), to: width) }

    /// Whether standard output has no reader any more.
    static var isUnheard: Bool { out.isGone }

    /// Whether something was lost that somebody may have waited for: no room, no such descriptor; not that a reader left.
    static var hasLostWords: Bool { (out.trouble ?? EPIPE) != EPIPE }

    private static func lines(_ text: String, to stream: StandardStream) {
        let clean = URLCredentials.hidden(in: text).split(separator: "\n", omittingEmptySubsequences: false)
            .map { Text.sanitised($0) + "\n" }
        send(Array(clean.joined().utf8), to: stream)
    }

    @discardableResult
    private static func send(_ bytes: [UInt8], to stream: StandardStream) -> Bool {
        let hadTrouble = stream.trouble != nil
        let isTaken = stream.write(bytes)
        if stream === out, !hadTrouble, let trouble = stream.trouble, trouble != EPIPE {
            error("gameday: cannot write to standard output: \(String(cString: strerror(trouble)))")
        }
        return isTaken
    }
}

/// Standard output or standard error. Each writing is whole, and the first failure ends it for good.
final class StandardStream: Sendable {
    private let descriptor: Int32
    /// Held while a reader is slow, which may be for ever; so what went wrong stands beside it.
    private let turn = Mutex(())
    private let failure = Atomic<Int32>(0)

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Why nothing can be written any more, as an `errno`; nil while it can.
    var trouble: Int32? {
        let failure = failure.load(ordering: .acquiring)
        return failure == 0 ? nil : failure
    }

    /// Whether the reader is gone, which a pipe tells without being written to.
    var isGone: Bool {
        var end = pollfd(fd: descriptor, events: 0, revents: 0)
        return trouble != nil || (poll(&end, 1, 0) == 1 && end.revents & Int16(POLLERR | POLLNVAL) != 0)
    }

    /// Waits while a reader is slow. False when it was not taken.
    func write(_ bytes: [UInt8]) -> Bool {
        turn.withLock { _ in
            guard trouble == nil else { return false }
            failure.store(Self.write(bytes, to: descriptor) ?? 0, ordering: .releasing)
            return trouble == nil
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                // Somebody who shares it with us made it so.
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&room, 1, -1)
                continue
            }
            guard count > 0 else { return count < 0 ? errno : EIO }
            rest.removeFirst(count)
        }
        return nil
    }

    /// Makes the standard descriptors safe to begin with. One that is closed would be given to the next file that is
    /// opened, and our words would go into that; and a reader who leaves must not end us in the middle of our work.
    static func secure() {
        signal(SIGPIPE, SIG_IGN)
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO]
        where fcntl(descriptor, F_GETFD) < 0 && errno == EBADF {
            // To be read only, so that writing fails as it would have.
            _ = open("/dev/null", O_RDONLY)
        }
    }
}

/// JSON that may be shown: what a terminal would obey is only in strings, and there it can be escaped.
enum JSONForTerminals {
    static func escaped(_ bytes: [UInt8]) -> [UInt8] {
        guard bytes.contains(where: { $0 >= 0x7F }) else { return bytes }
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control where scalar.value >= 0x7F, .format, .lineSeparator, .paragraphSeparator:
                for unit in UTF16.encode(scalar).map(Array.init) ?? [] {
                    let digits = String(unit, radix: 16)
                    out += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
                }
            default: out += UTF8.encode(scalar).map(Array.init) ?? []
            }
        }
        return out
    }
}
