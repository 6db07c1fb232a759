import MeshModel
import Testing

@testable import DemoMesh

@Suite struct EnvoyBootstrapTests {
    private let layout = MeshLayout(of: .bar, base: 21_000)

    private func resources(of instance: String, isServed: Bool = true) throws -> SidecarResources {
        let place = try #require(layout.places.first { $0.name == instance })
        return SidecarResources(
            place: place, mesh: .bar, layout: layout, certificates: "/certificates", isServed: isServed)
    }

    @Test func `the bar's ports are all different and inside one block`() {
        let ports = layout.ports
        #expect(Set(ports).count == ports.count)
        #expect(ports.allSatisfy { (21_001..<22_000).contains($0) })
        #expect(layout.place(of: "door")?.admin == 21_001)
        #expect(layout.place(of: "cellar")?.admin == 21_010)
    }

    @Test func `a sidecar begins with who it is and whom to ask, and nothing else`() throws {
        let place = try #require(layout.places.first { $0.name == "cellar-2" })
        let document = EnvoyBootstrap(place: place, control: "/run/mesh.sock").document
        #expect(document["node"]?["id"] == "cellar-2" && document["node"]?["locality"]?["zone"] == "next door")
        #expect(document["static_resources"]?["listeners"] == nil)
        #expect(document["dynamic_resources"]?["lds_config"]?["api_config_source"]?["cluster_names"] == ["local_xds"])
        #expect(document.text.contains("/run/mesh.sock"))
    }

    @Test(arguments: MeshPlan.bar.services.map(\.name))
    func `has a listener for requests, for health checks, and for each callee`(service: String) throws {
        let listeners = try resources(of: service).listeners
        let callees = try #require(MeshPlan.bar.service(service)).calls.map { "to_" + $0.to }
        #expect(listeners.compactMap { $0["name"]?.string } == ["in", "hc"] + callees)
        #expect(listeners.allSatisfy { $0["enable_reuse_port"] == false })
        #expect(listeners.map { $0["stat_prefix"]?.string } == listeners.map { $0["name"]?.string })
    }

    @Test func `every fault has keys of its edge`() throws {
        let text = JSON.array(try resources(of: "bar").listeners).text
        let keys =
            ["abort_pct", "abort_status", "delay_pct", "delay_ms", "max_active"]
            + EnvoyBootstrap.rateSteps.map { "rl_\($0)_pct" }
        for prefix in ["in", "edge.menu", "edge.taps", "edge.kitchen", "edge.tab"] {
            for key in keys { #expect(text.contains("\"\(prefix).\(key)\""), "\(prefix).\(key)") }
        }
    }

    @Test func `health checks go to a listener without faults, and need no certificate`() throws {
        let resources = try resources(of: "taps")
        let cellar = try #require(resources.clusters.first { $0["name"] == "cellar" })
        let hosts = try #require(resources.endpoints(of: "cellar"))["endpoints"]?.array ?? []
        let checked = hosts.first?["lb_endpoints"]?.array?.first?["endpoint"]
        let place = try #require(layout.place(of: "cellar"))
        #expect(checked?["health_check_config"]?["port_value"]?.integer == Int64(place.health))
        #expect(checked?["address"]?["socket_address"]?["port_value"]?.integer == Int64(place.inbound))
        #expect(cellar["health_checks"]?.array?.first?["transport_socket_match_criteria"]?["plain"] == true)
    }

    @Test func `the second cellar is for when nothing is left of the first`() throws {
        let hosts = try #require(try resources(of: "kitchen-3").endpoints(of: "cellar"))["endpoints"]?.array ?? []
        #expect(hosts.map { $0["priority"] } == [0, 1])
        #expect(hosts.map { $0["locality"]?["zone"] } == ["here", "next door"])
        #expect(hosts.allSatisfy { $0["lb_endpoints"]?.array?.count == 1 })
    }

    @Test func `who asks for the canary gets it, and of the others so many as the policy says`() throws {
        var resources = try resources(of: "bar")
        try resources.policy.set("bar>taps/shift", to: "2500", in: .bar, layout)
        let routes =
            try #require(resources.routes(of: "to_taps"))["virtual_hosts"]?.array?.first?["routes"]?.array ?? []
        #expect(routes.count == 2)
        #expect(routes[0]["match"]?["headers"]?.array?.first?["name"] == "x-canary")
        let version = { (json: JSON) in json["metadata_match"]?["filter_metadata"]?["envoy.lb"]?["version"] }
        #expect(routes[0]["route"].flatMap(version) == "v2")
        let parts = routes[1]["route"]?["weighted_clusters"]?["clusters"]?.array ?? []
        #expect(parts.map { $0["weight"] } == [7_500, 2_500] && parts.map(version) == ["v1", "v2"])
    }

    @Test func `what is asked changes its edge and no other, and nothing that makes no sense is taken`() throws {
        var policy = MeshPolicy()
        try policy.set("tab>till/retries", to: "5", in: .bar, layout)
        try policy.set("taps>cellar/deadline", to: "30", in: .bar, layout)
        try policy.set("kitchen-2/drain", to: "1", in: .bar, layout)
        try policy.set("bar>menu/expire", to: "1", in: .bar, layout)
        func text(_ instance: String, _ listener: String) throws -> String {
            var resources = try resources(of: instance)
            resources.policy = policy
            return try #require(resources.routes(of: listener)).text
        }
        #expect(try text("tab", "to_till").contains("\"num_retries\":5"))
        #expect(try text("taps-2", "to_cellar").contains("\"timeout\":\"0.03s\""))
        #expect(try text("kitchen", "to_cellar").contains("\"timeout\":\"0.6s\""))
        var bar = try resources(of: "bar")
        bar.policy = policy
        let kitchens = try #require(bar.endpoints(of: "kitchen")).text
        #expect(kitchens.ranges(of: "DRAINING").count == 1)
        let identities = bar.clusters.map { $0["transport_socket"]?.text.contains("\"expired\"") ?? false }
        #expect(identities.count { $0 } == 1)
        try policy.set("tab>till/retries", to: "", in: .bar, layout)
        #expect(policy.value(.retries, at: "tab>till") == nil)
        for (key, value) in [
            ("tab>till/retries", "11"), ("tab>till/retries", "x"), ("tab>cellar/retries", "1"), ("tab>till/drain", "1"),
            ("kitchen-4/drain", "1"), ("retries", "1"), ("tab>till/nonsense", "1"),
        ] {
            #expect(throws: MeshPolicy.Mistake.self, "\(key)=\(value)") {
                try policy.set(key, to: value, in: .bar, layout)
            }
        }
    }

    @Test func `everybody shows a certificate but the customers`() throws {
        func isSecured(_ instance: String) throws -> Bool {
            try resources(of: instance).listeners[0].text.contains("\"require_client_certificate\":true")
        }
        #expect(try !isSecured("door"))
        for place in layout.places where place.service != "door" { #expect(try isSecured(place.name)) }
        #expect(try resources(of: "bar").clusters.map(\.text).joined().contains("spiffe://the-bar/taps"))
    }

    @Test func `the printed example is the whole configuration`() throws {
        let text = try #require(EnvoyBootstrap.example(of: "tab"))
        #expect(EnvoyBootstrap.example(of: "nobody") == nil)
        try expectGolden(text, "tab-envoy.yaml")
    }
}
