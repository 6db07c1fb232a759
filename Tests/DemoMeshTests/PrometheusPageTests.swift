import FoundationEssentials
import MeshModel
import Testing

@testable import DemoMesh

/// Against what Envoy 1.40.0 said of `pay`, a service that calls nobody, on both of its pages at the same moment.
@Suite struct PrometheusPageTests {
    private static let filter = [
        #"^(http\.(in|to_[^.]+)\.(downstream_rq_(completed|[1-5]xx|active|time|rx_reset)"#,
        #"|fault\.(aborts|delays)_injected)|cluster\.[^.]+\.(upstream_rq_(timeout|retry|active_overflow)"#,
        #"|upstream_cx_(connect_fail|none_healthy)|membership_(healthy|total))|server\.(uptime|state))$"#,
    ].joined()

    private func capture(_ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)").path
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    private func page(
        _ service: String, _ query: String = "", of fleet: Fleet = Fleet(of: .bar, rate: 40, seed: 1), seconds: Int = 10
    ) throws -> String {
        var pages = AdminPages(of: fleet)
        pages.let(seconds: seconds)
        let answer = pages.ask("GET", "/proxies/\(service)/stats/prometheus?\(query)")
        try #require(answer.status == 200)
        return String(decoding: answer.body, as: UTF8.self)
    }

    private func withoutValues(_ page: String) -> [Substring] {
        page.split(separator: "\n").map { $0.hasPrefix("#") ? $0 : $0[..<($0.lastIndex(of: " ") ?? $0.endIndex)] }
    }

    private func value(_ head: String, in page: String) -> Double? {
        page.split(separator: "\n").first { $0.hasPrefix(head + " ") }.flatMap { Double($0.dropFirst(head.count + 1)) }
    }

    @Test func `every line but its value is as a real page has it, in the same order`() throws {
        let filter = "filter=" + Self.filter.utf8.map { "%" + String($0, radix: 16) }.joined()
        let simulated = withoutValues(try page("till", filter))
        let real = withoutValues(try capture("pay-prometheus.txt")).filter { !$0.contains("local_hc") }
        for (one, other) in zip(simulated, real) { #expect(one == other) }
        #expect(simulated.count == real.count)
    }

    @Test func `buckets and sum are those that a real page tells for the same bins`() throws {
        let stats = try JSON(parsing: Array(try capture("pay-stats.json").utf8))
        let detail = try #require(stats["stats"]?.array?.last?["histograms"]?["details"]?.array?.first)
        let bins = try #require(detail["totals"]?.array).map { bin in
            (
                LatencyBins.bin(of: Int(try #require(bin["lower_bound"]?.double))),
                UInt32(try #require(bin["count"]?.integer))
            )
        }
        let real = try capture("pay-prometheus.txt")
        let name = "envoy_http_downstream_rq_time"
        for (bound, count) in zip(LatencyBins.configuredBounds + [.infinity], LatencyBins.cumulativeCounts(of: bins)) {
            let le = bound == .infinity ? "+Inf" : bound < 1 ? "0.5" : "\(Int(bound))"
            let told = value(#"\#(name)_bucket{envoy_http_conn_manager_prefix="in",le="\#(le)"}"#, in: real)
            #expect(told == Double(count), "\(le)")
        }
        let sum = try #require(value(name + #"_sum{envoy_http_conn_manager_prefix="in"}"#, in: real))
        #expect(abs(LatencyBins.sum(of: bins) - sum) < 1e-6)
    }

    @Test func `only what was touched is told to who asks for that, and a family without samples is left out`() throws {
        let used = try page("taps", "usedonly")
        #expect(!used.contains("faults_overflow") && used.contains("envoy_server_uptime{} "))
        #expect(used.contains(#"downstream_rq_completed{envoy_http_conn_manager_prefix="to_cellar"} "#))
        #expect(try page("taps").contains(#"faults_overflow{envoy_http_conn_manager_prefix="in"} 0"#))
        let fresh = try page("taps", "usedonly", seconds: 0)
        #expect(!fresh.contains("histogram") && !fresh.contains("counter"))
        #expect(try page("taps", "filter=nomatch").isEmpty)
    }

    @Test func `a name from outside can't end its label`() throws {
        let plan = MeshPlan(
            name: "odd", entrance: "a",
            services: [
                ServicePlan(
                    "a", workers: 1, work: WorkTime(median: .milliseconds(1)),
                    calls: [CallPlan("b\"\\\n", timeout: .seconds(1))]),
                ServicePlan("b\"\\\n", workers: 1, work: WorkTime(median: .milliseconds(1))),
            ])
        let page = try page("a", of: Fleet(of: plan, rate: 1, seed: 1))
        #expect(page.contains(#"envoy_cluster_upstream_rq_total{envoy_cluster_name="b\"\\\n"} "#))
    }

    @Test func `what it can't tell is refused with the reason`() {
        var pages = AdminPages(of: Fleet(of: .bar, rate: 40, seed: 1))
        #expect(pages.ask("GET", "/proxies/bar/stats/prometheus?filter=(").status == 400)
        #expect(pages.ask("GET", "/proxies/bar/stats/prometheus?histogram_buckets=summary").status == 400)
    }
}
