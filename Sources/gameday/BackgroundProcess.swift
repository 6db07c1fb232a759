import ArgumentParser
import CLinux
import Glibc
import MeshClient
import TerminalCanvas

/// Starts this program once more, apart from the terminal, and looks how it does.
enum BackgroundProcess {
    /// The output goes to the log, which is the owner's alone.
    static func start(_ command: [String], log: String) throws -> pid_t {
        let output = try open(log: log)
        defer { close(output) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Whoever waits for the end of a pipe of ours must not wait for the end of the control plane.
        gameday_spawn_close_from(&actions, 3)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = -1
        let failure = posix_spawn(&process, command[0], &actions, nil, &arguments, environ)
        guard failure == 0 else {
            throw ExitCode.failure.telling(
                "gameday: cannot start the control plane: \(String(cString: strerror(failure)))")
        }
        return process
    }

    /// Nil while it runs.
    static func exitCode(of process: pid_t) -> Int32? {
        var status: Int32 = 0
        guard waitpid(process, &status, WNOHANG) == process else { return nil }
        // The macros WIFEXITED and WEXITSTATUS, which Swift does not import.
        return status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
    }

    static func lastLines(of log: String) -> [String] {
        guard let file = fopen(log, "r") else { return [] }
        defer { fclose(file) }
        fseek(file, -2000, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: 2000)
        let count = fread(&bytes, 1, bytes.count, file)
        let lines = String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n")
        return lines.suffix(5).map(String.init)
    }

    /// The log, in a folder that is made where it is missing.
    private static func open(log: String) throws -> Int32 {
        let missing = makeFolder(of: log)
        let descriptor = missing == nil ? Glibc.open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600) : -1
        guard descriptor < 0 else { return descriptor }
        let why = String(cString: strerror(errno))
        let (doing, place) = missing.map { ("make", $0) } ?? ("write", log)
        let folder = PrivateFolder.parent(of: place)
        throw ExitCode.failure.telling(
            Text.sanitised(
                "gameday: cannot \(doing) \(place): \(why) (\(folder) belongs to \(PrivateFolder.owner(near: folder)))")
                + "\nSet XDG_STATE_HOME to a folder that you can write to.")
    }

    /// The folder that can't be made, with its errno; nil when all is there.
    private static func makeFolder(of path: String) -> String? {
        var place = path.startIndex
        while let slash = path[path.index(after: place)...].firstIndex(of: "/") {
            let folder = String(path[..<slash])
            if mkdir(folder, 0o700) != 0, errno != EEXIST { return folder }
            place = slash
        }
        return nil
    }
}
