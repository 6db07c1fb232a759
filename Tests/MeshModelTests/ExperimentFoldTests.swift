import MeshModel
import TestKit
import Testing

@Suite struct ExperimentFoldTests {
    typealias Report = ExperimentReport
    private let at = Timestamp(milliseconds: 1_764_000_000_000)

    private func state(of reports: [Report]) -> MeshState {
        var state = MeshState()
        for (number, report) in reports.enumerated() {
            state.apply(Event(number: UInt64(number + 1), at: at, observation: .experiment(report)))
        }
        return state
    }

    private func activity(_ id: Int, _ name: String, _ state: Report.Activity.State) -> Report.Activity {
        Report.Activity(id: id, part: .method, kind: .action, name: name, state: state)
    }

    @Test func `an event brings what changed and the fold keeps the rest`() {
        var report = Report(
            id: "E1", file: "slow.yaml", title: "Slow taps", by: "anna", startedAt: at,
            activities: [activity(0, "one", .planned), activity(1, "two", .planned)],
            probes: [Report.Probe(id: 0, name: "orders", expected: "200")])
        var news = report
        news.phase = .method
        news.activities = [activity(1, "two", .running)]
        news.probes = []
        let run = state(of: [report, news]).runningExperiment
        report.phase = .method
        report.activities[1].state = .running
        #expect(run == report)
    }

    @Test func `the story names who started it, what it did, and how it ended`() {
        var report = Report(
            id: "E1", file: "slow.yaml", title: "Slow taps", by: "anna", startedAt: at,
            activities: [activity(0, "slow the taps", .planned)],
            probes: [Report.Probe(id: 0, name: "orders", expected: "200")])
        report.override = "orders answered is broken"
        var reports = [report]
        report.activities[0].state = .running
        reports.append(report)
        report.probes[0].after = Report.Probe.Finding(value: "503", isMet: false, at: at)
        reports.append(report)
        report.phase = .ended
        report.verdict = Report.Verdict(.deviated, isUndone: true, words: ["It deviated."])
        reports.append(report)
        let state = state(of: reports)
        #expect(
            state.timeline.map(\.text) == [
                "E1 Slow taps: started by anna, gate overridden: orders answered is broken", "E1 slow the taps",
                "E1 after: orders is 503", "E1 DEVIATED: It deviated.",
            ])
        #expect(state.runningExperiment == nil)
        #expect(state.lastRun(of: "slow.yaml")?.verdict?.outcome == .deviated)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `activities stay in the order of their numbers, each once`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let state = state(of: (0..<60).map { _ in generator.experimentReport(at: at) })
        for run in state.experiments {
            let numbers = run.activities.map(\.id)
            #expect(numbers == Array(Set(numbers)).sorted())
        }
        #expect(Set(state.experiments.map(\.id)).count == state.experiments.count)
    }
}
