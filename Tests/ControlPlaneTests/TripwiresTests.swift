import MeshModel
import Testing

@testable import ControlPlane

@Suite struct TripwiresTests {
    private let objective = Objective(name: "orders answered", service: "bar", indicator: .success(target: 0.99))

    /// A state in which the bar answers with this share of errors, and a fault is active or not.
    private func state(errors: UInt64?, at milliseconds: Int64, isFaulty: Bool = true) -> MeshState {
        var state = MeshState()
        let session = Session(
            id: "s", name: "the bar", mode: .live, startedAt: Timestamp(milliseconds: 0), objectives: [objective])
        var observations: [Observation] = [
            .session(session),
            .source(SourceReport(name: "bar", kind: .envoy, endpoint: "u", service: "bar", state: .fresh)),
        ]
        if let errors {
            var sample = TrafficSample(seconds: 1)
            sample.completed = 100
            sample.answers5xx = errors
            observations.append(
                .traffic(TrafficReport(source: "bar", service: "bar", inbound: sample, outbound: [])))
        }
        if isFaulty {
            observations.append(
                .fault(
                    Fault(
                        id: "F1", kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 1, by: "anna",
                        requestedAt: Timestamp(milliseconds: 0), leaseEnds: Timestamp(milliseconds: 1), phase: .active)
                ))
        }
        for (number, observation) in observations.enumerated() {
            state.apply(
                Event(
                    number: UInt64(number + 1), at: Timestamp(milliseconds: milliseconds), observation: observation))
        }
        return state
    }

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: milliseconds) }

    @Test func `An objective that is broken for long enough halts, and one that recovers does not`() {
        var wires = Tripwires([.broken(objective: "orders answered", seconds: 10)])
        #expect(wires.reasonToHalt(state(errors: 50, at: 1000), at: at(1000)) == nil)
        #expect(wires.reasonToHalt(state(errors: 0, at: 6000), at: at(6000)) == nil)
        #expect(wires.reasonToHalt(state(errors: 50, at: 7000), at: at(7000)) == nil)
        #expect(wires.reasonToHalt(state(errors: 50, at: 12000), at: at(12000)) == nil)
        // Without traffic it is not known to hold again.
        #expect(wires.reasonToHalt(state(errors: nil, at: 14000), at: at(14000)) == nil)
        let reason = wires.reasonToHalt(state(errors: 50, at: 17000), at: at(17000))
        #expect(reason == "orders answered is broken for 10 s")
    }

    @Test func `Nothing halts without an active fault`() {
        var wires = Tripwires([.broken(objective: "orders answered", seconds: 0), .stale(seconds: 1)])
        #expect(wires.reasonToHalt(state(errors: 50, at: 1000, isFaulty: false), at: at(9000)) == nil)
    }

    @Test func `Being blind for long enough halts`() {
        var wires = Tripwires([.stale(seconds: 5)])
        #expect(wires.reasonToHalt(state(errors: 0, at: 1000), at: at(6000)) == nil)
        #expect(wires.reasonToHalt(state(errors: 0, at: 1000), at: at(6100)) == "the newest data is 5.1 s old")
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
