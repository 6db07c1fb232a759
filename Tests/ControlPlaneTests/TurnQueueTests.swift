import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

/// What waits for a control plane that is busy elsewhere.
@Suite(.timeLimit(.minutes(1))) struct TurnQueueTests {
    private let queue = TurnQueue()

    private func traffic(_ source: String, _ completed: UInt64) -> Observation {
        var sample = TrafficSample(milliseconds: 1000)
        sample.completed = completed
        return .traffic(
            TrafficReport(
                source: source, service: ServiceName(source), inbound: sample,
                outbound: [.init(to: ServiceName("till"), sample: sample)]))
    }

    private func state(_ source: String, _ state: SourceState, _ why: String? = nil) -> Observation {
        .source(
            SourceReport(
                name: source, kind: .envoy, endpoint: "", service: ServiceName(source), state: state, explanation: why))
    }

    /// Everything that waits.
    private func taken() async -> [Observation] {
        queue.put(AdapterTurn([.beat(nil)]))
        var all: [Observation] = []
        for await turn in queue.turns {
            all += turn.observations
            if all.last == .beat(nil) { break }
        }
        return all.dropLast()
    }

    @Test func `What one source tells of two services stays apart while nobody takes it`() async {
        func told(_ service: ServiceName) -> Observation {
            .traffic(TrafficReport(source: "all", service: service, inbound: TrafficSample(seconds: 1), outbound: []))
        }
        for _ in 0..<3 { queue.put(AdapterTurn([told("bar"), told("taps")])) }
        let services = await taken().compactMap { if case .traffic(let report) = $0 { report.service } else { nil } }
        #expect(services == ["bar", "taps"])
    }

    @Test func `However many polls nobody takes, every change of a state comes through and no request is lost`() async {
        queue.put(AdapterTurn([state("bar", .fresh), state("taps", .fresh)]))
        queue.put(AdapterTurn([state("taps", .unreachable, "refused")]))
        for poll in 0..<50_000 {
            queue.put(AdapterTurn([traffic("bar", UInt64(poll % 3))], isSimulated: poll == 7))
        }
        let all = await taken()
        #expect(all.count == 4, "\(all.count)")
        #expect(all.contains(state("taps", .unreachable, "refused")))
        guard case .traffic(let report) = all.last else {
            Issue.record("no traffic")
            return
        }
        #expect(report.inbound?.completed == 49_999)
        #expect(report.inbound?.seconds == 50_000)
        #expect(report.outbound.count == 1 && report.outbound[0].sample?.completed == 49_999)
        #expect(queue.merged == 49_999)
    }

    @Test func `Who takes in time gets every poll as it came`() async {
        var polls = queue.turns.makeAsyncIterator()
        for poll in 1...100 {
            queue.put(AdapterTurn([traffic("bar", UInt64(poll))], isSimulated: true))
            let turn = await polls.next()
            #expect(turn?.observations == [traffic("bar", UInt64(poll))] && turn?.isSimulated == true)
        }
        #expect(queue.merged == 0)
    }

    @Test func `Traffic never passes a change of its source's state`() async {
        let told = [
            traffic("bar", 1), state("bar", .stale), traffic("bar", 2), state("bar", .fresh), traffic("bar", 3),
        ]
        for one in told { queue.put(AdapterTurn([one])) }
        #expect(await taken() == told)
    }

    @Test func `A source that flaps for ever is held in little, and its last state is the last that is told`() async {
        for flap in 0..<10_000 {
            queue.put(AdapterTurn([state("bar", flap.isMultiple(of: 2) ? .stale : .fresh), traffic("bar", 1)]))
        }
        queue.put(AdapterTurn([state("bar", .unreachable)]))
        let all = await taken()
        #expect(all.count < 40)
        #expect(all.last { if case .source = $0 { true } else { false } } == state("bar", .unreachable))
        let requests = all.reduce(0 as UInt64) { sum, one in
            if case .traffic(let report) = one { sum + (report.inbound?.completed ?? 0) } else { sum }
        }
        #expect(requests == 10_000)
    }

    @Test func `More than is taken at once comes in order, in several turns`() async {
        let told = (0..<2500).map { traffic("proxy-\($0)", 1) }
        queue.put(AdapterTurn(told))
        var turns: [Int] = []
        var all: [Observation] = []
        for await turn in queue.turns {
            turns.append(turn.observations.count)
            all += turn.observations
            if all.count == told.count { break }
            // What comes meanwhile is added to what waits, and to nothing that was taken.
            if turns.count == 1 { queue.put(AdapterTurn([traffic("proxy-2400", 1)])) }
        }
        #expect(turns == [1000, 1000, 500])
        #expect(all.prefix(2400) == told.prefix(2400))
        #expect(all[2400] != told[2400] && queue.merged == 1)
    }

    @Test func `A reader whose task is cancelled comes to an end`() async {
        let reading = Task { [queue] in for await _ in queue.turns {} }
        reading.cancel()
        await reading.value
    }
}
