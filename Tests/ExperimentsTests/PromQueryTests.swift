import MeshModel
import Testing

@testable import Experiments

/// Queries over a state of one edge and an entrance: 80 good and 20 bad requests within two seconds.
@Suite struct PromQueryTests {
    private static let now = Timestamp(milliseconds: 1_764_000_000_000)

    private static var state: MeshState {
        var sample = TrafficSample(seconds: 2)
        sample.completed = 100
        sample.answers2xx = 80
        sample.answers5xx = 20
        sample.latency = LatencyHistogram([
            LatencyHistogram.Bin(lower: 10, width: 10, count: 90),
            LatencyHistogram.Bin(lower: 90, width: 10, count: 10),
        ])
        let scope = ScopeState(
            recent: [.init(at: now, sample: sample, source: "bar")], series: [], heardAt: now, polls: 2)
        var state = MeshState()
        state.edges[Edge(from: "bar", to: "taps")] = scope
        state.edges[Edge(from: "bar", to: "menu")] = scope
        state.services = ["bar": scope, "taps": scope, "menu": scope]
        state.lastAt = now
        return state
    }

    private func answer(_ query: String) throws -> [[String: String]: Double] {
        guard case .vector(let samples) = try PromQuery(query).value(in: Self.state, at: Self.now) else { return [:] }
        return Dictionary(uniqueKeysWithValues: samples.map { ($0.labels, $0.value) })
    }

    @Test func `the success of a service, as published experiments ask for it`() throws {
        let query = """
            sum(rate(istio_requests_total{reporter="destination",destination_service="taps.default.svc.cluster.local",\
            response_code!~"5.*"}[1m])) / sum(rate(istio_requests_total{destination_service=~"taps.*"}[1m]))
            """
        #expect(try answer(query) == [[:]: 0.8])
    }

    @Test func `rates by a label, and an increase over its range`() throws {
        let codes = try answer("sum by (response_code) (rate(istio_requests_total{destination_app='taps'}[5m]))")
        #expect(codes[["response_code": "200"]] == 40)
        #expect(codes[["response_code": "503"]] == 10)
        #expect(try answer("sum(increase(istio_requests_total{destination_app=\"taps\"}[1m]))") == [[:]: 3_000])
        let both = try answer("sum(rate(istio_requests_total[1m])) by (destination_workload)")
        #expect(both.count == 2 && both.values.allSatisfy { $0 == 50 })
    }

    @Test func `a quantile of durations is in milliseconds, and numbers can be calculated with`() throws {
        let p95 = try answer(
            "histogram_quantile(0.95, sum(rate(istio_request_duration_milliseconds_bucket[1m])) by (le))")
        let value = try #require(p95[[:]])
        #expect((90...100).contains(value))
        #expect(try answer("100 - 100 * sum(rate(istio_requests_total{response_code='503'}[1m])) / 100") == [[:]: 80])
    }

    @Test(arguments: [
        "up", "rate(http_requests_total[1m])", "sum(rate(istio_requests_total[1m])", "topk(1, up)",
        "rate(istio_requests_total)", "sum(rate(istio_requests_total{a=b}[1m]))", "",
    ])
    func `what is not observed here is a mistake, not an answer`(query: String) {
        #expect(throws: PromQuery.Mistake.self) { try PromQuery(query) }
    }

    @Test func `numbers are written as Prometheus writes them`() {
        #expect([0.8, 3, .nan, .infinity, -.infinity].map(PromQuery.text) == ["0.8", "3", "NaN", "+Inf", "-Inf"])
    }

    @Test(arguments: ["(", "sum(", "1 + ", "avg(("])
    func `a query without an end is refused and not followed down the stack`(_ part: String) {
        #expect(throws: PromQuery.Mistake.self) { try PromQuery(String(repeating: part, count: 100_000) + "1") }
    }
}
