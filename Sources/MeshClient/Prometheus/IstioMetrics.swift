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
            if Self.isGateway(row.labels[6]) {
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

    /// `istio-ingressgateway`, and what the Gateway API makes: `<gateway>-istio`.
    private static func isGateway(_ name: String) -> Bool { name.hasSuffix("gateway") || name.hasSuffix("-istio") }

    /// The labels are those of `known`: 3 is the gRPC status, 4 the code, 5 the flags.
    private static func rates(_ row: MeshAnswers.Row) -> RequestRates {
        var rates = RequestRates()
        rates.add(row.value, ofClass: answerClass(code: row.labels[4], grpc: row.labels[3]))
        for flag in row.labels[5].split(separator: ",") {
            switch flag {
            case "FI": rates[.aborts] += row.value
            case "DI": rates[.delays] += row.value
            case "UO": rates[.overflows] += row.value
            case "UT": rates[.timeouts] += row.value
            case "UF": rates[.connectFailures] += row.value
            case "DC": rates[.resets] += row.value
            default: break
            }
        }
        return rates
    }

    /// A gRPC call answers 200 whatever became of it: its own status says it, as HTTP would have (gRPC over HTTP/2,
    /// doc/statuscodes.md). 0 is no answer at all.
    private static func answerClass(code: String, grpc: String) -> Int {
        let digit = code.count == 3 ? code.utf8.first.map { Int($0) - 0x30 } ?? 0 : 0
        guard digit == 2, !grpc.isEmpty, grpc != "0" else { return digit }
        return ["2", "4", "12", "13", "14", "15"].contains(grpc) ? 5 : 4
    }
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
                guard Self.isKnown(canonical), Self.isKnown(service), Self.isKnown(row.labels[2]) else { continue }
                let key = canonical + "." + row.labels[2]
                // Of several services of one workload the one of its own name stands for it, else the first.
                let known = services[key]
                if known == nil || service == canonical || known != canonical && service < known ?? "" {
                    services[key] = service
                }
            }
        }

        private static func isAddress(_ name: String) -> Bool {
            name.allSatisfy { $0.isNumber || $0 == "." }
                || name.count { $0 == ":" } > 1 && name.allSatisfy { $0.isHexDigit || ":.[]".contains($0) }
        }

        static func isKnown(_ label: String) -> Bool { !label.isEmpty && label != "unknown" }

        /// Nil where only a part of who called is known.
        func caller(_ canonical: String, in space: String) -> ServiceName? {
            guard Self.isKnown(canonical) else { return Self.isKnown(space) ? nil : Self.unknown }
            guard Self.isKnown(space) else { return ServiceName(canonical) }
            return ServiceName((services[canonical + "." + space] ?? canonical) + "." + space)
        }

        func callee(_ labels: [String]) -> ServiceName? {
            callee(named: Self.isKnown(labels[1]) ? labels[1] : labels[0], in: labels[2])
        }

        /// Nil for what is no service: addresses, and what no route led to.
        func callee(named name: String, in space: String) -> ServiceName? {
            guard Self.isKnown(name), !Self.isAddress(name) else { return nil }
            return ServiceName(Self.isKnown(space) ? name + "." + space : name)
        }
    }
}
