import CLinux
import Glibc

/// A program on a terminal of its own (a pty) of a given size, whose output is read and kept until it is let go.
final class PtyProgram {
    let identifier: Int32
    private let master: Int32
    private let startedAt: ContinuousClock.Instant
    private var output: [UInt8] = []
    private var hasEnded = false

    init(_ command: [String], environment: [String: String], columns: Int, rows: Int) throws {
        master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)
        var name = [CChar](repeating: 0, count: 64)
        var window = winsize()
        (window.ws_col, window.ws_row) = (UInt16(columns), UInt16(rows))
        guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, ptsname_r(master, &name, name.count) == 0,
            ioctl(master, UInt(TIOCSWINSZ), &window) == 0
        else { throw BenchError("no terminal can be had") }
        startedAt = .now
        identifier = try Self.spawn(command, environment, terminal: String(cString: name))
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

    /// Reads what comes until it ends or the time is over, and says how long it has run by then.
    @discardableResult
    func drain(for time: Duration) -> Duration {
        let deadline = ContinuousClock.now + time
        while read(until: deadline) {}
        return ContinuousClock.now - startedAt
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

    private static func spawn(
        _ command: [String], _ environment: [String: String], terminal: String
    ) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        // The first terminal that the leader of a new session opens is its own.
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, terminal, O_RDWR, 0)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, STDIN_FILENO, STDERR_FILENO)
        _ = gameday_spawn_close_from(&actions, 3)
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var arguments = command.map { strdup($0) } + [nil]
        var variables = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = 0
        let failure = posix_spawn(&process, command.first ?? "", &actions, &attributes, &arguments, &variables)
        guard failure == 0 else { throw BenchError("\(command.first ?? "?") can't be started: \(failure)") }
        return process
    }
}
