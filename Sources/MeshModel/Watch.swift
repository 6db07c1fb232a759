/// What the fold keeps beside the traffic, to judge by: objectives and their budgets, the spell of faults and what was
/// before it, and what each proxy showed of each fault.
public struct Watch: Equatable, Sendable {
    public var tracks: [Objective: ObjectiveTrack] = [:]
    /// The spell that goes on, or the last one; nil before the first fault.
    public var spell: FaultSpell?
    /// What each source of a standing fault counted since the fault was confirmed there, by the fault's id.
    public var sightings: [String: [String: SeenShare]] = [:]
    /// Since the last halt: for how many polls each source's fault counters have stood still.
    public var flatPolls: [String: Int] = [:]
    /// What proxies do by themselves about trouble, by edge.
    public var acting: [Edge: [Mechanism: ActingMechanism]] = [:]
    /// When somebody last took a halt back.
    public var rearmedAt: Timestamp?

    /// So many polls without a hit, and a proxy is proven quiet.
    public static let provingPolls = 3

    public init() {}

    public var json: JSON {
        var members: [JSON.Member] = []
        func add(_ name: String, _ items: [JSON]) {
            if !items.isEmpty { members.append(JSON.Member(name, .array(items))) }
        }
        let ordered = tracks.sorted { ($0.key.name, $0.key.service) < ($1.key.name, $1.key.service) }
        add("tracks", ordered.map { ["slo": $0.key.json, "track": $0.value.json] })
        if let spell { members.append(JSON.Member("spell", spell.json)) }
        add(
            "sightings",
            sightings.sorted { $0.key < $1.key }.flatMap { fault, sources in
                sources.sorted { $0.key < $1.key }.map { source, seen in
                    .array([.string(fault), .string(source), JSON(seen.hit), JSON(seen.requests)])
                }
            })
        add("flat", flatPolls.sorted { $0.key < $1.key }.map { .array([.string($0.key), .integer(Int64($0.value))]) })
        add("acting", actingJSON)
        if let rearmedAt { members.append(JSON.Member("rearmed", .integer(rearmedAt.milliseconds))) }
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        for item in try fields.objects("tracks") {
            tracks[try Objective(try item.object("slo"))] = try ObjectiveTrack(try item.object("track"))
        }
        if fields.value("spell") != nil { spell = try FaultSpell(try fields.object("spell")) }
        for item in try fields.items("sightings") {
            guard let parts = item.array, parts.count == 4, let fault = parts[0].string, let source = parts[1].string,
                let hit = parts[2].count, let requests = parts[3].count
            else { throw fields.wrong("sightings", "expected a fault, a source and two counts") }
            sightings[fault, default: [:]][source] = SeenShare(hit: hit, requests: requests)
        }
        for item in try fields.items("flat") {
            guard let pair = item.array, pair.count == 2, let source = pair[0].string, let polls = pair[1].integer
            else { throw fields.wrong("flat", "expected a pair of source and polls") }
            flatPolls[source] = Int(polls)
        }
        acting = try Self.acting(try fields.items("acting"), fields)
        if fields.value("rearmed") != nil { rearmedAt = try fields.timestamp("rearmed") }
    }
}

extension FaultSpell {
    var json: JSON {
        let scopes = baselines.sorted { Self.names($0.key).lexicographicallyPrecedes(Self.names($1.key)) }
        return [
            "started": .integer(startedAt.milliseconds),
            "stopped": stoppedAt.map { .integer($0.milliseconds) } ?? .null,
            "faults": .array(faults.map { .string($0) }),
            "baselines": .array(
                scopes.map { .array(Self.names($0.key).map { .string($0) } + [$0.value.json]) }),
        ]
    }

    init(_ fields: WireFields) throws(WireError) {
        startedAt = try fields.timestamp("started")
        stoppedAt = fields.value("stopped") == nil ? nil : try fields.timestamp("stopped")
        faults = try fields.strings("faults")
        baselines = [:]
        for item in try fields.items("baselines") {
            guard let parts = item.array, let last = parts.last else { continue }
            let names = parts.dropLast().compactMap(\.string).map { ServiceName($0) }
            switch names.count {
            case 1: baselines[.service(names[0])] = Baseline(last)
            case 2: baselines[.edge(Edge(from: names[0], to: names[1]))] = Baseline(last)
            default: throw fields.wrong("baselines", "an item has no scope")
            }
        }
    }

    /// One name for a service, two for an edge.
    private static func names(_ scope: Scope) -> [String] {
        switch scope {
        case .service(let name): [name.text]
        case .edge(let edge): [edge.from.text, edge.to.text]
        }
    }
}
