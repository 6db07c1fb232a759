internal import ChildPrograms
internal import Glibc

/// Runs the program of an activity; its output is the exit status and what it wrote.
struct ProcessProvider: ActivityProvider {
    let children: ChildProcesses
    let environment: [String: String]
    /// Whether a program that is stopped takes all that it started with it. The original kills only the program.
    let killsGroups: Bool
    /// Whether bytes that are no text fail the activity.
    var isStrict = false
    /// How long a program may take to end by itself when the run is interrupted.
    var patience: @Sendable () -> Duration = { .zero }
    /// A signal to a whole group ends a program and asks the run to end, in any order: how long the run's own is
    /// awaited before such a program is judged.
    var grace = Duration.milliseconds(500)

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let command: ChildCommand
        do { command = try self.command(for: call) } catch { throw .crashed(error) }
        switch await children.run(command) {
        case .finished(let status, let out, let err):
            if call.isForeground, Self.looksSignalled(status) {
                do { try await Task.sleep(for: grace) } catch { throw .interrupted }
            }
            return [
                "status": .integer(status), "stdout": .text(try text(out)), "stderr": .text(try text(err)),
            ]
        case .timedOut: throw .failed("process activity took too long to complete")
        case .interrupted: throw .interrupted
        case .notStarted(let number):
            throw .crashed(Crash(Self.exception(number), "[Errno \(number)] \(String(cString: strerror(number)))"))
        }
    }

    /// Whether a signal that also ends runs may have ended it; a shell adds 128 for those of its programs.
    private static func looksSignalled(_ status: Int) -> Bool {
        [SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGHUP].contains { status == -Int($0) || status == 128 + Int($0) }
    }

    private func command(for call: ActivityCall) throws(Crash) -> ChildCommand {
        let search = ExecutableSearch(environment: environment)
        let given = call.provider["path"]?.text ?? ""
        let path = search.find(search.expanded(given))
        let arguments = try call.arguments() ?? .list([])
        if case .text(let line) = arguments {
            // The original hands the shell the word None for a program that is not there.
            return try command("/bin/sh", ["/bin/sh", "-c", "\(path ?? "None") \(line)"], call)
        }
        let words = try Self.words(of: arguments)
        guard let path else { throw Crash("TypeError", "expected str, bytes or os.PathLike object, not NoneType") }
        return try command(path, [path] + words, call)
    }

    private func command(_ path: String, _ words: [String], _ call: ActivityCall) throws(Crash) -> ChildCommand {
        if words.contains(where: { $0.utf8.contains(0) }) { throw Crash("ValueError", "embedded null byte") }
        var command = ChildCommand(path: path, arguments: words, environment: environment, hasOwnGroup: killsGroups)
        command.patience = patience
        if let timeout = call.provider["timeout"], !timeout.isNull {
            guard let seconds = timeout.double else {
                throw Crash("TypeError", "unsupported operand type(s) for +: 'float' and '\(timeout.pythonType)'")
            }
            command.timeout = .seconds(max(0, min(seconds, 1e9)))
        }
        return command
    }

    private static func words(of arguments: Value) throws(Crash) -> [String] {
        var items: [Value] = []
        switch arguments {
        case .list(let list): items = list
        case .mapping(let fields): for (name, value) in fields.entries { items += [.text(name), value] }
        default: throw Crash("TypeError", "'\(arguments.pythonType)' object is not iterable")
        }
        return items.filter { !$0.isNull && $0.text != "" }.map(PythonText.string)
    }

    /// What is no text at all fails an activity of the original, whose verdict may well be the exit status alone.
    private func text(_ bytes: [UInt8]) throws(ActivityEnd) -> String {
        guard isStrict else { return ProgramText.anyText(of: bytes) }
        guard let text = ProgramText.text(of: bytes) else {
            throw .failed("Failed to decode bytes using encoding 'utf-8'")
        }
        return text
    }

    private static func exception(_ number: Int32) -> String {
        switch number {
        case ENOENT: "FileNotFoundError"
        case EACCES, EPERM: "PermissionError"
        default: "OSError"
        }
    }
}
