internal import MeshModel

/// The control plane's own numbers in Prometheus' text format 0.0.4.
enum MetricsPage {
    static func text(_ state: MeshState) -> String {
        var text = ""
        func metric(_ name: String, _ type: String, _ help: String, _ samples: [(labels: String, value: UInt64)]) {
            text += "# HELP gameday_\(name) \(help)\n# TYPE gameday_\(name) \(type)\n"
            for sample in samples { text += "gameday_\(name)\(sample.labels) \(sample.value)\n" }
        }
        metric("events_total", "counter", "Events numbered in this session.", [("", state.lastNumber)])
        metric(
            "sources", "gauge", "Polled sources by their state.",
            SourceState.allCases.map { word in
                let count = state.sources.values.count { $0.report.state == word }
                return ("{state=\"\(word.rawValue)\"}", UInt64(count))
            })
        metric(
            "faults", "gauge", "Faults of this session by their phase.",
            FaultPhase.allCases.map { phase in
                ("{phase=\"\(phase.rawValue)\"}", UInt64(state.faults.count { $0.phase == phase }))
            })
        metric("halted", "gauge", "1 while nothing new may start.", [("", state.isHalted ? 1 : 0)])
        return text
    }
}
