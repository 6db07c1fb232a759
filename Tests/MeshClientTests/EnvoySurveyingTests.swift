import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Envoys with names of their own, fed by hand: what they are is found out, and then counted by their own statistics.
struct EnvoySurveyingTests {
    /// An Envoy that serves the pages of a configuration.
    final class Plain {
        let sidecar: EnvoySidecar
        let directory: EnvoyDirectory
        var pages: EnvoyPages
        var hosts: JSON = [:]
        var time = 0.0
        /// The paths that it was asked for.
        var asked: [String] = []

        init(_ pages: EnvoyPages, admin: String = "http://10.1.1.1:9901", directory: EnvoyDirectory = EnvoyDirectory())
        {
            self.pages = pages
            self.directory = directory
            sidecar = EnvoySidecar(EnvoyEndpoint(admin: admin), naming: EnvoyNaming(), deadline: .seconds(1))
        }

        /// One turn of polling: all questions that follow from one another.
        func turn(_ counters: String, histograms: String = "") -> [Observation] {
            time += 1
            let items = counters.split(separator: " ").map { pair in
                let parts = pair.split(separator: "=")
                return #"{"name":"\#(parts[0])","value":\#(parts[1])}"#
            }
            let stats = "{\"stats\":[\((items + (histograms.isEmpty ? [] : [histograms])).joined(separator: ","))]}"
            var observations: [Observation] = []
            repeat {
                let path = String(sidecar.request.url.dropFirst(sidecar.endpoint.admin.count))
                asked.append(path)
                let body = path.hasPrefix("/stats") ? Array(stats.utf8) : page(path).bytes
                observations += sidecar.receive(
                    .success(HTTPResponse(status: 200, body: body)), at: time, directory: directory)
            } while sidecar.asksAgain
            return observations
        }

        func report(_ counters: String, histograms: String = "") -> TrafficReport? {
            turn(counters, histograms: histograms).compactMap(\.traffic).last
        }

        private func page(_ path: String) -> JSON {
            guard let page = EnvoyOutline.Page(rawValue: path) else { return [:] }
            return page == .hosts ? hosts : pages.all[page] ?? [:]
        }
    }

    private static let front = EnvoyPages(
        listeners: [EnvoyPages.http("ingress_http", to: ["cart", "pay"])],
        clusters: ["cart", "pay"].map { EnvoyPages.cluster($0) }, node: ["cluster": "front"])

    @Test func `rates and errors of a plain proxy are those of its clusters`() throws {
        let plain = Plain(Self.front)
        _ = plain.turn("server.uptime=5")
        #expect(plain.asked.first == "/server_info")
        #expect(plain.asked.count == 3 + EnvoyOutline.Page.allCases.count)
        let before = plain.asked.count
        let histogram =
            #"{"histograms":{"details":[{"name":"cluster.cart.upstream_rq_time","totals":[{"lower_bound":10,"width":1,"count":40}]}]}}"#
        let report = try #require(
            plain.report(
                "cluster.cart.upstream_rq_completed=40 cluster.cart.upstream_rq_2xx=30 cluster.cart.upstream_rq_5xx=10 "
                    + "cluster.cart.upstream_rq_retry=3 cluster.cart.upstream_rq_timeout=2 cluster.cart.membership_total=2 "
                    + "cluster.cart.upstream_rq_pending_overflow=1 cluster.cart.upstream_rq_active_overflow=4 "
                    + "cluster.cart.membership_healthy=1 cluster.cart.outlier_detection.ejections_active=1 "
                    + "http.ingress_http.downstream_rq_completed=42 http.ingress_http.downstream_rq_4xx=2",
                histograms: histogram))
        #expect(plain.asked.count == before + 1)
        #expect(report.service == "front")
        #expect(report.inbound?.completed == 42)
        #expect(report.outbound.map(\.to) == ["cart", "pay"])
        let cart = try #require(report.outbound.first?.sample)
        #expect(cart.completed == 40)
        #expect(cart.successRatio == 0.75)
        #expect((cart.retries, cart.timeouts, cart.overflows) == (3, 2, 5))
        #expect((cart.healthyHosts, cart.totalHosts) == (1, 2))
        #expect(cart.ejectedHosts == 1)
        #expect(cart.latency?.count == 40)
        // A counter that never counted does not exist yet, and is zero.
        #expect(report.outbound.last?.sample?.completed == 0)
    }

    @Test func `maintenance counts as aborts, gRPC failures as failures`() throws {
        let plain = Plain(Self.front)
        _ = plain.turn("server.uptime=5")
        let report = try #require(
            plain.report(
                "cluster.cart.upstream_rq_completed=100 cluster.cart.upstream_rq_maintenance_mode=7 "
                    + "cluster.cart.grpc.shop.Cart.Add.failure=20 cluster.cart.grpc.shop.Cart.Add.total=80 "
                    + "cluster.cart.grpc.shop.Cart.Get.total=20 cluster.cart.grpc.shop.Cart.Get.failure=5 "
                    + "cluster.cart.upstream_rq_5xx=7"))
        let cart = try #require(report.outbound.first?.sample)
        #expect(cart.abortsInjected == 7)
        #expect(cart.answers5xx == 25)
    }

    @Test func `several clusters of one service are one edge, whichever comes and goes`() throws {
        let host = "reviews.bookinfo.svc.cluster.local"
        var pages = EnvoyPages(
            listeners: [EnvoyPages.http("egress", to: ["outbound|80|v1|\(host)", "outbound|80|v2|\(host)", "else"])],
            clusters: ["outbound|80|v1|\(host)", "outbound|80|v2|\(host)", "else"].map { EnvoyPages.cluster($0) },
            node: ["cluster": "page"])
        let plain = Plain(pages)
        let both =
            "cluster.outbound|80|v1|\(host).upstream_rq_completed=900 cluster.outbound|80|v2|\(host).upstream_rq_completed"
        _ = plain.turn("cluster_manager.cluster_added=3 " + both + "=90")
        let report = try #require(
            plain.report(
                "cluster_manager.cluster_added=3 cluster.outbound|80|v1|\(host).upstream_rq_completed=905 "
                    + "cluster.outbound|80|v1|\(host).membership_total=2 cluster.outbound|80|v2|\(host).membership_total=1 "
                    + "cluster.outbound|80|v2|\(host).upstream_rq_completed=93"))
        #expect(report.outbound.map(\.to) == ["else", "reviews.bookinfo"])
        #expect(report.outbound.last?.sample?.completed == 8)
        #expect(report.outbound.last?.sample?.totalHosts == 3)
        // The second is taken out: nothing is counted twice or below zero, and the pages are read again.
        pages.listeners = [EnvoyPages.http("egress", to: ["outbound|80|v1|\(host)", "else"])]
        plain.pages = pages
        let asked = plain.asked.count
        let less = try #require(
            plain.report(
                "cluster_manager.cluster_added=3 cluster_manager.cluster_removed=1 "
                    + "cluster.outbound|80|v1|\(host).upstream_rq_completed=909"))
        #expect(plain.asked.count > asked + 1)
        #expect(less.outbound.last?.sample?.completed ?? 0 <= 4)
        let after = try #require(
            plain.report(
                "cluster_manager.cluster_added=3 cluster_manager.cluster_removed=1 "
                    + "cluster.outbound|80|v1|\(host).upstream_rq_completed=915"))
        #expect(after.outbound.last?.sample?.completed == 6)
    }

    @Test func `a proxy that has our names is asked for nothing more`() {
        let plain = Plain(EnvoyPages(node: ["cluster": "front"]))
        _ = plain.turn("http.in.downstream_rq_completed=1")
        _ = plain.turn("http.in.downstream_rq_completed=2")
        #expect(plain.asked.count == 3)
    }

    @Test func `a proxy that has our names and no traffic yet is found out by its pages`() {
        let plain = Plain(
            EnvoyPages(
                listeners: [EnvoyPages.http("to_cart", to: ["cart"])], clusters: [EnvoyPages.cluster("cart")],
                node: ["cluster": "front"]))
        _ = plain.turn("server.uptime=1")
        let report = plain.report("http.to_cart.downstream_rq_completed=3")
        #expect(report?.outbound.map(\.to) == ["cart"])
        #expect(plain.directory.shape(of: "front") == nil)
    }

    @Test func `a proxy is told by its neighbours' listeners`() throws {
        let directory = EnvoyDirectory()
        let pages = EnvoyPages(
            listeners: [EnvoyPages.http("ingress_http", to: ["next_hop"], port: 8000)],
            clusters: [EnvoyPages.cluster("next_hop", "127.0.0.1", 8001)], node: ["cluster": "edge"])
        let edge = Plain(pages, admin: "http://127.0.0.1:9001", directory: directory)
        _ = edge.turn("server.uptime=1")
        #expect(edge.report("server.uptime=2")?.outbound.map(\.to) == ["next_hop"])
        let orders = Plain(
            EnvoyPages(
                listeners: [EnvoyPages.http("ingress_http", to: ["local_service"], port: 8001)],
                clusters: [EnvoyPages.cluster("local_service", "127.0.0.1", 8080)], node: ["cluster": "orders"]),
            admin: "http://127.0.0.1:9002", directory: directory)
        _ = orders.turn("server.uptime=1")
        _ = edge.turn("server.uptime=3")
        #expect(edge.report("server.uptime=4")?.outbound.map(\.to) == ["orders"])
        #expect(directory.shape(of: "edge")?.outgoing.first?.reason.contains("orders") == true)
    }

    @Test func `failures inside gRPC answers are found at the hosts`() throws {
        func page(_ success: Int64, _ error: Int64) -> JSON {
            [
                "cluster_statuses": [
                    [
                        "name": "cart",
                        "host_statuses": [
                            [
                                "address": ["socket_address": ["address": "10.0.0.9", "port_value": 80]],
                                "stats": [
                                    ["name": "rq_success", "value": .string("\(success)")],
                                    ["name": "rq_error", "value": .string("\(error)")], ["name": "rq_timeout"],
                                ],
                            ]
                        ],
                    ]
                ]
            ]
        }
        let grpc: JSON = ["match": ["prefix": "/", "grpc": [:]], "route": ["cluster": "cart"]]
        let plain = Plain(
            EnvoyPages(
                listeners: [EnvoyPages.http("ingress_grpc", to: [], routes: [grpc])],
                clusters: [EnvoyPages.cluster("cart")], node: ["cluster": "front"]))
        plain.hosts = page(100, 10)
        _ = plain.turn("cluster.cart.upstream_rq_completed=110")
        plain.hosts = page(150, 24)
        let report = try #require(
            plain.report("cluster.cart.upstream_rq_completed=170 cluster.cart.upstream_rq_retry=4"))
        #expect(report.outbound.first?.sample?.completed == 60)
        #expect(report.outbound.first?.sample?.answers5xx == 10)
    }

    @Test func `statistics that are hidden are read at the hosts`() throws {
        func page(_ success: Int64, _ error: Int64) -> JSON {
            [
                "cluster_statuses": [
                    [
                        "name": "outbound|80||cart.shop.svc.cluster.local",
                        "observability_name": "outbound|80||cart.shop.svc.cluster.local;",
                        "host_statuses": [
                            [
                                "stats": [
                                    ["name": "rq_success", "value": .integer(success)],
                                    ["name": "rq_error", "value": .integer(error)],
                                ]
                            ]
                        ],
                    ]
                ]
            ]
        }
        let name = "outbound|80||cart.shop.svc.cluster.local"
        let plain = Plain(
            EnvoyPages(
                listeners: [EnvoyPages.http("outbound_0.0.0.0_80;", to: [name], direction: "OUTBOUND")],
                clusters: [EnvoyPages.cluster(name, plus: [JSON.Member("alt_stat_name", .string(name + ";"))])],
                node: ["cluster": "web.shop"],
                bootstrap: ["stats_config": ["stats_matcher": ["inclusion_list": [:]]]]))
        plain.hosts = page(100, 0)
        _ = plain.turn("server.uptime=1")
        plain.hosts = page(130, 6)
        let report = try #require(plain.report("server.uptime=2"))
        #expect(report.outbound.map(\.to) == ["cart.shop"])
        #expect(report.outbound.first?.sample?.completed == 36)
        #expect(report.outbound.first?.sample?.answers5xx == 6)
    }

    @Test func `an Envoy that knows no details is asked for its buckets`() throws {
        let sidecar = EnvoySidecar(
            EnvoyEndpoint(admin: "http://x", service: "front"), naming: EnvoyNaming(), deadline: .seconds(1))
        let directory = EnvoyDirectory()
        _ = sidecar.receive(.success(HTTPResponse(status: 400)), at: 1, directory: directory)
        #expect(sidecar.asksAgain)
        #expect(sidecar.request.url.contains("histogram_buckets=disjoint"))
        func page(_ count: Int) -> HTTPResponse {
            let buckets =
                #"[{"upper_bound":0.5,"interval":0,"cumulative":\#(count)},{"upper_bound":1,"interval":0,"cumulative":0},{"upper_bound":5,"interval":1,"cumulative":\#(count * 3)}]"#
            let text =
                #"{"stats":[{"name":"http.in.downstream_rq_completed","value":\#(count * 4)},{"histograms":[{"name":"http.in.downstream_rq_time","buckets":\#(buckets)}]}]}"#
            return HTTPResponse(status: 200, body: Array(text.utf8))
        }
        _ = sidecar.receive(.success(page(10)), at: 1, directory: directory)
        let report = try #require(
            sidecar.receive(.success(page(12)), at: 2, directory: directory).compactMap(\.traffic).first)
        #expect(
            report.inbound?.latency?.bins == [
                .init(lower: 0, width: 0.5, count: 2), .init(lower: 1, width: 4, count: 6),
            ])
    }

    @Test func `TCP is connections and bytes`() throws {
        let plain = Plain(
            EnvoyPages(
                listeners: [EnvoyPages.tcp("db", to: "postgres_cluster")],
                clusters: [EnvoyPages.cluster("postgres_cluster")], node: ["cluster": "web"]))
        _ = plain.turn("cluster.postgres_cluster.upstream_cx_total=5")
        let report = try #require(
            plain.report(
                "cluster.postgres_cluster.upstream_cx_total=9 cluster.postgres_cluster.upstream_cx_rx_bytes_total=800 "
                    + "cluster.postgres_cluster.upstream_cx_tx_bytes_total=70"))
        let sample = try #require(report.outbound.first?.sample)
        #expect((sample.connections, sample.bytesReceived, sample.bytesSent) == (4, 800, 70))
    }

    @Test func `a proxy that falls silent while it is read is asked again later`() {
        let plain = Plain(Self.front)
        plain.time = 1
        let info = page(.serverInfo, of: plain)
        _ = plain.sidecar.receive(.success(HTTPResponse(status: 200, body: info)), at: 1, directory: plain.directory)
        let stats = Array(#"{"stats":[]}"#.utf8)
        _ = plain.sidecar.receive(.success(HTTPResponse(status: 200, body: stats)), at: 1, directory: plain.directory)
        #expect(plain.sidecar.asksAgain)
        _ = plain.sidecar.receive(.failure(.timedOut), at: 1, directory: plain.directory)
        #expect(!plain.sidecar.asksAgain)
        #expect(plain.sidecar.request.url.contains("/stats?"))
        plain.time = 10
        _ = plain.turn("server.uptime=5")
        #expect(plain.directory.shape(of: "front")?.callees == ["cart", "pay"])
    }

    private func page(_ page: EnvoyOutline.Page, of plain: Plain) -> [UInt8] { plain.pages.all[page]?.bytes ?? [] }
}
