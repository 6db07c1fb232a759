/// What a demo needs to know before it starts.
public struct DemoSettings: Sendable {
    /// The program of gameday itself: services and customers are hidden sub-commands of it.
    public var program: String
    public var kind: DemoKind
    /// Customers a second.
    public var rate: Double
    public var seed: UInt64
    public var environment: [String: String]
    /// How long what died stays away.
    public var restartPause: Duration
    /// How long nothing more may come up while the demo starts.
    public var patience: Duration
    /// Told now and then how far a slow start has come.
    public var tell: @Sendable (DemoProgress) -> Void = { _ in }
    /// The program and arguments of a control plane for the mesh, `--file` and the mesh file aside; nil for none.
    public var controlPlane: [String]?

    public init(
        program: String, kind: DemoKind, rate: Double = 40, seed: UInt64 = 1,
        environment: [String: String] = [:], restartPause: Duration = .seconds(3), patience: Duration = .seconds(20),
        controlPlane: [String]? = nil
    ) {
        self.program = program
        self.kind = kind
        self.rate = rate
        self.seed = seed
        self.environment = environment
        self.restartPause = restartPause
        self.patience = patience
        self.controlPlane = controlPlane
    }
}

/// What a demo consists of.
public enum DemoKind: Equatable, Sendable {
    /// The bar: processes and real sidecars.
    case bar(EnvoyBinary)
    /// A model: of the bar, or of a generated mesh of so many services.
    case simulated(services: Int?)
}

/// What happens to the processes of a demo.
public enum DemoEvent: Equatable, Sendable, CustomStringConvertible {
    case ended(ChildRole, ProcessEnd)
    case restarted(ChildRole)
    case notRestarted(ChildRole, DemoFailure)

    public var description: String {
        switch self {
        case .ended(let role, let end): "\(role) \(end)"
        case .restarted(let role): "\(role) was restarted"
        case .notRestarted(let role, let failure): "\(role) was not restarted: \(failure.summary)"
        }
    }
}
