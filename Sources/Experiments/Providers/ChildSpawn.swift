internal import Glibc

/// A program that was just started, with our ends of its pipes.
struct ChildSpawn {
    var pid: pid_t
    var out: Int32
    var err: Int32
    /// A two-way line to its descriptor 3, if it was asked for.
    var channel: Int32

    /// Why it was not started.
    struct Failure: Error {
        var number: Int32
    }

    /// Starts a program with nothing to read. All our other descriptors stay with us.
    static func start(_ command: ChildCommand, withChannel: Bool) throws(Failure) -> ChildSpawn {
        var ends: [Int32] = []
        func close(keeping kept: [Int32] = []) {
            for end in ends where !kept.contains(end) { _ = Glibc.close(end) }
        }
        do {
            let (out, childOut) = try pair(&ends) { pipe($0) }
            let (err, childErr) = try pair(&ends) { pipe($0) }
            var (channel, childChannel): (Int32, Int32) = (-1, -1)
            if withChannel {
                (channel, childChannel) = try pair(&ends) { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, $0) }
            }
            let pid = try spawn(command, childOut, childErr, childChannel)
            close(keeping: [out, err, channel])
            for end in [out, err, channel] where end >= 0 { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
            return ChildSpawn(pid: pid, out: out, err: err, channel: channel)
        } catch {
            close()
            throw error
        }
    }

    /// Two connected descriptors which programs don't inherit unless they are given to them.
    private static func pair(
        _ ends: inout [Int32], _ make: (UnsafeMutablePointer<Int32>) -> Int32
    ) throws(Failure) -> (Int32, Int32) {
        var both: [Int32] = [-1, -1]
        let failed = both.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map(make) ?? -1
        }
        guard failed == 0 else { throw Failure(number: errno) }
        for end in both { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        ends += both
        return (both[0], both[1])
    }

    private static func spawn(
        _ command: ChildCommand, _ out: Int32, _ err: Int32, _ channel: Int32
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out, 1)
        posix_spawn_file_actions_adddup2(&actions, err, 2)
        if channel >= 0 { posix_spawn_file_actions_adddup2(&actions, channel, 3) }
        var flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        if command.hasOwnGroup { flags |= POSIX_SPAWN_SETPGROUP }
        // A signal that we ignore or hold back would stay so in the program.
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var arguments = command.arguments.map { strdup($0) } + [nil]
        var environment = command.environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, command.path, &actions, &attributes, &arguments, &environment)
        guard failure == 0 else { throw Failure(number: failure) }
        return pid
    }
}
