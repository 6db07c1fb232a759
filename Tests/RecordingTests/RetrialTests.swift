import MeshModel
import TestKit
import Testing

@testable import Recording

@Suite struct RetrialTests {
    private func reader(seed: UInt64 = 31, seconds: Int = 100) throws -> RecordingReader {
        var script = DayScript(seed: seed, services: 5)
        return try RecordingReader(bytes: Recorded(script.events(seconds: seconds)).bytes)
    }

    @Test func `a day is judged by its own objectives`() throws {
        let reader = try reader()
        let report = reader.report()
        #expect(report.objectives.map(\.objective.name) == ["orders answered", "orders quick"])
        #expect(report.isHeld == false)
        let answered = try #require(report.objectives.first)
        #expect(answered.isHeld == false && answered.brokenSeconds > 20 && answered.brokenSeconds < 60)
        #expect(try #require(answered.budget?.dayLeft) < 1 && answered.day.bad > 0)
        #expect(
            answered.breaches == reader.story().breaches(until: reader.end).filter { $0.objective == "orders answered" }
        )
        let fault = try #require(report.faults.first)
        let spell = try #require(report.spells.first)
        let detection = try #require(spell.effects[answered.objective]?.detection)
        #expect(detection.fault == fault.fault.id && detection.seconds < 10 && fault.seen.requests > 0)
        #expect(try #require(fault.seen.interval).contains(0.5))
        #expect(report.moments.map(\.title).first == "Before the first fault")
    }

    @Test func `other objectives give another verdict on the same day`() throws {
        let reader = try reader()
        let lax = Objective(name: "lax", service: "service-0", indicator: .success(target: 0.5))
        let strict = Objective(name: "strict", service: "service-0", indicator: .latency(quantile: 0.5, limit: 1))
        let absent = Objective(name: "absent", service: "nobody", indicator: .success(target: 0.5))
        #expect(reader.report(objectives: [lax]).isHeld == true)
        #expect(reader.report(objectives: [lax, strict]).isHeld == false)
        #expect(reader.report(objectives: [absent]).isHeld == nil)
        #expect(reader.report(objectives: []).isHeld == nil)
    }

    @Test func `a day compared with itself is the same, and a worse one is worse`() throws {
        let first = try reader().report()
        let same = RecordingComparison(first, first)
        #expect(same.isNoWorse && same.rows.allSatisfy { $0.change == .same } && !same.rows.isEmpty)
        let calm = try reader(seconds: 35).report()
        let worse = RecordingComparison(calm, first)
        #expect(!worse.isNoWorse)
        #expect(worse.rows.first { $0.name == "orders answered" }?.change == .worse)
        #expect(RecordingComparison(first, calm).rows.first { $0.name == "orders answered" }?.change == .better)
        var without = first
        without.objectives = []
        #expect(RecordingComparison(first, without).rows.first?.change == .missing)
    }

    @Test func `an experiment that held and deviates now is worse, by its last run`() throws {
        func day(_ outcomes: ExperimentReport.Verdict.Outcome...) throws -> DayReport {
            var report = try reader(seconds: 35).report()
            report.experiments = outcomes.enumerated().map { place, outcome in
                var run = ExperimentReport(
                    id: "E\(place + 1)", file: "tap.yaml", title: "One tap", by: "ann", startedAt: report.start)
                run.verdict = ExperimentReport.Verdict(outcome, isUndone: true, words: [])
                return run
            }
            return report
        }
        func change(_ before: DayReport, _ after: DayReport) -> RecordingComparison.Row.Change? {
            let rows = RecordingComparison(before, after).rows.filter { $0.name == "experiment One tap" }
            return rows.count == 1 ? rows[0].change : nil
        }
        #expect(try change(day(.held), day(.deviated)) == .worse)
        #expect(try change(day(.deviated, .held), day(.deviated, .held)) == .same)
        #expect(try change(day(.held, .deviated), day(.held)) == .better)
        #expect(try change(day(.held), day()) == .missing)
    }

    @Test func `a long day's chart keeps its dips`() throws {
        var readings: [Event] = []
        let start = Timestamp(milliseconds: 0)
        let objective = Objective(name: "a", service: "door", indicator: .success(target: 0.9))
        let session = Session(id: "1", name: "m", mode: .live, startedAt: start, objectives: [objective])
        readings.append(Event(number: 1, at: start, observation: .session(session)))
        for second in 1...5000 {
            var sample = TrafficSample(seconds: 1)
            sample.completed = 10
            sample.answers5xx = second == 3333 ? 10 : 0
            let report = TrafficReport(source: "door", service: "door", inbound: sample, outbound: [])
            let at = start.advanced(bySeconds: Double(second))
            readings.append(Event(number: UInt64(second + 1), at: at, observation: .traffic(report)))
        }
        let judged = try #require(try RecordingReader(bytes: Recorded(readings).bytes).report().objectives.first)
        #expect(judged.readings.count <= 1200)
        #expect(judged.readings.compactMap(\.value).min() == 0.8)
        #expect(judged.worst?.value == 0.8 && judged.brokenSeconds == 5)
    }
}
