import MeshModel
import TestKit
import Testing

@testable import Recording

struct QueryTests {
    private func condition(_ text: String) throws -> RecordingQuery.Condition {
        guard case .condition(let condition) = try RecordingQuery(parsing: text) else {
            throw RecordingQuery.Mistake(summary: "\(text) is no condition")
        }
        return condition
    }

    @Test func `conditions are read as people write them`() throws {
        let slow = try condition("p99 of taps > 300ms")
        #expect(slow == .init(metric: .p99, scope: .service("taps"), isAbove: true, bound: 300))
        let failing = try condition("errors of bar>taps >= 5 %")
        #expect(failing.scope == .edge(Edge(from: "bar", to: "taps")) && failing.bound == 0.05)
        #expect(try condition("Rate OF the front door<10/s").scope == .service("the front door"))
        #expect(try condition("success of bar > taps < 99.5%").scope == .edge(Edge(from: "bar", to: "taps")))
        #expect(try RecordingQuery(parsing: "end of day") == .text("end of day"))
        #expect(try RecordingQuery(parsing: "") == .text(""))
        for wrong in ["p99 of taps", "p99 of taps > 300", "errors of > 5%", "rate of door > x", "p99 of"] {
            #expect(throws: RecordingQuery.Mistake.self, "\(wrong)") { try RecordingQuery(parsing: wrong) }
        }
    }

    @Test(arguments: ["errors of door > 2%", "p99 of door > 24ms", "rate of door>bar < 13", "success of door < 98%"])
    func `a condition is found where the day's own numbers begin to be so`(text: String) throws {
        var script = DayScript(seed: 31)
        let recorded = Recorded(script.events(seconds: 200))
        let reader = try RecordingReader(bytes: recorded.bytes)
        let condition = try condition(text)
        var state = MeshState()
        var expected: [Timestamp] = []
        var holds = false
        for event in recorded.events {
            state.apply(event)
            guard case .traffic(let report) = event.observation, report.service == "door" else { continue }
            let scope =
                condition.scope == .service("door")
                ? state.services["door"] : state.edges[Edge(from: "door", to: "bar")]
            guard let sample = scope?.sample(until: event.at), let isNow = condition.holds(sample) else { continue }
            if isNow, !holds { expected.append(event.at) }
            holds = isNow
        }
        #expect(!expected.isEmpty)
        #expect(reader.hits(of: .condition(condition), in: reader.story()) == expected)
    }

    @Test func `words are found in the story, whatever their case`() throws {
        var script = DayScript(seed: 32)
        let reader = try RecordingReader(bytes: Recorded(script.events(seconds: 200)).bytes)
        let hits = reader.hits(of: .text("PAGER"), in: reader.story())
        #expect(hits.count == 2 && hits == hits.sorted())
    }
}
