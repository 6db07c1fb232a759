internal import MeshModel

/// Statistics of plain Envoys as a Prometheus has scraped them. Whose they are is told by a label of the scrape.
struct EnvoyMetrics: MeshMetrics {
    static let word = "envoy"
    static let mark = "envoy_cluster_upstream_rq_xx"
    /// Labels that may tell whose proxy it is, the surest first.
    static let serviceLabels = [
        "consul_source_service", "local_cluster", "kuma_io_service", "service", "app", "app_kubernetes_io_name",
        "deployment", "container", "pod", "job", "instance",
    ]

    /// The label that tells whose proxy it is.
    var label: String
    var naming = EnvoyNaming()

    private static let cluster = "envoy_cluster_name"
    private static let listener = "envoy_http_conn_manager_prefix"
    private static let answerClass = "envoy_response_code_class"
    private static let troubles: [(word: String, name: String)] = [
        ("retry", "envoy_cluster_upstream_rq_retry"), ("timeout", "envoy_cluster_upstream_rq_timeout"),
        ("pending", "envoy_cluster_upstream_rq_pending_overflow"),
        ("active", "envoy_cluster_upstream_rq_active_overflow"),
        ("connect", "envoy_cluster_upstream_cx_connect_fail"),
    ]

    func questions(_ asking: MeshAsking) -> [MeshQuestion] {
        let edge = [label, Self.cluster]
        let listener = [label, Self.listener]
        let troubles = Self.troubles.map {
            "label_replace(\(asking.sum($0.name, by: edge)), \"x\", \"\($0.word)\", \"\", \"\")"
        }
        return [
            MeshQuestion(
                .edges, asking.sum(Self.mark, by: edge + [Self.answerClass]), labels: edge + [Self.answerClass]),
            MeshQuestion(
                .listeners, asking.sum("envoy_http_downstream_rq_xx", by: listener + [Self.answerClass]),
                labels: listener + [Self.answerClass]),
            MeshQuestion(.troubles, troubles.joined(separator: " or "), labels: edge + ["x"]),
        ]
            + asking.latencies(.edges, "envoy_cluster_upstream_rq_time", by: edge)
            + asking.latencies(.listeners, "envoy_http_downstream_rq_time", by: listener)
    }

    func mesh(of answers: MeshAnswers) -> RateMesh {
        var mesh = RateMesh()
        let callees = callees(answers)
        // Where a listener belongs to one edge it knows what the caller saw, faults and all; its cluster knows less.
        for row in answers.rates(.listeners) {
            guard let from = Self.name(row.labels[0]), let listener = self.listener(row.labels[1]) else { continue }
            var rates = RequestRates()
            rates.add(row.value, ofClass: Self.digit(row.labels[2]))
            switch listener {
            case .inbound: mesh.services[from, default: RateReading()].rates.add(rates)
            case .edge(let to): mesh.edges[Edge(from: from, to: to), default: RateReading()].rates.add(rates)
            }
        }
        let seen = Set(mesh.edges.keys)
        for row in answers.rates(.edges) {
            guard let edge = edge(row.labels, callees), !seen.contains(edge) else { continue }
            var rates = RequestRates()
            rates.add(row.value, ofClass: Self.digit(row.labels[2]))
            mesh.edges[edge, default: RateReading()].rates.add(rates)
        }
        for row in answers.rates(.troubles) {
            guard let edge = edge(row.labels, callees), mesh.edges[edge] != nil else { continue }
            mesh.edges[edge]?.rates.add(Self.trouble(row))
        }
        for (place, row) in answers.latencies(.edges) {
            guard let edge = edge(row.labels, callees), !seen.contains(edge) else { continue }
            mesh.edges[edge]?.setLatency(row.value, at: place)
        }
        for (place, row) in answers.latencies(.listeners) {
            guard let from = Self.name(row.labels[0]), let listener = self.listener(row.labels[1]) else { continue }
            switch listener {
            case .inbound: mesh.services[from]?.setLatency(row.value, at: place)
            case .edge(let to): mesh.edges[Edge(from: from, to: to)]?.setLatency(row.value, at: place)
            }
        }
        return mesh
    }

    private static func trouble(_ row: MeshAnswers.Row) -> RequestRates {
        var rates = RequestRates()
        switch row.labels[2] {
        case "retry": rates[.retries] = row.value
        case "timeout": rates[.timeouts] = row.value
        case "pending", "active": rates[.overflows] = row.value
        case "connect": rates[.connectFailures] = row.value
        default: break
        }
        return rates
    }

    private static func name(_ label: String) -> ServiceName? { label.isEmpty ? nil : ServiceName(label) }

    private static func digit(_ text: String) -> Int { Int(text.prefix(1)) ?? 0 }

    /// The services behind the clusters, by the clusters' names; those that lead into the service beside the proxy, or to
    /// no service at all, are not there.
    private func callees(_ answers: MeshAnswers) -> [String: ServiceName] {
        var callees: [String: ServiceName] = [:]
        for cluster in Set((answers.rows[.edges] ?? []).map { $0.labels[1] }) where !cluster.isEmpty {
            let name = EnvoyClusterName(cluster)
            guard !name.isLocal, EnvoyPlumbing.purpose(ofName: cluster) == nil else { continue }
            callees[cluster] = ServiceName(name.service)
        }
        return callees
    }

    private func edge(_ labels: [String], _ callees: [String: ServiceName]) -> Edge? {
        guard let from = Self.name(labels[0]), let to = callees[labels[1]] else { return nil }
        return from == to ? nil : Edge(from: from, to: to)
    }

    private enum Listener {
        case inbound
        case edge(ServiceName)
    }

    /// What a connection manager's prefix says: gameday's own `in` and `to_NAME`, Consul's `public_listener` and
    /// `upstream.NAME…`, and words that people take for what comes in.
    private func listener(_ prefix: String) -> Listener? {
        if prefix == naming.inbound || prefix.hasPrefix("ingress") || prefix.hasPrefix("inbound")
            || prefix == "public_listener"
        {
            return .inbound
        }
        for mark in [naming.outbound, "upstream."] where prefix.hasPrefix(mark) && prefix.count > mark.count {
            let rest = prefix.dropFirst(mark.count)
            return .edge(ServiceName(String(mark == "upstream." ? rest.prefix { $0 != "." } : rest)))
        }
        return nil
    }
}
