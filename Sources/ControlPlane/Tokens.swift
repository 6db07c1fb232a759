internal import Synchronization

/// Who may speak to the API over TCP: whoever knows the session's token, and the run that is on with one of its own, so
/// that what a run does carries its name and ends with it.
final class Tokens: Sendable {
    enum Bearer: Equatable, Sendable {
        /// Whoever could also open the Unix socket.
        case owner
        case run(id: String)
        /// A run that is over or being stopped: it may take back, and start nothing.
        case endedRun(id: String)
    }

    /// The session's token. It is told over the Unix socket only, and written nowhere.
    let session = Tokens.random()

    private struct Held {
        var run: (id: String, token: String)?
        /// The tokens of earlier runs, whose programs may still be at work.
        var ended: [String: String] = [:]
    }

    private let held = Mutex(Held())

    /// A token for a run; the one before is worth nothing more.
    func issue(to run: String) -> String {
        let token = Self.random()
        held.withLock { held in
            if let before = held.run { held.ended[before.token] = before.id }
            held.run = (run, token)
        }
        return token
    }

    /// From now on the run may start nothing.
    func end(run id: String) {
        held.withLock { held in
            guard let run = held.run, run.id == id else { return }
            held.ended[run.token] = id
            held.run = nil
        }
    }

    /// Who sent this `Authorization` header; nil when nobody known did.
    func bearer(of header: String?) -> Bearer? {
        guard let header, header.lowercased().hasPrefix("bearer ") else { return nil }
        let given = String(header.dropFirst("bearer ".count))
        return held.withLock { held in
            if Self.isSame(given, session) { return .owner }
            if let run = held.run, Self.isSame(given, run.token) { return .run(id: run.id) }
            return held.ended.first { Self.isSame(given, $0.key) }.map { .endedRun(id: $0.value) }
        }
    }

    /// Compares all of both, so that the time it takes tells nothing.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// 256 bits of the system's randomness in hexadecimal.
    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4).map { _ in
            let digits = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}
