import MeshModel
import Testing

@testable import MeshClient

struct IstioPageTests {
    /// What a page says, comparable whatever its numbers are.
    struct Told: Hashable {
        var scope: IstioScope
        var answerClass: UInt8
        var flags: IstioFlags
        var requests: UInt64?
        var slowest: UInt64?
    }

    static func told(_ pages: String...) throws -> Set<Told> {
        var wire = IstioPageWire(seed: 1)
        var page = IstioPage()
        for text in pages { try wire.read(Array(text.utf8), into: &page) }
        return Set(
            wire.series.enumerated().compactMap { number, series in
                let slowest = (0..<wire.bounds.count).compactMap { page.bucket($0, of: number) }.max()
                guard page.requests(of: number) != nil || slowest != nil else { return nil }
                return Told(
                    scope: wire.scopes[series.scope], answerClass: series.answerClass, flags: series.flags,
                    requests: page.requests(of: number), slowest: slowest)
            })
    }

    private static let gateway = IstioCaller(
        service: "istio-ingressgateway", namespace: "istio-system", workload: "istio-ingressgateway")
    private static let productpage = IstioCaller(
        service: "productpage", namespace: "bookinfo", workload: "productpage-v1")

    @Test func `a sidecar's page says who asked and who was asked`() throws {
        let told = try Self.told(IstioFixtures.text("productpage.prom"))
        #expect(
            told == [
                Told(
                    scope: .sent(to: "details.bookinfo", version: "v1"), answerClass: 2, flags: [], requests: 912),
                Told(
                    scope: .sent(to: "reviews.bookinfo", version: "v1"), answerClass: 2, flags: [], requests: 347),
                Told(
                    scope: .sent(to: "reviews.bookinfo", version: "v2"), answerClass: 2, flags: [], requests: 291,
                    slowest: 291),
                Told(
                    scope: .sent(to: "reviews.bookinfo", version: "v3"), answerClass: 2, flags: [], requests: 274),
                Told(
                    scope: .sent(to: "reviews.bookinfo", version: "v2"), answerClass: 0, flags: .callerLeft, requests: 1
                ),
                Told(scope: .received(from: Self.gateway), answerClass: 2, flags: [], requests: 912, slowest: 912),
            ])
    }

    @Test func `an injected abort has a callee though nobody was reached`() throws {
        let told = try Self.told(IstioFixtures.text("reviews-v3-fault.prom"))
        let aborts = told.filter { $0.flags.contains(.aborted) }
        #expect(aborts.map(\.requests).reduce(0) { $0 + ($1 ?? 0) } == 25)
        #expect(Set(aborts.map(\.scope)) == [.sent(to: "ratings.bookinfo", version: nil)])
        #expect(aborts.contains { $0.flags == [.aborted, .delayed] && $0.requests == 6 && $0.slowest == 6 })
    }

    @Test func `whatever was read before, a page says the same`() throws {
        let (before, after) = (
            try IstioFixtures.text("productpage.prom"), try IstioFixtures.text("productpage-canary.prom")
        )
        #expect(try Self.told(before, after) == Self.told(after))
        #expect(try Self.told(before, "") == [])
    }

    @Test(arguments: [
        ("200", "", "-", 2), ("301", "", "-", 3), ("404", "", "NR", 4), ("503", "", "UO", 5), ("0", "", "DC", 0),
        ("0", "", "UC", 5), ("200", "0", "-", 2), ("200", "14", "UF", 5), ("200", "5", "-", 4), ("x", "", "-", 0),
    ])
    func `what became of a request is its code's class, or its gRPC status's`(
        code: String, grpc: String, flags: String, expected: UInt8
    ) throws {
        let text = IstioFixtures.requests(
            3, ["response_code": code, "grpc_response_status": grpc, "response_flags": flags])
        #expect(try Self.told(text).map(\.answerClass) == [expected])
    }

    @Test func `a bound may stand anywhere among the labels`() throws {
        let last = IstioFixtures.durations([("5", 1), ("+Inf", 3)])
        let first = last.split(separator: "\n").map { line -> String in
            let bound = line.contains("+Inf") ? "+Inf" : "5"
            return line.replacing(",le=\"\(bound)\"}", with: "}").replacing("{", with: "{le=\"\(bound)\",") + "\n"
        }
        let requests = IstioFixtures.requests(3)
        #expect(try Self.told(requests + first.joined()) == Self.told(requests + last))
        #expect(try Self.told(requests + last).map(\.slowest) == [3])
    }

    @Test func `labels hold any text`() throws {
        let odd = #"x\"} 7,le=\"5\\"#
        let text = IstioFixtures.requests(4, ["source_principal": odd, "destination_service_name": #"a\nb}"#])
        #expect(try Self.told(text).map(\.scope) == [.sent(to: "a\nb}.bookinfo", version: "v1")])
    }

    @Test func `what is no service is left out`() throws {
        let callees = ["10.244.0.13", "unknown", "[::1]:80"].map {
            IstioFixtures.requests(1, ["destination_service_name": $0, "destination_canonical_service": "unknown"])
        }
        #expect(try Self.told(callees.joined()) == [])
        #expect(try Self.told(IstioFixtures.requests(1, ["reporter": "nobody"])) == [])
    }

    @Test func `a page that ends too early is an error and no smaller number`() throws {
        let line = IstioFixtures.requests(912)
        for cut in [2, 3, 5, 200] {
            let page = line + line.dropLast(cut)
            let error = #expect(throws: WireError.self) { try Self.told(page) }
            #expect(error?.path.hasPrefix("line ") == true)
            #expect(error?.found == "unexpected end")
        }
    }

    @Test(arguments: ["istio_requests_total{a=\"b\"} x\n", "istio_requests_total{a=b} 1\n", "istio_requests_total{a\n"])
    func `a line that can't be read is said by its number`(line: String) {
        let error = #expect(throws: WireError.self) { try Self.told("# TYPE x counter\n" + line) }
        #expect(error?.path == "line 2")
    }

    @Test func `made-up hosts fill a page and no more`() throws {
        var wire = IstioPageWire(seed: 1)
        var page = IstioPage()
        let lines = (0..<(IstioPageWire.mostSeries + 10)).map {
            IstioFixtures.requests(1, ["destination_service_name": "h\($0)"])
        }
        try wire.read(Array(lines.joined().utf8), into: &page)
        #expect(wire.series.count == IstioPageWire.mostSeries)
        #expect(wire.isCut)
    }
}

struct IstioClustersTests {
    @Test func `each endpoint says what was tried there`() throws {
        let clusters = try IstioClusters(IstioFixtures.bytes("productpage-clusters.json")).clusters
        let v2 = try #require(clusters.first { $0.name == "outbound|9080|v2|reviews.bookinfo.svc.cluster.local" })
        #expect(v2.hosts == [IstioClusters.Host(address: "10.244.0.14:9080", attempts: 292, successes: 291)])
        let all = try #require(clusters.first { $0.name == "outbound|9080||reviews.bookinfo.svc.cluster.local" })
        #expect(all.hosts.map(\.address) == ["10.244.0.13:9080", "10.244.0.14:9080", "10.244.0.15:9080"])
        #expect(all.hosts.allSatisfy { $0.attempts == 0 && $0.isHealthy && !$0.isEjected })
        #expect(clusters.contains { $0.name == "PassthroughCluster" && $0.hosts.isEmpty })
    }

    @Test func `failures, ejections and health are told`() throws {
        let page = """
            {"cluster_statuses":[{"name":"outbound|80||a.b.svc.cluster.local","host_statuses":[
             {"address":{"socket_address":{"port_value":80,"address":"10.0.0.1"}},
              "stats":[{"value":"7","name":"rq_error"},{"name":"cx_connect_fail","value":2},{"value":"9","name":"rq_total"},
               {"name":"rq_timeout","value":"1"},{"type":"GAUGE","value":"3","name":"rq_active"}],
              "health_status":{"failed_outlier_check":true,"eds_health_status":"HEALTHY"}},
             {"address":{"pipe":{"path":"/run/x"}},"health_status":{"eds_health_status":"DRAINING"}},
             {"address":{"envoy_internal_address":{"server_listener_name":"connect_originate","endpoint_id":"10.0.0.2:80"}},
              "health_status":{"failed_active_health_check":true}}]}]}
            """
        let hosts = try #require(try IstioClusters(Array(page.utf8)).clusters.first?.hosts)
        #expect(
            hosts == [
                IstioClusters.Host(
                    address: "10.0.0.1:80", attempts: 9, errors: 7, timeouts: 1, connectFailures: 2, active: 3,
                    isEjected: true),
                IstioClusters.Host(address: "/run/x", isHealthy: false),
                IstioClusters.Host(address: "connect_originate:10.0.0.2:80", isHealthy: false),
            ])
    }

    @Test func `a page that is cut anywhere is an error`() throws {
        let bytes = try IstioFixtures.bytes("reviews-v3-clusters-fault.json").dropLast()
        for cut in stride(from: 0, to: bytes.count - 1, by: 97) {
            #expect(throws: WireError.self) { try IstioClusters(Array(bytes.prefix(cut))) }
        }
        #expect(throws: WireError.self) { try IstioClusters(Array("{}".utf8)) }
    }
}

struct IstiodSyncTests {
    @Test func `in a quiet mesh every sidecar is synced`() throws {
        let sync = try IstiodSync(IstioFixtures.bytes("syncz-quiet.json"))
        #expect(sync.proxies.count == 7)
        #expect(sync.proxies.allSatisfy { $0.state == .synced })
        let gateway = try #require(sync.proxy(ofPod: "istio-ingressgateway-59457b9754-glhbf", in: "istio-system"))
        #expect(gateway.kind == "router")
        #expect(gateway.version == "1.31.0")
        #expect(gateway.standing(.routes).sent == gateway.standing(.routes).acked)
        #expect(gateway.standing(.extensions).state == .neverSent)
    }

    @Test func `a configuration that an Envoy refuses is told with its words`() throws {
        let sync = try IstiodSync(IstioFixtures.bytes("syncz-refused.json"))
        let sidecars = sync.proxies.filter { $0.kind == "sidecar" }
        #expect(sidecars.count == 6)
        for proxy in sidecars {
            guard case .refused(let words) = proxy.state else {
                Issue.record("\(proxy.name) is \(proxy.state)")
                continue
            }
            #expect(words.contains("value must be inside range [200, 600)"))
            #expect(proxy.standing(.clusters).state == .synced)
        }
        #expect(sync.proxies.filter { $0.state == .synced }.map(\.kind) == ["router"])
    }

    @Test func `older istiods tell it flat, and what was not taken is stale`() throws {
        let page = """
            [{"proxy":"a.b.shop","cluster_sent":"1","cluster_acked":"1","route_sent":"3","route_acked":"2"},
             {"proxy":"c.shop","resources":{"x.Cluster":{"acked":"1"}}},{"proxy":"none"},{"cluster_sent":"1"}]
            """
        let sync = try IstiodSync(Array(page.utf8))
        #expect(sync.proxies.map(\.name) == ["a.b", "c"])
        #expect(sync.proxies.map(\.state) == [.stale, .neverSent])
        #expect(sync.proxies.last?.standings.isEmpty == true)
        #expect(sync.proxy(ofPod: "a.b", in: "shop")?.standing(.routes).state == .stale)
        #expect(sync.proxy(ofPod: "a", in: "b.shop") == nil)
    }

    @Test func `what several istiods say is one, and the last to send is right`() throws {
        func sync(_ proxy: String, _ number: Int, at second: Int) throws -> IstiodSync {
            let sent = "\"sent\":\"\(number)\",\"acked\":\"\(number)\",\"sentTime\":\"2026-11-28T01:54:0\(second)Z\""
            let type = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
            return try IstiodSync(Array("[{\"proxy\":\"\(proxy)\",\"resources\":{\"\(type)\":{\(sent)}}}]".utf8))
        }
        let all = [try sync("a.n", 1, at: 2), try sync("b.n", 5, at: 3), try sync("a.n", 2, at: 1)]
        let united = IstiodSync(uniting: all)
        #expect(united.proxies.map(\.name) == ["a", "b"])
        #expect(united.proxy(ofPod: "a", in: "n")?.standing(.routes).sent == "1")
    }

    @Test(arguments: ["", "{}", "[", "404 page not found"])
    func `what is no list of proxies is an error`(text: String) {
        #expect(throws: WireError.self) { try IstiodSync(Array(text.utf8)) }
    }
}
