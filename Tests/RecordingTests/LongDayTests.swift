import MeshModel
import TestKit
import Testing

@testable import Recording

/// A day with more faults and runs than are kept of it.
struct LongDayTests {
    private static let start = Timestamp(milliseconds: 1_764_000_000_000)

    /// Faults of which some stand for the whole day, and runs, a few a minute.
    private static func observations() -> [Observation] {
        let session = Session(id: "s", name: "the bar", mode: .live, startedAt: start)
        var all: [Observation] = [.session(session)]
        for number in 1...1300 {
            let at = start.advanced(bySeconds: Double(number))
            var fault = Fault(
                id: "F\(number)", kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 0.5,
                by: "anna",
                requestedAt: at, leaseEnds: at.advanced(bySeconds: 60))
            all.append(.fault(fault))
            guard number > 3 else { continue }
            fault.phase = .reverted
            all.append(.fault(fault))
            guard number.isMultiple(of: 10) else { continue }
            var run = ExperimentReport(
                id: "E\(number / 10)", file: "taps.yaml", title: "taps", by: "anna", startedAt: at, phase: .method)
            all.append(.experiment(run))
            run.phase = .ended
            run.endedAt = at
            run.verdict = ExperimentReport.Verdict(.held, isUndone: true, words: ["held"])
            all.append(.experiment(run))
        }
        return all
    }

    @Test func `the oldest that are over are dropped and counted, and what stands is kept`() {
        var state = MeshState()
        for (number, observation) in Self.observations().enumerated() {
            state.apply(Event(number: UInt64(number + 1), at: Self.start, observation: observation))
        }
        #expect(state.faults.count == MeshState.keptFaults && state.older.faults == 1300 - MeshState.keptFaults)
        #expect(state.faults.prefix(4).map(\.id) == ["F1", "F2", "F3", "F\(1304 - MeshState.keptFaults)"])
        #expect(state.experiments.count == MeshState.keptExperiments)
        #expect(state.older.experiments == 130 - MeshState.keptExperiments)
        #expect(state.experiments.first?.id == "E\(131 - MeshState.keptExperiments)")
    }

    @Test func `a seek finds the lists as they were, with what was dropped by then`() throws {
        var encoder = RecordingEncoder(
            header: RecordingHeader(program: "gameday test", created: Self.start, session: nil))
        var bytes: [UInt8] = []
        var state = MeshState()
        var states: [UInt64: MeshState] = [:]
        for (place, observation) in Self.observations().enumerated() {
            let number = UInt64(place + 1)
            let event = Event(
                number: number, at: Self.start.advanced(bySeconds: Double(place) / 2), observation: observation)
            state.apply(event)
            encoder.append(event, state: state)
            bytes += encoder.drain()
            states[number] = state
        }
        encoder.end()
        bytes += encoder.drain()
        let reader = try RecordingReader(bytes: bytes, name: "day")
        for number in [500, 2000, 2400, 2700, UInt64(states.count)] {
            let wanted = try #require(states[number])
            let found = reader.state(at: try #require(wanted.lastAt)).state
            #expect(found.faults.map(\.id) == wanted.faults.map(\.id), "at \(number)")
            #expect(found.faults == wanted.faults && found.experiments == wanted.experiments, "at \(number)")
            #expect(found.older == wanted.older, "at \(number)")
        }
    }

    @Test func `places stay, news are told alone, and what is gone is told`() {
        var told = ToldItems<Item>()
        #expect(told.news(in: [Item("a", 1), Item("b", 1)]).map(\.place) == [0, 1])
        told.remember([Item("a", 1), Item("b", 1)])
        #expect(told.news(in: [Item("a", 1), Item("b", 1)]).isEmpty)
        let next = [Item("b", 2), Item("c", 1)]
        #expect(told.news(in: next).map(\.place) == [1, 2])
        #expect(told.gone(from: next) == [0])
        told.remember(next)
        #expect(told.news(in: [Item("c", 1), Item("d", 1)]).map(\.place) == [3])
    }

    private struct Item: Identifiable, Equatable, Sendable {
        var id: String
        var value: Int

        init(_ id: String, _ value: Int) { (self.id, self.value) = (id, value) }
    }
}
