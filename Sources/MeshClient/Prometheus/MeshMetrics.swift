internal import MeshModel

/// The series by which one kind of mesh tells of itself: what to ask for, and what the answers mean. The number of
/// questions is the same for a mesh of any size, and quantiles are made by the server.
protocol MeshMetrics: Sendable {
    /// As `kind` in gameday.yaml spells it.
    static var word: String { get }
    /// The series that tells that there is such a mesh.
    static var mark: String { get }

    /// The questions of a round.
    func questions(_ asking: MeshAsking) -> [MeshQuestion]

    /// What the answers come to; those that failed are not there.
    func mesh(of answers: MeshAnswers) -> RateMesh
}

/// What every question of a round has in it.
struct MeshAsking: Equatable, Sendable {
    /// The window of rates, as PromQL spells it.
    var window: String
    /// Label matchers that all series have to meet, as PromQL spells them, without braces; empty for none.
    var matchers: String
    var quantiles: [Double]
    /// Latencies are in histograms without buckets of their own names.
    var isNative = false

    /// `rate(NAME{MATCHERS}[WINDOW])`
    func rate(_ name: String, _ own: String = "") -> String {
        let all = [own, matchers].filter { !$0.isEmpty }.joined(separator: ",")
        return "rate(\(name){\(all)}[\(window)])"
    }

    func sum(_ name: String, _ own: String = "", by labels: [String]) -> String {
        "sum by (\(labels.joined(separator: ","))) (\(rate(name, own)))"
    }

    /// One question a quantile.
    func latencies(
        _ kind: MeshQuestion.Part.Kind, _ name: String, _ own: String = "", by labels: [String]
    ) -> [MeshQuestion] {
        quantiles.enumerated().map { place, quantile in
            let sum = isNative ? sum(name, own, by: labels) : sum(name + "_bucket", own, by: labels + ["le"])
            return MeshQuestion(
                .latency(kind, place), "histogram_quantile(\(quantile), \(sum))", labels: labels)
        }
    }
}

/// One query, and what its answer is a part of.
struct MeshQuestion: Equatable, Sendable {
    enum Part: Hashable, Sendable {
        /// Rates; without these a round tells nothing.
        case edges, services, strangers, listeners
        /// What else happened on edges.
        case troubles
        /// How those do that are scraped.
        case targets
        /// One quantile, by its place among those asked for.
        case latency(Kind, Int)

        enum Kind: Sendable {
            case edges, services, listeners
        }

        var isNeeded: Bool {
            switch self {
            case .edges, .services, .strangers, .listeners: true
            case .troubles, .targets, .latency: false
            }
        }
    }

    var part: Part
    var text: String
    var labels: [String]

    init(_ part: Part, _ text: String, labels: [String]) {
        self.part = part
        self.text = text
        self.labels = labels
    }
}

/// The rows that came, by what they are a part of.
struct MeshAnswers: Equatable, Sendable {
    struct Row: Equatable, Sendable {
        var labels: [String]
        var value: Double
    }

    var rows: [MeshQuestion.Part: [Row]] = [:]

    mutating func take(_ answer: PrometheusAnswer, for part: MeshQuestion.Part) {
        rows[part] = answer.series.compactMap { series in
            series.points.last.map { Row(labels: series.labels, value: $0.value) }
        }
    }

    /// Of rates, those that can be counted with.
    func rates(_ part: MeshQuestion.Part) -> [Row] {
        (rows[part] ?? []).compactMap { row in RequestRates.usable(row.value) == nil ? nil : row }
    }

    /// All latencies of a kind, with the places of their quantiles.
    func latencies(_ kind: MeshQuestion.Part.Kind) -> [(place: Int, row: Row)] {
        rows.flatMap { part, rows -> [(place: Int, row: Row)] in
            guard case .latency(kind, let place) = part else { return [] }
            return rows.filter(\.value.isFinite).map { (place, $0) }
        }
    }
}
