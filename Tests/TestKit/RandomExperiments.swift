public import MeshModel

/// Random runs of experiments and catalogues, hostile words among them.
extension SeededGenerator {
    private mutating func words(_ share: Double = 0.5) -> String? { chance(share) ? hostileText(upTo: 8) : nil }

    private mutating func time(_ at: Timestamp, _ share: Double = 0.5) -> Timestamp? {
        chance(share) ? moment(around: at.milliseconds) : nil
    }

    public mutating func experimentReport(at: Timestamp) -> ExperimentReport {
        typealias Report = ExperimentReport
        var report = Report(
            id: "E\(int(in: 1...5))", file: hostileText(upTo: 8), title: hostileText(upTo: 8), by: hostileText(upTo: 4),
            startedAt: at, phase: pick(Report.Phase.allCases),
            activities: (0..<int(in: 0...4)).map { _ in activity(at: at) },
            probes: (0..<int(in: 0...2)).map { _ in probe(at: at) })
        report.endedAt = time(at)
        report.waitsUntil = time(at)
        report.override = words()
        report.journal = words()
        report.guards = chance(0.2) ? [.stale(seconds: double(in: 1...9)), .broken(objective: "x", seconds: 3)] : []
        if chance(0.2) { report.stop = Report.Stop(by: hostileText(upTo: 4), reason: hostileText()) }
        if chance(0.2) {
            report.verdict = Report.Verdict(
                pick(Report.Verdict.Outcome.allCases), isUndone: bool(),
                words: (0..<int(in: 0...3)).map { _ in hostileText() })
        }
        return report
    }

    private mutating func activity(at: Timestamp) -> ExperimentReport.Activity {
        typealias Activity = ExperimentReport.Activity
        var activity = Activity(
            id: int(in: 0...6), part: pick(Activity.Part.allCases), kind: pick(Activity.Kind.allCases),
            name: hostileText(upTo: 8), touches: hostileText(upTo: 8), isInBackground: bool(),
            state: pick(Activity.State.allCases))
        activity.output = words()
        activity.why = words()
        activity.startedAt = time(at)
        activity.endedAt = time(at)
        return activity
    }

    private mutating func probe(at: Timestamp) -> ExperimentReport.Probe {
        typealias Probe = ExperimentReport.Probe
        var probe = Probe(id: int(in: 0...3), name: hostileText(upTo: 8), expected: hostileText(upTo: 8))
        probe.asking = chance(0.3) ? pick(Probe.Moment.allCases) : nil
        for moment in Probe.Moment.allCases where bool() {
            probe[moment] = Probe.Finding(value: words(), isMet: chance(0.2) ? nil : bool(), at: at, why: words())
        }
        probe.checksDuring = int(in: 0...9)
        probe.unmetDuring = int(in: 0...9)
        return probe
    }

    public mutating func experimentPlan(at: Timestamp) -> ExperimentPlan {
        typealias Activity = ExperimentReport.Activity
        var plan = ExperimentPlan(
            file: hostileText(upTo: 8), title: hostileText(upTo: 8), description: hostileText(),
            probes: (0..<int(in: 0...2)).map { _ in probe(at: at) },
            problems: (0..<int(in: 0...2)).map { _ in hostileText() })
        if chance(0.3) { plan.lesson = .init(mesh: hostileText(), code: hostileText()) }
        plan.steps = (0..<int(in: 0...4)).map { _ in
            var step = ExperimentPlan.Step(
                part: pick(Activity.Part.allCases), kind: pick(Activity.Kind.allCases), name: hostileText(upTo: 8),
                touches: hostileText(upTo: 8))
            step.isInBackground = bool()
            step.pauseBefore = chance(0.3) ? double(in: 0...9) : nil
            step.pauseAfter = chance(0.3) ? double(in: 0...9) : nil
            if chance(0.4) {
                step.fault = FaultRequest(
                    kind: .abort(status: 503), edge: Edge(from: service(), to: service()), share: double(in: 0...1),
                    lease: double(in: 1...99), by: hostileText(upTo: 4))
            }
            return step
        }
        if chance(0.5) {
            plan.lastRun = ExperimentPlan.LastRun(outcome: pick(ExperimentReport.Verdict.Outcome.allCases), at: at)
        }
        return plan
    }
}
