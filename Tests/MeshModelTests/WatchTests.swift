import MeshModel
import TestKit
import Testing

/// Budgets, baselines and stopwatches, as folds over a day.
@Suite struct WatchTests {
    private static let start = Timestamp(milliseconds: 1_764_000_000_000)
    private static let edge = Edge(from: "door", to: "bar")

    /// A day at one door with an objective of 99 %, told second by second.
    private struct Day {
        let objective: Objective
        var state = MeshState()
        var second = 0
        var number: UInt64 = 0

        init(_ objective: Objective) {
            self.objective = objective
            tell(.session(Session(id: "1", name: "m", mode: .live, startedAt: start, objectives: [objective])))
        }

        var now: Timestamp { start.advanced(bySeconds: Double(second)) }
        var track: ObjectiveTrack? { state.watch.tracks[objective] }
        var budget: BudgetReading { state.budget(of: objective, at: now) }

        mutating func tell(_ observation: Observation) {
            number += 1
            state.apply(Event(number: number, at: now, observation: observation))
        }

        mutating func run(
            _ seconds: Int, failed: UInt64 = 0, hits: UInt64 = 0, completed: UInt64 = 100, slow: UInt64 = 0,
            resets: UInt64 = 0
        ) {
            for _ in 0..<seconds {
                second += 1
                var sample = TrafficSample(seconds: 1)
                sample.completed = completed
                sample.answers5xx = failed
                sample.latency = LatencyHistogram([
                    .init(lower: 10, width: 1, count: completed), .init(lower: 400, width: 10, count: slow),
                ])
                var out = sample
                (out.abortsInjected, out.delaysInjected) = (hits, hits)
                out.resets = resets
                tell(
                    .traffic(
                        TrafficReport(
                            source: "door", service: "door", inbound: sample,
                            outbound: [TrafficReport.Outbound(to: "bar", sample: out)])))
            }
        }

        mutating func fault(
            _ id: String, _ phase: FaultPhase, _ kind: FaultKind = .abort(status: 503), share: Double = 0.5,
            accepted: Timestamp? = nil
        ) {
            var fault = Fault(
                id: id, kind: kind, edge: edge, share: share, by: "ann", requestedAt: now,
                leaseEnds: now.advanced(bySeconds: 600), phase: phase, sources: ["door"])
            fault.acceptedAt = accepted ?? (phase == .requested ? nil : now)
            tell(.fault(fault))
        }
    }

    private let objective = Objective(
        name: "answered", service: "door", indicator: .success(target: 0.99), window: 86_400)

    @Test func `burning at one for the whole window spends exactly the budget`() throws {
        let short = Objective(name: "a", service: "door", indicator: .success(target: 0.99), window: 200)
        var day = Day(short)
        day.run(100, failed: 1)
        #expect(abs(try #require(day.budget.left) - 0.5) < 1e-9)
        #expect(day.budget.burns.allSatisfy { abs(($0.rate ?? 0) - 1) < 1e-9 })
        #expect(abs(try #require(day.budget.secondsToExhaustion) - 100) < 1e-6)
        day.run(100, failed: 1)
        #expect(abs(try #require(day.budget.left)) < 1e-9)
        day.run(100, failed: 1)
        #expect(try #require(day.budget.left) < -0.4)
        #expect(day.budget.secondsToExhaustion == 0)
        let begun = Objective(
            name: "a", service: "door", indicator: .success(target: 0.99), window: 200, budgetAtStart: 0.4)
        var late = Day(begun)
        late.run(60, failed: 1)
        #expect(abs(try #require(late.budget.left) - 0.1) < 1e-9)
    }

    @Test func `windows of a burn forget what is older`() throws {
        var day = Day(objective)
        day.run(20, failed: 50)
        day.run(15)
        let burns = day.budget.burns.map { $0.rate ?? -1 }
        #expect(burns[0] == 0 && burns[1] > 20 && burns[2] > 20)
        day.run(60)
        #expect(day.budget.burns.map { $0.rate ?? -1 }[1] == 0)
        #expect(try #require(day.budget.burns[2].rate) > 5)
        day.second += 400
        #expect(day.budget.burns.allSatisfy { $0.rate == nil })
    }

    @Test func `an alarm wants both of its windows`() {
        var day = Day(objective)
        day.run(60)
        day.run(3, failed: 100)
        #expect(day.budget.alarm == nil)
        day.run(10, failed: 100)
        #expect(day.budget.alarm == .fast)
        day.run(13)
        #expect(day.budget.alarm == .slow)
        day.run(120)
        #expect(day.budget.alarm == nil)
        #expect(Day(objective).budget.alarm == nil)
    }

    @Test func `a spell has a baseline, a detection and a recovery`() throws {
        var day = Day(objective)
        day.run(30)
        #expect(day.track?.effect == nil)
        day.fault("F1", .requested)
        #expect(day.state.watch.spell == nil)
        day.fault("F1", .accepted)
        let begun = day.now
        let baseline = try #require(day.state.watch.spell?.baselines[.service("door")])
        #expect(baseline.success == Band(low: 1, middle: 1, high: 1) && baseline.rate?.middle == 100)
        #expect(day.state.watch.spell?.baselines[.edge(Self.edge)]?.p99?.high ?? 0 > 10)
        day.run(10, failed: 50, hits: 50)
        let detection = try #require(day.track?.effect?.detection)
        #expect(detection.fault == "F1" && detection.seconds == 1)
        #expect(abs(try #require(day.budget.spentByFaults) - 500 / 86_400) < 1e-9)
        day.fault("F1", .reverting, accepted: begun)
        #expect(day.state.watch.spell?.stoppedAt == day.now)
        day.run(4, failed: 20)
        #expect(day.track?.effect?.recoveredAt == nil)
        day.run(3)
        let stopped = try #require(day.state.watch.spell?.stoppedAt)
        #expect(try #require(day.track?.effect?.recoveredAt).seconds(since: stopped) == 5)
        let spent = day.budget.spentByFaults
        day.run(10, failed: 1)
        #expect((day.track?.effect?.after?.bad ?? 0) == 580 && (spent ?? 0) > 0)
    }

    @Test func `an objective bound to another quantile has values, a band and a recovery of its own`() throws {
        let own = Objective(name: "quick", service: "door", indicator: .latency(quantile: 0.95, limit: 300))
        var day = Day(own)
        day.run(30, slow: 2)
        #expect(day.track?.values.count == 30)
        #expect(day.track?.values.allSatisfy { $0.value ?? 0 > 10 && $0.value ?? 0 < 11 } == true)
        day.fault("F1", .accepted)
        let baseline = try #require(day.state.watch.spell?.baselines[.service("door")])
        let band = try #require(baseline.band(of: own.indicator))
        #expect(band.low > 10 && band.high < 11)
        // The p99 lay elsewhere, and no band stands for another quantile.
        #expect(try #require(baseline.p99).low > 400)
        #expect(baseline.band(of: .latency(quantile: 0.9, limit: 1)) == nil)
        day.run(5, slow: 20)
        #expect(day.state.verdicts[own] == false && day.track?.values.last?.value ?? 0 > 400)
        day.fault("F1", .reverted)
        day.run(4, slow: 2)
        #expect(day.track?.effect?.recoveredAt != nil)
        day.run(3, completed: 0)
        #expect(day.track?.values.suffix(3).allSatisfy { $0.value == nil } == true)
        day.run(400, slow: 2)
        #expect((day.track?.values.count ?? 0) <= ScopeState.keptPoints)
        let line = EventWire.line(Event(number: day.number, at: day.now, observation: .keyframe(day.state)))
        guard case .event(let event) = try EventWire.read(line), case .keyframe(let read) = event.observation else {
            Issue.record("no key frame")
            return
        }
        #expect(read.watch == day.state.watch)
        // Those that the charts of the service have are not kept twice.
        var usual = Day(Objective(name: "q", service: "door", indicator: .latency(quantile: 0.99, limit: 300)))
        usual.run(10)
        #expect(usual.track?.values.isEmpty == true)
    }

    @Test func `what follows before all is back belongs to the same spell`() throws {
        var day = Day(objective)
        day.run(30)
        day.fault("F1", .accepted)
        let first = day.state.watch.spell?.startedAt
        day.run(5, failed: 50)
        day.fault("F1", .reverted)
        day.run(2, failed: 50)
        day.fault("F2", .accepted)
        #expect(day.state.watch.spell?.startedAt == first && day.state.watch.spell?.stoppedAt == nil)
        #expect(day.state.watch.spell?.faults == ["F1", "F2"])
        day.fault("F2", .reverted)
        day.run(10)
        #expect(day.track?.effect?.recoveredAt != nil)
        day.fault("F3", .accepted)
        #expect(day.state.watch.spell?.faults == ["F3"])
        let band = try #require(day.state.watch.spell?.baselines[.service("door")]?.success)
        #expect(band.low == 1, "the last spell is no baseline")
    }

    @Test func `a fault that comes while it is broken detects nothing`() {
        var day = Day(objective)
        day.run(20, failed: 50)
        day.fault("F1", .accepted)
        day.run(10)
        day.run(10, failed: 50)
        #expect(day.track?.effect?.wasBroken == true && day.track?.effect?.detection == nil)
    }

    @Test func `each proxy tells what it saw of a fault, anew after every change of it`() throws {
        var day = Day(objective)
        day.run(5)
        day.fault("F1", .accepted)
        let accepted = day.now
        day.run(4, failed: 50, hits: 50)
        #expect(day.state.watch.sightings["F1"]?["door"] == SeenShare(hit: 200, requests: 400))
        day.fault("F1", .active, accepted: accepted)
        #expect(day.state.watch.sightings["F1"]?["door"]?.requests == 400)
        day.fault("F1", .accepted, share: 0.2)
        #expect(day.state.watch.sightings["F1"] == nil)
        #expect(day.state.timeline.last?.text == "F1 on door>bar changed from 50% to 20%")
        day.run(2, failed: 20, hits: 20)
        #expect(day.state.watch.sightings["F1"]?["door"] == SeenShare(hit: 40, requests: 200))
        day.fault("F1", .reverted)
        #expect(day.state.watch.sightings["F1"] == nil)
    }

    @Test(arguments: [(FaultKind.delay(milliseconds: 200), 800, 0.5), (.abort(status: 503), 400, 1)])
    func `requests whose caller did not wait are among those that a delay hit, and an abort is an answer`(
        kind: FaultKind, requests: UInt64, ratio: Double
    ) throws {
        var day = Day(objective)
        day.run(5)
        day.fault("F1", .accepted, kind)
        day.run(4, hits: 100, completed: 100, resets: 100)
        #expect(day.state.watch.sightings["F1"]?["door"] == SeenShare(hit: 400, requests: requests))
        let seen = try #require(day.state.faults.first.flatMap(day.state.seen))
        #expect(seen.ratio == ratio)
    }

    @Test func `after a halt the counters of a proxy are flat for so many polls`() {
        var day = Day(objective)
        day.run(3, hits: 50)
        day.tell(.halt(Halt(isLatched: true, by: "ann", reason: "key")))
        day.run(1, hits: 10)
        let proof = Halt.Proof(source: "door", isClean: true)
        day.tell(.halt(Halt(isLatched: true, by: "ann", reason: "key", proofs: [proof])))
        day.run(1, hits: 1)
        #expect(day.state.watch.flatPolls["door"] == 0)
        day.run(3)
        #expect(day.state.watch.flatPolls["door"] == 3)
        day.tell(.halt(Halt(isLatched: false, by: "ann", reason: "")))
        #expect(day.state.watch.flatPolls.isEmpty)
    }

    @Test(arguments: SeededGenerator.seeds(60))
    func `a budget never grows by requests, and never traps`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var state = MeshState()
        for event in generator.day(events: 300) {
            state.apply(event)
            for objective in state.session?.objectives ?? [] {
                let reading = state.budget(of: objective, at: event.at)
                let burns = reading.burns.compactMap(\.rate)
                #expect(burns.allSatisfy { $0 >= 0 && $0.isFinite })
                if let left = reading.left { #expect(left <= objective.budgetAtStart + 1e-9) }
                if let spent = reading.spentByFaults { #expect(spent >= 0) }
                if let time = reading.secondsToExhaustion { #expect(time >= 0) }
            }
            for track in state.watch.tracks.values {
                #expect(track.day.bad <= Double(track.day.requests) * (1 + 1e-9) + 1e-3)
            }
        }
    }
}
