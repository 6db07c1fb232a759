import MeshModel

/// A run of an experiment as a journal of the Chaos Toolkit. A day without one is told as if it were one: the objectives as its hypothesis, the faults as its method, their undoing
/// as its rollbacks. Its reports and those who read them need not know where it came from.
struct JournalExport: Export {
    private var builder: DayReportBuilder?
    private var wanted: String?

    mutating func begin(_ day: ExportedDay) -> [UInt8] {
        builder = DayReportBuilder(day)
        wanted = day.options.experiment
        return []
    }

    mutating func event(_ event: Event, state: MeshState) -> [UInt8] {
        builder?.take(event, state)
        return []
    }

    mutating func end(_ state: MeshState) -> [UInt8] {
        guard let report = builder?.report(state) else { return [] }
        guard let run = report.experiments.last(where: { wanted == nil || $0.id == wanted }) else {
            return Self.journal(report).bytes + [0x0A]
        }
        let plan = report.catalogue.last { $0.file == run.file }
        return ExperimentJournal(run: run, plan: plan, report: report).json.bytes + [0x0A]
    }

    private static func journal(_ report: DayReport) -> JSON {
        let firstFault = report.faults.map { $0.fault.requestedAt }.min() ?? report.end
        let lastFault = report.faults.compactMap(\.endedAt).max() ?? report.end
        let isBrokenAfter = report.objectives.contains { judged in
            judged.breaches.contains { $0.to >= lastFault || !$0.isOver }
        }
        let isBrokenBefore = report.objectives.contains { judged in judged.breaches.contains { $0.from < firstFault } }
        return [
            "chaoslib-version": "1.44.0", "platform": "gameday", "node": .string(report.session?.id ?? "gameday"),
            "experiment": experiment(report), "start": time(report.start), "status": "completed",
            "deviated": .bool(report.isHeld == false),
            "steady_states": [
                "before": hypothesis(report, isMet: !isBrokenBefore, at: report.start),
                "after": hypothesis(report, isMet: !isBrokenAfter, at: report.end),
                "during": [],
            ],
            "run": .array(report.faults.map { entry($0, action($0), from: $0.fault.requestedAt, to: $0.activeAt) }),
            "rollbacks": .array(
                report.faults.compactMap { injected in
                    injected.endedAt.map { entry(injected, rollback(injected), from: $0, to: $0) }
                }),
            "end": time(report.end), "duration": .double(report.duration),
        ]
    }

    private static func experiment(_ report: DayReport) -> JSON {
        [
            "version": "1.0.0", "title": .string(report.name), "description": "A recorded game day.",
            "tags": ["gameday"],
            "steady-state-hypothesis": [
                "title": "The objectives are met", "probes": .array(report.objectives.map { probe($0.objective) }),
            ],
            "method": .array(report.faults.map(action)), "rollbacks": .array(report.faults.map(rollback)),
        ]
    }

    private static func probe(_ objective: Objective) -> JSON {
        [
            "type": "probe", "name": .string("\(objective.name): \(objective.service) \(ReportText.bound(objective))"),
            "tolerance": 0, "provider": provider(["status", "--json"]),
        ]
    }

    private static func action(_ injected: DayReport.Injected) -> JSON {
        let fault = injected.fault
        // A kind that is not known here can't be asked for either; its word says at least what it was.
        let kind = fault.kind.description?.options(of: fault.kind) ?? ["--\(fault.kind.word)"]
        let share = (fault.share * 10_000).rounded() / 100
        let arguments =
            ["fault", "start", "--from", fault.edge.from.text, "--to", fault.edge.to.text] + kind
            + ["--percent", share.rounded() == share ? "\(Int64(clamping: share))" : "\(share)"]
        return [
            "type": "action", "name": .string("\(fault.id): \(fault.kind.label) on \(fault.edge)"),
            "provider": provider(arguments),
        ]
    }

    private static func rollback(_ injected: DayReport.Injected) -> JSON {
        [
            "type": "action", "name": .string("stop \(injected.fault.id)"),
            "provider": provider(["fault", "stop", injected.fault.id]),
        ]
    }

    private static func provider(_ arguments: [String]) -> JSON {
        ["type": "process", "path": "gameday", "arguments": .array(arguments.map { .string($0) })]
    }

    private static func entry(
        _ injected: DayReport.Injected, _ activity: JSON, from: Timestamp, to: Timestamp?
    ) -> JSON {
        let end = to ?? from
        let isRefused = injected.fault.phase == .refused
        return [
            "activity": activity,
            "output": [
                "fault": injected.fault.json, "hit": .integer(Int64(clamping: injected.seen.hit)),
                "requests": .integer(Int64(clamping: injected.seen.requests)),
            ],
            "start": time(from), "status": isRefused ? "failed" : "succeeded", "end": time(end),
            "duration": .double(max(0, end.seconds(since: from))),
        ]
    }

    private static func hypothesis(_ report: DayReport, isMet: Bool, at: Timestamp) -> JSON {
        [
            "steady_state_met": .bool(isMet),
            "probes": .array(
                report.objectives.map { judged in
                    [
                        "activity": probe(judged.objective), "output": JSON(judged.value), "start": time(at),
                        "status": "succeeded", "end": time(at), "duration": 0,
                        "tolerance_met": .bool(isMet),
                    ]
                }),
        ]
    }

    /// As Python's `isoformat` writes it.
    static func time(_ at: Timestamp) -> JSON {
        .string((at.iso8601.dropping(suffix: "Z") ?? "") + "000+00:00")
    }
}
