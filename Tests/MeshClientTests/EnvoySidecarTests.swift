import MeshModel
import TestKit
import Testing

@testable import MeshClient

struct EnvoySidecarTests {
    /// A sidecar fed by hand; each page is a second later than the last.
    final class Fed {
        var sidecar: EnvoySidecar
        var time = 0.0
        let directory = EnvoyDirectory()

        init(service: ServiceName? = "front") {
            sidecar = EnvoySidecar(
                EnvoyEndpoint(admin: "http://user:secret@127.0.0.1:9901", service: service), naming: EnvoyNaming(),
                deadline: .seconds(1))
        }

        func take(_ result: Result<HTTPResponse, TransportError>, after seconds: Double = 1) -> [Observation] {
            time += seconds
            let observations = sidecar.receive(result, at: time, directory: directory)
            guard sidecar.survey.page != nil else { return observations }
            // It serves statistics and nothing else.
            while sidecar.survey.page != nil {
                _ = sidecar.receive(.success(HTTPResponse(status: 404)), at: time, directory: directory)
            }
            return observations + sidecar.receive(result, at: time, directory: directory)
        }

        func take(page: [UInt8], after seconds: Double = 1) -> [Observation] {
            take(.success(HTTPResponse(status: 200, body: page)), after: seconds)
        }

        func report(_ counters: String, after seconds: Double = 1) -> TrafficReport? {
            let items = counters.split(separator: " ").map { pair in
                let parts = pair.split(separator: "=")
                return #"{"name":"\#(parts[0])","value":\#(parts[1])}"#
            }
            let page = "{\"stats\":[\(items.joined(separator: ","))]}"
            return take(page: Array(page.utf8), after: seconds).compactMap(\.traffic).first
        }
    }

    @Test func `the first page gives edges but no samples`() throws {
        let fed = Fed()
        let observations = fed.take(page: try EnvoyFixtures.bytes("load/front.poll_json_detailed.json"))
        let fresh = SourceReport(
            name: "front", kind: .envoy, endpoint: "http://127.0.0.1:9901", service: "front", state: .fresh)
        #expect(observations.first == .source(fresh))
        let report = try #require(observations.last?.traffic)
        #expect(report.inbound == nil)
        #expect(report.outbound.map(\.to) == ["cart", "catalog"])
        #expect(report.outbound.allSatisfy { $0.sample == nil })
    }

    @Test func `the same page again is a second without traffic`() throws {
        let fed = Fed()
        let page = try EnvoyFixtures.bytes("load/front.poll_json_detailed.json")
        _ = fed.take(page: page)
        let observations = fed.take(page: page, after: 1.5)
        #expect(observations.count == 1)
        let inbound = try #require(observations.first?.traffic?.inbound)
        #expect(inbound.seconds == 1.5)
        #expect(inbound.completed == 0)
        #expect(inbound.latency == LatencyHistogram())
        #expect(inbound.active == 1)
        #expect(inbound.successRatio == nil)
    }

    @Test func `what is new since the last page is counted`() throws {
        let fed = Fed()
        _ = fed.report(
            "http.to_x.downstream_rq_completed=10 http.to_x.downstream_rq_5xx=1 cluster.x.membership_total=2")
        let report = fed.report(
            "http.to_x.downstream_rq_completed=60 http.to_x.downstream_rq_5xx=11 http.to_x.fault.aborts_injected=9 "
                + "cluster.x.upstream_rq_retry=3 cluster.x.upstream_rq_active_overflow=1 "
                + "cluster.x.upstream_rq_pending_overflow=2 cluster.x.membership_total=2 cluster.x.membership_healthy=0 "
                + "cluster.x.outlier_detection.ejections_active=1"
        )
        let sample = try #require(report?.outbound.first?.sample)
        #expect(sample.completed == 50)
        #expect(sample.successRatio == 0.8)
        #expect(sample.abortsInjected == 9)
        #expect(sample.retries == 3)
        #expect(sample.overflows == 3)
        #expect(sample.healthyHosts == 0)
        #expect(sample.totalHosts == 2)
        #expect(sample.ejectedHosts == 1)
        #expect(sample.latency == nil)
        #expect(sample.active == nil)
    }

    @Test func `a restart is told and shows neither spike nor negative`() throws {
        let fed = Fed()
        _ = fed.report("server.uptime=500 http.in.downstream_rq_completed=5000 http.in.downstream_rq_2xx=5000")
        let report = try #require(fed.report("server.uptime=0 http.in.downstream_rq_completed=7"))
        #expect(report.restarted)
        #expect(report.inbound?.completed == 7)
        #expect(report.inbound?.answers2xx == 0)
        let next = try #require(fed.report("server.uptime=1 http.in.downstream_rq_completed=57"))
        #expect(!next.restarted)
        #expect(next.inbound?.completed == 50)
    }

    @Test func `a restart is seen even if the new counters are higher`() throws {
        let fed = Fed()
        _ = fed.report("server.uptime=500 http.in.downstream_rq_completed=5 http.in.downstream_rq_5xx=0")
        let report = try #require(fed.report("server.uptime=0 http.in.downstream_rq_completed=30"))
        #expect(report.restarted)
        #expect(report.inbound?.completed == 30)
    }

    @Test func `counters reset by hand keep the histogram's own deltas`() throws {
        let fed = Fed()
        let page = String(decoding: try EnvoyFixtures.bytes("load/pay.poll_json_detailed.json"), as: UTF8.self)
        _ = fed.take(page: Array(page.utf8))
        let reset = page.replacing(/"http.in.downstream_rq_(completed|2xx)","value":\d+/) {
            "\"http.in.downstream_rq_\($0.1)\",\"value\":3"
        }
        let report = try #require(fed.take(page: Array(reset.utf8)).first?.traffic)
        #expect(report.restarted)
        #expect(report.inbound?.completed == 3)
        #expect(report.inbound?.latency == LatencyHistogram())
    }

    @Test func `an edge that comes later has no sample at first, and one that goes is not told`() throws {
        let fed = Fed()
        _ = fed.report("http.to_a.downstream_rq_completed=1")
        let both = try #require(fed.report("http.to_a.downstream_rq_completed=2 http.to_b.downstream_rq_completed=900"))
        #expect(both.outbound.map(\.to) == ["a", "b"])
        #expect(both.outbound.map { $0.sample?.completed } == [1, nil])
        let one = try #require(fed.report("http.to_b.downstream_rq_completed=905"))
        #expect(one.outbound.map(\.to) == ["b"])
        #expect(one.outbound.first?.sample?.completed == 5)
    }

    @Test func `numbers too large for a signed integer are no trap`() throws {
        let fed = Fed()
        _ = fed.report("http.in.downstream_rq_completed=1 http.in.downstream_rq_active=18446744073709551614")
        let report = try #require(fed.report("http.in.downstream_rq_completed=18446744073709551615"))
        #expect(report.inbound?.completed == 18_446_744_073_709_551_614)
        _ = fed.report("cluster.x.upstream_rq_active_overflow=0")
        _ = fed.report(
            "cluster.x.upstream_rq_active_overflow=18446744073709551615 cluster.x.upstream_rq_pending_overflow=9")
    }

    @Test func `a name is asked for when the settings give none`() throws {
        let fed = Fed(service: nil)
        #expect(fed.sidecar.request.url.hasSuffix("/server_info"))
        #expect(fed.take(page: try EnvoyFixtures.bytes("server_info_front.json")).isEmpty)
        #expect(fed.sidecar.asksAgain)
        #expect(fed.sidecar.request.url.contains("/stats?"))
        #expect(fed.report("server.uptime=1")?.service == "front")
        #expect(!fed.sidecar.asksAgain)
    }

    @Test func `who is who is told once`() throws {
        let fed = Fed(service: nil)
        _ = fed.take(.failure(.refused("not up yet")))
        #expect(fed.directory.all.isEmpty)
        _ = fed.take(page: try EnvoyFixtures.bytes("server_info_front.json"))
        for _ in 1...3 { _ = fed.report("server.uptime=1") }
        #expect(fed.directory.sidecars(of: "front").map(\.source) == ["127.0.0.1:9901"])
        #expect(fed.directory.all.count == 1)
    }

    @Test func `a proxy without a name is called by its address`() throws {
        let fed = Fed(service: nil)
        _ = fed.take(page: Array(#"{"node":{"cluster":""}}"#.utf8))
        // Somebody may call it something, which takes the others a poll or two to find out.
        let reports = (1...4).map { fed.report("server.uptime=\($0)") }
        #expect(reports.last??.service == "127.0.0.1:9901")
    }

    @Test func `failures are told once, and again when they change`() {
        let fed = Fed()
        let states = [
            fed.take(.failure(.refused("x"))), fed.take(.failure(.refused("x"))), fed.take(page: Array("{}".utf8)),
            fed.take(page: Array(#"{"stats":[]}"#.utf8)), fed.take(.failure(.timedOut)), fed.take(.failure(.timedOut)),
            fed.take(.failure(.timedOut)), fed.take(.success(HTTPResponse(status: 403))),
            fed.take(.failure(.cancelled)),
        ].map { $0.compactMap(\.source?.state) }
        #expect(states == [[.unreachable], [], [.unreachable], [.fresh], [.stale], [], [.unreachable], [.stale], []])
    }

    @Test func `a simulator says so`() {
        let fed = Fed()
        _ = fed.take(
            .success(HTTPResponse(status: 200, headers: [HTTPHeader("X-Gameday-Simulated", "42")], body: [])))
        #expect(fed.sidecar.simulatorSeed == "42")
        #expect(fed.sidecar.request.keptHeaders == ["x-gameday-simulated"])
    }

    @Test func `names of sources are unique`() {
        let names = EnvoyDirectory()
        #expect(["a", "a", "b", "a", "a 2"].map(names.unique) == ["a", "a 2", "b", "a 3", "a 2 2"])
    }
}

/// The captured half minute: a fault, a kill, a restart and a pause.
struct EnvoyTimelineTests {
    private func reports(of service: ServiceName) throws -> [(second: Double, observations: [Observation])] {
        let fed = EnvoySidecarTests.Fed(service: service)
        return try EnvoyFixtures.timeline(of: service.text).map { poll in
            fed.time = poll.second
            return (
                poll.second, poll.body.map { fed.take(page: $0, after: 0) } ?? fed.take(.failure(.timedOut), after: 0)
            )
        }
    }

    @Test func `the fault on an edge is seen where and while it is`() throws {
        var during = TrafficSample(seconds: 0)
        for (second, observations) in try reports(of: "front") {
            for outbound in observations.compactMap(\.traffic).flatMap(\.outbound) {
                guard let sample = outbound.sample else { continue }
                if outbound.to == "catalog", second > 6.5, second < 12 { during.add(sample) }
                if outbound.to == "cart" || second < 5 {
                    #expect(sample.abortsInjected == 0)
                    #expect(sample.successRatio ?? 1 == 1)
                }
            }
        }
        let ratio = try #require(during.successRatio)
        #expect((0.6...0.8).contains(ratio))
        #expect((45...55).contains(try #require(during.requestRate)))
        #expect((Double(during.delaysInjected) / Double(during.completed) - 0.5).magnitude < 0.15)
        let p99 = try #require(during.latency?.quantile(0.99))
        #expect((200...250).contains(p99))
    }

    @Test func `a killed and restarted proxy never shows more than the load`() throws {
        let all = try reports(of: "catalog")
        let restarts = all.filter { $0.observations.contains { $0.traffic?.restarted == true } }
        #expect(restarts.map { Int($0.second) } == [18])
        for sample in all.flatMap(\.observations).compactMap(\.traffic?.inbound) {
            #expect(try #require(sample.requestRate) < 60)
            #expect((sample.latency?.count ?? 0) < 200)
        }
        let states = all.flatMap(\.observations).compactMap(\.source?.state)
        #expect(states == [.fresh, .stale, .unreachable, .fresh])
    }
}

extension Observation {
    var traffic: TrafficReport? { if case .traffic(let report) = self { report } else { nil } }
    var source: SourceReport? { if case .source(let report) = self { report } else { nil } }
}
