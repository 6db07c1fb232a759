import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// One pod as its poller sees it, without a network.
struct IstioSidecarTests {
    private static let pod = IstioPod(
        namespace: "bookinfo", name: "productpage-v1-x", uid: "1", service: "productpage.bookinfo",
        canonicalService: "productpage", version: "v1", zone: "a")

    /// Answers by port, and what was asked.
    private final class Pod {
        var answers: [UInt16: Result<HTTPResponse, TransportError>] = [:]
        var asked: [UInt16] = []
        let services = PolledServices()
        let sidecar: IstioSidecar
        var time = 0.0

        init(_ pod: IstioPod = IstioSidecarTests.pod) {
            sidecar = IstioSidecar(pod, services: services) { pod, page in
                HTTPRequest("GET", "http://\(page.port)\(page.path)")
            }
        }

        static func page(_ name: String) -> Result<HTTPResponse, TransportError> {
            .success(HTTPResponse(status: 200, body: (try? IstioFixtures.bytes(name)) ?? []))
        }

        func poll() -> [Observation] {
            time += 1
            var told: [Observation] = []
            repeat {
                let port = UInt16(sidecar.request.url.dropFirst(7).prefix { $0.isNumber }) ?? 0
                asked.append(port)
                told += sidecar.receive(answers[port] ?? .failure(.refused("no")), at: time)
            } while sidecar.asksAgain
            return told
        }
    }

    private static func sources(_ observations: [Observation]) -> [SourceReport] {
        observations.compactMap { if case .source(let report) = $0 { report } else { nil } }
    }

    private static func traffic(_ observations: [Observation]) -> [TrafficReport] {
        observations.compactMap { if case .traffic(let report) = $0 { report } else { nil } }
    }

    @Test func `the agent's page is asked first, and then always`() {
        let pod = Pod()
        pod.answers[15020] = Pod.page("productpage.prom")
        let told = pod.poll()
        #expect(pod.sidecar.request.url == "http://15020/stats/prometheus?" + IstioPageWire.query)
        let source = Self.sources(told).first
        #expect(source?.name == "productpage-v1-x.bookinfo")
        #expect(source?.kind == .sidecar)
        #expect(source?.state == .fresh)
        #expect((source?.version, source?.zone, source?.service) == ("v1", "a", "productpage.bookinfo"))
        _ = pod.poll()
        #expect(pod.asked == [15020, 15020])
        #expect(pod.services.isHeard("productpage.bookinfo"))
    }

    @Test func `the page that annotations name is asked before`() {
        var other = Self.pod
        other.scrape = .init(port: 9102, path: "/metrics")
        let pod = Pod(other)
        pod.answers[9102] = .success(HTTPResponse(status: 200, body: Array("app_requests_total 3\n".utf8)))
        pod.answers[15090] = Pod.page("productpage.prom")
        _ = pod.poll()
        #expect(pod.asked == [9102, 15020, 15090])
    }

    @Test func `without metrics attempts are told, and said to be that, until there are metrics`() {
        let pod = Pod()
        let none = Result<HTTPResponse, TransportError>.success(HTTPResponse(status: 200))
        (pod.answers[15020], pod.answers[15090]) = (none, none)
        pod.answers[15000] = Pod.page("productpage-clusters.json")
        let told = pod.poll()
        #expect(pod.asked == [15020, 15090, 15000])
        #expect(Self.sources(told).first?.explanation == IstioAttempts.explanation)
        #expect(Self.sources(told).first?.state == .fresh)
        pod.answers[15000] = Pod.page("productpage-clusters-canary.json")
        #expect(Self.traffic(pod.poll()).first?.inbound?.completed == 231)
        pod.answers[15020] = Pod.page("productpage.prom")
        for _ in 1...25 { _ = pod.poll() }
        #expect(pod.asked.last == 15020)
        #expect(pod.asked.count { $0 == 15000 } < 25)
    }

    @Test func `a page of metrics that have not begun is settled upon`() {
        let pod = Pod()
        let build = "# TYPE istio_build gauge\nistio_build{component=\"proxy\",tag=\"1.24\"} 1\n"
        pod.answers[15020] = .success(HTTPResponse(status: 200, body: Array(build.utf8)))
        _ = pod.poll()
        pod.answers[15020] = .success(HTTPResponse(status: 200, body: Array((build + IstioFixtures.requests(5)).utf8)))
        #expect(Self.traffic(pod.poll()).first?.outbound.first?.sample?.completed == 5)
        #expect(pod.asked == [15020, 15020])
    }

    @Test func `who may not be reached is told why, and asked less often`() {
        let pod = Pod()
        let refusal = TransportError.tunnel(status: 403, "pods is forbidden")
        for port: UInt16 in [15020, 15090, 15000] { pod.answers[port] = .failure(refusal) }
        let source = Self.sources(pod.poll()).first
        #expect(source?.state == .unreachable)
        #expect(source?.explanation == "No permission to access the pod: pods is forbidden")
        // The other ports lie behind the same door.
        #expect(pod.asked == [15020])
        #expect(pod.sidecar.isDue(at: pod.time + 0.9))
        for _ in 1...8 { _ = pod.poll() }
        #expect(!pod.sidecar.isDue(at: pod.time + 29))
        #expect(pod.sidecar.isDue(at: pod.time + 30))
        #expect(!pod.services.isHeard("productpage.bookinfo"))
        pod.answers[15020] = Pod.page("productpage.prom")
        #expect(Self.sources(pod.poll()).first?.state == .fresh)
        #expect(pod.sidecar.isDue(at: pod.time))
    }

    @Test func `a pod that was heard is late before it is lost`() {
        let pod = Pod()
        pod.answers[15020] = Pod.page("productpage.prom")
        _ = pod.poll()
        pod.answers[15020] = .failure(.timedOut)
        #expect(Self.sources(pod.poll()).first?.state == .stale)
        _ = pod.poll()
        #expect(Self.sources(pod.poll()).first?.state == .unreachable)
        pod.answers[15020] = Pod.page("productpage-canary.prom")
        let report = Self.traffic(pod.poll()).first
        #expect(report?.inbound?.completed == 229)
        #expect(report?.inbound?.seconds == 4)
    }

    @Test func `a pod that leaves is told as gone, and is heard no more`() {
        let pod = Pod()
        #expect(pod.sidecar.leave().isEmpty)
        pod.answers[15020] = Pod.page("productpage.prom")
        _ = pod.poll()
        #expect(Self.sources(pod.sidecar.leave()).first?.isGone == true)
        #expect(!pod.services.isHeard("productpage.bookinfo"))
    }

    @Test func `a caller bears the name of its service`() {
        let services = PolledServices()
        var pod = Self.pod
        pod.service = "shop.bookinfo"
        services.set([pod])
        let caller = IstioCaller(service: "productpage", namespace: "bookinfo", workload: nil)
        #expect(services.name(of: caller) == "shop.bookinfo")
        #expect(services.name(of: IstioCaller(service: "other", namespace: "n", workload: nil)) == "other.n")
        #expect(services.name(of: IstioCaller()) == "unknown")
        #expect(services.name(of: IstioCaller(namespace: "n")) == nil)
    }
}

/// Pods that come and go while a fleet polls them, on a clock that the test turns.
@Suite(.timeLimit(.minutes(2))) struct IstioFleetTests {
    private static func pod(_ number: Int, uid: String = "1") -> IstioPod {
        IstioPod(
            namespace: "n", name: "p\(number)", uid: uid, service: "s.n", canonicalService: "s", version: nil, zone: nil
        )
    }

    /// Answers every pod with one page, and counts who was asked.
    private final class Page: HTTPTransport {
        let asked = Mutex<[String]>([])
        let body: [UInt8]

        init(_ text: String) { body = Array(text.utf8) }

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            HTTPResponse(status: 200, body: body)
        }

        func answers(to batch: [HTTPRequest]) -> AsyncStream<[HTTPAnswer]> {
            asked.withLock { $0 += batch.map(\.url) }
            return AsyncStream { stream in
                stream.yield(
                    batch.indices.map { HTTPAnswer(place: $0, result: .success(HTTPResponse(status: 200, body: body))) }
                )
                stream.finish()
            }
        }

        func stream(_ request: HTTPRequest) async throws(TransportError) -> HTTPStream { throw .cancelled }
    }

    /// Turns the clock second by second, and tells what was asked in each.
    private func asked(_ seconds: Int, _ change: (IstioFleet<ManualClock>, Int) -> Void) async -> [[String]] {
        let clock = ManualClock()
        let page = Page(IstioFixtures.requests(3))
        let fleet = IstioFleet(transport: page, clock: clock) { pod, page in
            HTTPRequest("GET", "http://\(pod.name)/\(pod.uid)")
        }
        var all: [[String]] = []
        let running = Task { await fleet.run { _ in } }
        for second in 0..<seconds {
            change(fleet, second)
            for _ in 0..<10 {
                await clock.waitForSleepers(10)
                clock.advance(by: .milliseconds(100))
            }
            await clock.waitForSleepers(10)
            all.append(
                page.asked.withLock { asked in
                    defer { asked = [] }
                    return asked
                })
        }
        running.cancel()
        return all
    }

    @Test func `a few pods are asked once a second each, and another of the same name is another`() async {
        let all = await asked(6) { fleet, second in
            if second == 0 { fleet.set((0..<20).map { Self.pod($0) }) }
            if second == 3 { fleet.set([Self.pod(0, uid: "2")] + (2..<20).map { Self.pod($0) }) }
        }
        #expect(all[2].count == 20)
        #expect(Set(all[2]).count == 20)
        #expect(all[5].count == 19)
        #expect(all[5].contains("http://p0/2") && !all[5].contains("http://p0/1"))
    }

    @Test func `many pods join by and by, and are asked two hundred times a second in all`() async {
        let all = await asked(24) { fleet, second in
            if second == 0 { fleet.set((0..<600).map { Self.pod($0) }) }
        }
        #expect(all.allSatisfy { $0.count <= 280 })
        #expect(all[0].count <= 100)
        let last = all.suffix(3).flatMap { $0 }
        #expect(Set(last).count > 400)
        #expect(last.count <= 620)
    }
}
