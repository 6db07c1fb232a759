/// What a demo runs beside itself.
public enum ChildRole: Hashable, Sendable, CustomStringConvertible {
    case service(String)
    case sidecar(String)
    case traffic
    case simulator
    /// The control plane of the mesh itself, which tells the sidecars what to do.
    case meshControl
    case controlPlane

    /// A name for files and for people.
    public var description: String {
        switch self {
        case .service(let name): name
        case .sidecar(let name): name + "-envoy"
        case .traffic: "traffic"
        case .simulator: "simulator"
        case .meshControl: "mesh-control"
        case .controlPlane: "control-plane"
        }
    }
}

/// How a program is started.
struct ChildCommand: Equatable, Sendable {
    var role: ChildRole
    /// The program and its arguments.
    var words: [String]
    /// Where its output is appended.
    var log: String
}

/// The end of a child.
struct ChildExit: Equatable, Sendable {
    var role: ChildRole
    var process: Int32
    var end: ProcessEnd
}

/// How a process ended.
public enum ProcessEnd: Equatable, Sendable, CustomStringConvertible {
    case exited(status: Int32)
    case killed(signal: Int32)

    /// Reads the status of `waitpid`; Swift does not import the macros for it.
    init(waitStatus status: Int32) {
        let signal = status & 0x7F
        self = signal == 0 ? .exited(status: (status >> 8) & 0xFF) : .killed(signal: signal)
    }

    public var description: String {
        switch self {
        case .exited(let status): "exited with status \(status)"
        case .killed(let signal): "was killed by signal \(signal)"
        }
    }
}
