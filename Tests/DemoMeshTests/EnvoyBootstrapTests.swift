import MeshModel
import Testing

@testable import DemoMesh

@Suite struct EnvoyBootstrapTests {
    private let layout = MeshLayout(of: .bar, base: 21_000)

    @Test func `the bar's ports are all different and inside one block`() {
        let ports = layout.ports
        #expect(Set(ports).count == ports.count)
        #expect(ports.allSatisfy { (21_001..<22_000).contains($0) })
        #expect(layout.place(of: "door")?.admin == 21_001)
    }

    @Test(arguments: MeshPlan.bar.services.map(\.name))
    func `has a listener for requests, for health checks, and for each callee`(service: String) throws {
        let bootstrap = try #require(EnvoyBootstrap(service: service, of: .bar, at: layout))
        let listeners = bootstrap.document["static_resources"]?["listeners"]?.array ?? []
        let names = listeners.compactMap { $0["name"]?.string }
        let callees = try #require(MeshPlan.bar.service(service)).calls.map { "to_" + $0.to }
        #expect(names == ["in", "hc"] + callees)
        #expect(listeners.allSatisfy { $0["enable_reuse_port"] == false })
        #expect(listeners.map { $0["stat_prefix"]?.string } == listeners.map { $0["name"]?.string })
    }

    @Test func `every fault has keys of its edge`() throws {
        let text = try #require(EnvoyBootstrap(service: "bar", of: .bar, at: layout)).document.text
        let keys =
            ["abort_pct", "abort_status", "delay_pct", "delay_ms", "max_active"]
            + EnvoyBootstrap.rateSteps.map { "rl_\($0)_pct" }
        for prefix in ["in", "edge.menu", "edge.taps", "edge.kitchen", "edge.tab"] {
            for key in keys { #expect(text.contains("\"\(prefix).\(key)\""), "\(prefix).\(key)") }
        }
    }

    @Test func `health checks go to a listener without faults`() throws {
        let document = try #require(EnvoyBootstrap(service: "taps", of: .bar, at: layout)).document
        let clusters = document["static_resources"]?["clusters"]?.array ?? []
        let cellar = try #require(clusters.first { $0["name"] == "cellar" })
        let checked = cellar["load_assignment"]?["endpoints"]?.array?.first?["lb_endpoints"]?.array?.first?["endpoint"]
        let place = try #require(layout.place(of: "cellar"))
        #expect(checked?["health_check_config"]?["port_value"]?.integer == Int64(place.health))
        #expect(checked?["address"]?["socket_address"]?["port_value"]?.integer == Int64(place.inbound))
    }

    @Test func `the printed example is the whole configuration`() throws {
        let text = try #require(EnvoyBootstrap.example(of: "tab"))
        #expect(EnvoyBootstrap.example(of: "nobody") == nil)
        try expectGolden(text, "tab-envoy.yaml")
    }
}
