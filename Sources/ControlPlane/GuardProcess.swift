internal import CLinux
internal import Glibc
internal import Logging

/// The process that takes faults back when this one can't: it hears a beat from us, and acts when the beat stops.
///
/// Started and kept alive by the control plane; what runs in it is `Guardian`. It answers each beat, so that one which
/// was stopped is noticed, ended and replaced.
actor GuardProcess {
    /// So many beats without an answer, each of which came in its time, and it is taken for stopped: five quarters of a
    /// second.
    private static let mostUnanswered = 5
    /// A new one may take longer to begin.
    private static let mostBeforeFirst = 40

    /// How to start it: the program and all its arguments but the life that it guards.
    private let command: [String]
    private let life: @Sendable () -> Int
    private let logger: Logger
    private var line: Int32 = -1
    private var process: pid_t = -1
    private var unanswered = 0
    private var hasAnswered = false

    init(command: [String], life: @escaping @Sendable () -> Int, logger: Logger) {
        self.command = command
        self.life = life
        self.logger = logger
    }

    deinit {
        if line >= 0 { close(line) }
    }

    /// Tells it that we live; starts it anew when it is gone or was stopped. It answers with what there is to tell.
    @discardableResult
    func beat() -> String? {
        guard life() > 0 else { return nil }
        guard line >= 0 else {
            start()
            return nil
        }
        hear()
        let why: String
        if unanswered >= (hasAnswered ? Self.mostUnanswered : Self.mostBeforeFirst) {
            why = "does not answer"
        } else {
            var byte: UInt8 = 0x2E
            unanswered += 1
            if send(line, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)) == 1 || errno == EAGAIN { return nil }
            why = "is gone"
        }
        logger.warning("the guard process \(process) \(why); restarting it")
        let text = "The guard process (\(process)) \(why): starting another"
        // One that was stopped must not go on when somebody continues it.
        kill()
        start()
        return text
    }

    /// Lets it go: it finds the line closed, looks whether anything is left to take back, and ends.
    func end() {
        if line >= 0 { close(line) }
        line = -1
        if process > 0 { waitpid(process, nil, WNOHANG) }
        process = -1
    }

    private func hear() {
        var bytes = [UInt8](repeating: 0, count: 64)
        while recv(line, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 { (unanswered, hasAnswered) = (0, true) }
    }

    private func kill() {
        if process > 0 {
            Glibc.kill(process, SIGKILL)
            waitpid(process, nil, 0)
        }
        if line >= 0 { close(line) }
        (line, process, unanswered) = (-1, -1, 0)
    }

    private func start() {
        guard let program = command.first else { return }
        var ends: [Int32] = [-1, -1]
        // Made closed-on-exec in one step, so that no other child of ours keeps our end open after our death.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else { return }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        // None of our connections may stay open through it, else nobody would notice our death.
        gameday_spawn_close_from(&actions, 3)
        let words = command + ["--life", "\(life())"]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let failure = posix_spawn(&process, program, &actions, nil, &arguments, environ)
        guard failure == 0 else {
            logger.error("cannot start the guard process: \(String(cString: strerror(failure)))")
            process = -1
            close(ends[0])
            return
        }
        line = ends[0]
        (unanswered, hasAnswered) = (0, false)
    }
}

extension GuardProcess {
    /// Kills the guards of a ledger, whoever started them. What they left is undone by whoever calls this.
    static func killStrays(ledger path: String) {
        let wanted = ["guard", "--ledger", path].map { Array($0.utf8)[...] }
        for process in ProcessList.others where ProcessList.words(in: "cmdline", of: process).contains(wanted) {
            Glibc.kill(process, SIGKILL)
        }
    }
}
