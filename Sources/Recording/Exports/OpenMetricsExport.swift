import MeshModel

/// The series with their times, in the text format of OpenMetrics 1.0, as `promtool tsdb create-blocks-from
/// openmetrics` reads it. A family's lines must stand together, so they are gathered until the end.
struct OpenMetricsExport: Export {
    private struct Family {
        var type: String
        var help: String
        var unit: String?
        /// Lines by series, in the order in which the series began.
        var series: [String: Lines] = [:]
        var order: [String] = []
        var totals: [String: UInt64] = [:]
    }

    /// Of one moment a series has one line, and time does not go back in it.
    private struct Lines {
        private(set) var bytes: [UInt8] = []
        private var last = 0
        private var at: Timestamp?

        mutating func append(_ name: String, _ value: String, at moment: Timestamp) {
            let time = at.map { max($0, moment) } ?? moment
            if time == at { bytes.removeSubrange(last...) }
            (at, last) = (time, bytes.count)
            let fraction = String("00\(abs(time.milliseconds % 1000))".suffix(3))
            bytes += "\(name) \(value) \(time.milliseconds / 1000).\(fraction)\n".utf8
        }
    }

    private var families: [String: Family] = [
        "gameday_requests": Family(type: "counter", help: "Completed requests."),
        "gameday_errors": Family(type: "counter", help: "Responses of class 5xx."),
        "gameday_faults_injected": Family(type: "counter", help: "Requests hit by a fault, as counted by the proxy."),
        "gameday_latency_seconds": Family(type: "gauge", help: "Latency quantiles per poll.", unit: "seconds"),
        "gameday_fault_active": Family(type: "gauge", help: "1 while a fault was observed to hit requests."),
        "gameday_objective_met": Family(type: "gauge", help: "1 while an objective was met, 0 while it was broken."),
    ]
    private var verdicts: [Objective: Bool] = [:]
    private var active: Set<String> = []

    func begin(_ day: ExportedDay) -> [UInt8] { [] }

    mutating func event(_ event: Event, state: MeshState) -> [UInt8] {
        switch event.observation {
        case .traffic(let report):
            if let inbound = report.inbound {
                let round = state.services[report.service]?.lastRound
                add(inbound, round, [("service", report.service.text)], at: event.at)
            }
            for outbound in report.outbound {
                guard let sample = outbound.sample else { continue }
                let round = state.edges[Edge(from: report.service, to: outbound.to)]?.lastRound
                add(sample, round, [("from", report.service.text), ("to", outbound.to.text)], at: event.at)
            }
        case .fault(let fault): add(fault, at: event.at)
        case .session, .source, .edge, .halt, .note, .experiment, .catalogue, .recording, .beat, .keyframe: break
        }
        for (objective, isMet) in state.verdicts where verdicts[objective] != isMet {
            let labels = [("objective", objective.name), ("service", objective.service.text)]
            gauge("gameday_objective_met", labels, isMet ? "1" : "0", at: event.at)
        }
        verdicts = state.verdicts
        return []
    }

    func end(_ state: MeshState) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) where !family.order.isEmpty {
            bytes += "# TYPE \(name) \(family.type)\n".utf8
            if let unit = family.unit { bytes += "# UNIT \(name) \(unit)\n".utf8 }
            bytes += "# HELP \(name) \(family.help)\n".utf8
            for series in family.order { bytes += family.series[series]?.bytes ?? [] }
        }
        return bytes + "# EOF\n".utf8
    }

    /// Counts what a poll brought; its latencies are told with those of the replicas that were polled beside it.
    private mutating func add(
        _ sample: TrafficSample, _ round: TrafficSample?, _ labels: [(String, String)], at: Timestamp
    ) {
        let scope = labels.count == 1 ? "service" : "edge"
        let labels = labels + [("scope", scope)]
        count("gameday_requests", labels, sample.completed, at: at)
        count("gameday_errors", labels, sample.answers5xx, at: at)
        for kind in FaultKindDescription.all where scope == "edge" {
            guard let counter = kind.counter else { continue }
            count("gameday_faults_injected", labels + [("kind", kind.word)], sample[counter], at: at)
        }
        for quantile in [0.5, 0.95, 0.99] {
            guard let value = (round ?? sample).latency?.quantile(quantile) else { continue }
            gauge("gameday_latency_seconds", labels + [("quantile", "\(quantile)")], "\(value / 1000)", at: at)
        }
    }

    private mutating func add(_ fault: Fault, at: Timestamp) {
        let isActive = fault.phase == .active
        guard isActive || active.contains(fault.id) else { return }
        if isActive { active.insert(fault.id) } else { active.remove(fault.id) }
        let labels = [
            ("fault", fault.id), ("kind", fault.kind.word), ("from", fault.edge.from.text), ("to", fault.edge.to.text),
        ]
        gauge("gameday_fault_active", labels, isActive ? "1" : "0", at: at)
    }

    /// A counter in the format is a running total; a poll tells what came to it.
    private mutating func count(_ name: String, _ labels: [(String, String)], _ more: UInt64, at: Timestamp) {
        let series = Self.text(labels)
        let total = (families[name]?.totals[series] ?? 0).addingReportingOverflow(more).partialValue
        families[name]?.totals[series] = total
        append("\(name)_total", to: name, series, "\(total)", at: at)
    }

    private mutating func gauge(_ name: String, _ labels: [(String, String)], _ value: String, at: Timestamp) {
        append(name, to: name, Self.text(labels), value, at: at)
    }

    private mutating func append(
        _ metric: String, to family: String, _ series: String, _ value: String, at: Timestamp
    ) {
        if families[family]?.series[series] == nil { families[family]?.order.append(series) }
        families[family]?.series[series, default: Lines()].append("\(metric)\(series)", value, at: at)
    }

    private static func text(_ labels: [(String, String)]) -> String {
        "{" + labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",") + "}"
    }

    /// Backslash, quote and newline are escaped; other control characters, which no label is the better for, are left
    /// out.
    private static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F: break
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
