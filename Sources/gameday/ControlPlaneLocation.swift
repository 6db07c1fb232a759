import ArgumentParser
import Glibc
import MeshClient
import MeshModel
import Recording
import TerminalCanvas

/// Where the control plane is, for every command that speaks to it.
struct ControlPlaneLocation: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The control plane's Unix socket.",
            discussion:
                "Default: GAMEDAY_SOCKET, else $XDG_RUNTIME_DIR/gameday/gameday.sock, else /tmp/gameday-UID/gameday.sock.",
            valueName: "path"), completion: .file(extensions: ["sock"]))
    var socket: String?

    /// The path of the socket, from the root.
    var path: String { socket.map(Self.fromRoot) ?? Self.usualPath }

    /// The path of the socket where no option names one.
    static var usualPath: String { fromRoot(Environment.value("GAMEDAY_SOCKET") ?? standardPath) }

    private static func fromRoot(_ path: String) -> String {
        path.hasPrefix("/") ? path : Executable.currentDirectory + "/" + path
    }

    static var standardPath: String {
        if let folder = Environment.value("XDG_RUNTIME_DIR") { return folder + "/gameday/gameday.sock" }
        return "/tmp/gameday-\(geteuid())/gameday.sock"
    }

    /// What a control plane writes: one ledger and one log a socket, in the user's state folder.
    var ledger: String { stateFile("ledger-\(nameInFiles).jsonl") }
    var log: String { stateFile("control-plane-\(nameInFiles).log") }
    /// What a dashboard on it writes instead of standard error.
    var dashboardLog: String { stateFile("dashboard-\(nameInFiles).log") }

    /// The folder for the journals of all runs, whichever control plane plays them.
    static var journals: String {
        let home = Environment.value("HOME") ?? "/tmp/gameday-\(geteuid())"
        return (Environment.value("XDG_DATA_HOME") ?? home + "/.local/share") + "/gameday/journals"
    }

    private func stateFile(_ name: String) -> String {
        let home = Environment.value("HOME") ?? "/tmp/gameday-\(geteuid())"
        return (Environment.value("XDG_STATE_HOME") ?? home + "/.local/state") + "/gameday/" + name
    }

    /// The whole path, since two sockets in different folders must never share a ledger.
    private var nameInFiles: String {
        path.drop { $0 == "/" }.reduce(into: "") { name, character in
            switch character {
            case "/": name += "-"
            case "-", "%": name += character == "-" ? "%2D" : "%25"
            default: name.append(character)
            }
        }
    }

    func client() throws -> ControlPlaneClient {
        do throws(TransportError) {
            return ControlPlaneClient(
                socket: path, transport: try CurlTransport(), token: Environment.value("GAMEDAY_TOKEN"))
        } catch {
            throw ExitCode.software.telling("gameday: \(error.summary). \(error.remedy ?? "")")
        }
    }
}

/// What the environment says.
enum Environment {
    /// The value of a variable; an empty one counts as none.
    static func value(_ name: String) -> String? {
        guard let text = getenv(name).map({ String(cString: $0) }), !text.isEmpty else { return nil }
        return text
    }

    /// Where sessions are recorded.
    static var recordings: RecordingFolder {
        .standard { value($0) ?? ($0 == "HOME" ? "/tmp/gameday-\(geteuid())" : nil) }
    }

    /// Who asks, as others know them.
    static var user: String {
        value("USER") ?? value("LOGNAME") ?? account ?? "uid \(geteuid())"
    }

    /// The name that the system's accounts have for us; a container may know none.
    private static var account: String? {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return nil }
        let text = String(cString: name)
        return text.isEmpty ? nil : text
    }
}

extension ControlPlaneError {
    /// Tells it on standard error, with what to do, and gives the exit code for it.
    var told: ExitCode {
        Output.error("gameday: \(summary)" + (remedy.map { "\n\($0)" } ?? ""))
        return switch self {
        case .unreachable, .barred: .unavailable
        case .garbled: .software
        case .refused(let problem):
            switch problem.kind {
            case .badRequest, .notFound, .methodNotAllowed, .unknownEdge, .halted, .refusedByGuardRail,
                .ledgerUnwritable, .notProven, .proxyRefused, .notAllowed, .experimentRunning, .gateShut:
                .failure
            case .badExperiment: .badDocument
            case .proxyUnreachable, .busy: .unavailable
            case .internal: .software
            }
        }
    }
}

/// Performs what asks the control plane, and turns its errors into exit codes.
func asking<Answer>(_ body: () async throws(ControlPlaneError) -> Answer) async throws -> Answer {
    do {
        return try await body()
    } catch {
        throw error.told
    }
}
