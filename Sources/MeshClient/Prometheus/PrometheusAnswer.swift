/// What a server that speaks Prometheus' query API answers to one query.
struct PrometheusAnswer: Equatable, Sendable {
    enum Form: String, Sendable {
        case vector, matrix, scalar, string
    }

    /// One series: at one moment in a vector, at many in a matrix.
    struct Series: Equatable, Sendable {
        /// The values of the labels that the reader wants, in the order in which it wants them; empty for one that is not
        /// there, as Prometheus itself takes it.
        var labels: [String]
        var points: [Point]
    }

    struct Point: Equatable, Sendable {
        /// Seconds since 1970.
        var at: Double
        /// Not-a-number where there is nothing to calculate with, as in 0/0; infinite where a division was.
        var value: Double
        var histogram: NativeHistogram?

        static func == (left: Point, right: Point) -> Bool {
            left.at.bitPattern == right.at.bitPattern && left.value.bitPattern == right.value.bitPattern
                && left.histogram == right.histogram
        }
    }

    /// A histogram that keeps its own bounds, as Prometheus has it since 2.40.
    struct NativeHistogram: Equatable, Sendable {
        struct Bucket: Equatable, Sendable {
            var lower: Double
            var upper: Double
            var count: Double
        }

        var count: Double
        var sum: Double
        var buckets: [Bucket]
    }

    /// Why a query was refused: a word of the API's, and a sentence for a person.
    struct Failure: Equatable, Sendable {
        var type: String
        var text: String
    }

    var failure: Failure?
    var form: Form?
    /// An empty answer is a good one: nothing is known, which is not zero.
    var series: [Series] = []
    /// What the answer leaves out, in the server's words.
    var warnings: [String] = []
    var infos: [String] = []
    /// A part of a cluster did not answer, and what it knows is missing (VictoriaMetrics).
    var isPartial = false
}
