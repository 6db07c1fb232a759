import MeshModel
import TestKit
import Testing

@Suite struct FoldTests {
    private let start = Timestamp(milliseconds: 1_764_000_000_000)

    private func traffic(_ number: UInt64, at seconds: Double, completed: UInt64, failed: UInt64 = 0) -> Event {
        var sample = TrafficSample(seconds: 1)
        sample.completed = completed
        sample.answers5xx = failed
        let report = TrafficReport(
            source: "door", service: "door", inbound: sample,
            outbound: [TrafficReport.Outbound(to: "bar", sample: sample)])
        return Event(number: number, at: start.advanced(bySeconds: seconds), observation: .traffic(report))
    }

    private func fold(_ events: [Event]) -> MeshState {
        var state = MeshState()
        for event in events { state.apply(event) }
        return state
    }

    @Test(arguments: SeededGenerator.seeds(30))
    func `folding a day in two halves is folding it whole`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let day = generator.day(events: 250)
        let cut = generator.int(in: 1...day.count - 1)
        let half = fold(Array(day[..<cut]))
        var resumed = MeshState()
        let last = day[cut - 1]
        resumed.apply(Event(number: last.number, at: last.at, observation: .keyframe(half)))
        for event in day[cut...] { resumed.apply(event) }
        #expect(resumed == fold(day))
    }

    @Test(arguments: SeededGenerator.seeds(30))
    func `events told twice or late change nothing`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let day = generator.day(events: 200)
        var state = MeshState()
        for (index, event) in day.enumerated() {
            state.apply(event)
            state.apply(event)
            state.apply(day[generator.int(in: 0...index)])
        }
        #expect(state == fold(day))
    }

    @Test func `what is kept is bounded however long the day is`() throws {
        var state = MeshState()
        for second in 0..<2000 {
            state.apply(traffic(UInt64(2 * second + 1), at: Double(second), completed: 40))
            let note = Note(by: "a", text: "\(second)")
            state.apply(
                Event(
                    number: UInt64(2 * second + 2), at: start.advanced(bySeconds: Double(second)),
                    observation: .note(note)))
        }
        let scope = try #require(state.services["door"])
        #expect(scope.series.count <= ScopeState.keptPoints && scope.series.count > ScopeState.keptPoints / 2)
        #expect(scope.recent.count == Int(ScopeState.keptSeconds))
        #expect(state.timeline.count <= MeshState.keptEntries)
        #expect(state.timeline.last?.text == "a: 1999")
    }

    @Test func `a clock set back keeps neither old samples nor a wrong window`() throws {
        var state = MeshState()
        for second in 0..<20 { state.apply(traffic(UInt64(second + 1), at: 3600 + Double(second), completed: 40)) }
        for second in 0..<20 { state.apply(traffic(UInt64(second + 21), at: Double(second), completed: 10)) }
        let now = start.advanced(bySeconds: 19)
        let scope = try #require(state.services["door"])
        #expect(scope.sample(until: now)?.requestRate == 10)
        #expect(scope.recent.count == Int(ScopeState.keptSeconds))
        #expect(scope.age(at: start) == 0)
    }

    @Test func `a window sums its samples and a gap is no zero`() throws {
        let state = fold((0..<4).map { traffic(UInt64($0 + 1), at: Double($0), completed: 10 * UInt64($0)) })
        let scope = try #require(state.services["door"])
        let now = start.advanced(bySeconds: 3)
        #expect(scope.sample(until: now)?.completed == 60)
        #expect(scope.sample(over: 2, until: now)?.completed == 50)
        #expect(scope.sample(until: now.advanced(bySeconds: 30)) == nil)
        #expect(scope.sample(since: start.advanced(bySeconds: 1))?.completed == 50)
        #expect(scope.sample(since: now) == nil)
        var silent = state
        let report = TrafficReport(source: "door", service: "door", inbound: nil, outbound: [])
        silent.apply(Event(number: 9, at: now.advanced(bySeconds: 1), observation: .traffic(report)))
        #expect(silent.services["door"]?.series == scope.series)
        #expect(silent.services["door"]?.heardAt == now.advanced(bySeconds: 1))
    }

    @Test func `the story tells an objective's crossings once`() throws {
        let objective = Objective(name: "answered", service: "door", indicator: .success(target: 0.9))
        let session = Session(id: "1", name: "bar", mode: .live, startedAt: start, objectives: [objective])
        var events = [Event(number: 1, at: start, observation: .session(session))]
        for second in 1...40 {
            let failed: UInt64 = (10..<20).contains(second) ? 20 : 0
            events.append(traffic(UInt64(second + 1), at: Double(second), completed: 40, failed: failed))
        }
        let told = fold(events).timeline.filter { $0.kind == .objective }
        #expect(told.map(\.text) == ["answered: BROKEN", "answered: met"])
        #expect(told.map(\.tone) == [.bad, .good])
    }

    @Test func `the story tells a fault's phases, each once, and keeps the faults in order`() {
        let edge = Edge(from: "door", to: "bar")
        var events: [Event] = []
        for (index, phase) in [FaultPhase.requested, .accepted, .active, .active, .reverted].enumerated() {
            let fault = Fault(
                id: "F1", kind: .abort(status: 503), edge: edge, share: 0.5, by: "ann", requestedAt: start,
                leaseEnds: start.advanced(bySeconds: 60), phase: phase)
            events.append(Event(number: UInt64(index + 1), at: start, observation: .fault(fault)))
        }
        let state = fold(events)
        #expect(state.faults.count == 1 && state.activeFaults.isEmpty)
        #expect(state.timeline.count == 4)
        #expect(state.timeline.first?.text == "F1 ABORT 503 50% on door>bar requested by ann")
    }

    @Test func `a halt is told with its proof and latches until rearmed`() {
        var state = MeshState()
        let halts = [
            Halt(isLatched: true, by: "ann", reason: "key"),
            Halt(isLatched: true, by: "ann", reason: "key", proofs: [Halt.Proof(source: "door", isClean: true)]),
            Halt(isLatched: false, by: "ann", reason: ""),
        ]
        for (index, halt) in halts.enumerated() {
            state.apply(Event(number: UInt64(index + 1), at: start, observation: .halt(halt)))
            #expect(state.isHalted == halt.isLatched)
        }
        #expect(
            state.timeline.map(\.text)
                == ["HALT by ann: key", "HALT: 1 of 1 proxies verified clean", "re-armed by ann"])
    }

    @Test func `the blast radius ends where the mesh goes round in circles`() {
        var state = MeshState()
        let calls = [("door", "bar"), ("bar", "taps"), ("taps", "bar"), ("taps", "taps"), ("taps", "door")]
        for (index, (from, to)) in calls.enumerated() {
            var sample = TrafficSample(seconds: 1)
            sample.completed = 10
            let report = TrafficReport(
                source: "\(from)\(index)", service: ServiceName(from), inbound: sample,
                outbound: [TrafficReport.Outbound(to: ServiceName(to), sample: sample)])
            state.apply(Event(number: UInt64(index + 2), at: start, observation: .traffic(report)))
        }
        state.session = Session(id: "1", name: "m", mode: .live, startedAt: start, entrance: "door")
        let radius = state.blastRadius(of: Edge(from: "bar", to: "taps"), share: 0.5, at: start)
        #expect(radius.edgeRate == 10 && radius.hitRate == 5 && radius.shareOfEntrance == 0.5)
        #expect(radius.upstream == ["bar", "door", "taps"])
        #expect(radius.downstream == ["taps", "bar", "door"])
        // What is done to the callee itself hits all who call it.
        let all = state.blastRadius(of: FaultKind("restart"), on: Edge(from: "bar", to: "taps"), share: 1, at: start)
        #expect(all.edgeRate == 20 && all.upstream == ["bar", "taps", "door"])
        #expect(all.felt[Edge(from: "taps", to: "taps")]?.rate == 10)
        let unknown = state.blastRadius(of: Edge(from: "x", to: "y"), share: 0.5, at: start)
        #expect(unknown.edgeRate == nil && unknown.shareOfEntrance == nil && unknown.upstream == ["x"])
    }

    @Test func `moments at the ends of time do not trap`() {
        let first = Timestamp(milliseconds: .min)
        let last = Timestamp(milliseconds: .max)
        #expect(first.seconds(since: last) < 0 && last.seconds(since: first) > 0)
        #expect(last.advanced(bySeconds: 1e300) == last && first.advanced(bySeconds: -.infinity) == first)
        #expect(last.advanced(bySeconds: .nan) == last)
        var state = MeshState()
        for (index, at) in [first, last, first, Timestamp(milliseconds: 0), last].enumerated() {
            var event = traffic(UInt64(index + 1), at: 0, completed: 1)
            event.at = at
            state.apply(event)
            _ = state.health(of: ServiceName("door"), at: at)
            _ = state.dataAge(at: first)
        }
        #expect(state.lastAt == last)
    }
}
