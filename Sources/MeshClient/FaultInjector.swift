public import MeshModel

/// The port to whatever can put faults into a mesh.
///
/// Every fault is planned first: the plan holds the undo, so that it can be on disk before the fault exists.
public protocol FaultInjector: Sendable {
    /// Works out what to do and how to undo it; nothing is done yet.
    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan

    /// The same plan with what its proxies say of themselves, so that it can be told later whether they are the same.
    func identified(_ plan: FaultPlan) async -> FaultPlan

    /// Does it, in every proxy of the plan. After an error part of it may be done: undo it.
    func apply(_ plan: FaultPlan) async throws(InjectionError)

    /// Asks every proxy of the plan whether it holds the fault.
    func inspect(_ plan: FaultPlan) async -> [FaultEvidence]

    /// Undoes any number of faults at once and proves it, proxy by proxy. To undo twice, or what never was, is fine.
    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof]

    /// Asks what became of each proxy of an undo.
    func look(at undo: FaultUndo) async -> [ProxySight]

    /// Asks these sources, or all that are known, for every fault they hold, whoever put it there.
    func survey(_ sources: Set<String>?) async -> [FaultSurvey]

    /// How many requests the proxies of an undo have ever hit with this kind of fault, by their own counters; nil when
    /// one of them does not say.
    func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64?
}

/// What one proxy holds.
public struct FaultSurvey: Equatable, Sendable {
    /// One fault that a proxy holds, and what takes it away.
    public struct Held: Equatable, Sendable {
        public var kind: FaultKind
        public var share: Double
        public var scope: Scope
        public var undo: FaultUndo

        public init(kind: FaultKind, share: Double, scope: Scope, undo: FaultUndo) {
            self.kind = kind
            self.share = share
            self.scope = scope
            self.undo = undo
        }
    }

    public var source: String
    /// Nil when the proxy did not say.
    public var faults: [Held]?
    public var explanation: String?

    public init(source: String, faults: [Held]?, explanation: String? = nil) {
        self.source = source
        self.faults = faults
        self.explanation = explanation
    }
}

/// What a fault will do, and how to undo it.
public struct FaultPlan: Equatable, Sendable {
    /// What will be done, which may differ from what was asked.
    public var kind: FaultKind
    public var share: Double
    public var scope: Scope
    /// How it differs, in words for a person.
    public var explanation: String?
    public var undo: FaultUndo
    /// The settings that make the fault, by name.
    public var settings: [FaultSetting]

    public init(
        kind: FaultKind, share: Double, scope: Scope, explanation: String? = nil, undo: FaultUndo,
        settings: [FaultSetting]
    ) {
        self.kind = kind
        self.share = share
        self.scope = scope
        self.explanation = explanation
        self.undo = undo
        self.settings = settings
    }
}

/// One setting inside a proxy.
public struct FaultSetting: Equatable, Sendable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// Which settings have to go, and from where, so that a fault is gone.
public struct FaultUndo: Equatable, Sendable {
    /// One proxy's part.
    public struct Part: Equatable, Sendable {
        /// The name of the source.
        public var source: String
        public var admin: String
        public var unixSocket: String?
        /// Certificates by their paths, which are no secrets: whoever undoes this after a crash has nothing else.
        public var tls: TLSOptions
        public var keys: [String]
        /// Which process it was that held the fault, if it said so.
        public var process: ProxyProcess?

        public init(
            source: String, admin: String, unixSocket: String? = nil, tls: TLSOptions = TLSOptions(), keys: [String]
        ) {
            self.source = source
            self.admin = admin
            self.unixSocket = unixSocket
            self.tls = tls
            self.keys = keys
        }
    }

    public var parts: [Part]

    public init(parts: [Part]) {
        self.parts = parts
    }

    /// True when undoing one would undo some of the other: two such faults can not be in a mesh at once.
    public func overlaps(_ other: FaultUndo) -> Bool {
        parts.contains { part in
            other.parts.contains {
                $0.admin == part.admin && $0.unixSocket == part.unixSocket && !Set($0.keys).isDisjoint(with: part.keys)
            }
        }
    }

    /// Takes back what either does, each key once.
    public func joined(with other: FaultUndo) -> FaultUndo {
        var joined = self
        for part in other.parts {
            let place = joined.parts.firstIndex {
                $0.source == part.source && $0.admin == part.admin && $0.unixSocket == part.unixSocket
            }
            if let place {
                joined.parts[place].keys += part.keys.filter { !joined.parts[place].keys.contains($0) }
            } else {
                joined.parts.append(part)
            }
        }
        return joined
    }

    /// As a ledger keeps it.
    public var json: JSON {
        let parts = parts.map { part -> JSON in
            [
                "source": .string(part.source), "admin": .string(part.admin), "socket": JSON(part.unixSocket),
                "tls": part.tls == TLSOptions() ? .null : part.tls.json,
                "keys": .array(part.keys.map { .string($0) }), "process": part.process?.json ?? .null,
            ]
        }
        return ["proxies": .array(parts)]
    }

    public init(_ fields: WireFields) throws(WireError) {
        parts = []
        for part in try fields.objects("proxies") {
            var read = Part(
                source: try part.string("source"), admin: try part.string("admin"),
                unixSocket: part.value("socket")?.string,
                tls: part.value("tls") == nil ? TLSOptions() : try TLSOptions(try part.object("tls")),
                keys: try part.strings("keys"))
            if part.value("process") != nil { read.process = try ProxyProcess(try part.object("process")) }
            parts.append(read)
        }
    }
}

extension TLSOptions {
    fileprivate var json: JSON {
        [
            "verifies": .bool(verifies), "authority": JSON(authorityFile), "certificate": JSON(certificateFile),
            "key": JSON(keyFile),
        ]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            verifies: try fields.bool("verifies"), authorityFile: fields.value("authority")?.string,
            certificateFile: fields.value("certificate")?.string, keyFile: fields.value("key")?.string)
    }
}

/// What one proxy said when asked for a fault.
public struct FaultEvidence: Equatable, Sendable {
    /// What is known of the fault in one proxy.
    public enum State: Equatable, Sendable {
        case held
        /// None of its settings is there.
        case gone
        /// Some are there, or hold another value.
        case changed
        /// The proxy did not say.
        case unknown
    }

    public var source: String
    public var state: State
    public var explanation: String?

    public init(source: String, state: State, explanation: String? = nil) {
        self.source = source
        self.state = state
        self.explanation = explanation
    }
}

/// Why a fault can not be planned or was not taken.
public enum InjectionError: Explained, Equatable {
    /// No mesh can do that: a status or a share out of range, say.
    case impossible(String)
    /// No proxy of this service is known.
    case unknownService(ServiceName)
    /// The proxy answered and did not take it.
    case rejected(source: String, answer: String)
    case unreachable(source: String, TransportError)

    public var summary: String {
        switch self {
        case .impossible(let why): why
        case .unknownService(let name): "No proxy of \(name) is known"
        case .rejected(let source, let answer): "\(source)'s proxy refused: \(answer)"
        case .unreachable(let source, let error): "\(source)'s proxy: \(error.summary)"
        }
    }

    public var remedy: String? {
        switch self {
        case .impossible: nil
        case .unknownService: "Look at the sources: its proxy must have answered once, and a fault lives at the caller."
        case .rejected(_, let answer) where answer.contains("admin layer"):
            "Add an admin_layer to layered_runtime in that Envoy's configuration."
        case .rejected: "Look at the answer of POST /runtime_modify on that Envoy's admin page."
        case .unreachable(_, let error): error.remedy
        }
    }
}
