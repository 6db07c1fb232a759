public import MeshModel

/// Why the demo can't run, in words for a person.
public enum DemoFailure: Explained, Equatable, Sendable {
    /// There is no Envoy; these places were searched.
    case noEnvoy(searched: [String])
    /// An Envoy was named and is not there.
    case notAProgram(String)
    case noPorts
    case noDirectory(path: String, reason: String)
    case cannotStart(program: String, reason: String)
    /// What did not come up in time; the logs are in the directory.
    case notReady([String], logs: String)
    /// A sidecar or service ended while it should have come up.
    case ended(String, logs: String)

    public var summary: String {
        switch self {
        case .noEnvoy: "No Envoy was found"
        case .notAProgram(let path): "\(path) is no program"
        case .noPorts: "No free block of ports was found"
        case .noDirectory(let path, let reason): "\(path) can't be used: \(reason)"
        case .cannotStart(let program, let reason): "\(program) can't be started: \(reason)"
        case .notReady(let names, _): "Not up in time: \(names.joined(separator: ", "))"
        case .ended(let name, _): "\(name) ended while starting"
        }
    }

    public var remedy: String? {
        switch self {
        case .noEnvoy(let places):
            "Run `make demo` once, which installs it; or name one with --envoy PATH or GAMEDAY_ENVOY; or do without: "
                + "`gameday demo --simulate`. Searched: \(places.joined(separator: ", "))."
        case .notAProgram: "Name the envoy binary itself, and see that it may be executed."
        case .noPorts: "End other demos, or see what listens with `ss -ltn`."
        case .noDirectory: "Set XDG_RUNTIME_DIR to a directory of your own."
        case .cannotStart: nil
        case .notReady(_, let logs), .ended(_, let logs): "See the logs in \(logs)."
        }
    }
}
