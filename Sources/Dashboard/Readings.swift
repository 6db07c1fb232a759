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
    /// Of what is no HTTP: bytes a second in both directions, and connections opened a second.
    var stream: (bytes: Double, connections: Double)? {
        requests == 0 && silence == nil && bytes > 0 ? (bytes, connections) : nil
    }
    private var bytes = 0.0
    private var connections = 0.0
    /// Seconds since it was last heard of.
    var age: Double?
    /// Seconds since the last request, for what is heard of, had requests, and has none now.
    var silence: Double?
    /// Why nothing is known of it, if nobody looks there: that it is idle would be a guess.
    var absence: Absence?
    /// The figures that are off by themselves, warn or bad: by a limit, an objective, or the band of the baseline.
    private(set) var marks: [Difference.Measure: Health] = [:]

    /// What keeps a service from being observed.
    enum Absence: Equatable, Sendable {
        case noProxy, unreachable
    }

    static let none = Reading(health: .unknown)

    init(health: Health) { self.health = health }

    init(
        of scope: ScopeState?, objectives: [Objective] = [], baseline: Baseline? = nil, in mesh: MeshState,
        at now: Timestamp
    ) {
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
        rate = sample.requestRate
        errors = sample.successRatio.map { 1 - $0 }
        p50 = sample.latency?.quantile(0.5)
        p99 = sample.latency?.quantile(0.99)
        requests = sample.completed
        if sample.seconds > 0 {
            bytes = Double(sample.bytesReceived.addingClamped(sample.bytesSent)) / sample.seconds
            connections = Double(sample.connections) / sample.seconds
        }
        guard own != .stale else { return }
        judge(sample, objectives, baseline)
        let worst = marks.values.contains(.bad) ? Health.bad : .warn
        if !marks.isEmpty, own == .ok || own == .warn { health = own == .warn && worst == .warn ? .warn : worst }
        if own == .warn || own == .bad, sample.successRatio != nil { marks[.success] = own }
    }

    /// Looks at each figure by itself, so that what is off is told from what stands beside it.
    private mutating func judge(_ sample: TrafficSample, _ objectives: [Objective], _ baseline: Baseline?) {
        for objective in objectives where objective.reading(of: sample).isMet == false {
            switch objective.indicator {
            case .success: marks[.success] = .warn
            case .latency: marks[.p99] = .warn
            }
        }
        guard let baseline else { return }
        let isWorse = Difference.success(errors.map { 1 - $0 }, baseline.success)?.tendency == .worse
        if isWorse, sample.answers5xx >= Health.leastFailures { marks[.success] = .warn }
        for (measure, value, band) in [(Difference.Measure.p50, p50, baseline.p50), (.p99, p99, baseline.p99)] {
            guard let value, let band, Difference.latency(value, band)?.tendency == .worse else { continue }
            let isFar = value > 3 * band.high && value - band.high >= Self.longDelay
            if isFar, sample.completed >= Self.fewRequests { marks[measure] = .bad }
            let isFelt = value - band.high >= Self.leastDelay && sample.completed >= Self.leastRequests
            if isFelt, marks[measure] == nil { marks[measure] = .warn }
        }
    }

    /// Of fewer requests a quantile is chance, unless it is far off; of the fewest even then.
    private static let (leastRequests, fewRequests): (UInt64, UInt64) = (20, 5)
    /// Milliseconds beyond the band which nobody would feel, and those which everybody feels.
    private static let leastDelay = 5.0
    private static let longDelay = 100.0

    /// Adds marks of others; the worse one stays.
    mutating func mark(_ others: [Difference.Measure: Health]) {
        marks.merge(others) { $0 == .bad ? $0 : $1 }
    }

    /// True where it answers well, but late.
    var isSlow: Bool { marks[.success] == nil && (marks[.p99] ?? marks[.p50]) != nil }

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
        let baselines = mesh.watch.spell?.baselines ?? [:]
        for (name, scope) in mesh.services where !hidden.contains(name) {
            services[name] = Reading(
                of: scope, objectives: objectives[name] ?? [],
                baseline: baselines.isEmpty ? nil : baselines[.service(name)], in: mesh, at: now)
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
        let baselines = mesh.watch.spell?.baselines ?? [:]
        for (edge, scope) in mesh.edges where isSmall || interest(edge) {
            edges[edge] = Reading(
                of: scope, baseline: baselines.isEmpty ? nil : baselines[.edge(edge)], in: mesh, at: now)
        }
    }

    mutating func set(_ name: ServiceName, _ reading: Reading) { services[name] = reading }
    mutating func set(_ edge: Edge, _ reading: Reading) { edges[edge] = reading }

    /// All services in an order; what is equal stands in the order of names, so that rows do not dance.
    func sorted(by order: TableOrder) -> [ServiceName] {
        guard order != .name else { return services.keys.sorted() }
        let ranked = services.map { (name: $0.key, rank: order.rank($0.value)) }
        return ranked.sorted { $0.rank != $1.rank ? $0.rank > $1.rank : $0.name < $1.name }.map(\.name)
    }

    /// All services, the worst first.
    func worstFirst() -> [ServiceName] { sorted(by: .worst) }
}

/// What the rows of the table are sorted by.
enum TableOrder: String, CaseIterable, Sendable {
    case worst, rate, errors, p99, name

    /// The highest stands first. What has no traffic comes last, whatever is asked for.
    func rank(_ reading: Reading) -> Double {
        switch self {
        case .worst: Self.badness(reading)
        case .rate: reading.rate ?? -1
        case .errors: reading.errors ?? -1
        case .p99: reading.p99 ?? -1
        case .name: 0
        }
    }

    /// In coarse steps, for figures move with every poll.
    private static func badness(_ reading: Reading) -> Double {
        let errors = ((reading.errors ?? 0) * 20).rounded()
        return switch reading.health {
        case .bad: 400 + errors
        case .stale: 300
        case .warn: 200 + errors
        case .ok: 100 + errors
        case .unknown: reading.absence == .unreachable ? 300 : reading.absence == .noProxy ? 50 : 0
        }
    }

    var words: String {
        switch self {
        case .worst: "worst first"
        case .rate: "highest rate first"
        case .errors: "most errors first"
        case .p99: "slowest first"
        case .name: "by name"
        }
    }
}
