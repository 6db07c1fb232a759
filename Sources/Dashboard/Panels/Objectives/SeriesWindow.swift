import MeshModel

/// The newest polls of a series, one a column, so that a column is always the same stretch of time. A gap is nil.
struct SeriesWindow {
    let points: [ScopeState.Point?]
    /// Seconds that all columns together span.
    var seconds: Double { Double(max(0, points.count - 1)) * interval }
    private let end: Timestamp
    private let interval: Double

    init(_ series: ScopeState.Series, interval: Double, until now: Timestamp, columns: Int) {
        let interval = max(0.1, interval)
        // The last poll stands at the right end while it is fresh, so that the picture moves with the polls.
        let newest = series.last(where: { $0.at <= now })?.at
        let end = newest.flatMap { now.seconds(since: $0) < 2 * interval ? $0 : nil } ?? now
        var points = [ScopeState.Point?](repeating: nil, count: max(0, columns))
        var index = series.count - 1
        for column in points.indices.reversed() {
            let moment = end.advanced(bySeconds: -Double(points.count - 1 - column) * interval)
            while index > 0,
                abs(series[index - 1].at.seconds(since: moment)) <= abs(series[index].at.seconds(since: moment))
            {
                index -= 1
            }
            // Polls come a little early or late, so a hole is one only from half as much again.
            if index >= 0, abs(series[index].at.seconds(since: moment)) <= 1.5 * interval {
                points[column] = series[index]
            }
        }
        self.points = points
        self.end = end
        self.interval = interval
    }

    /// What an objective's indicator came to in each column; a gap is nil.
    func values(of objective: Objective, _ track: ObjectiveTrack?) -> [Double?] {
        switch objective.indicator {
        case .success: return points.map { $0?.successRatio }
        case .latency(0.5, _): return points.map { $0?.p50 }
        case .latency(0.99, _): return points.map { $0?.p99 }
        case .latency: break
        }
        // The polls of the service are the polls of its objectives.
        let kept = Dictionary((track?.values ?? []).map { ($0.at, $0.value) }, uniquingKeysWith: { $1 })
        return points.map { $0.flatMap { kept[$0.at] ?? nil } }
    }

    /// The columns that lie in a stretch of time; nil when none does.
    func columns(from start: Timestamp, to stop: Timestamp) -> Range<Int>? {
        let last = points.count - 1
        func column(_ time: Timestamp) -> Double { Double(last) - end.seconds(since: time) / interval }
        let first = max(0, column(start).rounded(.up))
        let beyond = min(Double(points.count), column(stop).rounded(.down) + 1)
        return first < beyond ? Int(first)..<Int(beyond) : nil
    }
}
