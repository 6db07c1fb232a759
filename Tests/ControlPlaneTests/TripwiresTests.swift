import MeshModel
import Testing

@testable import ControlPlane

@Suite struct TripwiresTests {
    private let objective = Objective(name: "orders answered", service: "bar", indicator: .success(target: 0.99))

    /// A day in which the bar answers, second by second, with these shares of errors; nil is a silence.
    private func day(_ errors: [UInt64?], guards: [Guard], isFaulty: Bool = true) -> [(MeshState, Timestamp)] {
        let session = Session(
            id: "s", name: "the bar", mode: .live, startedAt: at(0), objectives: [objective], guards: guards)
        var state = MeshState()
        var number: UInt64 = 0
        func tell(_ observation: Observation, _ time: Timestamp) {
            number += 1
            state.apply(Event(number: number, at: time, observation: observation))
        }
        tell(.session(session), at(0))
        tell(.source(SourceReport(name: "bar", kind: .envoy, endpoint: "u", service: "bar", state: .fresh)), at(0))
        if isFaulty {
            tell(
                .fault(
                    Fault(
                        id: "F1", kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 1, by: "anna",
                        requestedAt: at(0), leaseEnds: at(1), phase: .active)), at(0))
        }
        return errors.enumerated().map { second, errors in
            let time = at(Int64(second + 1) * 1000)
            if let errors {
                var sample = TrafficSample(seconds: 1)
                sample.completed = 100
                sample.answers5xx = errors
                tell(.traffic(TrafficReport(source: "bar", service: "bar", inbound: sample, outbound: [])), time)
            }
            return (state, time)
        }
    }

    private func reasons(_ day: [(MeshState, Timestamp)]) -> [String?] {
        day.map { Tripwires.reasonToHalt($0.0, at: $0.1) }
    }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func `An objective that is broken for long enough halts, and one that recovers does not`() {
        let rule = Guard.broken(objective: "orders answered", seconds: 10)
        // Broken for nine seconds, whole again for long enough, and broken anew.
        let errors: [UInt64?] = Array(repeating: 50, count: 5) + Array(repeating: 0, count: 8) + [50, 50]
        // Without traffic it is not known to hold again.
        let silence: [UInt64?] = Array(repeating: nil, count: 7) + [50, 50]
        let found = reasons(day(errors + silence, guards: [rule]))
        #expect(found.dropLast().allSatisfy { $0 == nil })
        #expect(found.last == "orders answered has been broken for 10 s")
    }

    @Test func `Nothing halts without an active fault`() {
        let rules: [Guard] = [
            .broken(objective: "orders answered", seconds: 0), .stale(seconds: 1),
            .budget(objective: "orders answered", floor: 1),
        ]
        #expect(reasons(day([50, 50, nil, nil, nil], guards: rules, isFaulty: false)).allSatisfy { $0 == nil })
        #expect(reasons(day([50, 50, nil, nil, nil], guards: rules)).allSatisfy { $0 != nil })
    }

    @Test func `Being blind for long enough halts`() {
        let found = reasons(day([0, nil, nil, nil, nil, nil, nil], guards: [.stale(seconds: 5)]))
        #expect(found == [nil, nil, nil, nil, nil, nil, "the proxy was stale for 6 s"])
    }

    /// A fault that stood for some seconds of the day, and perhaps still stands.
    private func fault(_ id: String, from start: Int64, to end: Int64? = nil) -> Observation {
        var fault = Fault(
            id: id, kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 1, by: "anna",
            requestedAt: at(start * 1000), leaseEnds: at(600_000), phase: end == nil ? .active : .reverted)
        fault.acceptedAt = at(start * 1000)
        fault.endedAt = end.map { at($0 * 1000) }
        return .fault(fault)
    }

    @Test func `Faults that were active for too long in all halt, however many they were`() {
        let rule = Guard.duration(seconds: 10)
        var state = MeshState()
        var number: UInt64 = 0
        func tell(_ observation: Observation, _ second: Int64) {
            number += 1
            state.apply(Event(number: number, at: at(second * 1000), observation: observation))
        }
        let session = Session(id: "s", name: "the bar", mode: .live, startedAt: at(0), guards: [rule])
        tell(.session(session), 0)
        // Six seconds, of which two faults share three, and then half a minute of rest.
        tell(fault("F1", from: 1, to: 5), 5)
        tell(fault("F2", from: 2, to: 7), 7)
        #expect(state.reading(of: rule, at: at(40_000)).value == 6)
        tell(fault("F3", from: 40), 40)
        #expect(Tripwires.reasonToHalt(state, at: at(43_900)) == nil)
        #expect(
            Tripwires.reasonToHalt(state, at: at(44_000)) == "faults were active for 10 s; the limit is 10 s")
        // A dial confirms the fault anew, and it was there all the while.
        var dialled = state.faults[2]
        dialled.acceptedAt = at(43_000)
        tell(.fault(dialled), 43)
        #expect(state.reading(of: rule, at: at(44_000)).value == 10)
        // What was before a rearm counts no more, nor does for a run what was before it.
        #expect(state.reading(of: rule, at: at(44_000), since: at(42_000)).value == 2)
        tell(.halt(Halt(isLatched: false, by: "anna", reason: "rearmed")), 43)
        #expect(state.reading(of: rule, at: at(44_000)).value == 1)
    }

    @Test func `Too large a share of what enters halts when it is hit, and not when it is only asked for`() {
        let rule = Guard.blastRadius(share: 0.3)
        func day(hits: UInt64, entrance: ServiceName? = "door") -> MeshState {
            var state = MeshState()
            var session = Session(id: "s", name: "the bar", mode: .live, startedAt: at(0), guards: [rule])
            session.entrance = entrance
            var inbound = TrafficSample(seconds: 1)
            inbound.completed = 100
            var outbound = TrafficSample(seconds: 1)
            outbound.completed = 80
            outbound.abortsInjected = hits
            let report = TrafficReport(
                source: "door", service: "door", inbound: inbound,
                outbound: [TrafficReport.Outbound(to: "bar", sample: outbound)])
            let told: [Observation] = [
                .session(session),
                .source(SourceReport(name: "door", kind: .envoy, endpoint: "u", service: "door", state: .fresh)),
                fault("F1", from: 0), .traffic(report),
            ]
            for (number, observation) in told.enumerated() {
                state.apply(Event(number: UInt64(number + 1), at: at(1000), observation: observation))
            }
            return state
        }
        #expect(Tripwires.reasonToHalt(day(hits: 0), at: at(1000)) == nil)
        #expect(Tripwires.reasonToHalt(day(hits: 30), at: at(1000)) == nil)
        #expect(
            Tripwires.reasonToHalt(day(hits: 31), at: at(1000))
                == "31% of the requests at the entry point are hit; the limit is 30%")
        #expect(day(hits: 31, entrance: nil).reading(of: rule, at: at(1000)).value == nil)
    }

    @Test func `A budget below its floor halts`() {
        let rule = Guard.budget(objective: "orders answered", floor: 0.5)
        var broken = day([0, 0, 50], guards: [rule])
        // A hundred requests a second for thirty days, one in a hundred of which may fail: half of that is far away.
        #expect(reasons(broken).allSatisfy { $0 == nil })
        let hour = Objective(
            name: "orders answered", service: "bar", indicator: .success(target: 0.99), window: 60)
        broken = day([0, 0, 50], guards: [rule])
        var state = broken[2].0
        state.session?.objectives = [hour]
        state.watch.tracks[hour] = state.watch.tracks[objective]
        #expect(
            Tripwires.reasonToHalt(state, at: broken[2].1)
                == "orders answered has 16.7% of its error budget left, less than 50%")
    }
}

@Suite struct WatchersTests {
    @Test func `A dashboard that comes back in time is not missed, one that leaves is not either`() {
        let mesh = FakeMesh([])
        let watchers = Watchers(clock: mesh.clock)
        watchers.began("one")
        watchers.began("two")
        watchers.ended("one")
        watchers.left("two")
        watchers.ended("two")
        mesh.advance(.seconds(1))
        #expect(watchers.takeLost().lost.isEmpty)
        watchers.began("one")
        mesh.advance(.seconds(5))
        #expect(watchers.takeLost() == ([], true))
    }

    @Test func `A dashboard that stays away is told lost once, and whether it was the last`() {
        let mesh = FakeMesh([])
        let watchers = Watchers(clock: mesh.clock)
        watchers.began("one")
        watchers.began("two")
        watchers.ended("one")
        mesh.advance(.seconds(2))
        #expect(watchers.takeLost() == (["one"], true))
        #expect(watchers.takeLost() == ([], true))
        // A second connection of the same dashboard counts until the last is gone.
        watchers.began("two")
        watchers.ended("two")
        mesh.advance(.seconds(5))
        #expect(watchers.takeLost() == ([], true))
        watchers.ended("two")
        mesh.advance(.seconds(2))
        #expect(watchers.takeLost() == (["two"], false))
    }
}
