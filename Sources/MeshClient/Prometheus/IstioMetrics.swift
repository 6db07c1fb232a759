internal import MeshModel

/// Istio's `istio_requests_total` and `istio_request_duration_milliseconds`, asked for as Kiali does (its d733a09, folder
/// graph): who sent tells of an edge, and who received of what no sidecar sent.
struct IstioMetrics: MeshMetrics {
    static let word = "istio"
    static let mark = "istio_requests_total"
    static let latency = "istio_request_duration_milliseconds"

    private static let caller = ["source_canonical_service", "source_workload_namespace"]
    private static let callee = ["destination_service_name", "destination_service_namespace"]
    private static let outcome = ["grpc_response_status", "response_code", "response_flags"]
    private static let known = ["destination_canonical_service"] + callee + outcome
    private static let sent = "reporter=~\"source|waypoint\""
    private static let received = "reporter=\"destination\""

    func questions(_ asking: MeshAsking) -> [MeshQuestion] {
        let edge = Self.known + Self.caller
        let both = Self.callee + Self.caller
        return [
            MeshQuestion(.edges, asking.sum(Self.mark, Self.sent, by: edge), labels: edge),
            MeshQuestion(.services, asking.sum(Self.mark, Self.received, by: Self.known), labels: Self.known),
            MeshQuestion(
                .strangers, asking.sum(Self.mark, Self.received + ",source_workload=\"unknown\"", by: Self.known),
                labels: Self.known),
        ]
            + asking.latencies(.edges, Self.latency, Self.sent, by: both)
            + asking.latencies(.services, Self.latency, Self.received, by: Self.callee)
    }

    func mesh(of answers: MeshAnswers) -> RateMesh {
        var mesh = RateMesh()
        let names = Names(answers.rates(.edges) + answers.rates(.services))
        for row in answers.rates(.edges) {
            guard let from = names.caller(row.labels[6], in: row.labels[7]) else { continue }
            let rates = Self.rates(row)
            if IstioLabels.isGateway(row.labels[6]) {
                mesh.gateways.insert(from)
                mesh.services[from, default: RateReading()].rates.add(rates)
            }
            guard let to = names.callee(row.labels) else { continue }
            mesh.edges[Edge(from: from, to: to), default: RateReading()].rates.add(rates)
        }
        for row in answers.rates(.services) {
            guard let name = names.callee(row.labels) else { continue }
            mesh.services[name, default: RateReading()].rates.add(Self.rates(row))
        }
        for row in answers.rates(.strangers) {
            guard let to = names.callee(row.labels) else { continue }
            mesh.edges[Edge(from: Names.unknown, to: to), default: RateReading()].rates.add(Self.rates(row))
        }
        for (place, row) in answers.latencies(.edges) {
            guard let to = names.callee(named: row.labels[0], in: row.labels[1]),
                let from = names.caller(row.labels[2], in: row.labels[3])
            else { continue }
            mesh.edges[Edge(from: from, to: to)]?.setLatency(row.value, at: place)
        }
        for (place, row) in answers.latencies(.services) {
            guard let name = names.callee(named: row.labels[0], in: row.labels[1]) else { continue }
            mesh.services[name]?.setLatency(row.value, at: place)
        }
        return mesh
    }

    /// The labels are those of `known`: 3 is the gRPC status, 4 the code, 5 the flags.
    private static func rates(_ row: MeshAnswers.Row) -> RequestRates {
        let flags = IstioFlags(row.labels[5])
        let digit = IstioLabels.answerClass(code: row.labels[4], grpc: row.labels[3], flags: flags)
        var rates = RequestRates()
        rates.add(row.value, ofClass: digit)
        for (flag, field) in fields where flags.contains(flag) { rates[field] += row.value }
        return rates
    }

    private static let fields: [(IstioFlags, RequestRates.Field)] = [
        (.aborted, .aborts), (.delayed, .delays), (.overflowed, .overflows), (.timedOut, .timeouts),
        (.notConnected, .connectFailures), (.callerLeft, .resets), (.retried, .retries),
    ]
}

extension IstioMetrics {
    /// One name for a service, whether it calls or is called. Callers are known by their workloads' canonical names and
    /// callees by those of their services; what was received tells which belong together.
    private struct Names {
        static let unknown = ServiceName("unknown")
        private var services: [String: String] = [:]

        /// The labels of the rows begin with those of `known`.
        init(_ rows: [MeshAnswers.Row]) {
            for row in rows {
                let (canonical, service) = (row.labels[0], row.labels[1])
                guard IstioLabels.isKnown(canonical), IstioLabels.isKnown(service), IstioLabels.isKnown(row.labels[2])
                else { continue }
                let key = canonical + "." + row.labels[2]
                // Of several services of one workload the one of its own name stands for it, else the first.
                let known = services[key]
                if known == nil || service == canonical || known != canonical && service < known ?? "" {
                    services[key] = service
                }
            }
        }

        /// Nil where only a part of who called is known.
        func caller(_ canonical: String, in space: String) -> ServiceName? {
            guard IstioLabels.isKnown(canonical) else { return IstioLabels.isKnown(space) ? nil : Self.unknown }
            guard IstioLabels.isKnown(space) else { return ServiceName(canonical) }
            return ServiceName((services[canonical + "." + space] ?? canonical) + "." + space)
        }

        func callee(_ labels: [String]) -> ServiceName? {
            callee(named: IstioLabels.isKnown(labels[1]) ? labels[1] : labels[0], in: labels[2])
        }

        /// Nil for what is no service.
        func callee(named name: String, in space: String) -> ServiceName? { IstioLabels.callee(named: name, in: space) }
    }
}
