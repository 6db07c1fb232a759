import MeshModel
import TestKit
import Testing

/// A service of several replicas is all of them together.
@Suite struct ReplicaTests {
    private static let start = ReplicaFleet.start

    private func poll(
        _ number: UInt64, _ source: String, at seconds: Double, of completed: UInt64, in interval: Double = 1
    ) -> Event {
        var sample = TrafficSample(seconds: interval)
        sample.completed = completed
        sample.active = 2
        sample.totalHosts = 3
        sample.healthyHosts = source == "front" ? 1 : 3
        let report = TrafficReport(
            source: source, service: "front", inbound: sample,
            outbound: [TrafficReport.Outbound(to: "pay", sample: sample)])
        return Event(number: number, at: Self.start.advanced(bySeconds: seconds), observation: .traffic(report))
    }

    private func threeReplicas() -> MeshState {
        var state = MeshState()
        let session = Session(
            id: "s", name: "m", mode: .live, startedAt: Self.start, entrance: "front", objectives: [])
        state.apply(Event(number: 1, at: Self.start, observation: .session(session)))
        var number: UInt64 = 1
        for second in 1...10 {
            for (place, name) in ["front", "front 2", "front 3"].enumerated() {
                number += 1
                state.apply(poll(number, name, at: Double(second) + Double(place) * 0.3, of: 10))
            }
        }
        return state
    }

    @Test func `three replicas at ten a second are thirty, on service, edge and blast radius`() throws {
        let state = threeReplicas()
        let now = Self.start.advanced(bySeconds: 10.7)
        let service = try #require(state.services["front"])
        let edge = Edge(from: "front", to: "pay")
        #expect(service.sample(until: now)?.requestRate == 30)
        #expect(service.sample(until: now)?.completed == 150)
        #expect(state.edges[edge]?.sample(until: now)?.requestRate == 30)
        let radius = state.blastRadius(of: edge, share: 0.5, at: now)
        #expect(radius.edgeRate == 30 && radius.hitRate == 15 && radius.shareOfEntrance == 0.5)
        #expect(service.series.suffix(5).allSatisfy { $0.rate == 30 })
        #expect(service.series.count == 10, "a round of polls is one point")
    }

    @Test func `each replica keeps its own figures`() throws {
        let now = Self.start.advanced(bySeconds: 10.7)
        let service = try #require(threeReplicas().services["front"])
        #expect(service.sources == ["front", "front 2", "front 3"])
        #expect(service.sample(of: "front 2", until: now)?.requestRate == 10)
    }

    @Test func `gauges of replicas are summed, and of hosts the worst view is told`() throws {
        let now = Self.start.advanced(bySeconds: 10.7)
        let sample = try #require(threeReplicas().services["front"]?.sample(until: now))
        #expect(sample.active == 6)
        #expect(sample.healthyHosts == 1 && sample.totalHosts == 3)
    }

    @Test func `samples that an older key frame tells without a source count once`() throws {
        var sample = TrafficSample(seconds: 1)
        sample.completed = 10
        let old = ScopeState(
            recent: [ScopeState.TimedSample(at: Self.start, sample: sample, source: "")], series: [],
            heardAt: Self.start, polls: 1)
        var scope = old
        scope.add(sample, from: "front", at: Self.start.advanced(bySeconds: 1))
        #expect(scope.sample(until: Self.start.advanced(bySeconds: 1))?.requestRate == 10)
    }

    @Test func `of slow polls the last one counts until it is overdue`() throws {
        var state = MeshState()
        let session = Session(id: "s", name: "m", mode: .live, startedAt: Self.start, pollInterval: 10)
        state.apply(Event(number: 1, at: Self.start, observation: .session(session)))
        state.apply(poll(2, "front", at: 10, of: 100, in: 10))
        state.apply(poll(3, "front 2", at: 17, of: 300, in: 10))
        let scope = try #require(state.services["front"])
        func rate(_ seconds: Double) -> Double? {
            scope.sample(until: Self.start.advanced(bySeconds: seconds))?.requestRate
        }
        #expect(rate(18) == 40)
        #expect(rate(39) == 40)
        #expect(rate(41) == 30)
        #expect(rate(48) == nil)
    }

    @Test(arguments: SeededGenerator.seeds(40))
    func `the folded rate of a random fleet is what its replicas counted`(seed: UInt64) throws {
        let fleet = ReplicaFleet(seed: seed, seconds: 90)
        var state = MeshState()
        for (place, event) in fleet.events.enumerated() {
            state.apply(event)
            guard place > 0 else { continue }
            let now = fleet.polls[place - 1].seconds
            let window = fleet.polls[..<place].filter { now - $0.seconds < 4.999 }
            guard !fleet.polls[..<place].contains(where: { 4.999...5.001 ~= now - $0.seconds }) else { continue }
            let sample = try #require(state.services["front"]?.sample(until: event.at))
            #expect(sample.completed == window.reduce(0) { $0 + $1.completed })
            #expect(sample.latency?.count == sample.completed)
            let heard = Dictionary(grouping: window, by: \.replica)
            var (truth, slack) = (0.0, 0.0)
            for (replica, polls) in heard {
                let rate = Double(fleet.rates[replica])
                let covered = polls.reduce(0) { $0 + $1.interval }
                truth += rate
                // A count is whole, an interval is told in milliseconds, and what was counted before a restart is lost.
                slack += 1 / covered + rate * 0.002 * Double(polls.count) / covered
                slack += polls.filter(\.restarted).reduce(0) { $0 + rate * $1.interval } / covered
            }
            #expect(abs((sample.requestRate ?? 0) - truth) <= slack, "at \(now)")
        }
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `a chart shows one truth a round, however many replicas there are`(seed: UInt64) throws {
        let fleet = ReplicaFleet(seed: seed, seconds: 120)
        var state = MeshState()
        for event in fleet.events { state.apply(event) }
        let series = try #require(state.services["front"]?.series)
        #expect(series.count <= 126)
        for point in series.dropLast() {
            let at = point.at.seconds(since: ReplicaFleet.start)
            let before = fleet.polls.filter { $0.seconds <= at + 0.0005 && at - $0.seconds < 3.001 }
            guard before.allSatisfy({ !$0.restarted && at - $0.seconds < 2.99 }) else { continue }
            let latest = Dictionary(before.map { ($0.replica, $0) }, uniquingKeysWith: { $1 })
            let truth = latest.keys.reduce(0) { $0 + Double(fleet.rates[$1]) }
            let slack = latest.values.reduce(0.01) {
                $0 + 1 / $1.interval + Double(fleet.rates[$1.replica]) * 0.002 / $1.interval
            }
            #expect(abs((point.rate ?? 0) - truth) <= slack, "at \(at)")
        }
    }

    @Test func `the tally of an objective counts every replica and the time once`() throws {
        let fleet = ReplicaFleet(seed: 5, seconds: 60)
        var state = MeshState()
        for event in fleet.events { state.apply(event) }
        let track = try #require(state.watch.tracks.values.first)
        #expect(track.day.requests == fleet.polls.reduce(0) { $0 + $1.completed })
        #expect(track.values.count <= 62)
    }
}
