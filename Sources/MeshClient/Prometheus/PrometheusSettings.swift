internal import MeshModel

/// The `prometheus` part of gameday.yaml.
struct PrometheusSettings: Equatable, Sendable {
    var endpoint: PrometheusEndpoint
    /// The word of one kind of mesh; nil to find out which there is.
    var kind: String?
    /// Seconds between two scrapes; nil to find out.
    var scrape: Double?
    /// Seconds that a rate is averaged over, at least four scrapes; nil for that.
    var window: Double?
    /// The label that tells whose a plain Envoy is; nil to find out.
    var label: String?
    /// Label matchers that all series have to meet, without braces.
    var matchers = ""
}
