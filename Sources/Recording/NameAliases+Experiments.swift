import MeshModel

extension NameAliases {
    /// Of a run its shape and its verdict stay; names, values and words could say anything.
    mutating func alias(_ report: ExperimentReport) -> ExperimentReport {
        var report = report
        report.file = experiment(report.file)
        report.title = report.file
        report.by = person(report.by)
        report.override = report.override.map { _ in "(a reason)" }
        report.stop = report.stop.map { ExperimentReport.Stop(by: person($0.by), reason: "(a reason)") }
        report.journal = nil
        report.verdict?.words = []
        report.activities = report.activities.map { activity in
            var activity = activity
            activity.name = "\(activity.kind.rawValue)-\(activity.id + 1)"
            activity.touches = ""
            activity.output = nil
            activity.why = activity.why.map { _ in "(a reason)" }
            return activity
        }
        report.probes = report.probes.map(Self.alias)
        return report
    }

    mutating func alias(_ plan: ExperimentPlan) -> ExperimentPlan {
        let file = experiment(plan.file)
        var aliased = ExperimentPlan(
            file: file, title: file, probes: plan.probes.map(Self.alias),
            problems: plan.problems.map { _ in "(a reason)" }, lastRun: plan.lastRun)
        aliased.steps = plan.steps.enumerated().map { number, step in
            var step = step
            step.name = "\(step.kind.rawValue)-\(number + 1)"
            step.touches = ""
            step.fault = step.fault.map { alias($0) }
            return step
        }
        return aliased
    }

    private mutating func alias(_ request: FaultRequest) -> FaultRequest {
        var request = request
        request.edge = edge(request.edge)
        request.by = person(request.by)
        return request
    }

    private static func alias(_ probe: ExperimentReport.Probe) -> ExperimentReport.Probe {
        var probe = probe
        probe.name = "probe-\(probe.id + 1)"
        probe.expected = ""
        for moment in ExperimentReport.Probe.Moment.allCases {
            probe[moment]?.value = nil
            probe[moment]?.why = nil
        }
        return probe
    }
}
