public import MeshModel

/// What one turn of observing brought, from one or many sources.
public struct AdapterTurn: Sendable {
    public var observations: [Observation]
    /// A simulator answered, so nothing of this session is real.
    public var isSimulated: Bool

    public init(_ observations: [Observation], isSimulated: Bool = false) {
        self.observations = observations
        self.isSimulated = isSimulated
    }
}

/// Observes the sources that one part of gameday.yaml names, and may put faults into them.
public protocol Adapter: Sendable {
    /// What its polls cost, and whether they keep up.
    var meter: PollMeter { get }

    /// What puts faults into its sources; none where they can't hold any.
    var injectors: [any Injector] { get }

    /// Observes until the task is cancelled, and tells each turn as it comes. A source that fails is an observation.
    func observe(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async

    /// Looks at those of its sources that are named out of turn; returns at once.
    func pollSoon(_ sources: Set<String>)

    /// Asks the sources of the caller what protects an edge; nothing where they can't tell.
    func knowledge(of edge: Edge) async -> [EdgeReport]

    /// Asks the callers' proxies what changes by itself on these edges: certificates, and the zone that answers. It is
    /// called every few seconds, and tells what it was asked for at a pace of its own.
    func standings(of edges: [Edge]) async -> [EdgeReport]

    /// Reads what proxies of the caller logged of an edge last, or why that can't be had; nothing where none logs.
    func log(of edge: Edge) async -> [ProxyLog]
}

extension Adapter {
    public func knowledge(of edge: Edge) async -> [EdgeReport] { [] }
    public func standings(of edges: [Edge]) async -> [EdgeReport] { [] }
    public func log(of edge: Edge) async -> [ProxyLog] { [] }
}

/// What every adapter is given to work with.
public struct AdapterSurroundings: Sendable {
    public var transport: any HTTPTransport
    /// Between two looks at a source that has no pace of its own.
    public var pollInterval: Duration
    /// For each request of an injector: a halt makes two or three of them in a row and must be over within a second.
    public var deadline = Duration.milliseconds(400)
    /// How long before its end a certificate is told as near; nil for a tenth of its life.
    public var certificateWarning: Duration?
    /// Where every source gets its name.
    public var names = SourceNames()
    /// What the mesh is held to, for sources that can be asked for just that.
    public var objectives: [Objective] = []
    /// How the settings call a service that its mesh knows by a longer name, so that all sources mean the same by it.
    public var calledHere: @Sendable (ServiceName) -> ServiceName = { $0 }

    public init(transport: any HTTPTransport, pollInterval: Duration = .seconds(1)) {
        self.transport = transport
        self.pollInterval = pollInterval
    }
}

/// One adapter as gameday.yaml asks for it, read and found right: what is left to do is to make it.
public struct AdapterPart: Sendable {
    /// How much it names, for a sentence, like `2 proxies`.
    public var summary: String
    /// It answers the queries of objectives.
    public var answersQueries: Bool
    public var make: @Sendable (AdapterSurroundings) -> any Adapter
    /// How it calls services that its mesh knows by longer names; nil for a kind that takes names as they are.
    public var calledHere: (@Sendable (ServiceName) -> ServiceName)?
    /// Looks at the sources once, and says what each is taken for and why, a line each; nil for a kind that tells nothing.
    public var explain: (@Sendable (any HTTPTransport) async -> [String])?
    /// What the sources' own configuration lacks so that faults can be put there, or that of the source at this address
    /// alone; nil for a kind that can't say.
    public var advise: (@Sendable (any HTTPTransport, _ address: String?) async -> [String])?

    public init(
        summary: String, answersQueries: Bool = false, make: @escaping @Sendable (AdapterSurroundings) -> any Adapter
    ) {
        self.summary = summary
        self.answersQueries = answersQueries
        self.make = make
    }
}

/// A kind of adapter: what is known of it before there is one.
public protocol AdapterKind: Sendable {
    /// Its keys in gameday.yaml. The first asks for the adapter; the others only say more.
    static var keys: [String] { get }

    /// Reads those of its keys that are there, the first of them surely. Every mistake is told to its node; relative
    /// paths begin in `folder`, which is empty or ends with a slash. Nil when there is nothing to observe.
    static func read(_ members: [String: SettingsNode], in folder: String) -> AdapterPart?

    /// Injectors that know nothing but what undos tell: whoever undoes after a crash has no settings. None for a kind
    /// without faults.
    static func injectors(_ transport: any HTTPTransport) -> [any Injector]
}

extension AdapterKind {
    public static func injectors(_ transport: any HTTPTransport) -> [any Injector] { [] }
}
