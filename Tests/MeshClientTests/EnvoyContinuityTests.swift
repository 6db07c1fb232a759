import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// What a proxy counted before is never counted as of this second, whatever its clock, its counters and its name do.
@Suite struct EnvoyContinuityTests {
    private typealias Fed = EnvoySidecarTests.Fed

    @Test(arguments: [970, 0, 3, 18_446_744_073_709_551_589, 999_999_999_999] as [UInt64])
    func `a clock that was set is no restart while the counters go on`(uptime: UInt64) throws {
        let fed = Fed()
        _ = fed.report(
            "server.uptime=1000 http.admin.downstream_rq_completed=5 http.in.downstream_rq_completed=900000 "
                + "http.in.downstream_rq_5xx=90000")
        for turn in 1...3 as ClosedRange<UInt64> {
            let report = try #require(
                fed.report(
                    "server.uptime=\(uptime &+ turn) http.admin.downstream_rq_completed=\(5 + turn) "
                        + "http.in.downstream_rq_completed=\(900_000 + 40 * turn) http.in.downstream_rq_5xx=90000"))
            #expect(!report.restarted)
            #expect(report.inbound?.requestRate == 40 && report.inbound?.successRatio == 1)
        }
    }

    @Test func `a proxy that was hardly used and restarted is told by its admin page`() throws {
        let fed = Fed()
        _ = fed.report(
            "server.uptime=500 http.admin.downstream_rq_completed=600 http.in.downstream_rq_completed=5")
        let report = try #require(
            fed.report("server.uptime=0 http.admin.downstream_rq_completed=1 http.in.downstream_rq_completed=30"))
        #expect(report.restarted && report.inbound?.completed == 30)
    }

    @Test func `one counter that falls does not count all the others anew`() throws {
        let fed = Fed()
        _ = fed.report("server.uptime=500 http.in.downstream_rq_completed=900000 http.in.downstream_rq_4xx=100")
        let report = try #require(
            fed.report("server.uptime=501 http.in.downstream_rq_completed=900040 http.in.downstream_rq_4xx=99"))
        #expect(report.inbound?.completed == 40 && report.inbound?.answers4xx == 0)
    }

    @Test func `of another process behind the address nothing is subtracted`() throws {
        let fed = Fed()
        let one = "server.uptime=500 http.in.downstream_rq_completed=900000"
        let other = "server.uptime=90000 http.in.downstream_rq_completed=800000"
        _ = fed.report(one)
        for page in [other, one, other] {
            let report = try #require(fed.report(page))
            #expect((report.inbound?.completed ?? 0) < 200_000, "\(page)")
            #expect(report.inbound?.requestRate.map { $0 < 180_000 } ?? true)
        }
    }

    @Test(arguments: SeededGenerator.seeds(60))
    func `no page, however mad its numbers, traps or counts what no counter rose by`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let fed = Fed()
        let mad: [UInt64] = [0, 1, 7, 1000, 900_000, .max, .max - 1, 1 << 63, UInt64(Int64.max)]
        var before: UInt64?
        for _ in 0..<40 {
            let completed = generator.pick(mad)
            let counters =
                "server.uptime=\(generator.pick(mad)) http.admin.downstream_rq_completed=\(generator.pick(mad)) "
                + "http.in.downstream_rq_completed=\(completed) http.in.downstream_rq_5xx=\(generator.pick(mad)) "
                + "cluster.x.upstream_rq_active_overflow=\(generator.pick(mad)) cluster.x.membership_total=1"
            let report = fed.report(counters, after: generator.pick([0, 0.2, 1, 1e9]))
            if let found = report?.inbound, before != nil { #expect(found.completed <= completed) }
            before = completed
        }
    }

    /// A sidecar that told its own name, with a history.
    private func front() throws -> Fed {
        let fed = Fed(service: nil)
        _ = fed.take(page: Array(#"{"node":{"cluster":"front"}}"#.utf8))
        _ = fed.report("server.uptime=500 http.in.downstream_rq_completed=5000")
        return fed
    }

    @Test func `another name at the address is another service from then on`() throws {
        let fed = try front()
        // The new process tells of itself before anybody asked who it is: these figures are nobody's.
        #expect(fed.report("server.uptime=1 http.in.downstream_rq_completed=40") == nil)
        #expect(fed.sidecar.asksAgain && fed.sidecar.request.url.hasSuffix("/server_info"))
        let told = fed.take(page: Array(#"{"node":{"cluster":"pay"}}"#.utf8)).compactMap(\.source)
        #expect(told.map(\.name) == ["front"] && told.map(\.state) == [.unreachable])
        #expect(told.first?.explanation == "Another proxy answers at its address: pay")
        let first = try #require(fed.report("server.uptime=2 http.in.downstream_rq_completed=80"))
        #expect(first.service == "pay" && first.source == "pay" && first.inbound == nil)
        let next = try #require(fed.report("server.uptime=3 http.in.downstream_rq_completed=120"))
        #expect(next.inbound?.completed == 40)
        #expect(fed.directory.sidecars(of: "front").isEmpty)
        #expect(fed.directory.sidecars(of: "pay").map(\.source) == ["pay"])
        // Whoever looks after the old one finds the place at which nothing may be left.
        #expect(fed.directory.sidecars(named: ["front"]).count == 1)
    }

    @Test func `the same name after a silence goes on, and nothing is lost`() throws {
        let fed = try front()
        _ = fed.take(.failure(.timedOut))
        #expect(fed.report("server.uptime=502 http.in.downstream_rq_completed=5080") == nil)
        #expect(fed.take(page: Array(#"{"node":{"cluster":"front"}}"#.utf8)).isEmpty)
        #expect(fed.sidecar.asksAgain && fed.sidecar.request.url.contains("/stats?"))
        let report = try #require(fed.report("server.uptime=502 http.in.downstream_rq_completed=5080", after: 0))
        #expect(report.source == "front" && report.inbound?.completed == 80)
        #expect(!fed.sidecar.asksAgain)
    }

    @Test func `who a proxy is that does not say it stays in doubt`() throws {
        let fed = try front()
        #expect(fed.report("server.uptime=0 http.in.downstream_rq_completed=3") == nil)
        #expect(fed.take(.failure(.timedOut)).compactMap(\.source?.state) == [.stale])
        #expect(fed.sidecar.request.url.hasSuffix("/server_info"))
    }
}
