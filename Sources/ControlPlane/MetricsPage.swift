internal import MeshModel

/// The control plane's own numbers in Prometheus' text format 0.0.4.
struct MetricsPage {
    private var lines = ""

    /// What gameday costs is as it was with its last beat.
    static func text(_ state: MeshState) -> String {
        var page = MetricsPage()
        page.writeSession(state)
        if let cost = state.cost {
            page.writePolls(cost)
            page.writeEvents(cost)
            page.writeProcess(cost)
        }
        return page.lines
    }

    private mutating func writeSession(_ state: MeshState) {
        metric("gameday_events_total", "counter", "Events numbered in this session.", Double(state.lastNumber))
        metric(
            "gameday_sources", "gauge", "Polled sources by their state.",
            SourceState.known.map { word in
                ("state", word.rawValue, Double(state.sources.values.count { $0.report.state == word }))
            })
        metric(
            "gameday_faults", "gauge", "Faults of this session by their phase.",
            FaultPhase.known.map { phase in
                ("phase", phase.rawValue, Double(state.faults.count { $0.phase == phase }))
            })
        metric("gameday_halted", "gauge", "1 while halted: no fault can start.", state.isHalted ? 1 : 0)
    }

    private mutating func writePolls(_ cost: OwnCost) {
        metric("gameday_polls_total", "counter", "Responses of proxies that were read.", Double(cost.polls))
        metric(
            "gameday_polls_late_total", "counter", "Responses read in polls that began late.",
            Double(cost.latePolls))
        metric(
            "gameday_polls_failed_total", "counter", "Polls of proxies that failed.",
            Double(cost.failedPolls))
        metric("gameday_polls_bytes_total", "counter", "Bytes read from admin pages.", Double(cost.bytesRead))
        metric(
            "gameday_polls_slowdown_ratio", "gauge",
            "Factor by which polling is slowed down because the machine is busy; 1 when it is not.",
            cost.slowdown)
    }

    private mutating func writeEvents(_ cost: OwnCost) {
        metric(
            "gameday_drops_total", "counter", "Events not recorded or sent one by one, by what happened to them.",
            [
                ("kind", "merged_polls", Double(cost.merged)), ("kind", "unrecorded_events", Double(cost.unrecorded)),
                ("kind", "skipping_readers", Double(cost.skips)),
            ])
        metric(
            "gameday_recorder_waiting_events", "gauge", "Events waiting to be recorded.",
            Double(cost.recorderBacklog))
        metric("gameday_feed_readers", "gauge", "Connected readers of the events.", Double(cost.readers))
        metric(
            "gameday_feed_lag_events", "gauge", "Recent lag of the slowest reader, in events.",
            Double(cost.readerLag))
        metric(
            "gameday_feed_kept_bytes", "gauge", "Memory of the events kept for readers.",
            Double(cost.keptLines))
    }

    /// By the names that every exporter gives them.
    private mutating func writeProcess(_ cost: OwnCost) {
        metric("process_cpu_seconds_total", "counter", "Processor time, of the user and the system.", cost.processor)
        metric("process_resident_memory_bytes", "gauge", "Resident memory.", Double(cost.resident))
        metric("process_open_fds", "gauge", "Open file descriptors.", Double(cost.descriptors))
        metric("process_threads", "gauge", "Threads.", Double(cost.threads))
    }

    private mutating func metric(_ name: String, _ type: String, _ help: String, _ value: Double) {
        begin(name, type, help)
        lines += "\(name) \(Self.text(value))\n"
    }

    private mutating func metric(
        _ name: String, _ type: String, _ help: String, _ samples: [(label: String, word: String, value: Double)]
    ) {
        begin(name, type, help)
        for sample in samples { lines += "\(name){\(sample.label)=\"\(sample.word)\"} \(Self.text(sample.value))\n" }
    }

    private mutating func begin(_ name: String, _ type: String, _ help: String) {
        lines += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private static func text(_ value: Double) -> String {
        value.rounded() == value && abs(value) < 9e15 ? "\(Int64(value))" : "\(value)"
    }
}
