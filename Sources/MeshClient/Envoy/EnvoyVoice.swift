internal import MeshModel

/// What one sidecar is told as: its name, and the last report, so that nothing is told twice.
struct EnvoyVoice: Sendable {
    /// Whoever came later is called new for so many answers.
    private static let newFor = 30

    private let endpoint: EnvoyEndpoint
    /// The name of the source, once it was reported under it.
    private(set) var source: String?
    private var reported: SourceReport?
    private var isListed = false
    /// For so many good answers more it is called new.
    private var newness: Int

    init(_ endpoint: EnvoyEndpoint, isNew: Bool) {
        self.endpoint = endpoint
        newness = isNew ? Self.newFor : 0
    }

    var hasSpoken: Bool { reported != nil }

    /// Counts a good answer.
    mutating func grow() { newness = max(0, newness - 1) }

    /// Whoever speaks next is another source.
    mutating func fallSilent() { (source, reported, isListed) = (nil, nil, false) }

    /// The name of the source, which the directory gives and puts down once the service is known.
    mutating func name(for service: ServiceName?, in directory: EnvoyDirectory) -> String {
        let name = source ?? directory.unique(service?.text ?? endpoint.authority)
        source = name
        if let service, !isListed {
            isListed = true
            directory.add(EnvoyDirectory.Entry(source: name, service: service, endpoint: endpoint))
        }
        return name
    }

    /// A report only if it says something new.
    mutating func tell(
        _ state: SourceState, _ explanation: String?, as name: String, of service: ServiceName?,
        _ node: EnvoyOutline.Node?, health: String?
    ) -> [Observation] {
        var report = SourceReport(
            name: name, kind: .envoy, endpoint: endpoint.shown, service: service, state: state,
            explanation: explanation)
        (report.version, report.zone) = (endpoint.version ?? node?.shownVersion, endpoint.zone ?? node?.zone)
        report.health = health ?? (newness > 0 ? SourceReport.new : nil)
        if report == reported { return [] }
        reported = report
        return [.source(report)]
    }
}
