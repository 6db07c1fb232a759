import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// Certificates and zones, as Envoys tell them.
@Suite(.timeLimit(.minutes(1))) struct EnvoyStandingsTests {
    private static func zones(_ counts: [(zone: String, priority: Int, total: String?)]) -> EnvoyZones {
        EnvoyZones(
            hosts: counts.map { count in
                let total: JSON =
                    count.total.map { ["name": "rq_total", "value": .string($0)] } ?? ["name": "rq_total"]
                return [
                    "locality": ["zone": .string(count.zone)], "priority": JSON(count.priority), "stats": [total],
                ]
            })
    }

    @Test func `the certificates of a real page are read, the proxy's own alone`() throws {
        let page = try JSON(parsing: AccessLogFormatTests.fixture("envoy-certs.json"))
        let certificates = EnvoyCertificates(page)
        #expect(certificates.own.count == 1)
        #expect(certificates.own.first?.path == "./tls/c.pem")
        #expect(certificates.own.first?.ends == KubeTime.read("2026-12-10T01:08:37Z"))
        #expect(EnvoyCertificates(.null).own.isEmpty)
    }

    @Test func `a certificate says itself how long it is good`() throws {
        let pem = try AccessLogFormatTests.fixture("bar.pem")
        let times = try #require(CertificateTimes(pem: pem))
        #expect(times.begins == KubeTime.read("2026-11-28T00:00:00Z"))
        #expect(times.ends == KubeTime.read("2026-12-01T12:00:00Z"))
        #expect(CertificateTimes(pem: Array("-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----".utf8)) == nil)
        for length in 0..<200 { #expect(CertificateTimes(der: Array(repeating: 0x30, count: length)) == nil) }
    }

    @Test func `each edge is told the certificate that is shown there`() throws {
        let pem = Data(try AccessLogFormatTests.fixture("bar.pem")).base64EncodedString()
        func cluster(_ name: String, _ secret: String?) -> JSON {
            guard let secret else { return ["cluster": ["name": .string(name)]] }
            let common: JSON = ["tls_certificate_sds_secret_configs": [["name": .string(secret)]]]
            return [
                "cluster": [
                    "name": .string(name), "transport_socket": ["typed_config": ["common_tls_context": common]],
                ]
            ]
        }
        func secret(_ name: String, _ chain: JSON) -> JSON {
            ["secret": ["name": .string(name), "tls_certificate": ["certificate_chain": chain]]]
        }
        let config: JSON = [
            "configs": [
                cluster("taps", "good"), cluster("kitchen", "old"), cluster("menu", nil), cluster("till", "unknown"),
                secret("good", ["filename": "/good.pem"]), secret("old", ["inline_bytes": .string(pem)]),
            ]
        ]
        func entry(_ path: String, _ from: String, _ until: String) -> JSON {
            ["cert_chain": [["path": .string(path), "valid_from": .string(from), "expiration_time": .string(until)]]]
        }
        let certificates = EnvoyCertificates([
            "certificates": [
                entry("/good.pem", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
                entry("<inline>", "2026-11-28T00:00:00Z", "2026-12-01T12:00:00Z"),
                entry("<inline>", "2025-01-01T00:00:00Z", "2025-02-01T00:00:00Z"),
            ]
        ])
        let secrets = EnvoyClusterSecrets([config])
        func ends(_ callee: String) -> Timestamp? { certificates.shown(by: secrets) { $0 == callee }?.ends }
        #expect(ends("taps") == KubeTime.read("2027-01-01T00:00:00Z"))
        #expect(ends("kitchen") == KubeTime.read("2026-12-01T12:00:00Z"))
        #expect(ends("menu") == nil)
        #expect(ends("till") == KubeTime.read("2025-02-01T00:00:00Z"))
        #expect(certificates.shown(by: nil) { _ in true }?.ends == KubeTime.read("2025-02-01T00:00:00Z"))
    }

    @Test(arguments: [(86400.0, 600.0), (1200, 60), (60, 30)])
    func `a question that is dear is put the less often, the longer the certificate lasts`(
        left: Double, pause: Double
    ) async throws {
        let start = try #require(KubeTime.read("2026-11-28T12:00:00Z"))
        let page: JSON = [
            "certificates": [
                [
                    "cert_chain": [
                        [
                            "path": "x", "valid_from": "2026-11-28T12:00:00Z",
                            "expiration_time": .string(KubeTime.micro(start.advanced(bySeconds: left))),
                        ]
                    ]
                ]
            ]
        ]
        let clock = Mutex(ContinuousClock.now)
        let standings = EnvoyStandings(bound: nil, now: { start }, clock: { clock.withLock { $0 } })
        let asked = Mutex(0)
        var proxy = EnvoyStandings.Proxy(source: "p", edges: [Edge(from: "a", to: "b")]) { _ in
            asked.withLock { $0 += 1 }
            return HTTPResponse(status: 200, body: page.bytes)
        } leads: { _, _ in
            true
        }
        (proxy.hasSecrets, proxy.hasZones, proxy.pause) = (false, false, .seconds(30))
        #expect(await standings.reports(of: [proxy]).first?.certificate?.ends == start.advanced(bySeconds: left))
        clock.withLock { $0 += .seconds(pause - 1) }
        #expect(await standings.reports(of: [proxy]).isEmpty)
        clock.withLock { $0 += .seconds(2) }
        #expect(await standings.reports(of: [proxy]).count == 1 && asked.withLock { $0 } == 2)
    }

    @Test func `a certificate is near its end by the settings, or in the last tenth of its life`() throws {
        let now = try #require(KubeTime.read("2026-11-28T12:00:00Z"))
        func state(_ begins: String, _ ends: String, _ bound: Duration? = nil) throws -> EdgeCertificate.State {
            let times = CertificateTimes(
                begins: try #require(KubeTime.read(begins)), ends: try #require(KubeTime.read(ends)))
            return EdgeCertificate(.init(path: "", times: times), at: now, bound: bound).state
        }
        #expect(try state("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z") == .valid)
        #expect(try state("2026-11-27T14:00:00Z", "2026-11-28T14:00:00Z") == .near)
        #expect(try state("2026-11-28T00:00:00Z", "2026-11-29T00:00:00Z", .seconds(86_400)) == .near)
        #expect(try state("2026-11-27T14:00:00Z", "2026-11-28T14:00:00Z", .seconds(60)) == .valid)
        #expect(try state("2026-11-27T14:00:00Z", "2026-11-28T12:00:00Z") == .expired)
    }

    @Test func `the zone is told that had the requests`() {
        let before = Self.zones([("a", 0, "10"), ("a", 0, "5"), ("b", 1, nil)])
        #expect(before.home == "a")
        #expect(Self.zones([("a", 0, "12"), ("a", 0, "5"), ("b", 1, "1")]).serving(since: before)?.isAway == false)
        #expect(Self.zones([("a", 0, "10"), ("a", 0, "5"), ("b", 1, "4")]).serving(since: before)?.zone == "b")
        #expect(Self.zones([("a", 0, "10"), ("a", 0, "5"), ("b", 1, nil)]).serving(since: before) == nil)
        // A retry may try another zone, and then there was nothing else for a moment.
        #expect(Self.zones([("a", 0, "10"), ("a", 0, "5"), ("b", 1, "2")]).serving(since: before) == nil)
        // One that began anew counts from zero, and one zone has none to stand in for.
        #expect(Self.zones([("a", 0, "3"), ("b", 1, nil)]).serving(since: before)?.zone == "a")
        #expect(Self.zones([("a", 0, "3"), ("a", 1, "3")]).home == nil)
        #expect(Self.zones([("a", 0, "3"), ("b", 0, "3")]).home == nil)
    }

    @Test func `proxies are asked again only where there is something that changes`() async throws {
        let asked = Mutex<[String]>([])
        func proxy(_ source: String, hasCertificates: Bool) -> EnvoyStandings.Proxy {
            EnvoyStandings.Proxy(source: source, edges: [Edge(from: "bar", to: "taps")]) { path in
                asked.withLock { $0.append("\(source) \(path)") }
                let isPage = hasCertificates && path == "/certs"
                let page =
                    #"{"certificates":[{"cert_chain":[{"path":"x","valid_from":"2026-01-01T00:00:00Z","expiration_time":"2026-02-01T00:00:00Z"}]}]}"#
                return HTTPResponse(status: 200, body: Array((isPage ? page : "{}").utf8))
            } leads: { _, _ in
                true
            }
        }
        let standings = EnvoyStandings(bound: nil)
        var proxies = [proxy("with", hasCertificates: true), proxy("without", hasCertificates: false)]
        proxies[0].hasSecrets = false
        let first = await standings.reports(of: proxies)
        #expect(first.map(\.source) == ["with"])
        #expect(first.first?.certificate?.state == .expired)
        _ = await standings.reports(of: proxies)
        #expect(asked.withLock { $0.filter { $0 == "with /certs" }.count } == 2)
        #expect(asked.withLock { $0.filter { $0 == "without /certs" }.count } == 1)
    }
}
