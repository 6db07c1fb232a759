import Glibc
import MeshModel
import TerminalCanvas

/// Text on standard output and standard error, cleaned of what a terminal would obey.
enum Output {
    static func line(_ text: String) { lines(text, to: 1) }

    /// JSON for a program, in a line as it is; its strings escape what a terminal would obey.
    static func json(_ json: JSON) { write(json.bytes + [0x0A], to: 1) }

    /// A document for a program, as it is.
    static func bytes(_ bytes: [UInt8]) { write(bytes, to: 1) }

    /// Lines that we drew ourselves, colours and all.
    static func painted(_ lines: [String]) { write(Array((lines.joined(separator: "\n") + "\n").utf8), to: 1) }

    static func error(_ text: String) { lines(text, to: 2) }

    /// Text from outside, short enough to stand in a line with others.
    static func short(_ text: String, to width: Int = 40) -> String { Text.clipped(Text.sanitised(text), to: width) }

    private static func lines(_ text: String, to descriptor: Int32) {
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            write(Array((Text.sanitised(line) + "\n").utf8), to: descriptor)
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest.removeFirst(count)
        }
    }
}
