import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// A cluster and a Prometheus in one gameday.yaml mean the same services by the same names.
@Suite(.timeLimit(.minutes(1))) struct SharedNamesTests {
    private static func vector(_ metrics: [JSON], _ value: String) -> [UInt8] {
        let rows = metrics.map { metric -> JSON in ["metric": metric, "value": [1_795_828_762.6, .string(value)]] }
        let answer: JSON = ["status": "success", "data": ["resultType": "vector", "result": .array(rows)]]
        return answer.bytes
    }

    private static func edge(to callee: String, in space: String) -> JSON {
        [
            "source_canonical_service": "reviews", "source_workload_namespace": "bookinfo",
            "destination_service_name": .string(callee), "destination_service_namespace": .string(space),
            "destination_canonical_service": .string(callee), "response_code": "200", "response_flags": "-",
        ]
    }

    /// A Prometheus that knows of reviews, which calls ratings and a service of another namespace.
    private static let prometheus = ScriptedTransport { request in
        let query = String(decoding: request.body ?? [], as: UTF8.self).removingPercentEncoding ?? ""
        var body = vector([], "0")
        if query.contains("__name__=~") {
            body = vector([["__name__": "istio_requests_total", "job": "pods"]], "12")
        } else if query.contains("rated") {
            body = vector([[:]], "0.9")
        } else if query.contains("reporter=~\"source|waypoint\""), !query.contains("histogram") {
            body = vector([edge(to: "ratings", in: "bookinfo"), edge(to: "cards", in: "payment")], "12.5")
        }
        return .success(HTTPResponse(status: 200, body: body))
    }

    @Test(arguments: [
        ("bookinfo", ["reviews>cards.payment", "reviews>ratings"]),
        ("[bookinfo, payment]", ["reviews.bookinfo>cards.payment", "reviews.bookinfo>ratings.bookinfo"]),
    ])
    func `A Prometheus calls services as the cluster beside it does`(namespaces: String, edges: [String]) async throws {
        let config = "/tmp/gameday-kubeconfig-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: config) }
        let text = """
            {apiVersion: v1, kind: Config, current-context: lab,
             clusters: [{name: lab, cluster: {server: "http://127.0.0.1:1"}}],
             contexts: [{name: lab, context: {cluster: lab, namespace: bookinfo}}]}
            """
        try Data(text.utf8).write(to: URL(filePath: config))
        let yaml = """
            kubernetes: {kubeconfig: \(config), namespaces: \(namespaces)}
            prometheus: {url: 'http://127.0.0.1:9090', kind: istio, scrape: 15s}
            """
        let log = SettingsMistakes()
        let members = try #require(SettingsNode(yaml: yaml, log: log)?.members(of: "the file", keys: Adapters.keys))
        var surroundings = AdapterSurroundings(transport: Self.prometheus)
        // Its name ends as a service's does, and is none.
        let own = Objective(
            name: "rated by reviews.bookinfo", service: "reviews", indicator: .success(target: 0.9),
            query: .init("rated"))
        surroundings.objectives = [own]
        let mesh = MeshConnection(Adapters.parts(of: members, in: ""), surroundings)
        #expect(log.all.isEmpty, "\(log.all)")
        let adapter = try #require(mesh.adapters.first { $0 is PrometheusAdapter })
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { await adapter.observe { told.yield($0) } }
        defer { observing.cancel() }
        var seen: Set<String> = []
        var scopes: Set<ServiceName> = []
        for await turn in turns {
            for case .traffic(let report) in turn.observations {
                scopes.insert(report.service)
                for outbound in report.outbound { seen.insert("\(report.service)>\(outbound.to)") }
            }
            if seen.count >= edges.count { break }
        }
        #expect(seen.sorted() == edges)
        #expect(scopes.contains(own.scope))
    }
}
