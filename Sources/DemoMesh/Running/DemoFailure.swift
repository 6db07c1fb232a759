public import MeshModel

/// Why the demo can't run, in words for a person.
public enum DemoFailure: Explained, Equatable, Sendable {
    /// There is no Envoy; these places were searched.
    case noEnvoy(searched: [String])
    /// An Envoy was named and is not there.
    case notAProgram(String)
    case noPorts
    /// The system gives this process no more of them.
    case noDescriptors
    case noDirectory(path: String, reason: String)
    case cannotStart(program: String, reason: String)
    /// What did not come up in time; the logs are in the directory.
    case notReady([String], logs: String)
    /// A sidecar or service ended while it should have come up.
    case ended(String, logs: String)

    public var summary: String {
        switch self {
        case .noEnvoy: "No Envoy found"
        case .notAProgram(let path): "\(path) is not executable"
        case .noPorts: "No free block of ports"
        case .noDescriptors: "No file descriptors left"
        case .noDirectory(let path, let reason): "cannot use \(path): \(reason)"
        case .cannotStart(let program, let reason): "cannot start \(program): \(reason)"
        case .notReady([], _): "Everything is up, but the first order was not served in time"
        case .notReady(let names, _): "Not ready in time: \(names.joined(separator: ", "))"
        case .ended(let name, _): "\(name) ended while starting"
        }
    }

    public var remedy: String? {
        switch self {
        case .noEnvoy(let places):
            "Run `make demo` to install it, set --envoy PATH or GAMEDAY_ENVOY, or use the model: "
                + "`gameday demo --simulate`. Searched: \(places.joined(separator: ", "))."
        case .notAProgram: "Use the path of the envoy binary, and check that it is executable."
        case .noPorts: "Stop other demos, or run `ss -ltn` to see which programs listen."
        case .noDescriptors: "Raise the limit with `ulimit -n 4096`."
        case .noDirectory: "Set XDG_RUNTIME_DIR to a directory of your own that has free space."
        case .cannotStart: nil
        case .notReady(_, let logs), .ended(_, let logs): "Read the logs in \(logs)."
        }
    }
}
