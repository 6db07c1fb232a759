internal import MeshModel

/// Reads the access logs of edges for whoever asks; twice a second at most, however many ask.
actor LogDesk {
    /// How long an answer is good for everybody.
    private static let freshness = Duration.milliseconds(500)
    /// More edges are not looked at in so short a time.
    private static let most = 16

    private struct Reading {
        var logs: Task<[ProxyLog], Never>
        var at: ContinuousClock.Instant
    }

    private let links: [MeshLink]
    private let read: @Sendable (Edge) async -> [ProxyLog]
    private var readings: [Edge: Reading] = [:]

    init(links: [MeshLink], read: @escaping @Sendable (Edge) async -> [ProxyLog]) {
        self.links = links
        self.read = read
    }

    func log(of edge: Edge, onlyFailing: Bool) async -> EdgeLog {
        let logs = await reading(of: edge).value
        var log = EdgeLog(edge, logs, onlyFailing: onlyFailing, links: links)
        if logs.isEmpty { log.problems = ["no proxy of \(edge.from) has an access log that can be read here"] }
        return log
    }

    private func reading(of edge: Edge) -> Task<[ProxyLog], Never> {
        readings = readings.filter { $0.value.at.duration(to: .now) < Self.freshness }
        if let known = readings[edge] { return known.logs }
        let logs = Task { [read] in await read(edge) }
        if readings.count < Self.most { readings[edge] = Reading(logs: logs, at: .now) }
        return logs
    }
}
