import DemoMesh
import Foundation
import MeshClient
import MeshModel
import TestKit
import Testing

/// A real Prometheus between gameday and what it scrapes.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PrometheusTests {
    private let transport: CurlTransport

    init() throws { transport = try CurlTransport() }

    @Test func `what the screen has of an Istio mesh is what PromQL says`() async throws {
        let pages = try ["istio-ingressgateway", "reviews-v2"].map { try GrowingPage($0) }
        let server = try StubServer { request, connection in
            let page = pages.first { request.line.contains($0.name) } ?? pages[0]
            return connection.respond(headers: ["Content-Type: text/plain"], body: page.text)
        }
        defer { server.stop() }
        let address = "127.0.0.1:\(server.port)"
        let prometheus = try await PrometheusProcess(
            pages.map { (address, "/" + $0.name, ["pod": $0.name]) }, transport: transport)
        try await prometheus.waits(for: "count(count_over_time(istio_requests_total[6s]) > 4)")

        let good =
            "1 - sum(rate(istio_requests_total{response_code=~\"5..\"}[4s])) / sum(rate(istio_requests_total[4s]))"
        let objective = Objective(
            name: "good", service: "reviews.bookinfo", indicator: .success(target: 0.9),
            query: .init(good))
        let turn = try await turn(of: "prometheus: {url: '\(prometheus.url)'}", objectives: [objective])
        try await agrees(turn.service(objective.scope)?.successRatio, good, prometheus, within: 0.01)
        let source = try #require(turn.sources.last)
        #expect(source.state == .fresh && source.interval == 1)
        #expect(source.explanation?.hasPrefix("data up to 1 s old: istio, rates over 4 s") == true)
        let edge = Edge(from: "productpage.bookinfo", to: "reviews.bookinfo")
        #expect(turn.edge(edge) == nil)
        let door = try #require(turn.service("istio-ingressgateway.istio-system"))
        #expect(
            turn.edge(Edge(from: "istio-ingressgateway.istio-system", to: "productpage.bookinfo")) != nil)
        let reviews = try #require(turn.service("reviews.bookinfo"))
        let ratings = try #require(turn.edge(Edge(from: "reviews.bookinfo", to: "ratings.bookinfo")))

        let inbound =
            "istio_requests_total{reporter=\"destination\",destination_service_name=\"reviews\"}"
        let outbound = "istio_requests_total{reporter=\"source\",destination_service_name=\"ratings\"}"
        let bucket =
            "istio_request_duration_milliseconds_bucket{reporter=\"source\",destination_service_name=\"ratings\"}"
        try await agrees(reviews.requestRate, "sum(rate(\(inbound)[4s]))", prometheus)
        try await agrees(
            reviews.successRatio,
            "1 - sum(rate(\(inbound.dropLast()),response_code=~\"5..\"}[4s]))"
                + " / sum(rate(\(inbound)[4s]))", prometheus, within: 0.01)
        try await agrees(ratings.requestRate, "sum(rate(\(outbound)[4s]))", prometheus)
        for quantile in [0.5, 0.95, 0.99] {
            try await agrees(
                ratings.latency?.quantile(quantile),
                "histogram_quantile(\(quantile), sum by (le) (rate(\(bucket)[4s])))", prometheus)
        }
        // What no route led to has entered all the same.
        try await agrees(
            door.requestRate,
            "sum(rate(istio_requests_total{source_workload=\"istio-ingressgateway\"}[4s]))",
            prometheus)
    }

    @Test func `a target that goes is named, and its figures end instead of being zero`() async throws {
        let page = try GrowingPage("reviews-v2")
        let server = try StubServer { _, connection in
            connection.respond(headers: ["Content-Type: text/plain"], body: page.text)
        }
        let target = (address: "127.0.0.1:\(server.port)", path: "/", labels: ["pod": "reviews"])
        let prometheus = try await PrometheusProcess([target], transport: transport)
        try await prometheus.waits(for: "count(count_over_time(istio_requests_total[6s]) > 4)")
        let adapter = try adapter("prometheus: {url: '\(prometheus.url)', scrape: 1s}")
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { await adapter.observe { told.yield($0) } }
        defer { observing.cancel() }
        var (isNamed, samples) = (false, [TrafficSample]())
        for await turn in turns {
            var seen = Seen()
            seen.take(turn.observations)
            samples += [seen.service("reviews.bookinfo")].compactMap(\.self)
            // It has been heard once.
            server.stop()
            isNamed =
                isNamed
                || turn.observations.contains {
                    if case .note(let note) = $0 { note.text.contains(target.address) } else { false }
                }
            if seen.sources.last?.state == .stale { break }
        }
        #expect(isNamed && !samples.isEmpty)
        #expect(samples.allSatisfy { $0.completed > 0 })
    }

    @Test func `over the Envoys of the bar it says what polls of them say`() async throws {
        let demo = try await Demo.start(
            DemoSettings(
                program: try RealPrograms.gameday(), kind: .bar(try RealPrograms.envoy()), rate: 20,
                environment: ["XDG_RUNTIME_DIR": try RealPrograms.directory()]), transport: transport)
        let names = ["door", "bar", "taps"]
        let places = try names.map { name in (name, try #require(demo.layout.place(of: name))) }
        let prometheus = try await PrometheusProcess(
            places.map { ("127.0.0.1:\($0.1.admin)", "/stats/prometheus", ["service": $0.0]) },
            transport: transport)
        try await prometheus.waits(for: "count(count_over_time(envoy_cluster_upstream_rq_xx[8s]) > 5)")

        let proxies = places.map { "{service: \($0.0), admin: 'http://127.0.0.1:\($0.1.admin)'}" }
        async let polled = observed("proxies: [\(proxies.joined(separator: ", "))]", seconds: 12)
        async let told = observed("prometheus: {url: '\(prometheus.url)', kind: envoy}", seconds: 12)
        let (direct, asked) = try await (polled, told)
        await demo.stop()

        let source = try #require(asked.sources.last)
        #expect(source.explanation?.contains("services by label service") == true)
        for service in names {
            let name = ServiceName(service)
            let (own, other) = (try #require(direct.service(name)), try #require(asked.service(name)))
            try agrees(own.requestRate, other.requestRate, "\(service)'s rate")
            try agrees(
                own.latency?.quantile(0.5), other.latency?.quantile(0.5), "\(service)'s p50", within: 0.5)
        }
        let edges = direct.edges.filter { direct.edge($0)?.completed ?? 0 > 20 }
        #expect(!edges.isEmpty)
        for edge in edges {
            try agrees(direct.edge(edge)?.requestRate, asked.edge(edge)?.requestRate, "\(edge)'s rate")
        }
    }

    // What they share.

    /// All that came in some turns, summed by scope.
    private struct Seen {
        var sources: [SourceReport] = []
        private var samples: [Scope: TrafficSample] = [:]

        mutating func take(_ observations: [Observation]) {
            for observation in observations {
                if case .source(let report) = observation { sources.append(report) }
                guard case .traffic(let report) = observation else { continue }
                if let sample = report.inbound { add(sample, .service(report.service)) }
                for edge in report.outbound {
                    if let sample = edge.sample {
                        add(sample, .edge(Edge(from: report.service, to: edge.to)))
                    }
                }
            }
        }

        private mutating func add(_ sample: TrafficSample, _ scope: Scope) {
            if samples[scope] == nil { samples[scope] = sample } else { samples[scope]?.add(sample) }
        }

        func service(_ name: ServiceName) -> TrafficSample? { samples[.service(name)] }
        func edge(_ edge: Edge) -> TrafficSample? { samples[.edge(edge)] }
        var edges: [Edge] {
            samples.keys.compactMap { if case .edge(let edge) = $0 { edge } else { nil } }.sorted()
        }
    }

    private func adapter(_ yaml: String, objectives: [Objective] = []) throws -> any Adapter {
        let log = SettingsMistakes()
        let node = try #require(SettingsNode(yaml: yaml, log: log))
        let members = try #require(node.members(of: "the file", keys: Adapters.keys))
        let part = try #require(Adapters.parts(of: members, in: "").first)
        #expect(log.all.isEmpty)
        var surroundings = AdapterSurroundings(transport: transport)
        surroundings.objectives = objectives
        return part.make(surroundings)
    }

    /// The first turn that has traffic.
    private func turn(of yaml: String, objectives: [Objective]) async throws -> Seen {
        let adapter = try adapter(yaml, objectives: objectives)
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { await adapter.observe { told.yield($0) } }
        defer { observing.cancel() }
        var seen = Seen()
        for await turn in turns {
            seen.take(turn.observations)
            if turn.observations.contains(where: { if case .traffic = $0 { true } else { false } }) {
                break
            }
        }
        return seen
    }

    /// All that comes in so many seconds.
    private func observed(_ yaml: String, seconds: Double) async throws -> Seen {
        let adapter = try adapter(yaml)
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { await adapter.observe { told.yield($0) } }
        let clock = Task {
            try? await Task.sleep(for: .seconds(seconds))
            observing.cancel()
            told.finish()
        }
        defer { clock.cancel() }
        var seen = Seen()
        for await turn in turns { seen.take(turn.observations) }
        return seen
    }

    private func agrees(
        _ value: Double?, _ query: String, _ prometheus: PrometheusProcess, within share: Double = 0.05
    ) async throws {
        try agrees(value, try await prometheus.value(of: query), query, within: share)
    }

    /// The two looks are at different seconds, in which a busy machine may be half or twice as quick; what is taken for
    /// another unit or another service differs by far more.
    private func agrees(
        _ value: Double?, _ other: Double?, _ what: String, within share: Double = 0.6
    ) throws {
        let (value, other) = (
            try #require(value, "\(what): nothing"), try #require(other, "\(what): nothing")
        )
        #expect(abs(value - other) <= share * max(value, other) + 0.2, "\(what): \(value) and \(other)")
    }
}

/// A page of an Istio proxy whose counters have grown by a hundredth of what they are each second.
private struct GrowingPage: Sendable {
    let name: String
    private let lines: [(series: String, total: Double)]
    private let start = Date()

    init(_ name: String) throws {
        self.name = name
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/istio/\(name).prom")
        lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").compactMap {
            line in
            guard let space = line.lastIndex(of: " "),
                let total = Double(line[line.index(after: space)...])
            else {
                return nil
            }
            return (String(line[..<space]), total)
        }
    }

    var text: String {
        let seconds = Date().timeIntervalSince(start) + 100
        return lines.map { "\($0.series) \($0.total * seconds / 100)\n" }.joined()
    }
}
