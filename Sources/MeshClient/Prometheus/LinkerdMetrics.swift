internal import MeshModel

/// Linkerd's `response_total` and `response_latency_ms`, with the labels that its own Prometheus puts on them (linkerd2,
/// viz/charts/linkerd-viz/templates/prometheus.yaml): who tells is the workload of the scraped pod.
struct LinkerdMetrics: MeshMetrics {
    static let word = "linkerd"
    static let mark = "response_total"
    static let latency = "response_latency_ms"

    /// The kinds of workloads, the usual ones first; a pod has one of them.
    private static let kinds = ["deployment", "statefulset", "daemonset", "replicationcontroller", "k8s_job"]
    private static let own = kinds + ["namespace"]
    private static let other = kinds.map { "dst_" + $0 } + ["dst_namespace", "dst_service"]
    private static let outcome = ["classification", "status_code"]
    private static let sent = "direction=\"outbound\""
    /// The kubelet's questions are no traffic.
    private static let received = "direction=\"inbound\",route_name!=\"probe\""

    func questions(_ asking: MeshAsking) -> [MeshQuestion] {
        let edge = Self.own + Self.other
        return [
            MeshQuestion(
                .edges, asking.sum(Self.mark, Self.sent, by: edge + Self.outcome), labels: edge + Self.outcome),
            MeshQuestion(
                .services, asking.sum(Self.mark, Self.received, by: Self.own + Self.outcome),
                labels: Self.own + Self.outcome),
        ]
            + asking.latencies(.edges, Self.latency, Self.sent, by: edge)
            + asking.latencies(.services, Self.latency, Self.received, by: Self.own)
    }

    func mesh(of answers: MeshAnswers) -> RateMesh {
        var mesh = RateMesh()
        for row in answers.rates(.edges) {
            guard let edge = Self.edge(row.labels) else { continue }
            mesh.edges[edge, default: RateReading()].rates.add(Self.rates(row))
        }
        for row in answers.rates(.services) {
            guard let name = Self.service(row.labels) else { continue }
            mesh.services[name, default: RateReading()].rates.add(Self.rates(row))
        }
        for (place, row) in answers.latencies(.edges) {
            guard let edge = Self.edge(row.labels) else { continue }
            mesh.edges[edge]?.setLatency(row.value, at: place)
        }
        for (place, row) in answers.latencies(.services) {
            guard let name = Self.service(row.labels) else { continue }
            mesh.services[name]?.setLatency(row.value, at: place)
        }
        return mesh
    }

    private static func edge(_ labels: [String]) -> Edge? {
        guard let from = service(labels) else { return nil }
        let other = labels.dropFirst(own.count).prefix(Self.other.count)
        let space = labels[own.count + kinds.count]
        guard let to = name(other.prefix(kinds.count), space) ?? name([labels[own.count + kinds.count + 1]], space)
        else { return nil }
        return Edge(from: from, to: to)
    }

    private static func service(_ labels: [String]) -> ServiceName? {
        name(labels.prefix(kinds.count), labels[kinds.count])
    }

    private static func name(_ candidates: some Sequence<String>, _ space: String) -> ServiceName? {
        guard let name = candidates.first(where: { !$0.isEmpty }) else { return nil }
        return ServiceName(space.isEmpty ? name : name + "." + space)
    }

    /// Linkerd's own word for a failure counts, which knows of gRPC's.
    private static func rates(_ row: MeshAnswers.Row) -> RequestRates {
        let (word, code) = (row.labels[row.labels.count - 2], row.labels[row.labels.count - 1])
        let digit = code.count == 3 ? code.utf8.first.map { Int($0) - 0x30 } ?? 2 : 2
        var rates = RequestRates()
        rates.add(row.value, ofClass: word == "failure" ? 5 : digit == 5 ? 4 : digit)
        return rates
    }
}
