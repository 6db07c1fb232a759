public import MeshModel

/// What to look for in a recorded day: words of its story, or moments when a number passes a bound.
public enum RecordingQuery: Equatable, Sendable {
    case text(String)
    case condition(Condition)

    /// A bound on a number of a service or an edge, as in `p99 of taps > 300ms`, `errors of bar>taps > 5%`.
    public struct Condition: Equatable, Sendable {
        public var metric: Metric
        public var scope: Scope
        public var isAbove: Bool
        /// Milliseconds, a ratio, or requests a second.
        public var bound: Double
    }

    public enum Metric: String, CaseIterable, Sendable {
        case p50, p90, p95, p99, errors, success, rate
    }

    /// Why words that begin like a condition are none.
    public struct Mistake: Explained, Equatable {
        public var summary: String
        public var remedy: String? {
            "Use a condition such as p99 of taps > 300ms, errors of bar>taps > 5% or rate of door < 10."
        }
    }

    /// Reads what a person typed. Words that do not begin with a metric and `of` are looked for as they are.
    public init(parsing text: String) throws(Mistake) {
        let words = text.split(separator: " ", maxSplits: 2).map(String.init)
        guard words.count >= 2, words[1].lowercased() == "of", let metric = Metric(rawValue: words[0].lowercased())
        else {
            self = .text(text)
            return
        }
        let rest = words.count > 2 ? words[2] : ""
        // The last sign is the comparison: an edge has one too.
        guard let sign = rest.lastIndex(where: { $0 == ">" || $0 == "<" }) else {
            throw Mistake(summary: "missing > or <")
        }
        let name = rest[..<sign].split(separator: " ").joined(separator: " ")
        var amount = rest[rest.index(after: sign)...]
        if amount.first == "=" { amount = amount.dropFirst() }
        let value = amount.split(separator: " ").joined()
        guard !name.isEmpty else { throw Mistake(summary: "missing service") }
        guard let bound = Self.bound(value, of: metric) else {
            throw Mistake(summary: "invalid value '\(value)' for \(metric.rawValue)")
        }
        self = .condition(
            Condition(metric: metric, scope: Self.scope(name), isAbove: rest[sign] == ">", bound: bound))
    }

    private static func scope(_ name: String) -> Scope {
        let ends = name.split(separator: ">", maxSplits: 1).map { $0.split(separator: " ").joined(separator: " ") }
        guard ends.count == 2 else { return .service(ServiceName(name)) }
        return .edge(Edge(from: ServiceName(ends[0]), to: ServiceName(ends[1])))
    }

    private static func bound(_ text: String, of metric: Metric) -> Double? {
        switch metric {
        case .p50, .p90, .p95, .p99: Quantity.seconds(text).map { $0 * 1000 }
        case .errors, .success: Quantity.share(percent: text)
        case .rate: Double(text.hasSuffix("/s") ? String(text.dropLast(2)) : text)
        }
    }
}

extension RecordingQuery.Condition {
    /// Whether the traffic of some seconds is so; nil when it says nothing.
    func holds(_ sample: TrafficSample) -> Bool? {
        let value: Double?
        switch metric {
        case .p50: value = sample.latency?.quantile(0.5)
        case .p90: value = sample.latency?.quantile(0.9)
        case .p95: value = sample.latency?.quantile(0.95)
        case .p99: value = sample.latency?.quantile(0.99)
        case .errors: value = sample.successRatio.map { 1 - $0 }
        case .success: value = sample.successRatio
        case .rate: value = sample.requestRate
        }
        return value.map { isAbove ? $0 > bound : $0 < bound }
    }
}

extension RecordingReader {
    /// The moments of the day that were looked for: each line of the story with the words, each moment at which the
    /// condition began to hold by the numbers that the screen shows.
    public func hits(of query: RecordingQuery, in story: Story) -> [Timestamp] {
        switch query {
        case .text(let text):
            let wanted = text.lowercased()
            return story.timeline.filter { $0.text.lowercased().contains(wanted) }.map(\.at)
        case .condition(let condition): return onsets(of: condition)
        }
    }

    private func onsets(of condition: RecordingQuery.Condition) -> [Timestamp] {
        var cursor = events(about: condition.scope)
        let pace = header.session?.pollInterval ?? 1
        let kept = ScopeState.keptSeconds(pace: pace)
        var recent: [ScopeState.TimedSample] = []
        var kinds: [String: SourceKind] = [:]
        var hits: [Timestamp] = []
        var holds = false
        while let event = cursor.next() {
            switch event.observation {
            case .traffic(let report):
                guard let samples = report.samples(of: condition.scope) else { continue }
                recent.removeAll {
                    abs(event.at.seconds(since: $0.at)) >= kept || kinds[$0.source] != kinds[report.source]
                }
                recent += samples.map { ScopeState.TimedSample(at: event.at, sample: $0, source: report.source) }
            case .keyframe(let state):
                recent = state.scope(condition.scope)?.recent ?? []
                kinds = state.sources.mapValues(\.report.kind)
            case .source(let report):
                kinds[report.name] = report.kind
                continue
            default: continue
            }
            let scope = ScopeState(recent: recent, series: [], heardAt: nil, polls: 0, pace: pace)
            guard let isNow = scope.sample(until: event.at).flatMap({ condition.holds($0) }) else { continue }
            if isNow, !holds { hits.append(event.at) }
            holds = isNow
        }
        return hits
    }
}

extension MeshState {
    fileprivate func scope(_ scope: Scope) -> ScopeState? {
        switch scope {
        case .service(let name): services[name]
        case .edge(let edge): edges[edge]
        }
    }
}

extension TrafficReport {
    /// The samples of a scope; nil when the report is not about it.
    fileprivate func samples(of scope: Scope) -> [TrafficSample]? {
        switch scope {
        case .service(let name): return service == name ? [inbound].compactMap { $0 } : nil
        case .edge(let edge):
            guard service == edge.from else { return nil }
            let found = outbound.filter { $0.to == edge.to }
            return found.isEmpty ? nil : found.compactMap(\.sample)
        }
    }
}

extension TrafficShape {
    /// Do its polls tell of a scope?
    func tells(of scope: Scope) -> Bool {
        switch scope {
        case .service(let name): service == name
        case .edge(let edge): service == edge.from && to.contains(edge.to)
        }
    }
}
