import MeshModel
import Testing

@testable import MeshClient

struct MeshMetricsTests {
    private let asking = MeshAsking(window: "1m", matchers: "cluster=\"east\"", quantiles: [0.5, 0.99])

    /// Answers by part; a row is its labels, by name, and a value.
    private func answers(
        _ metrics: any MeshMetrics, _ rows: [MeshQuestion.Part: [([String: String], Double)]]
    ) -> MeshAnswers {
        var answers = MeshAnswers()
        for question in metrics.questions(asking) {
            answers.rows[question.part] = (rows[question.part] ?? []).map { labels, value in
                MeshAnswers.Row(labels: question.labels.map { labels[$0] ?? "" }, value: value)
            }
        }
        return answers
    }

    private func istio(
        _ from: String, _ to: String, code: String = "200", flags: String = "-", grpc: String = "",
        workload: String? = nil
    ) -> [String: String] {
        [
            "source_canonical_service": from, "source_workload_namespace": from == "unknown" ? "unknown" : "shop",
            "destination_service_name": to, "destination_service_namespace": to == "unknown" ? "unknown" : "shop",
            "destination_canonical_service": workload ?? to, "response_code": code, "response_flags": flags,
            "grpc_response_status": grpc,
        ]
    }

    @Test(arguments: [IstioMetrics(), LinkerdMetrics(), EnvoyMetrics(label: "app")] as [any MeshMetrics])
    func `the questions of a round are few, each of one window and of what is wanted`(_ metrics: any MeshMetrics) {
        let questions = metrics.questions(asking)
        #expect(questions.count <= 7)
        #expect(questions.allSatisfy { $0.text.contains("cluster=\"east\"}[1m]") })
        #expect(Set(questions.map(\.part)).count == questions.count)
        let native = metrics.questions(MeshAsking(window: "1m", matchers: "", quantiles: [0.5], isNative: true))
        #expect(native.allSatisfy { !$0.text.contains("_bucket") && !$0.text.contains("{,") })
    }

    @Test func `a caller has the name of its service, whatever its workload is called`() {
        let rows = [
            (istio("web", "cart", workload: "basket"), 5.0), (istio("basket", "stock"), 3),
        ]
        let mesh = IstioMetrics().mesh(of: answers(IstioMetrics(), [.edges: rows]))
        #expect(
            Set(mesh.edges.keys) == [
                Edge(from: "web.shop", to: "cart.shop"), Edge(from: "cart.shop", to: "stock.shop"),
            ])
    }

    @Test func `outcomes are told apart by code, flags and the status of gRPC`() {
        let rows = [
            (istio("a", "b"), 10.0), (istio("a", "b", code: "503", flags: "UO"), 1),
            (istio("a", "b", code: "404"), 2), (istio("a", "b", code: "0", flags: "DC"), 0.5),
            (istio("a", "b", code: "200", flags: "DI", grpc: "14"), 0.25),
            (istio("a", "b", code: "200", grpc: "5"), 0.125),
            // What the fault filter answers never gets to a workload.
            (istio("a", "b", code: "503", flags: "FI", workload: "unknown"), 4),
        ]
        let mesh = IstioMetrics().mesh(of: answers(IstioMetrics(), [.edges: rows]))
        let rates = mesh.edges[Edge(from: "a.shop", to: "b.shop")]?.rates ?? RequestRates()
        #expect(rates[.answers2xx] == 10 && rates[.answers4xx] == 2.125 && rates[.answers5xx] == 5.25)
        #expect(rates[.aborts] == 4 && rates[.delays] == 0.25 && rates[.overflows] == 1 && rates[.resets] == 0.5)
        #expect(mesh.edges.count == 1)
    }

    @Test func `what enters by a gateway is what it sends on, and what it has no route for`() {
        var lost = istio("istio-ingressgateway", "unknown", code: "404", flags: "NR")
        lost["source_workload_namespace"] = "istio-system"
        var sent = istio("istio-ingressgateway", "web")
        sent["source_workload_namespace"] = "istio-system"
        let mesh = IstioMetrics().mesh(of: answers(IstioMetrics(), [.edges: [(sent, 7), (lost, 1)]]))
        let door = ServiceName("istio-ingressgateway.istio-system")
        #expect(mesh.services[door]?.rates.completed == 8)
        #expect(mesh.edges.keys.map(\.description) == ["istio-ingressgateway.istio-system>web.shop"])
        #expect(mesh.gateways == [door])
    }

    @Test func `a source that is not known is one, and half a source is none`() {
        var half = istio("unknown", "web")
        half["source_workload_namespace"] = "shop"
        let mesh = IstioMetrics().mesh(
            of: answers(
                IstioMetrics(),
                [
                    .edges: [(half, 3), (istio("web", "10.1.2.3"), 2)],
                    .services: [(istio("unknown", "web"), 9)], .strangers: [(istio("unknown", "web"), 4)],
                ]))
        #expect(mesh.edges.mapValues(\.rates.completed) == [Edge(from: "unknown", to: "web.shop"): 4])
        #expect(mesh.services.mapValues(\.rates.completed) == ["web.shop": 9])
    }

    @Test func `latencies find their edges and services, and not-a-number is none`() {
        let both = istio("a", "b")
        let mesh = IstioMetrics().mesh(
            of: answers(
                IstioMetrics(),
                [
                    .edges: [(both, 1)], .services: [(both, 1)], .latency(.edges, 0): [(both, 12)],
                    .latency(.edges, 1): [(both, 40)], .latency(.services, 0): [(both, .nan)],
                    .latency(.services, 1): [(both, 30)],
                ]))
        #expect(mesh.edges[Edge(from: "a.shop", to: "b.shop")]?.latencies == [12, 40])
        #expect(mesh.services["b.shop"]?.latencies == [nil, 30])
    }

    @Test func `a workload of Linkerd's is its deployment, and a failure is what Linkerd calls one`() {
        let out = [
            "deployment": "web", "namespace": "emoji", "dst_statefulset": "db", "dst_namespace": "emoji",
            "dst_service": "db-svc", "classification": "failure", "status_code": "200",
        ]
        let inbound = ["statefulset": "db", "namespace": "emoji", "classification": "success", "status_code": "404"]
        let mesh = LinkerdMetrics().mesh(
            of: answers(LinkerdMetrics(), [.edges: [(out, 2)], .services: [(inbound, 3)]]))
        #expect(mesh.edges[Edge(from: "web.emoji", to: "db.emoji")]?.rates[.answers5xx] == 2)
        #expect(mesh.services["db.emoji"]?.rates[.answers4xx] == 3)
    }

    @Test func `an edge of Envoy's is its listener where it has one, else its cluster`() {
        func cluster(_ name: String, _ digit: String = "2") -> [String: String] {
            ["app": "bar", "envoy_cluster_name": name, "envoy_response_code_class": digit]
        }
        func listener(_ name: String, _ digit: String = "2") -> [String: String] {
            ["app": "bar", "envoy_http_conn_manager_prefix": name, "envoy_response_code_class": digit]
        }
        let metrics = EnvoyMetrics(label: "app")
        var retry = cluster("taps")
        retry["x"] = "retry"
        let mesh = metrics.mesh(
            of: answers(
                metrics,
                [
                    .edges: [
                        (cluster("taps"), 4), (cluster("outbound|80||cellar.pub.svc.cluster.local", "5"), 2),
                        (cluster("local_app"), 9), (cluster("xds-grpc"), 1),
                    ],
                    .listeners: [(listener("to_taps", "5"), 5), (listener("in"), 8), (listener("admin"), 1)],
                    .troubles: [(retry, 3)],
                ]))
        let taps = mesh.edges[Edge(from: "bar", to: "taps")]?.rates ?? RequestRates()
        #expect(taps[.answers5xx] == 5 && taps.completed == 5 && taps[.retries] == 3)
        #expect(mesh.edges[Edge(from: "bar", to: "cellar.pub")]?.rates[.answers5xx] == 2)
        #expect(mesh.edges.count == 2 && mesh.services["bar"]?.rates.completed == 8)
    }

    @Test func `of too many edges those of most traffic are kept`() {
        var mesh = RateMesh()
        for number in 1...50 {
            mesh.edges[Edge(from: "a", to: ServiceName("b\(number)"))] = RateReading()
            mesh.edges[Edge(from: "a", to: ServiceName("b\(number)"))]?.rates.add(Double(number), ofClass: 2)
        }
        #expect(mesh.limit(to: 10) == 40)
        #expect(mesh.edges.values.allSatisfy { $0.rates.completed > 40 })
        #expect(mesh.limit(to: 10) == nil)
    }
}
