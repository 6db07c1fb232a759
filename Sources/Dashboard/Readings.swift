import MeshModel

/// The numbers of a service or an edge as a frame shows them.
struct Reading: Equatable, Sendable {
    var health: Health
    /// Requests a second over the window.
    var rate: Double?
    /// The share of answers that failed, 0...1.
    var errors: Double?
    /// Milliseconds.
    var p50: Double?
    var p99: Double?
    /// How many requests the numbers rest on.
    var requests: UInt64 = 0
    /// Seconds since it was last heard of.
    var age: Double?
    /// Seconds since the last request, for what is heard of, had requests, and has none now.
    var silence: Double?
    /// Why nothing is known of it, if nobody looks there: that it is idle would be a guess.
    var absence: Absence?

    /// What keeps a service from being observed.
    enum Absence: Equatable, Sendable {
        case noProxy, unreachable
    }

    static let none = Reading(health: .unknown)

    init(health: Health) { self.health = health }

    init(of scope: ScopeState?, objectives: [Objective] = [], in mesh: MeshState, at now: Timestamp) {
        guard let scope else {
            self = .none
            return
        }
        let sample = scope.sample(until: now)
        let own = mesh.isStale(scope, at: now) ? Health.stale : Health(of: sample)
        health = own
        age = scope.age(at: now)
        if own != .stale, sample?.completed ?? 0 == 0 { silence = Self.silence(of: scope, at: now) }
        guard let sample else { return }
        if own == .ok, objectives.contains(where: { $0.reading(of: sample).isMet == false }) { health = .warn }
        rate = sample.requestRate
        errors = sample.successRatio.map { 1 - $0 }
        p50 = sample.latency?.quantile(0.5)
        p99 = sample.latency?.quantile(0.99)
        requests = sample.completed
    }

    private static func silence(of scope: ScopeState, at now: Timestamp) -> Double? {
        scope.series.last { $0.rate ?? 0 > 0 }.map { max(0, now.seconds(since: $0.at)) }
    }
}

/// The numbers of all that is on the screen, made once for several frames: a key press costs no arithmetic.
struct Readings: Equatable, Sendable {
    private(set) var services: [ServiceName: Reading] = [:]
    private(set) var edges: [Edge: Reading] = [:]

    /// In a mesh with more edges than this only the edges of interest are read.
    static let fewEdges = 400

    subscript(_ name: ServiceName) -> Reading { services[name] ?? .none }
    subscript(_ edge: Edge) -> Reading { edges[edge] ?? .none }

    init() {}

    /// Reads every service.
    init(of mesh: MeshState, at now: Timestamp) {
        let objectives = Dictionary(grouping: mesh.session?.objectives ?? [], by: \.service)
        services.reserveCapacity(mesh.services.count)
        let hidden = mesh.session?.queryScopes ?? []
        for (name, scope) in mesh.services where !hidden.contains(name) {
            services[name] = Reading(of: scope, objectives: objectives[name] ?? [], in: mesh, at: now)
        }
        noteAbsences(in: mesh)
    }

    /// Callees that have no proxy are on the screen too, by the figures of those who call them.
    private mutating func noteAbsences(in mesh: MeshState) {
        var isReachable: [ServiceName: Bool] = [:]
        for status in mesh.sources.values {
            guard let service = status.report.service else { continue }
            isReachable[service] = (isReachable[service] ?? false) || status.report.state != .unreachable
        }
        func absence(of name: ServiceName) -> Reading.Absence? {
            guard let isReachable = isReachable[name] else { return .noProxy }
            return isReachable ? nil : .unreachable
        }
        for (name, scope) in mesh.services where scope.heardAt == nil && services[name]?.health == .unknown {
            services[name]?.absence = absence(of: name)
        }
        for edge in mesh.edges.keys where mesh.services[edge.to] == nil {
            var reading = Reading.none
            reading.absence = absence(of: edge.to)
            services[edge.to] = reading
        }
    }

    /// Reads the edges of interest, and all where they are few.
    mutating func readEdges(of mesh: MeshState, at now: Timestamp, interest: (Edge) -> Bool) {
        let isSmall = mesh.edges.count <= Self.fewEdges
        for (edge, scope) in mesh.edges where isSmall || interest(edge) {
            edges[edge] = Reading(of: scope, in: mesh, at: now)
        }
    }

    mutating func set(_ name: ServiceName, _ reading: Reading) { services[name] = reading }
    mutating func set(_ edge: Edge, _ reading: Reading) { edges[edge] = reading }

    /// All services, the worst first; what is equally bad stands in the order of names, so that rows do not dance.
    func worstFirst() -> [ServiceName] {
        services.sorted { one, other in
            let left = Self.rank(one.value)
            let right = Self.rank(other.value)
            return left != right ? left > right : one.key < other.key
        }.map(\.key)
    }

    private static func rank(_ reading: Reading) -> Int {
        let errors = Int(((reading.errors ?? 0) * 20).rounded())
        return switch reading.health {
        case .bad: 400 + errors
        case .stale: 300
        case .warn: 200 + errors
        case .unknown: 100
        case .ok: errors
        }
    }
}
