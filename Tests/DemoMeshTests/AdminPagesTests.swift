import MeshModel
import Testing

@testable import DemoMesh

@Suite struct AdminPagesTests {
    private func pages(seconds: Int = 10) -> AdminPages {
        var pages = AdminPages(of: Fleet(of: .bar, rate: 40, seed: 1))
        pages.let(seconds: seconds)
        return pages
    }

    @Test func `a stats page has Envoy's shape: counters in the order of their names, then the histograms`() throws {
        var pages = pages()
        let page = try JSON(parsing: pages.stats("tab", ""))
        let stats = try #require(page["stats"]?.array)
        let names = stats.dropLast().compactMap { $0["name"]?.string }
        #expect(names == names.sorted())
        #expect(
            names.contains("cluster.till.upstream_rq_retry") && names.contains("http.to_till.fault.aborts_injected"))
        let histograms = try #require(stats.last?["histograms"])
        #expect(histograms["supported_percentiles"]?.array?.count == 10)
        let details = try #require(histograms["details"]?.array)
        #expect(
            details.compactMap { $0["name"]?.string } == [
                "http.in.downstream_rq_time", "http.to_till.downstream_rq_time",
            ])
        let completed = try #require(stats.first { $0["name"] == "http.in.downstream_rq_completed" }?["value"]?.integer)
        let counted = details[0]["totals"]?.array?.reduce(0) { $0 + ($1["count"]?.integer ?? 0) }
        // Histograms are as of the last flush, up to a second ago.
        #expect(try #require(counted) <= completed && completed > 0)
        #expect(details[0]["percentiles"]?.array?.count == 10)
        #expect(details[0]["intervals"]?.array?.isEmpty == false)
    }

    @Test func `the filter and usedonly choose as Envoy does`() throws {
        var pages = pages()
        let filter = "&filter=%5Ehttp%5C.(in%7Cto_%5B%5E.%5D%2B)%5C.downstream_rq_(completed%7C5xx)%24"
        let all = try JSON(parsing: pages.stats("taps", filter))
        let used = try JSON(parsing: pages.stats("taps", filter + "&usedonly"))
        #expect(
            all["stats"]?.array?.compactMap { $0["name"]?.string } == [
                "http.in.downstream_rq_5xx", "http.in.downstream_rq_completed", "http.to_cellar.downstream_rq_5xx",
                "http.to_cellar.downstream_rq_completed",
            ])
        #expect(
            used["stats"]?.array?.compactMap { $0["name"]?.string } == [
                "http.in.downstream_rq_completed", "http.to_cellar.downstream_rq_completed",
            ])
        #expect(String(decoding: pages.stats("taps", "&filter=nomatch"), as: UTF8.self) == #"{"stats":[]}"#)
        #expect(pages.ask("GET", "/proxies/taps/stats?format=json&histogram_buckets=detailed&filter=(").status == 400)
    }

    @Test func `a histogram without requests tells no quantiles`() throws {
        var pages = AdminPages(of: Fleet(of: .bar, rate: 40, seed: 1))
        let page = try JSON(parsing: pages.stats("tab", "&filter=rq_time%24"))
        let first = page["stats"]?.array?.first?["histograms"]?["details"]?.array?.first
        #expect(first?["percentiles"]?.array?.first == ["cumulative": JSON.null, "interval": JSON.null])
        #expect(String(decoding: pages.stats("tab", "&usedonly&filter=rq_time%24"), as: UTF8.self) == #"{"stats":[]}"#)
    }

    @Test func `what is modified can be read back, and an empty value removes it`() throws {
        var pages = pages(seconds: 1)
        let fraction = "%7B%22numerator%22%3A2500%2C%22denominator%22%3A%22TEN_THOUSAND%22%7D"
        #expect(
            pages.ask("POST", "/proxies/bar/runtime_modify?edge.taps.abort_pct=\(fraction)").body == Array("OK\n".utf8))
        let form = PageRequest(
            method: "POST", target: Array("/proxies/bar/runtime_modify".utf8)[...],
            body: Array("edge.tab.delay_pct=5".utf8))
        #expect(pages.answer(form).status == 200)
        let runtime = try JSON(parsing: pages.ask("GET", "/proxies/bar/runtime").body)
        #expect(runtime["layers"] == ["base", "admin"])
        #expect(
            runtime["entries"]?["edge.taps.abort_pct"]?["final_value"]
                == #"{"numerator":2500,"denominator":"TEN_THOUSAND"}"#)
        #expect(runtime["entries"]?["edge.tab.delay_pct"]?["layer_values"] == ["", "5"])
        pages.modify("bar", "edge.taps.abort_pct=&edge.tab.delay_pct=")
        #expect(try JSON(parsing: pages.ask("GET", "/proxies/bar/runtime").body)["entries"] == [:])
        #expect(try JSON(parsing: pages.ask("GET", "/proxies/taps/runtime").body)["entries"] == [:])
    }

    @Test func `the other pages answer, and what is not there is said`() throws {
        var pages = pages(seconds: 12)
        #expect(pages.ask("GET", "/proxies/bar/ready").body == Array("LIVE\n".utf8))
        let info = try JSON(parsing: pages.ask("GET", "/proxies/bar/server_info").body)
        #expect(info["node"]?["cluster"] == "bar" && info["state"] == "LIVE")
        let clusters = try JSON(parsing: pages.ask("GET", "/proxies/bar/clusters?format=json").body)
        #expect(clusters["cluster_statuses"]?.array?.first?["name"] == "menu")
        #expect(pages.ask("GET", "/proxies/bar/runtime_modify?a=1").status == 405)
        #expect(pages.ask("POST", "/proxies/bar/runtime_modify").status == 400)
        for path in ["/", "/proxies", "/proxies/nobody/stats", "/proxies/bar", "/proxies/bar/nope", "//", "/%"] {
            #expect(pages.ask("GET", path).status == 404, "\(path)")
        }
    }

    @Test(arguments: [
        (0, 0.0, 0.0), (1, 1, 0.1), (9, 9, 0.1), (10, 10, 1), (99, 99, 1), (100, 100, 10), (123, 120, 10),
        (999, 990, 10), (1_000, 1_000, 100), (6_940, 6_900, 100), (59_999, 59_000, 1_000),
    ])
    func `bins are those of Envoy's library`(milliseconds: Int, lower: Double, width: Double) {
        let bounds = LatencyBins.bounds(of: LatencyBins.bin(of: milliseconds))
        #expect(bounds.lower == lower && bounds.width == width)
    }

    /// The interval of `http.in.downstream_rq_time` on a real page: catalog under load, Envoy 1.40.0.
    @Test func `quantiles are those that a real page tells for the same bins`() {
        let counts: [(Int, UInt32)] = [
            (2, 3), (3, 14), (4, 15), (5, 9), (6, 2), (7, 3), (8, 1), (9, 1), (10, 1), (11, 1),
        ]
        let told = LatencyBins.quantiles(of: counts.map { (LatencyBins.bin(of: $0.0), $0.1) })
        #expect(
            told.map { $0.map { ($0 * 1_000).rounded() / 1_000 } } == [
                2.025, 3.067, 4.05, 5.06, 7.05, 9.05, 11.5, 11.5, 11.5, 11.5,
            ])
    }
}
