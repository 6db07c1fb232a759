import Dashboard
import MeshModel
import TerminalCanvas
import TestKit

/// Experiments at the bar, as a control plane would tell of them.
extension BarDay {
    static let catalogue: [ExperimentPlan] = {
        typealias Step = ExperimentPlan.Step
        let answered = ExperimentReport.Probe(id: 0, name: "customers are answered", expected: "99 to 100")
        let quick = ExperimentReport.Probe(id: 1, name: "the median waits less than 150 ms", expected: "0 to 150")
        var slow = Step(
            part: .method, kind: .action, name: "half of the beers come 300 ms later",
            touches: "DELAY 300 ms 50% bar>taps")
        slow.pauseAfter = 10
        slow.fault = FaultRequest(
            kind: .delay(milliseconds: 300), edge: Edge(from: "bar", to: "taps"), share: 0.5, lease: 60, by: "")
        let look = Step(part: .method, kind: .probe, name: "ask a customer", touches: "POST 127.0.0.1:21201/orders")
        let mend = Step(part: .rollbacks, kind: .action, name: "mend the tap", touches: "undo bar>taps")
        var mild = slow
        (mild.name, mild.touches, mild.pauseAfter) = ("a few looks at the menu fail", "ABORT 503 10% bar>menu", nil)
        mild.fault = FaultRequest(
            kind: .abort(status: 503), edge: Edge(from: "bar", to: "menu"), share: 0.1, lease: 60, by: "")
        return [
            ExperimentPlan(
                file: "one-tap-is-slow.yaml", title: "One tap is slow",
                description: "Half of all beers take 300 ms longer. Slow is not down: everybody is answered.",
                steps: [slow, look, mend], probes: [answered, quick]),
            ExperimentPlan(
                file: "the-menu-is-gone.yaml", title: "The menu is gone", description: "Who needs a menu?",
                steps: [mild], probes: [answered],
                lastRun: ExperimentPlan.LastRun(outcome: .deviated, at: BarDay.start)),
            ExperimentPlan(
                file: "torn.yaml", title: "torn.yaml", problems: ["torn.yaml:3: Failed parsing YAML experiment"]),
        ]
    }()

    mutating func showCatalogue() { send(.catalogue(Self.catalogue)) }

    /// Lets the run of the first experiment come to one of: start, before, method, pause, during, after, stop,
    /// rollbacks, held, deviated, stopped.
    mutating func goOn(to moment: String) {
        typealias Probe = ExperimentReport.Probe
        var run = experiment ?? Self.report(at: now)
        func find(_ moment: Probe.Moment, _ values: [(String, Bool)]) {
            for (place, value) in values.enumerated() {
                run.probes[place][moment] = Probe.Finding(value: value.0, isMet: value.1, at: now)
                run.probes[place].asking = nil
            }
        }
        switch moment {
        case "start": run.probes[0].asking = .before
        case "before":
            run.phase = .before
            find(.before, [("99.8", true), ("12.4", true)])
        case "method":
            run.phase = .method
            run.activities[0].state = .running
            run.activities[0].startedAt = now
        case "pause":
            run.phase = .waiting
            run.waitsUntil = now.advanced(bySeconds: 10)
            run.activities[0].state = .succeeded
            run.activities[0].output = "F1"
            run.activities[0].endedAt = now
        case "during":
            run.probes[0].checksDuring = 7
            run.probes[0].unmetDuring = 3
            find(.during, [("61.2", false)])
        case "after":
            run.phase = .after
            run.waitsUntil = nil
            find(.after, [("61.2", false)])
            run.probes[1].asking = .after
        case "stop": run.stop = ExperimentReport.Stop(by: "mv", reason: "asked")
        case "rollbacks":
            run.phase = .rollbacks
            run.waitsUntil = nil
            run.activities[2].state = .running
            run.activities[2].startedAt = now
        default: end(&run, moment)
        }
        experiment = run
        send(.experiment(run))
    }

    private mutating func end(_ run: inout ExperimentReport, _ moment: String) {
        run.phase = .ended
        run.endedAt = now
        for place in run.activities.indices where run.activities[place].startedAt == nil {
            run.activities[place].state = .skipped
        }
        for place in run.activities.indices where run.activities[place].state == .running {
            run.activities[place].state = .interrupted
            run.activities[place].endedAt = now
        }
        run.activities[2].state = .succeeded
        run.activities[2].startedAt = run.activities[2].startedAt ?? now
        run.activities[2].endedAt = now
        run.verdict =
            switch moment {
            case "held":
                ExperimentReport.Verdict(
                    .held, isUndone: true,
                    words: ["The hypothesis held: what was done to the mesh did not change its steady state."])
            case "deviated":
                ExperimentReport.Verdict(
                    .deviated, isUndone: true,
                    words: [
                        "The hypothesis was wrong: the mesh left its steady state.",
                        "After: 'customers are answered' was 61.2, and 99 to 100 was expected. Before it was 99.8.",
                        "1 fault taken back, nothing is left.",
                    ])
            default:
                ExperimentReport.Verdict(
                    .stopped, isUndone: false,
                    words: ["Stopped by mv: asked.", "NOT REMOVED: F1 not confirmed gone; retrying."])
            }
    }

    private static func report(at: Timestamp) -> ExperimentReport {
        let plan = catalogue[0]
        return ExperimentReport(
            id: "E1", file: plan.file, title: plan.title, by: "mv", startedAt: at,
            activities: plan.steps.enumerated().map { number, step in
                ExperimentReport.Activity(
                    id: number, part: step.part, kind: step.kind, name: step.name, touches: step.touches)
            }, probes: plan.probes)
    }
}
