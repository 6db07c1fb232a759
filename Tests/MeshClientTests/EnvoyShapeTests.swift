import MeshModel
import Testing

@testable import MeshClient

struct EnvoyShapeTests {
    @Test func `a front proxy of the tutorials is an entrance with an edge a cluster`() {
        let pages = EnvoyPages(
            listeners: [EnvoyPages.http("ingress_http", to: ["service1", "service2"])],
            clusters: [
                EnvoyPages.cluster("service1"), EnvoyPages.cluster("service2"), EnvoyPages.cluster("xds_cluster"),
            ], node: ["cluster": "test-cluster", "id": "test-id"])
        let shape = pages.shape()
        #expect(shape.service.value == "10.1.1.1:9901")
        #expect(shape.role.value == .frontProxy)
        #expect(shape.inbound.value == ["http.ingress_http"])
        #expect(shape.callees == ["service1", "service2"])
        #expect(shape.outgoing.map(\.measuredAt) == ["cluster.service1", "cluster.service2"])
        #expect(shape.leftOut.map(\.value) == ["cluster xds_cluster"])
        #expect(!shape.isPrepared)
    }

    @Test func `a sidecar with both ways under one prefix is counted at its clusters`() {
        let pages = EnvoyPages(
            listeners: [
                EnvoyPages.http("ingress_http", to: ["local_service"], port: 8000),
                EnvoyPages.http("ingress_http", to: ["backend_cluster"], port: 9000),
            ],
            clusters: [EnvoyPages.cluster("local_service", "127.0.0.1"), EnvoyPages.cluster("backend_cluster")],
            node: ["cluster": "web"])
        let shape = pages.shape()
        #expect(shape.service.value == "web")
        #expect(shape.role.value == .sidecar)
        #expect(shape.inbound.value == ["cluster.local_service"])
        #expect(shape.callees == ["backend"])
        #expect(shape.names.listeners.isEmpty)
    }

    @Test func `a pair of listeners tells what comes in and what goes out`() {
        let pages = EnvoyPages(
            listeners: [
                EnvoyPages.http("ingress_http", to: ["web"], direction: "INBOUND"),
                EnvoyPages.http("egress_http", to: ["cart", "pay"], direction: "OUTBOUND", port: 9000),
            ],
            clusters: [
                EnvoyPages.cluster("web", "127.0.0.1"), EnvoyPages.cluster("cart"), EnvoyPages.cluster("pay"),
                EnvoyPages.cluster("zipkin"),
            ], node: ["cluster": "shop", "id": "shop-1"])
        let shape = pages.shape()
        #expect(shape.role.value == .sidecar)
        #expect(shape.inbound.value == ["http.ingress_http"])
        #expect(shape.callees == ["cart", "pay"])
    }

    @Test func `names of Consul, Kuma and Istio are read as they are meant`() {
        func name(_ text: String) -> [String?] {
            let name = EnvoyClusterName(text)
            return [name.service, name.version, name.isLocal ? "local" : nil]
        }
        let consul = ".dc1.internal.0ee3a7b1-1111-2222-3333-444455556666.consul"
        #expect(name("db.default" + consul) == ["db", nil, nil])
        #expect(name("4f6a~v2.db.default" + consul) == ["db", "v2", nil])
        #expect(name("db.default.default" + consul) == ["db", nil, nil])
        #expect(name("db.default.east.external.0ee3.consul") == ["db.east", nil, nil])
        #expect(name("backend_kuma-demo_svc_3001") == ["backend.kuma-demo", nil, nil])
        #expect(name("backend_kuma-demo_svc_3001-1a2b3c") == ["backend.kuma-demo", "1a2b3c", nil])
        #expect(name("default_backend_kuma-demo_east_msvc_80") == ["backend.kuma-demo", nil, nil])
        #expect(name("mesh_demo-client__zone-3_msvc_3000") == ["demo-client", nil, nil])
        #expect(name("localhost:3000") == ["localhost:3000", nil, "local"])
        #expect(name("outbound|9080|v1|reviews.bookinfo.svc.cluster.local") == ["reviews.bookinfo", "v1", nil])
        #expect(name("outbound_.9080_._.reviews.bookinfo.svc.cluster.local") == ["reviews.bookinfo", nil, nil])
        #expect(name("outbound|443||api.example.org") == ["api.example.org", nil, nil])
        #expect(name("inbound|9080||")[2] == "local")
        #expect(name("service_google_cluster") == ["google", nil, nil])
        #expect(name("envoy_cluster2") == ["envoy_cluster2", nil, nil])
        #expect(name("service1-envoy") == ["service1", nil, nil])
        #expect(name("service") == ["service", nil, nil])
        #expect(name("local_app")[2] == "local")
        #expect(name("locations")[2] == nil)
        #expect(name("cart.shop") == ["cart.shop", nil, nil])
    }

    @Test func `a sidecar of Consul has an edge of its own for each upstream`() {
        let db = "db.default.dc1.internal.0ee3.consul"
        let pages = EnvoyPages(
            listeners: [
                EnvoyPages.http(
                    "public_listener", to: ["local_app"], direction: "INBOUND", name: "public_listener:10.0.0.1:20000"),
                EnvoyPages.http(
                    "upstream.db.default.default.dc1", to: [db], direction: "OUTBOUND", name: "db:127.0.0.1:9191"),
                EnvoyPages.http("envoy_prometheus_metrics", to: ["self_admin"], name: "envoy_metrics_listener"),
            ],
            clusters: [
                EnvoyPages.cluster(db), EnvoyPages.cluster("local_app", "127.0.0.1"),
                EnvoyPages.cluster("self_admin", "127.0.0.1", 19_000), EnvoyPages.cluster("local_agent", "127.0.0.1"),
            ], node: ["cluster": "web", "id": "web-sidecar-proxy"])
        let shape = pages.shape()
        #expect(shape.service.value == "web")
        #expect(shape.callees == ["db"])
        #expect(shape.outgoing.first?.measuredAt == "http.upstream.db.default.default.dc1")
        #expect(shape.inbound.value == ["http.public_listener"])
        #expect(
            shape.leftOut.map(\.value) == [
                "listener envoy_metrics_listener", "cluster local_agent", "cluster self_admin",
            ])
    }

    @Test func `the statistics of Istio's clusters end with a semicolon`() {
        let host = "reviews.bookinfo.svc.cluster.local"
        func cluster(_ subset: String) -> JSON {
            EnvoyPages.cluster(
                "outbound|9080|\(subset)|\(host)",
                plus: [JSON.Member("alt_stat_name", .string("outbound|9080|\(subset)|\(host);"))])
        }
        let pages = EnvoyPages(
            listeners: [
                EnvoyPages.http(
                    "outbound_0.0.0.0_9080;", to: ["outbound|9080|v1|\(host)", "outbound|9080|v2|\(host)"],
                    direction: "OUTBOUND"),
                EnvoyPages.http("inbound_0.0.0.0_9080;", to: ["inbound|9080||"], direction: "INBOUND"),
            ],
            clusters: [
                cluster("v1"), cluster("v2"),
                EnvoyPages.cluster("inbound|9080||", plus: [JSON.Member("type", "ORIGINAL_DST")]),
                EnvoyPages.cluster("xds-grpc"), EnvoyPages.cluster("BlackHoleCluster"),
            ], node: ["cluster": "productpage.bookinfo", "id": "sidecar~10.1.1.1~productpage-v1-abc.bookinfo~x"])
        let shape = pages.shape()
        #expect(shape.service.value == "productpage.bookinfo")
        #expect(shape.callees == ["reviews.bookinfo"])
        #expect(shape.outgoing.first?.clusters.map(\.version) == ["v1", "v2"])
        #expect(shape.names.listeners["outbound_0.0.0.0_9080;"] == .edge(to: "reviews.bookinfo"))
        #expect(shape.names.clusters["outbound|9080|v1|\(host);"]?.scope == .edge(to: "reviews.bookinfo"))
        #expect(shape.inbound.value == ["http.inbound_0.0.0.0_9080;"])
    }

    @Test func `colons of names are what statistics make of them`() {
        #expect(EnvoyOutline.statName("db:127.0.0.1:9191") == "db_127.0.0.1_9191")
        #expect(EnvoyOutline.statName("http://a:/b") == "http_a_b")
    }

    @Test func `another protocol is connections and bytes`() {
        let pages = EnvoyPages(
            listeners: [EnvoyPages.tcp("postgres", to: "postgres_cluster")],
            clusters: [EnvoyPages.cluster("postgres_cluster")], node: ["cluster": "front"])
        #expect(pages.shape().callees == ["postgres tcp"])
    }

    @Test func `copies of requests, header choices and what leads anywhere are told apart`() {
        let mirrored: JSON = [
            "match": ["prefix": "/"],
            "route": ["cluster": "cart", "request_mirror_policies": [["cluster": "cart-next"]]],
        ]
        var pages = EnvoyPages(
            listeners: [EnvoyPages.http("egress_http", to: [], routes: [mirrored])],
            clusters: [
                EnvoyPages.cluster("cart"), EnvoyPages.cluster("cart-next"), EnvoyPages.cluster("unused"),
                EnvoyPages.cluster("anything", plus: [JSON.Member("type", "ORIGINAL_DST")]),
            ], node: ["cluster": "web"])
        #expect(pages.shape().callees == ["cart", "cart-next mirror"])
        pages.listeners.append(
            EnvoyPages.http("egress_too", to: [], routes: [["match": [:], "route": ["cluster_header": "x-to"]]]))
        #expect(pages.shape().callees == ["cart", "cart-next mirror", "unused"])
    }

    @Test func `a cluster that leads to another proxy is that proxy's service`() {
        let pages = EnvoyPages(
            listeners: [EnvoyPages.http("ingress_http", to: ["next"])],
            clusters: [EnvoyPages.cluster("next", "127.0.0.1", 8001)], node: ["cluster": "edge"])
        #expect(pages.shape().callees == ["next"])
        var neighbours = EnvoyNeighbours()
        neighbours.doors = [
            .init(
                service: "orders", source: "orders 2", host: "127.0.0.1", address: .init(address: "0.0.0.0", port: 8001)
            )
        ]
        #expect(pages.shape(neighbours: neighbours).callees == ["orders"])
        neighbours.add("next")
        #expect(pages.shape(neighbours: neighbours).callees == ["next"])
    }

    @Test func `rules of the settings name services, and make one the service itself`() {
        let pages = EnvoyPages(
            listeners: [EnvoyPages.http("ingress_http", to: ["be-cart-7", "xds_cluster"])],
            clusters: [EnvoyPages.cluster("be-cart-7"), EnvoyPages.cluster("xds_cluster")], node: ["id": "edge-77"])
        let rules = [
            EnvoyNameRule(match: "/^be-([a-z]+)-[0-9]+$/", service: "$1"),
            EnvoyNameRule(match: "edge-*", service: "edge"), EnvoyNameRule(match: "xds_*", service: "catalogue"),
        ]
        let shape = pages.shape(rules: rules)
        #expect(shape.service.value == "edge")
        #expect(shape.callees == ["cart", "catalogue"])
        #expect(EnvoyNameRule(match: "/(/", service: "x").mistake != nil)
        #expect(EnvoyNameRule(match: "a(b*", service: "x").mistake == nil)
        let own = pages.shape(rules: [EnvoyNameRule(match: "be-*", service: "edge-77")])
        #expect(own.role.value == .sidecar)
    }

    @Test func `without its listeners a proxy's clusters are its edges`() {
        let shape = EnvoyShape(
            EnvoyOutline([
                .hosts: ["cluster_statuses": [["name": "cart"], ["name": "zipkin"], ["name": "local_app"]]]
            ]), given: "web", address: "x")
        #expect(shape.callees == ["cart"])
        #expect(shape.names.guessesInbound)
    }

    @Test func `a fault filter hits whom its routes lead to`() throws {
        let abort = JSON.Member("abort", ["http_status": 503, "percentage": ["numerator": 0]])
        let delay = JSON.Member("delay", ["fixed_delay": "0.250s"])
        let own: JSON = [
            "match": ["prefix": "/pay"], "route": ["cluster": "pay"],
            "typed_per_filter_config": [
                "envoy.filters.http.fault": [
                    "@type": "type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault",
                    "abort": ["http_status": 500], "abort_percent_runtime": "pay.abort",
                ]
            ],
        ]
        let pages = EnvoyPages(
            listeners: [
                EnvoyPages.http(
                    "egress_http", to: ["cart", "stock"], filters: [EnvoyPages.fault([abort, delay])], routes: [own])
            ],
            clusters: ["cart", "stock", "pay"].map { EnvoyPages.cluster($0) }, node: ["cluster": "web"])
        let points = pages.shape().faultPoints
        #expect(points.map(\.serves) == [["cart", "stock"], ["pay"]])
        #expect(points[0].settings.abort?.shareKey == "fault.http.abort.abort_percent")
        #expect(points[0].settings.delay?.amount == 250)
        #expect(points[1].settings.abort?.shareKey == "pay.abort")
        #expect(points[1].settings.abort?.amountKey == "fault.http.abort.http_status")
        #expect(points[1].settings.delay == nil)
    }

    @Test func `a gate that names the caller makes filters read the caller's keys`() {
        let abort = JSON.Member("abort", ["http_status": 503])
        let pages = EnvoyPages(
            listeners: [
                EnvoyPages.http(
                    "egress_http", to: ["cart"],
                    filters: [EnvoyPages.fault([abort, JSON.Member("abort_percent_runtime", "mine")])],
                    plus: [JSON.Member("add_user_agent", true)])
            ], clusters: [EnvoyPages.cluster("cart")], node: ["cluster": "web"])
        #expect(pages.shape().faultPoints.first?.settings.abort?.shareKey == "fault.http.web.abort.abort_percent")
    }

    @Test func `an admin layer is what the bootstrap says`() {
        var pages = EnvoyPages()
        #expect(pages.shape().hasAdminLayer == false)
        pages.bootstrap = [
            "layered_runtime": ["layers": [["name": "x", "static_layer": [:]], ["name": "y", "admin_layer": [:]]]]
        ]
        #expect(pages.shape().hasAdminLayer == true)
        #expect(EnvoyShape(EnvoyOutline([:]), given: nil, address: "x").hasAdminLayer == nil)
    }
}
