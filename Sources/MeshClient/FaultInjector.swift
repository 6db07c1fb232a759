public import MeshModel

/// A proxy that a fault can be put into: its name in this session, and the base URL of its admin page.
public struct ProxyAddress: Hashable, Sendable {
    public var source: String
    public var endpoint: String

    public init(source: String, endpoint: String) {
        self.source = source
        self.endpoint = endpoint
    }
}

/// What takes a fault back from one proxy. It is written down before the fault exists, and it is enough by itself: any
/// process can perform it at any time, and more than once.
public struct FaultUndo: Equatable, Sendable {
    public var proxy: ProxyAddress
    /// What is emptied there.
    public var keys: [String]

    public init(proxy: ProxyAddress, keys: [String]) {
        self.proxy = proxy
        self.keys = keys
    }

    public var json: JSON {
        [
            "source": .string(proxy.source), "endpoint": .string(proxy.endpoint),
            "keys": .array(keys.map { .string($0) }),
        ]
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            proxy: ProxyAddress(source: try fields.string("source"), endpoint: try fields.string("endpoint")),
            keys: try fields.strings("keys"))
    }
}

/// A fault that a proxy says it holds, whoever put it there.
public struct HeldFault: Equatable, Sendable {
    /// The proxy's names for it; emptying them takes it away.
    public var keys: [String]
    /// The callee; nil for a fault on everything that comes in to the proxy's own service.
    public var to: ServiceName?
    public var kind: FaultKind
    /// 0...1; 0 where only leftovers of a fault are there, which hit nothing.
    public var share: Double

    public init(keys: [String], to: ServiceName?, kind: FaultKind, share: Double) {
        self.keys = keys
        self.to = to
        self.kind = kind
        self.share = share
    }
}

/// Why a proxy did not do what an injector asked.
public enum InjectionError: Explained, Equatable {
    /// No answer, so nothing is known of what it did.
    case unreachable(source: String, why: String)
    /// It answered, and said no.
    case refused(source: String, why: String)

    public var summary: String {
        switch self {
        case .unreachable(let source, let why): "\(source) did not answer: \(why)"
        case .refused(let source, let why): "\(source) refused: \(why)"
        }
    }

    public var remedy: String? {
        switch self {
        case .unreachable: "See whether the proxy runs and its admin page can be reached."
        case .refused: "Its configuration must have an admin layer for runtime values and a fault filter on the edge."
        }
    }
}

/// The port to the proxies: whatever can put a fault on an edge, say what a proxy holds, and take it away.
public protocol FaultInjector: Sendable {
    /// The fault that the proxies can really do, where they know only certain amounts.
    func nearest(to kind: FaultKind) -> FaultKind

    /// What takes this fault back from this proxy. Asks nobody.
    func undo(of fault: Fault, at proxy: ProxyAddress) -> FaultUndo

    func apply(_ fault: Fault, at proxy: ProxyAddress, within deadline: Duration) async throws(InjectionError)

    /// Everything that a proxy holds, by its own page.
    func held(at proxy: ProxyAddress, within deadline: Duration) async throws(InjectionError) -> [HeldFault]

    /// How many requests this proxy has ever hit with a fault of this kind on this edge, by its own counters.
    func hits(
        of kind: FaultKind, on edge: Edge, at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError) -> UInt64

    /// Empties these keys, all of one proxy, in one request. Keys that are not there are fine.
    func recover(
        _ keys: [String], at proxy: ProxyAddress, within deadline: Duration
    ) async throws(InjectionError)
}
