internal import CLinux
internal import Glibc

/// A program that was just started, with our ends of its pipes: -1 for those it doesn't have.
public struct ChildSpawn {
    var pid: pid_t
    var out: Int32
    var err: Int32
    /// A two-way line to its descriptor 3, if it was asked for.
    var channel: Int32

    /// Why it was not started.
    public struct Failure: Error {
        public var number: Int32
    }

    /// Starts a program; without a console it has nothing to read. All our other descriptors stay with us.
    static func start(
        _ command: ChildCommand, in environment: EnvironmentBlock, withChannel: Bool
    ) throws(Failure) -> ChildSpawn {
        var ends: [Int32] = []
        func close(keeping kept: [Int32] = []) {
            for end in ends where !kept.contains(end) { _ = Glibc.close(end) }
        }
        do {
            var (out, err, channel): (Int32, Int32, Int32) = (-1, -1, -1)
            var child = gameday_ends(in: 0, out: command.console == .ours ? 1 : 2, err: 2, channel: -1)
            if command.console == .none || fcntl(child.out, F_GETFD) < 0 || fcntl(child.err, F_GETFD) < 0 {
                child.in = -1
                (out, child.out) = try pair(&ends, gameday_pipe)
                (err, child.err) = try pair(&ends, gameday_pipe)
            }
            if withChannel { (channel, child.channel) = try pair(&ends, gameday_socket_pair) }
            let pid = try spawn(command, environment.lines(of: command.environment), child)
            close(keeping: [out, err, channel])
            return ChildSpawn(pid: pid, out: out, err: err, channel: channel)
        } catch {
            close()
            throw error
        }
    }

    /// Two connected descriptors: ours, and that of the program.
    private static func pair(
        _ ends: inout [Int32], _ make: (UnsafeMutablePointer<Int32>) -> Int32
    ) throws(Failure) -> (Int32, Int32) {
        var both: [Int32] = [-1, -1]
        guard make(&both) == 0 else { throw Failure(number: errno) }
        ends += both
        return (both[0], both[1])
    }

    private static func spawn(
        _ command: ChildCommand, _ environment: [UnsafeMutablePointer<CChar>?], _ ends: gameday_ends
    ) throws(Failure) -> pid_t {
        let arguments = command.arguments.map { strdup($0) } + [nil]
        defer { for text in arguments { free(text) } }
        var pid: pid_t = 0
        var failure = gameday_spawn(command.path, arguments, environment, ends, command.hasOwnGroup, &pid)
        // A program that was written a moment ago may still be open for writing in a child that another thread has made
        // and that has not become its own program yet.
        for _ in 0..<10 where failure == ETXTBSY {
            usleep(5_000)
            failure = gameday_spawn(command.path, arguments, environment, ends, command.hasOwnGroup, &pid)
        }
        guard failure == 0 else { throw Failure(number: failure) }
        return pid
    }
}

/// The environment of a program as the kernel takes it. It is kept for the next program, which mostly gets the same.
final class EnvironmentBlock {
    private var known: [String: String]?
    private var lines: [UnsafeMutablePointer<CChar>?] = []

    deinit { clear() }

    /// The lines `NAME=VALUE`, and nil at their end; good until they are asked for again.
    func lines(of environment: [String: String]) -> [UnsafeMutablePointer<CChar>?] {
        // To compare a dictionary with its own copy costs nothing.
        guard environment != known else { return lines }
        clear()
        lines = environment.map { strdup("\($0)=\($1)") } + [nil]
        known = environment
        return lines
    }

    private func clear() {
        for line in lines { free(line) }
    }
}
