import MeshModel

/// A run of an experiment as its journal: what was recorded of it, in the Chaos Toolkit's own words.
struct ExperimentJournal {
    let run: ExperimentReport
    /// What the catalogue told of it, if it did.
    let plan: ExperimentPlan?
    let report: DayReport

    var json: JSON {
        let end = run.endedAt ?? report.end
        return [
            "chaoslib-version": "1.44.0", "platform": "gameday", "node": .string(report.session?.id ?? "gameday"),
            "experiment": experiment, "start": JournalExport.time(run.startedAt), "status": .string(status),
            "deviated": .bool(run.verdict?.outcome == .deviated),
            "steady_states": ["before": check(.before), "after": check(.after), "during": during],
            "run": .array(entries(.method)), "rollbacks": .array(entries(.rollbacks)), "end": JournalExport.time(end),
            "duration": .double(max(0, end.seconds(since: run.startedAt))),
        ]
    }

    private var status: String {
        switch run.verdict?.outcome {
        case .held, .deviated, .completed: "completed"
        case .unsteady: "failed"
        case .failed: "aborted"
        case .stopped, .lost, nil: "interrupted"
        }
    }

    private var experiment: JSON {
        var description = plan?.description ?? ""
        if description.isEmpty { description = "A recorded run of \(run.file)." }
        var members: [JSON.Member] = [
            JSON.Member("version", "1.0.0"), JSON.Member("title", .string(run.title)),
            JSON.Member("description", .string(description)), JSON.Member("tags", ["gameday"]),
        ]
        if !run.probes.isEmpty {
            let hypothesis: JSON = ["title": "Steady state", "probes": .array(run.probes.map(probe))]
            members.append(JSON.Member("steady-state-hypothesis", hypothesis))
        }
        members.append(JSON.Member("method", .array(run.activities.filter { $0.part == .method }.map(activity))))
        members.append(JSON.Member("rollbacks", .array(run.activities.filter { $0.part == .rollbacks }.map(activity))))
        return .object(members)
    }

    /// A recording keeps what an activity touched and not how: the provider says where to ask for more.
    private func provider(_ touches: String) -> JSON {
        ["type": "process", "path": "gameday", "arguments": .array(["replay", "last", touches].map { .string($0) })]
    }

    private func activity(_ activity: ExperimentReport.Activity) -> JSON {
        var members: [JSON.Member] = [
            JSON.Member("type", .string(activity.kind.rawValue)), JSON.Member("name", .string(activity.name)),
            JSON.Member("provider", provider(activity.touches)),
        ]
        if activity.isInBackground { members.append(JSON.Member("background", true)) }
        return .object(members)
    }

    private func probe(_ probe: ExperimentReport.Probe) -> JSON {
        [
            "type": "probe", "name": .string(probe.name), "tolerance": .string(probe.expected),
            "provider": provider(probe.name),
        ]
    }

    private func entries(_ part: ExperimentReport.Activity.Part) -> [JSON] {
        run.activities.filter { $0.part == part }.compactMap { item in
            guard let start = item.startedAt else { return nil }
            let end = item.endedAt ?? start
            var members: [JSON.Member] = [
                JSON.Member("activity", activity(item)), JSON.Member("output", JSON(item.output)),
                JSON.Member("start", JournalExport.time(start)),
                JSON.Member("status", .string(item.state == .succeeded ? "succeeded" : "failed")),
                JSON.Member("end", JournalExport.time(end)),
                JSON.Member("duration", .double(max(0, end.seconds(since: start)))),
            ]
            if let why = item.why { members.append(JSON.Member("exception", [.string(why)])) }
            return .object(members)
        }
    }

    /// What the probes found at one end of the run; null when they were not asked there.
    private func check(_ moment: ExperimentReport.Probe.Moment) -> JSON {
        let found = run.probes.compactMap { probe in probe[moment].map { (probe, $0) } }
        guard !found.isEmpty else { return .null }
        return [
            "steady_state_met": .bool(found.allSatisfy { $0.1.isMet == true }),
            "probes": .array(found.map { finding($0, $1) }),
        ]
    }

    private var during: JSON {
        let found = run.probes.compactMap { probe in probe.during.map { (probe, $0) } }
        guard !found.isEmpty else { return [] }
        return [
            [
                "steady_state_met": .bool(found.allSatisfy { $0.0.unmetDuring == 0 }),
                "probes": .array(found.map { finding($0, $1) }),
            ]
        ]
    }

    private func finding(_ probe: ExperimentReport.Probe, _ finding: ExperimentReport.Probe.Finding) -> JSON {
        var members: [JSON.Member] = [
            JSON.Member("activity", self.probe(probe)), JSON.Member("output", JSON(finding.value)),
            JSON.Member("start", JournalExport.time(finding.at)),
            JSON.Member("status", .string(finding.isMet == nil ? "failed" : "succeeded")),
            JSON.Member("end", JournalExport.time(finding.at)), JSON.Member("duration", .double(0)),
            JSON.Member("tolerance_met", .bool(finding.isMet ?? false)),
        ]
        if let why = finding.why { members.append(JSON.Member("exception", [.string(why)])) }
        return .object(members)
    }
}
