internal import CLinux
internal import Glibc
internal import Logging

/// The process that takes faults back when this one can't: it hears a beat from us, and acts when the beat stops.
///
/// Started and kept alive by the control plane; what runs in it is `Guardian`.
actor GuardProcess {
    /// How to start it: the program and all its arguments.
    private let command: [String]
    private let logger: Logger
    private var line: Int32 = -1
    private var process: pid_t = -1

    init(command: [String], logger: Logger) {
        self.command = command
        self.logger = logger
    }

    deinit {
        if line >= 0 { close(line) }
    }

    /// Tells it that we live; starts it anew when it is gone.
    func beat() {
        if line >= 0 {
            var byte: UInt8 = 0x2E
            let sent = send(line, &byte, 1, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            // A guard that was stopped does not read; its line fills and it is as good as there.
            if sent == 1 || errno == EAGAIN { return }
            logger.warning("the guard process \(process) is gone; it is started again")
            end()
        }
        start()
    }

    /// Lets it go: it finds the line closed, looks whether anything is left to take back, and ends.
    func end() {
        if line >= 0 { close(line) }
        line = -1
        if process > 0 { waitpid(process, nil, WNOHANG) }
        process = -1
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
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let failure = posix_spawn(&process, program, &actions, nil, &arguments, environ)
        guard failure == 0 else {
            logger.error("the guard process can't be started: \(String(cString: strerror(failure)))")
            process = -1
            close(ends[0])
            return
        }
        line = ends[0]
    }
}
