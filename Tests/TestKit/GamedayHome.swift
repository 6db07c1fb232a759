public import Glibc
public import MeshClient
public import MeshModel
import Testing

/// The built program, run as people run it, with folders of its own.
public final class GamedayHome: Sendable {
    public let folder: String
    public var socket: String { folder + "/gameday.sock" }

    public init() throws {
        var template = Array("/tmp/gameday-e2e-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        for process in processes { kill(process, SIGKILL) }
        _ = Self.spawn(["/bin/rm", "-rf", folder], environment: [], output: "/dev/null").map { waitpid($0, nil, 0) }
    }

    /// What a finished command left.
    public struct Outcome {
        public var code: Int32
        public var output: String
    }

    public static let program = BuiltProgram.path("gameday")

    /// Runs a command until it succeeds, for half a minute at most. A busy machine lets a proxy answer late, which is
    /// refused, and rightly; a test that is not about that asks again.
    public func succeed(_ arguments: String...) async throws -> Outcome { try await succeed(arguments: arguments) }

    public func succeed(arguments: [String]) async throws -> Outcome {
        var outcome = try await run(arguments)
        for _ in 0..<100 where outcome.code == 1 || outcome.code == 69 {
            try await Task.sleep(for: .milliseconds(300))
            outcome = try await run(arguments)
        }
        return outcome
    }

    /// Runs a command of ours to its end.
    public func run(_ arguments: String...) async throws -> Outcome { try await run(arguments) }

    public func run(_ arguments: [String]) async throws -> Outcome {
        try await run(program: Self.program, arguments)
    }

    /// Runs any program to its end, in our environment and more.
    public func run(program: String, _ arguments: [String], environment more: [String] = []) async throws -> Outcome {
        let output = folder + "/output-\(arguments.joined(separator: "-").filter { $0.isLetter }.suffix(100))"
        let process = try #require(
            Self.spawn([program] + arguments, environment: environment + more, output: output))
        var status: Int32 = 0
        while waitpid(process, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(5)) }
        return Outcome(code: status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F), output: text(of: output))
    }

    /// Describes a mesh of these admin pages, starts its control plane, and waits until it has seen the edges.
    public func up(_ pages: [(service: String, url: String)], edges: Int) async throws -> ControlPlaneClient {
        var yaml = "name: a stub\npoll: 200ms\nproxies:\n"
        for page in pages { yaml += "  - {service: \(page.service), admin: \"\(page.url)\"}\n" }
        write(yaml, to: "gameday.yaml")
        let outcome = try await run("up", "-f", folder + "/gameday.yaml")
        try #require(outcome.code == 0, "\(outcome.output)")
        let client = ControlPlaneClient(socket: socket, transport: try CurlTransport())
        try await wait(client) { $0.edges.count == edges && $0.sources.values.allSatisfy { $0.report.state == .fresh } }
        return client
    }

    /// Follows the events until the state is as wanted.
    public func wait(_ client: ControlPlaneClient, until isReached: (MeshState) -> Bool) async throws {
        var state = MeshState()
        for await element in client.feed() {
            switch element {
            case .event(let event): state.apply(event)
            case .anew: state = MeshState()
            case .lost, .ended: continue
            }
            if isReached(state) { return }
        }
    }

    /// The process ids of the control plane and of its guard, told by their command lines.
    public var controlPlane: pid_t? { processes(with: "up").first }
    public var guardProcess: pid_t? { processes(with: "guard").first }
    private var processes: [pid_t] { processes(with: nil) }

    /// False once the process has ended, whether somebody has asked for its exit code or not.
    public func isRunning(_ process: pid_t) -> Bool { !text(of: "/proc/\(process)/cmdline").isEmpty }

    /// What runs and what was written, for a failure's report.
    public var description: String {
        let running = processes.map { "\($0) " + text(of: "/proc/\($0)/cmdline").replacing("\0", with: " ") }
        let state = folder + "/state/gameday/"
        let written = files(in: state).filter { $0.contains("-") }.map { "\($0):\n\(text(of: state + $0))" }
        return (running + written).joined(separator: "\n")
    }

    /// The journals of runs, each as a text.
    public func journals() -> [String] {
        let journals = folder + "/data/gameday/journals/"
        return files(in: journals).filter { $0.hasSuffix(".json") }.map { text(of: journals + $0) }
    }

    public func ledger() -> String {
        let state = folder + "/state/gameday/"
        return files(in: state).filter { $0.hasPrefix("ledger-") }.map { text(of: state + $0) }.joined()
    }

    private var environment: [String] {
        [
            "XDG_STATE_HOME=\(folder)/state", "XDG_DATA_HOME=\(folder)/data", "GAMEDAY_SOCKET=\(socket)",
            "PATH=/usr/bin:/bin", "USER=tester",
        ]
    }

    /// The same for a program on a terminal.
    public var terminalEnvironment: [String: String] {
        var variables = ["TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": folder]
        variables["SWIFT_BACKTRACE"] = "interactive=no,color=no"
        for variable in environment {
            let parts = variable.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { variables[parts[0]] = parts[1] }
        }
        return variables
    }

    private func processes(with command: String?) -> [pid_t] {
        files(in: "/proc").compactMap { pid_t($0) }.filter { process in
            let words = text(of: "/proc/\(process)/cmdline").split(separator: "\0").map(String.init)
            guard words.first == Self.program, words.contains(where: { $0.contains(nameInFiles) }) else { return false }
            return command == nil || words.dropFirst().first == command
        }
    }

    /// Commands of ours that wait for an answer: neither the control plane nor its guard, told by their environment.
    public var clients: [pid_t] {
        let lasting = [controlPlane, guardProcess]
        return files(in: "/proc").compactMap { pid_t($0) }.filter { process in
            text(of: "/proc/\(process)/cmdline").split(separator: "\0").first.map(String.init) == Self.program
                && !lasting.contains(process) && text(of: "/proc/\(process)/environ").contains(folder)
        }
    }

    /// Processes of ours with one of these command lines, told by the home in their environment.
    public func processes(running lines: [String]) -> [pid_t] {
        files(in: "/proc").compactMap { pid_t($0) }.filter { process in
            let line = text(of: "/proc/\(process)/cmdline").split(separator: "\0").joined(separator: " ")
            return lines.contains(line) && text(of: "/proc/\(process)/environ").contains(folder)
        }
    }

    /// The part of the folder's name that the command lines of all our processes have.
    private var nameInFiles: String { String(folder.suffix(6)) }

    private func files(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
        }
        return names
    }

    public func text(of path: String) -> String { Self.text(of: path) }

    /// The bytes of any file as text; empty when it can't be read.
    public static func text(of path: String) -> String {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes += chunk[..<count]
        }
    }

    public func write(_ text: String, to name: String) {
        guard let file = fopen(folder + "/" + name, "w") else { return }
        fputs(text, file)
        fclose(file)
    }

    private static func spawn(_ command: [String], environment: [String], output: String) -> pid_t? {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in arguments + variables { free(text) } }
        var process: pid_t = -1
        return posix_spawn(&process, command[0], &actions, nil, &arguments, &variables) == 0 ? process : nil
    }
}
