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
        #expect(found.last == "orders answered is broken for 10 s")
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
        #expect(found == [nil, nil, nil, nil, nil, nil, "the newest data is 6 s old"])
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
                == "orders answered has 16.7 % of its budget left, below 50 %")
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
