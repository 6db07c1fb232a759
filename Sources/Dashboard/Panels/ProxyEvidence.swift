import MeshModel
import TerminalCanvas

/// What is known of each proxy as rows of a table: how fresh it is, what it was asked to do, holds and has counted.
struct ProxyEvidence {
    let state: DashboardState
    let glyphs: Glyphs
    /// Restarts that the timeline tells of, by proxy.
    private let restarts: [String: Int]
    /// Of a service with one proxy the polls of the service are those of the proxy.
    private let instances: [ServiceName: Int]

    init(_ state: DashboardState, _ glyphs: Glyphs) {
        self.state = state
        self.glyphs = glyphs
        var (restarts, instances): ([String: Int], [ServiceName: Int]) = ([:], [:])
        for entry in state.shown.timeline {
            if case .restarted(let source) = entry.turn { restarts[source, default: 0] += 1 }
        }
        for status in state.shown.sources.values where status.report.kind.tellsTraffic {
            if let service = status.report.service { instances[service, default: 0] += 1 }
        }
        self.restarts = restarts
        self.instances = instances
    }

    /// Where nothing is wrong there are no reasons, and names have the room.
    static func columns(hasReasons: Bool) -> [Table.Column] {
        [
            Table.Column("state", .fixed(13), importance: 9),
            Table.Column("proxy", .share(2, atLeast: 10), importance: 9),
            Table.Column("age", .fixed(6), .right, importance: 8),
            Table.Column("faults", .fixed(6), .right, importance: 7),
            Table.Column("hits", .fixed(12), .right, importance: 6),
            Table.Column("polls", .fixed(6), .right, importance: 5),
            Table.Column("rate", .fixed(6), .right, importance: 4),
            Table.Column("restarts", .fixed(8), .right, importance: 3),
            Table.Column("version", .fixed(12), importance: 2),
            Table.Column("endpoint", .share(2, atLeast: 22), importance: 1),
        ] + (hasReasons ? [Table.Column("reason", .share(2, atLeast: 16), importance: 7)] : [])
    }

    /// The cells of one proxy, in the order of the columns.
    func row(_ status: MeshState.SourceStatus) -> [[Span]] {
        let report = status.report
        let role = Self.role(report.state)
        let age = status.heardAt.map { max(0, state.shownAt.seconds(since: $0)) }
        let service = report.service.flatMap { state.shown.services[$0] }
        let isOnly = report.service.map { instances[$0] == 1 } ?? false
        let rate = report.kind.tellsTraffic ? service?.sample(of: report.name, until: state.shownAt)?.requestRate : nil
        let restarted = restarts[report.name] ?? 0
        return [
            [Span("\(glyphs.mark(role) ?? " ") \(report.state.rawValue)", Style(role))],
            [Span(Text.sanitised(report.name), Style(.text))], [Span(Format.age(age), Style(.text))],
            faults(report.name), hits(report.name),
            [Span(isOnly ? service.map { "\($0.polls)" } ?? Format.unknown : Format.unknown, Style(.muted))],
            [Span(Format.rate(rate), Style(.text))],
            [Span("\(restarted)", Style(restarted > 0 ? .warn : .muted))],
            [Span(report.version.map { Text.sanitised($0) } ?? Format.unknown, Style(.muted))],
            [Span(report.endpoint, Style(.muted))],
            [Span(Self.reason(report) ?? "", Style(report.state == .fresh ? .muted : .warn))],
        ]
    }

    static func reason(_ report: SourceReport) -> String? { report.explanation ?? report.health }

    static func role(_ state: SourceState) -> StyleRole {
        switch state {
        case .fresh: .ok
        case .stale, .other: .stale
        case .unreachable: .bad
        }
    }

    private func shows(_ source: String) -> [(presence: FaultPresence, seen: SeenShare?)] {
        state.shown.activeFaults.flatMap { fault in
            fault.sources.contains(source)
                ? state.shown.presence(of: fault).filter { $0.source == source }.map { ($0.presence, $0.seen) } : []
        }
    }

    /// `1/2`: of the faults requested there, how many it holds.
    private func faults(_ source: String) -> [Span] {
        let all = shows(source)
        guard !all.isEmpty else { return [Span(Format.unknown, Style(.muted))] }
        let held = all.count { [.accepted, .seen, .unseen].contains($0.presence) }
        return [Span("\(held)/\(all.count)", Style(held == all.count ? .fault : .warn, .bold))]
    }

    /// `120 of 400`: how many requests it hit, of those that could be.
    private func hits(_ source: String) -> [Span] {
        let seen = shows(source).compactMap(\.seen)
        guard !seen.isEmpty else { return [Span(Format.unknown, Style(.muted))] }
        let hit = seen.reduce(UInt64(0)) { $0.addingClamped($1.hit) }
        return [
            Span(
                "\(hit) of \(seen.reduce(UInt64(0)) { $0.addingClamped($1.requests) })", Style(hit > 0 ? .fault : .text)
            )
        ]
    }
}

extension DashboardState {
    /// The proxies that the filter leaves: what is wrong first, then what holds a fault, then by name.
    var proxyRows: [MeshState.SourceStatus] {
        let busy = Set(shown.activeFaults.flatMap(\.sources))
        func rank(_ report: SourceReport) -> Int {
            let state =
                switch report.state {
                case .fresh: 0
                case .stale, .other: 2
                case .unreachable: 3
                }
            // What only holds faults comes after what tells of traffic.
            return 4 * max(state, busy.contains(report.name) ? 1 : 0) + (report.kind.tellsTraffic ? 1 : 0)
        }
        let rows = shown.sources.values.filter { status in
            filter.matches(status.report.name) { field in
                switch field {
                case .name: [status.report.service?.text ?? status.report.name]
                case .state: [status.report.state.rawValue]
                case .kind: [status.report.kind.rawValue]
                case .ns: status.report.service?.namespace.map { [$0] } ?? []
                case .from, .to, .by, .fault: []
                }
            }
        }.map { (status: $0, rank: rank($0.report)) }
        return rows.sorted {
            $0.rank != $1.rank ? $0.rank > $1.rank : $0.status.report.name < $1.status.report.name
        }.map(\.status)
    }

    /// Those of so many rows that are listed one by one, and how many fresh ones are told in a line below them: of a
    /// large mesh all that hold no fault.
    func listedProxies(_ rows: [MeshState.SourceStatus], height: Int) -> (listed: [MeshState.SourceStatus], fresh: Int)
    {
        guard rows.count > height, height > 0 else { return (rows, 0) }
        let busy = Set(shown.activeFaults.flatMap(\.sources))
        let worth = rows.prefix { $0.report.state != .fresh || busy.contains($0.report.name) }
        guard worth.count < height else { return (Array(rows.prefix(height)), 0) }
        let count = rows.count > Self.manyProxies ? worth.count : height - 1
        return (Array(rows.prefix(count)), rows.count - count)
    }

    /// A few of so many would tell nothing of the others.
    private static let manyProxies = 200
}
