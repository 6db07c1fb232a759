import CPty
import Glibc

/// A program on a terminal of its own (a pty) of a given size, whose output is read and kept until it is let go.
final class PtyProgram {
    let identifier: Int32
    private let master: Int32
    private let startedAt: ContinuousClock.Instant
    private var output: [UInt8] = []
    private var hasEnded = false

    init(_ command: [String], environment: [String: String], columns: Int, rows: Int) throws {
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var pty = cpty()
        startedAt = .now
        let failure = cpty_start(&pty, command.first ?? "", &arguments, &variables, Int32(columns), Int32(rows))
        guard failure == 0 else { throw BenchError("\(command.first ?? "?") can't be started on a terminal") }
        if pty.terminal >= 0 { close(pty.terminal) }
        identifier = pty.process
        master = pty.master
    }

    deinit { end() }

    /// How long after its start the text came, or nil when it did not within the time. The rest is read on the way.
    func time(until text: String, within limit: Duration) -> Duration? {
        let wanted = Array(text.utf8)
        let deadline = ContinuousClock.now + limit
        while output.firstRange(of: wanted) == nil {
            guard read(until: deadline) else { return nil }
        }
        return ContinuousClock.now - startedAt
    }

    /// Types a text, as a terminal sends it.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
    }

    /// How long a typed text takes until another one comes for it, or nil when it does not within the time.
    func answer(to text: String, showing wanted: String, within limit: Duration) -> Duration? {
        while read(until: .now + .milliseconds(1)) {}
        output = []
        let bytes = Array(wanted.utf8)
        let start = ContinuousClock.now
        type(text)
        while output.firstRange(of: bytes) == nil {
            guard read(until: start + limit) else { return nil }
        }
        return ContinuousClock.now - start
    }

    /// Reads what comes until it ends or the time is over, and says how long it has run by then.
    @discardableResult
    func drain(for time: Duration) -> Duration {
        let deadline = ContinuousClock.now + time
        while read(until: deadline) {}
        return ContinuousClock.now - startedAt
    }

    /// Reads what comes until the time is over, and keeps nothing.
    func discard(for time: Duration) {
        drain(for: time)
        output = []
    }

    /// Takes its terminal away and waits until it is gone.
    func end() {
        guard !hasEnded else { return }
        hasEnded = true
        close(master)
        for _ in 0..<300 {
            if waitpid(identifier, nil, WNOHANG) != 0 { return }
            usleep(10_000)
        }
        kill(identifier, SIGKILL)
        waitpid(identifier, nil, 0)
    }

    /// Reads some more; false when there will be nothing before the deadline.
    private func read(until deadline: ContinuousClock.Instant) -> Bool {
        let left = (deadline - .now) / .milliseconds(1)
        var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
        guard left > 0, poll(&ready, 1, Int32(left.rounded(.up))) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = Glibc.read(master, &buffer, buffer.count)
        guard count > 0 else { return false }
        output += buffer[..<count]
        return true
    }
}
