import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

@Suite(.timeLimit(.minutes(5))) struct PrometheusSourceTests {
    /// A server that answers queries by a part of their text, the first that fits.
    private final class Server: Sendable {
        private let answers: Mutex<[(part: String, body: String)]>
        let asked = Mutex<[String]>([])

        init(_ answers: [(String, String)]) {
            self.answers = Mutex(answers.map { (part: $0.0, body: $0.1) })
        }

        func set(_ part: String, _ body: String) { answers.withLock { $0.insert((part, body), at: 0) } }

        var transport: ScriptedTransport {
            ScriptedTransport { request in
                let form = String(decoding: request.body ?? [], as: UTF8.self)
                let query = form.prefix { $0 != "&" }.dropFirst("query=".count)
                let text = String(query).removingPercentEncoding ?? ""
                let what = text.isEmpty ? request.url : text
                self.asked.withLock { $0.append(what) }
                guard let body = self.answers.withLock({ $0.first { what.contains($0.part) } })?.body else {
                    return .success(HTTPResponse(status: 200, body: Array(Self.vector([]).utf8)))
                }
                let status = body.contains("\"error\"") ? 503 : body.isEmpty ? 404 : 200
                return .success(HTTPResponse(status: status, body: Array(body.utf8)))
            }
        }

        static func vector(_ rows: [([String: String], String)], more: String = "") -> String {
            let series = rows.map { labels, value in
                let metric = JSON.object(
                    labels.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
                return "{\"metric\":\(metric.text),\"value\":[1795828762.6,\"\(value)\"]}"
            }
            return "{\"status\":\"success\",\(more)\"data\":{\"resultType\":\"vector\",\"result\":["
                + series.joined(separator: ",") + "]}}"
        }
    }

    private static let edge = [
        "source_canonical_service": "web", "source_workload_namespace": "shop",
        "destination_service_name": "cart",
        "destination_service_namespace": "shop", "destination_canonical_service": "cart",
        "response_code": "200",
        "response_flags": "-",
    ]

    private func istio() -> Server {
        Server([
            (
                "__name__=~",
                Server.vector([
                    (["__name__": "istio_requests_total", "job": "pods"], "12"),
                    (["__name__": "istio_request_duration_milliseconds_bucket", "job": "pods"], "240"),
                ])
            ),
            (
                "/targets",
                #"{"status":"success","data":{"activeTargets":[{"labels":{"job":"pods"},"scrapeInterval":"30s"}]}}"#
            ),
            ("/buildinfo", #"{"status":"success","data":{"version":"2.42.0"}}"#),
            ("source_workload=\"unknown\"", Server.vector([])),
            ("histogram_quantile(0.99", Server.vector([(Self.edge, "250")])),
            ("histogram_quantile", Server.vector([(Self.edge, "20")])),
            ("reporter=~\"source|waypoint\"", Server.vector([(Self.edge, "12.5")])),
            ("count(up", Server.vector([(["x": "all"], "3")])),
        ])
    }

    private func source(
        _ server: Server, objectives: [Objective] = [],
        _ change: (inout PrometheusSettings) -> Void = { _ in }
    ) -> PrometheusSource {
        var settings = PrometheusSettings(endpoint: PrometheusEndpoint(url: "http://127.0.0.1:9090"))
        change(&settings)
        return PrometheusSource(
            settings, name: "prometheus", objectives: objectives, transport: server.transport,
            meter: PollMeter())
    }

    private func reports(_ observations: [Observation]) -> [TrafficReport] {
        observations.compactMap { if case .traffic(let report) = $0 { report } else { nil } }
    }

    private func state(_ observations: [Observation]) throws -> SourceReport {
        try #require(
            observations.compactMap { if case .source(let report) = $0 { report } else { nil } }.last)
    }

    @Test func `it finds out what is there, how often it is scraped, and says so`() async throws {
        let server = istio()
        var source = source(server)
        let observations = await source.round(at: 0)
        let report = try state(observations)
        #expect(report.state == .fresh && report.kind == .prometheus && report.interval == 30)
        #expect(report.version == "2.42.0")
        let words = try #require(report.explanation)
        #expect(words == "data up to 30 s old: istio, rates over 120 s")
        let web = try #require(reports(observations).first { $0.service == "web.shop" })
        let sample = try #require(web.outbound.first?.sample)
        #expect(sample.requestRate.map { abs($0 - 12.5) < 0.01 } == true)
        #expect(sample.completed == 375)
        #expect(sample.latency?.quantile(0.99).map { abs($0 - 250) < 1e-3 } == true)
        #expect(
            server.asked.withLock {
                $0.filter { $0.contains("rate(") }.allSatisfy { $0.contains("[120s]") }
            })
        #expect(source.pause == 30)
    }

    @Test func `what is not told in a round is not told as zero`() async throws {
        let server = istio()
        var source = source(server)
        _ = await source.round(at: 0)
        server.set("reporter=~\"source|waypoint\"", Server.vector([]))
        server.set("histogram_quantile", Server.vector([]))
        let observations = await source.round(at: 30)
        #expect(reports(observations).isEmpty)
        #expect(try state(observations).state == .stale)
    }

    @Test func `a server that has nothing of a mesh is told what was looked for`() async throws {
        var source = source(Server([]))
        let report = try state(await source.round(at: 0))
        #expect(report.state == .stale)
        #expect(report.explanation?.contains("no series istio_requests_total, response_total") == true)
    }

    @Test func `a server that fails, then works, is unreachable and then fresh`() async throws {
        let server = istio()
        server.set("reporter=~", #"{"status":"error","errorType":"timeout","error":"query timed out"}"#)
        var source = source(server)
        let failed = try state(await source.round(at: 0))
        #expect(failed.state == .unreachable && failed.explanation?.contains("query timed out") == true)
        #expect(source.pause == 5)
        server.set("reporter=~\"source|waypoint\"", Server.vector([(Self.edge, "1")]))
        #expect(try state(await source.round(at: 5)).state == .fresh)
    }

    @Test func `without its latencies the rest is told, and what is missing`() async throws {
        let server = istio()
        server.set(
            "histogram_quantile",
            #"{"status":"error","errorType":"execution","error":"too many samples"}"#)
        server.set(
            "reporter=\"destination\"}",
            Server.vector([(Self.edge, "12")], more: #""warnings":["store b away"],"#))
        var source = source(server)
        let observations = await source.round(at: 0)
        let words = try #require(try state(observations).explanation)
        #expect(words.contains("too many samples") && words.contains("store b away"))
        #expect(reports(observations).contains { $0.outbound.first?.sample?.completed == 375 })
    }

    @Test func `a target that goes is named, and one that comes back too`() async throws {
        let server = istio()
        var source = source(server)
        _ = await source.round(at: 0)
        server.set(
            "count(up",
            Server.vector([
                (["x": "all"], "3"), (["x": "down"], "1"),
                (["instance": "10.0.0.7:15020", "job": "pods"], "0"),
            ])
        )
        let gone = await source.round(at: 30)
        #expect(
            try state(gone).explanation?.contains("1 of 3 targets are down: 10.0.0.7:15020 (pods)")
                == true)
        #expect(
            gone.contains {
                if case .note(let note) = $0 { note.text.contains("10.0.0.7:15020") } else { false }
            })
        server.set("count(up", Server.vector([(["x": "all"], "3")]))
        let back = await source.round(at: 60)
        #expect(
            back.contains {
                if case .note(let note) = $0 { note.text.contains("no longer down") } else { false }
            })
    }

    @Test func `where targets are secret the interval is counted`() async throws {
        let server = istio()
        server.set("/targets", "")
        server.set("count_over_time(istio_requests_total", Server.vector([([:], "60")]))
        var source = source(server)
        #expect(try state(await source.round(at: 0)).interval == 5)
    }

    @Test func `a window is never shorter than four scrapes`() async {
        let server = istio()
        var source = source(server) { $0.window = 20 }
        _ = await source.round(at: 0)
        #expect(server.asked.withLock { $0.contains { $0.contains("[120s]") } })
    }

    private let paid = Objective(
        name: "paid", service: "shop", indicator: .success(target: 0.99), query: .init("good / all"))

    @Test func `what objectives ask for is answered beside the mesh`() async throws {
        let server = istio()
        server.set("good / all", Server.vector([([:], "0.985")]))
        var source = source(server, objectives: [paid])
        let report = try #require(reports(await source.round(at: 0)).first { $0.service == paid.scope })
        #expect(report.inbound?.successRatio == 0.985)
        server.set("good / all", Server.vector([]))
        #expect(!reports(await source.round(at: 30)).contains { $0.service == paid.scope })
        server.set("good / all", Server.vector([(["a": "1"], "1"), (["a": "2"], "1")]))
        #expect(
            try state(await source.round(at: 60)).explanation?.contains("paid: its query returned 2 series")
                == true)
    }

    @Test func `a server without a mesh may be there for objectives alone`() async throws {
        let server = Server([("good / all", Server.vector([([:], "1")]))])
        var source = source(server, objectives: [paid])
        let observations = await source.round(at: 0)
        #expect(try state(observations).state == .fresh)
        #expect(reports(observations).map(\.service) == [paid.scope])
    }

    @Test func `whose an Envoy is can be said, or is found out`() async {
        let server = Server([
            ("__name__=~", Server.vector([(["__name__": "envoy_cluster_upstream_rq_xx", "job": "all"], "1")])),
            (
                "count by (app,",
                Server.vector([(["job": "all", "instance": "a:1"], "2"), (["job": "all", "instance": "b:1"], "2")])
            ),
        ])
        var found = source(server)
        _ = await found.round(at: 0)
        #expect(server.asked.withLock { $0.contains { $0.contains("sum by (instance,envoy_cluster_name") } })
        var told = source(server) { $0.label = "team" }
        _ = await told.round(at: 0)
        #expect(server.asked.withLock { $0.contains { $0.contains("sum by (team,envoy_cluster_name") } })
    }
}
