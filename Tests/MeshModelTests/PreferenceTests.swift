import MeshModel
import TestKit
import Testing

/// Where sources of several kinds tell of the same requests, one of them counts.
@Suite struct PreferenceTests {
    private static let seconds = 240

    @Test(arguments: SeededGenerator.seeds(30))
    func `one kind tells a scope, never the sum, whoever is silent and in whatever order`(seed: UInt64) throws {
        let fleet = MixedFleet(seed: seed, seconds: Self.seconds)
        var state = MeshState()
        var tellers: [(second: Double, kind: SourceKind?, rate: Double?)] = []
        var place = 0
        for second in 1..<Self.seconds {
            let now = MixedFleet.start.advanced(bySeconds: Double(second))
            while place < fleet.events.count, fleet.events[place].at <= now {
                state.apply(fleet.events[place])
                place += 1
            }
            for scope in [state.edges[MixedFleet.shared], state.services["front"]].compactMap(\.self) {
                let kinds = Set(scope.sources.map { state.sources[$0]?.report.kind })
                #expect(kinds.count <= 1, "after \(second) s: \(scope.sources)")
                let sample = scope.sample(until: now)
                #expect(sample?.requestRate.map { $0 <= Double(fleet.rate) * 1.1 } ?? true, "after \(second) s")
                let kind = scope.source.flatMap { state.sources[$0]?.report.kind }
                tellers.append((Double(second), kind, sample?.requestRate))
            }
        }
        try check(tellers, fleet)
        #expect(state.edges[MixedFleet.alone]?.sources == ["prometheus"])
        #expect(state.edges[MixedFleet.alone]?.lastRound?.requestRate.map { abs($0 - 7) < 1 } == true)
    }

    /// The Envoys are right while they are heard; the Prometheus stands in once they are overdue.
    private func check(
        _ tellers: [(second: Double, kind: SourceKind?, rate: Double?)], _ fleet: MixedFleet
    ) throws {
        let whole = Double(fleet.rate)
        for (second, kind, rate) in tellers where second > 20 {
            if second < fleet.silence.lowerBound || second > fleet.silence.upperBound + 3 {
                #expect(kind == .envoy, "at \(second) s, silent \(fleet.silence)")
            }
            let isSteady = second < fleet.silence.lowerBound || second > fleet.silence.upperBound + 8
            if isSteady {
                #expect(rate.map { abs($0 - whole) < whole * 0.15 } == true, "\(second) s: \(String(describing: rate))")
            }
            let due = fleet.silence.lowerBound + 3 + fleet.interval + 1
            if second > due, second < fleet.silence.upperBound,
                !fleet.otherSilence.overlaps(due - fleet.interval - 1...second)
            {
                #expect(
                    kind == .prometheus,
                    "at \(second) s, silent \(fleet.silence), other \(fleet.otherSilence), every \(fleet.interval)")
                #expect(rate.map { abs($0 - whole) < whole * 0.15 } == true)
            }
        }
    }

    @Test func `a source with a pace of its own is not stale between two scrapes, and is after three`() throws {
        let fleet = MixedFleet(seed: 3, seconds: 120)
        var state = MeshState()
        for event in fleet.events { state.apply(event) }
        let scope = try #require(state.edges[MixedFleet.alone])
        let heard = try #require(scope.heardAt)
        #expect(!state.isStale(scope, at: heard.advanced(bySeconds: 2.9 * fleet.interval)))
        #expect(state.isStale(scope, at: heard.advanced(bySeconds: max(3, 3 * fleet.interval) + 0.1)))
    }

    /// It came last, so that a new adapter's figures were never seen beside a Prometheus.
    @Test func `a kind that is not known here stands before a Prometheus and behind all others`() {
        let toy = SourceKind(rawValue: "toy")
        #expect(toy.tellsTraffic && toy.distance < SourceKind.prometheus.distance)
        for known in [SourceKind.envoy, .sidecar, .istio, .toxiproxy] { #expect(known.distance < toy.distance) }
    }

    @Test func `a nearer source that has nothing to say yet takes nothing away`() {
        var state = MeshState()
        var number: UInt64 = 0
        func tell(_ observation: Observation, at seconds: Double) {
            number += 1
            state.apply(
                Event(number: number, at: MixedFleet.start.advanced(bySeconds: seconds), observation: observation))
        }
        func traffic(_ source: String, _ sample: TrafficSample?) -> Observation {
            .traffic(
                TrafficReport(
                    source: source, service: "front", inbound: sample, outbound: [.init(to: "pay", sample: sample)]))
        }
        for (name, kind) in [("front", SourceKind.envoy), ("prometheus", .prometheus)] {
            tell(.source(SourceReport(name: name, kind: kind, endpoint: "", service: nil, state: .fresh)), at: 0)
        }
        var sample = TrafficSample(seconds: 1)
        sample.completed = 50
        tell(traffic("prometheus", sample), at: 1)
        tell(traffic("front", nil), at: 1.5)
        #expect(state.edges[MixedFleet.shared]?.source == "prometheus")
        tell(traffic("front", sample), at: 2.5)
        #expect(state.edges[MixedFleet.shared]?.sources == ["front"])
    }

    private func silence(_ ages: [Double], interval: Double? = nil) -> Double? {
        var state = MeshState()
        for (place, age) in ages.enumerated() {
            let report = SourceReport(
                name: "\(place)", kind: .envoy, endpoint: "", service: nil, state: .fresh,
                interval: place == 0 ? interval : nil)
            state.sources[report.name] = MeshState.SourceStatus(
                report: report, heardAt: MixedFleet.start.advanced(bySeconds: -age))
        }
        return state.silence(at: MixedFleet.start)
    }

    @Test func `it is silent where more than half of the sources are`() {
        #expect(silence([]) == nil)
        #expect(silence([51]) == 51)
        #expect(silence([51, 1]) == 1)
        #expect(silence([51, 50, 1]) == 50, "two of three")
        #expect(silence([51, 1, 1]) == 1)
        #expect(silence([51, 40, 30, 1]) == 30)
        #expect(silence([20], interval: 15) == 5, "due for five seconds")
    }
}
