import MeshModel
import Testing

@testable import Dashboard

/// Idle is only who is looked at.
@Suite struct AbsenceTests {
    @Test func `a callee without a proxy and one that is unreachable are not idle`() {
        let now = BarDay.start
        var sample = TrafficSample(seconds: 1)
        sample.completed = 30
        func source(_ name: ServiceName, _ state: SourceState) -> Observation {
            .source(
                SourceReport(
                    name: name.text, kind: .envoy, endpoint: "http://127.0.0.1:1", service: name, state: state))
        }
        let report = TrafficReport(
            source: "bar", service: "bar", inbound: sample,
            outbound: [TrafficReport.Outbound(to: "db", sample: sample)])
        var mesh = MeshState()
        let observations = [
            source("bar", .fresh), source("cart", .unreachable), source("menu", .fresh), .traffic(report),
        ]
        for (place, observation) in observations.enumerated() {
            mesh.apply(Event(number: UInt64(place) + 1, at: now, observation: observation))
        }
        let readings = Readings(of: mesh, at: now)
        #expect(Look.word(readings["db"]) == "no proxy")
        #expect(Look.word(readings["cart"]) == "no data")
        #expect(Look.word(readings["menu"]) == "idle")
        #expect(Look.word(readings["bar"]) == "ok")
    }
}
