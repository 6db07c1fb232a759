import MeshModel
import Testing

@testable import MeshClient

/// Versions and identity, as sidecars of Istio tell them.
struct IstioEdgeFiguresTests {
    private struct Pod {
        var wire = IstioPageWire(seed: 1)
        var page = IstioPage()
        var sampler = IstioSampler()
        var figures = IstioEdgeFigures()
        var service: ServiceName

        /// Reads a page, a second after the one before.
        mutating func read(_ text: String) throws -> [EdgeReport] {
            try wire.read(Array(text.utf8), into: &page)
            let services = PolledServices()
            let around = IstioSampler.Surroundings(
                service: service, name: services.name, isHeard: { _ in false })
            _ = sampler.sample(&page, of: wire, source: "pod", seconds: 1, in: around)
            return figures.take(sampler.counted, source: "pod", seconds: 1, in: around)
        }
    }

    private static func versions(_ first: Int, _ second: Int, failed: Int = 0) -> String {
        IstioFixtures.requests(first)
            + IstioFixtures.requests(second, ["destination_canonical_revision": "v2"])
            + IstioFixtures.requests(failed, ["destination_canonical_revision": "v2", "response_code": "500"])
    }

    @Test func `each version has its own requests and failures`() throws {
        var pod = Pod(service: "productpage.bookinfo")
        var reports: [EdgeReport] = []
        for second in 0...6 {
            reports += try pod.read(Self.versions(90 * second, 8 * second, failed: 2 * second))
        }
        let last = try #require(reports.last)
        #expect(last.edge == Edge(from: "productpage.bookinfo", to: "reviews.bookinfo"))
        #expect(last.parts.map(\.name) == ["v1", "v2"])
        #expect(last.parts.map(\.sample.completed) == [450, 50])
        #expect(last.parts.map(\.sample.successRatio) == [1, 0.8])
    }

    @Test func `a callee with one version has no parts`() throws {
        var pod = Pod(service: "productpage.bookinfo")
        for second in 0...6 { #expect(try pod.read(IstioFixtures.requests(second * 10)).isEmpty) }
    }

    @Test func `identity is told where requests arrive, and again when it changes`() throws {
        var pod = Pod(service: "reviews.bookinfo")
        func page(_ mutual: Int, _ plain: Int) -> String {
            [("mutual_tls", mutual), ("none", plain)].map {
                IstioFixtures.requests($0.1, ["reporter": "destination", "connection_security_policy": $0.0])
            }.joined()
        }
        var shares: [Double?] = []
        for second in 0...6 { shares += try pod.read(page(10 * second, 0)).map(\.mutualShare) }
        #expect(shares == [1])
        for second in 7...12 { shares += try pod.read(page(60, 10 * second)).map(\.mutualShare) }
        #expect(shares.count > 1)
        let last = try #require(shares.last)
        #expect((last ?? 1) < 0.5)
    }
}
