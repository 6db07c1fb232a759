public import MeshModel

/// What takes a fault away, wherever it is: whoever undoes it after a crash has nothing else.
public struct FaultUndo: Equatable, Sendable {
    /// What is in one source.
    public struct Part: Equatable, Sendable {
        /// The name of the injector that can undo it.
        public var injector: String
        /// The name of the source.
        public var source: String
        /// Where that is, as a URL or a path, without secrets. What is in one place is undone together.
        public var place: String
        /// What is changed there. Two faults overlap when they change the same of one place.
        public var keys: [String]
        /// The members of an object that only the injector reads. None has a name of the members above.
        public var payload: [JSON.Member]
        /// Which process it was that held the fault, if it said so.
        public var process: ProxyProcess?

        public init(
            injector: String, source: String, place: String, keys: [String], payload: [JSON.Member] = [],
            process: ProxyProcess? = nil
        ) {
            self.injector = injector
            self.source = source
            self.place = place
            self.keys = keys
            self.payload = payload
            self.process = process
        }

        /// What the injector has written, to be read by it.
        public var fields: WireFields { WireFields(.object(payload), page: "ledger") }

        fileprivate func isBeside(_ other: Part) -> Bool { injector == other.injector && place == other.place }
    }

    public var parts: [Part]

    public init(parts: [Part]) {
        self.parts = parts
    }

    /// True when undoing one would undo some of the other: two such faults can not be in a mesh at once.
    public func overlaps(_ other: FaultUndo) -> Bool {
        parts.contains { part in
            other.parts.contains { $0.isBeside(part) && !Set($0.keys).isDisjoint(with: part.keys) }
        }
    }

    /// Takes back what either does, each key once.
    public func joined(with other: FaultUndo) -> FaultUndo {
        var joined = self
        for part in other.parts {
            let place = joined.parts.firstIndex {
                $0.isBeside(part) && $0.source == part.source && $0.payload == part.payload
            }
            if let place {
                joined.parts[place].keys += part.keys.filter { !joined.parts[place].keys.contains($0) }
            } else {
                joined.parts.append(part)
            }
        }
        return joined
    }

    /// The parts by the injectors that can undo them.
    public var byInjector: [String: FaultUndo] {
        Dictionary(grouping: parts, by: \.injector).mapValues { FaultUndo(parts: $0) }
    }
}

extension FaultUndo {
    /// As a ledger keeps it.
    public var json: JSON { ["proxies": .array(parts.map(\.json))] }

    public init(_ fields: WireFields) throws(WireError) {
        parts = []
        for part in try fields.objects("proxies") { parts.append(try Part(part)) }
    }
}

extension FaultUndo.Part {
    /// The names of what every injector has; the other members are its own.
    private static let common: Set = ["injector", "source", "at", "keys", "process"]

    fileprivate var json: JSON {
        .object(
            [
                JSON.Member("injector", .string(injector)), JSON.Member("source", .string(source)),
                JSON.Member("at", .string(place)),
            ] + payload + [
                JSON.Member("keys", .array(keys.map { .string($0) })), JSON.Member("process", process?.json ?? .null),
            ])
    }

    /// Ledgers that knew one kind of mesh only name no injector, and their place is in what its injector reads.
    fileprivate init(_ fields: WireFields) throws(WireError) {
        let before = fields.value("socket")?.string ?? fields.value("admin")?.string
        var place = fields.value("at")?.string ?? before
        if place == nil { place = try fields.string("at") }
        self.init(
            injector: fields.value("injector")?.string ?? SourceKind.envoy.rawValue,
            source: try fields.string("source"), place: place ?? "", keys: try fields.strings("keys"),
            payload: fields.members.filter { !Self.common.contains($0.name) })
        if fields.value("process") != nil { process = try ProxyProcess(try fields.object("process")) }
    }
}
