import MeshModel
import TestKit
import Testing

@testable import MeshClient

struct IstioSamplerTests {
    /// A pod that is read page by page, a second apart.
    private struct Reading {
        var wire = IstioPageWire(seed: 1)
        var page = IstioPage()
        var sampler = IstioSampler()
        var service: ServiceName = "productpage.bookinfo"
        var isGateway = false
        var heard: Set<ServiceName> = []
        var senders: Set<ServiceName> = []

        mutating func read(_ text: String) throws -> [TrafficReport] {
            try wire.read(Array(text.utf8), into: &page)
            let services = PolledServices()
            return sampler.sample(
                &page, of: wire, source: "pod", seconds: 1,
                in: .init(
                    service: service, isGateway: isGateway, name: services.name,
                    isHeard: { [heard] in heard.contains($0) }, senders: senders))
        }

        mutating func own(_ text: String) throws -> TrafficReport { try read(text)[0] }
    }

    private static func edge(_ report: TrafficReport, _ to: ServiceName) -> TrafficSample? {
        report.outbound.first { $0.to == to }?.sample
    }

    @Test func `two pages of a real sidecar are what came in and what left between them`() throws {
        var reading = Reading()
        let first = try reading.read(IstioFixtures.text("productpage.prom"))
        #expect(first.count == 1)
        #expect(first[0].inbound == nil)
        #expect(first[0].outbound.map(\.to) == ["details.bookinfo", "reviews.bookinfo"])
        #expect(first[0].outbound.allSatisfy { $0.sample == nil })
        let second = try reading.read(IstioFixtures.text("productpage-canary.prom"))
        let own = second[0]
        #expect(own.inbound?.completed == 1141 - 912)
        #expect(own.inbound?.answers2xx == 1141 - 912)
        #expect(own.inbound?.latency?.count == 1141 - 912)
        #expect(Self.edge(own, "details.bookinfo")?.completed == 1141 - 912)
        let toReviews: UInt64 = 345 - 291 + 469 - 347 + 327 - 274
        #expect(Self.edge(own, "reviews.bookinfo")?.completed == toReviews)
        #expect(Self.edge(own, "reviews.bookinfo")?.seconds == 1)
        reading.heard = ["istio-ingressgateway.istio-system"]
        #expect(try reading.read(IstioFixtures.text("productpage-canary.prom")).count == 1)
    }

    @Test func `who is called tells of callers that nobody polls, once it is known who is polled`() throws {
        var reading = Reading()
        let pages = try ["productpage.prom", "productpage.prom", "productpage-canary.prom"].map {
            try reading.read(IstioFixtures.text($0))
        }
        #expect(pages.prefix(2).allSatisfy { $0.count == 1 })
        #expect(pages[2].dropFirst().map(\.service) == ["istio-ingressgateway.istio-system"])
        #expect(pages[2].last?.outbound.first?.sample?.completed == 1141 - 912)
    }

    @Test func `an unknown caller is the one that says that it calls and is not named`() throws {
        let stranger = [
            "reporter": "destination", "source_canonical_service": "unknown", "source_workload_namespace": "unknown",
        ]
        let page = IstioFixtures.requests(3, stranger) + IstioFixtures.requests(2, ["reporter": "destination"])
        var reading = Reading(service: "reviews.bookinfo", heard: ["productpage.bookinfo", "gate.n"])
        for _ in 1...2 { _ = try reading.read(page) }
        reading.senders = ["productpage.bookinfo"]
        #expect(try reading.read(page).map(\.service) == ["reviews.bookinfo", "unknown"])
        reading.senders.insert("gate.n")
        #expect(try reading.read(page).map(\.service) == ["reviews.bookinfo"])
    }

    @Test func `aborts and delays of a real fault are counted on the edge`() throws {
        var reading = Reading(service: "reviews.bookinfo")
        _ = try reading.read("")
        let own = try reading.own(IstioFixtures.text("reviews-v3-fault.prom"))
        let edge = try #require(Self.edge(own, "ratings.bookinfo"))
        #expect(edge.abortsInjected == 25)
        #expect(edge.delaysInjected == 6)
        #expect(edge.answers5xx == 16)
        #expect(edge.answers4xx == 9)
        #expect(edge.completed == 284 + 25)
    }

    @Test(arguments: ["UO", "UT", "UF", "URX", "FI", "DI"])
    func `flags say what became of requests`(flag: String) throws {
        var reading = Reading()
        _ = try reading.read("")
        let own = try reading.own(IstioFixtures.requests(3, ["response_code": "503", "response_flags": "NR," + flag]))
        let edge = try #require(Self.edge(own, "reviews.bookinfo"))
        let counts: [String: UInt64] = [
            "UO": edge.overflows, "UT": edge.timeouts, "UF": edge.connectFailures, "URX": edge.retries,
            "FI": edge.abortsInjected, "DI": edge.delaysInjected,
        ]
        #expect(counts.filter { $0.value > 0 } == [flag: 3])
        #expect(edge.answers5xx == 3)
    }

    @Test func `a caller that left is no answer`() throws {
        var reading = Reading()
        _ = try reading.read("")
        let own = try reading.own(IstioFixtures.requests(2, ["response_code": "0", "response_flags": "DC"]))
        #expect(Self.edge(own, "reviews.bookinfo")?.completed == 0)
        #expect(Self.edge(own, "reviews.bookinfo")?.resets == 2)
        // Only those that left before any answer: one that left while it came is a request that was answered.
        let late = try reading.own(IstioFixtures.requests(3, ["response_code": "200", "response_flags": "DC"]))
        #expect(Self.edge(late, "reviews.bookinfo")?.ended == 3)
    }

    @Test func `durations go into the bins of their bounds`() throws {
        var reading = Reading()
        _ = try reading.read(IstioFixtures.durations([("5", 1), ("10", 1), ("+Inf", 1)]))
        let own = try reading.own(IstioFixtures.durations([("5", 2), ("10", 5), ("+Inf", 6)]))
        #expect(
            Self.edge(own, "reviews.bookinfo")?.latency?.bins == [
                .init(lower: 0, width: 5, count: 1), .init(lower: 5, width: 5, count: 3),
                .init(lower: 10, width: 0, count: 1),
            ])
    }

    @Test func `a sidecar that restarts counts from zero`() throws {
        var reading = Reading()
        func page(_ ok: Int, _ bad: Int) -> String {
            IstioFixtures.requests(ok) + IstioFixtures.requests(bad, ["response_code": "503"])
                + IstioFixtures.durations([("5", ok), ("+Inf", ok)])
        }
        _ = try reading.read(page(1000, 7))
        let own = try reading.own(page(3, 9))
        #expect(own.restarted)
        let edge = try #require(Self.edge(own, "reviews.bookinfo"))
        #expect(edge.completed == 12)
        #expect(edge.latency?.count == 3)
        let next = try reading.own(page(4, 9))
        #expect(!next.restarted)
        #expect(Self.edge(next, "reviews.bookinfo")?.completed == 1)
    }

    @Test func `a reset of counters leaves histograms as they are`() throws {
        var reading = Reading()
        _ = try reading.read(IstioFixtures.requests(1000) + IstioFixtures.durations([("5", 1000), ("+Inf", 1000)]))
        let own = try reading.own(IstioFixtures.requests(2) + IstioFixtures.durations([("5", 1002), ("+Inf", 1002)]))
        #expect(own.restarted)
        #expect(Self.edge(own, "reviews.bookinfo")?.completed == 2)
        #expect(Self.edge(own, "reviews.bookinfo")?.latency?.count == 2)
    }

    @Test func `a label set that was forgotten and comes again takes no other along`() throws {
        var reading = Reading()
        let other = ["response_code": "404"]
        _ = try reading.read(IstioFixtures.requests(1000) + IstioFixtures.requests(50, other))
        let own = try reading.own(IstioFixtures.requests(1001) + IstioFixtures.requests(2, other))
        #expect(!own.restarted)
        #expect(Self.edge(own, "reviews.bookinfo")?.completed == 3)
        let without = try reading.own(IstioFixtures.requests(1001))
        #expect(!without.restarted)
        #expect(Self.edge(without, "reviews.bookinfo")?.completed == 0)
        let again = try reading.own(IstioFixtures.requests(1001) + IstioFixtures.requests(4, other))
        #expect(Self.edge(again, "reviews.bookinfo")?.completed == 4)
    }

    @Test func `what a gateway sends on came in there`() throws {
        var reading = Reading(service: "gate.n", isGateway: true)
        _ = try reading.read("")
        let own = try reading.own(
            IstioFixtures.requests(3) + IstioFixtures.requests(2, ["destination_service_name": "cart"])
                + IstioFixtures.requests(9, ["reporter": "destination"]))
        #expect(own.inbound?.completed == 5)
        #expect(own.outbound.count == 2)
    }

    @Test func `callers without a sidecar are unknown, and a part of a name is none`() throws {
        var reading = Reading(service: "reviews.bookinfo")
        for _ in 1...2 { _ = try reading.read("") }
        let stranger = [
            "reporter": "destination", "source_canonical_service": "unknown", "source_workload_namespace": "unknown",
        ]
        let part = ["reporter": "destination", "source_canonical_service": "unknown"]
        let reports = try reading.read(IstioFixtures.requests(3, stranger) + IstioFixtures.requests(4, part))
        #expect(reports.map(\.service) == ["reviews.bookinfo", "unknown"])
        #expect(reports[0].inbound?.completed == 7)
        #expect(reports[1].outbound.first?.sample?.completed == 3)
    }

    @Test func `a waypoint tells of both sides, and is neither`() throws {
        var reading = Reading(service: "waypoint.n")
        for _ in 1...2 { _ = try reading.read("") }
        let reports = try reading.read(IstioFixtures.requests(3, ["reporter": "waypoint"]))
        #expect(reports.map(\.service) == ["waypoint.n", "productpage.bookinfo", "reviews.bookinfo"])
        #expect(reports[1].outbound.first?.to == "reviews.bookinfo")
        #expect(reports[2].inbound?.completed == 3)
    }

    @Test func `mutual TLS is told where both sides proved who they are`() throws {
        var reading = Reading(service: "reviews.bookinfo")
        _ = try reading.read("")
        let kinds = [("mutual_tls", 3), ("none", 1), ("unknown", 5)].map {
            IstioFixtures.requests($0.1, ["reporter": "destination", "connection_security_policy": $0.0])
        }
        _ = try reading.read(kinds.joined())
        let received = reading.sampler.counted.filter { if case .received = $0.scope { true } else { false } }
        #expect(received.map(\.told) == [4])
        #expect(received.map(\.mutual) == [3])
    }

    @Test func `a hostile counter neither traps nor wraps`() throws {
        var reading = Reading()
        _ = try reading.read("")
        let all = (0..<9).map {
            IstioFixtures.requests(Int.max, ["response_code": "20\($0)"])
                + IstioFixtures.durations([("5", Int.max), ("1", 3)], ["response_code": "20\($0)"])
        }
        #expect(try reading.own(all.joined()).outbound.first?.sample?.completed == 9 << 48)
    }

    @Test func `attempts are told where nothing else is, with hosts and ejections`() throws {
        var attempts = IstioAttempts()
        func page(_ text: String) throws -> IstioClusters { try IstioClusters(Array(text.utf8)) }
        func report(_ name: String) throws -> TrafficReport {
            attempts.sample(
                try IstioClusters(IstioFixtures.bytes(name)), source: "pod", service: "productpage.bookinfo",
                isGateway: false, seconds: 1)
        }
        let first = try report("productpage-clusters.json")
        #expect(first.inbound == nil)
        // Services of the mesh that were never called are no edges.
        #expect(first.outbound.map(\.to) == ["reviews.bookinfo"])
        #expect(first.outbound.first?.sample == nil)
        let second = try report("productpage-clusters-canary.json")
        #expect(second.inbound?.completed == 1144 - 913)
        let edge = try #require(second.outbound.first?.sample)
        let tried: UInt64 = 472 - 347 + 345 - 291 + 327 - 275
        #expect(edge.completed == tried)
        #expect(edge.totalHosts == 3)
        #expect(edge.healthyHosts == 3)
        #expect(edge.ejectedHosts == 0)
    }

    @Test func `an endpoint that begins anew counts from zero`() throws {
        var attempts = IstioAttempts()
        func report(_ success: Int, _ error: Int, isEjected: Bool) throws -> TrafficReport {
            let page = """
                {"cluster_statuses":[{"name":"outbound|80||a.b.svc.cluster.local","host_statuses":[
                {"address":{"socket_address":{"address":"10.0.0.1","port_value":80}},"stats":[
                {"name":"rq_success","value":"\(success)"},{"name":"rq_error","value":"\(error)"},
                {"name":"rq_total","value":"\(success + error)"}],"health_status":{"failed_outlier_check":\(isEjected)}}]}]}
                """
            return attempts.sample(
                try IstioClusters(Array(page.utf8)), source: "pod", service: "x.b", isGateway: false, seconds: 1)
        }
        _ = try report(100, 5, isEjected: false)
        let again = try report(3, 1, isEjected: true)
        #expect(again.restarted)
        let edge = try #require(again.outbound.first?.sample)
        #expect((edge.answers2xx, edge.answers5xx) == (3, 1))
        #expect((edge.healthyHosts, edge.ejectedHosts) == (0, 1))
    }

    @Test func `what has to be annotated keeps what is there, and is said once`() {
        var adoption = IstioAdoption(kind: "deployment", name: "reviews-v1", namespace: "bookinfo")
        #expect(adoption.lines.first == "# deployment/reviews-v1 in bookinfo")
        let value = adoption.lines.last?.split(separator: ": ", maxSplits: 1).last ?? ""
        #expect(value.contains(#".*\\.fault\\..*"#))
        adoption.annotations = [IstioAdoption.annotation: "mine.*"]
        #expect(adoption.lines.last?.contains("\"mine.*,") == true)
        adoption.annotations = [IstioAdoption.annotation: (try? JSON(parsing: Array(value.utf8)))?.string ?? ""]
        #expect(adoption.isDone)
    }
}
