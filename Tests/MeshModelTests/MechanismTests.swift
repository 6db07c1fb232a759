import MeshModel
import TestKit
import Testing

/// What the mesh does by itself is told when it begins and when it is over.
struct MechanismTests {
    private static let edge = Edge(from: "bar", to: "taps")

    /// A day of one edge, a poll a second.
    private struct Day {
        var mesh = MeshState()
        var seconds = 0

        mutating func poll(_ source: String = "bar", _ change: (inout TrafficSample) -> Void = { _ in }) {
            seconds += 1
            var sample = TrafficSample(seconds: 1)
            sample.completed = 50
            sample.answers2xx = 50
            (sample.totalHosts, sample.healthyHosts) = (3, 3)
            change(&sample)
            let report = TrafficReport(
                source: source, service: "bar", inbound: nil, outbound: [.init(to: "taps", sample: sample)])
            mesh.apply(
                Event(number: mesh.lastNumber + 1, at: now, observation: .traffic(report)))
        }

        var now: Timestamp { Timestamp(milliseconds: Int64(seconds) * 1000) }
        var story: [String] { mesh.timeline.filter { $0.kind == .mesh }.map(\.text) }
        var acting: [Mechanism] { mesh.mechanisms(on: MechanismTests.edge, at: now).map(\.mechanism) }
    }

    @Test func `a breaker is told once while it opens and closes, and when it stays closed`() {
        var day = Day()
        for _ in 1...3 { day.poll() }
        #expect(day.acting.isEmpty)
        day.poll { $0.overflows = 12 }
        #expect(day.story == ["breaker of bar>taps opened: 3 requests/s rejected"])
        #expect(day.acting == [.breaker])
        for round in 1...10 { day.poll { $0.overflows = round.isMultiple(of: 3) ? 12 : 0 } }
        #expect(day.story.count == 1)
        for _ in 1...20 { day.poll() }
        #expect(day.story.last == "breaker of bar>taps closed: rejected 48 in 13 seconds")
        #expect(day.acting.isEmpty)
        #expect(day.mesh.watch.acting.isEmpty)
    }

    @Test func `hosts that are ejected are told with how many there are`() {
        var day = Day()
        day.poll { $0.ejectedHosts = 1 }
        #expect(day.story == ["outlier detection of bar>taps ejected 1 of 3 hosts"])
        for _ in 1...12 { day.poll() }
        #expect(day.story.last == "outlier detection of bar>taps returned all 3 hosts")
    }

    @Test func `a few retries and timeouts are no news`() {
        var day = Day()
        for _ in 1...20 { day.poll { ($0.retries, $0.timeouts) = (1, 1) } }
        #expect(day.story.isEmpty)
        for _ in 1...6 { day.poll { ($0.retries, $0.timeouts) = (10, 5) } }
        #expect(day.acting == [.retries, .timeouts])
        #expect(day.story.count == 2)
        #expect(day.mesh.mechanisms(on: Self.edge, at: day.now).first?.amount == 0.2)
    }

    @Test func `what is no longer heard of is not said to act`() {
        var day = Day()
        day.poll { $0.overflows = 12 }
        day.seconds += 9
        #expect(day.acting.isEmpty)
    }

    @Test func `what acts, and its line of the story, is the same after the wire`() throws {
        var day = Day()
        day.poll { ($0.overflows, $0.ejectedHosts) = (12, 2) }
        let line = EventWire.line(
            Event(number: day.mesh.lastNumber, at: day.now, observation: .keyframe(day.mesh)))
        guard case .event(let event) = try EventWire.read(line) else { throw WireError(page: "", path: "", found: "") }
        #expect(event.observation == .keyframe(day.mesh))
    }
}

/// What proxies tell of an edge beside its traffic.
struct EdgeReportTests {
    private static let edge = Edge(from: "productpage", to: "reviews")

    private static func part(_ version: String, _ completed: UInt64, failed: UInt64 = 0) -> EdgeReport.Part {
        var sample = TrafficSample(seconds: 10)
        (sample.completed, sample.answers5xx) = (completed, failed)
        sample.latency = LatencyHistogram([.init(lower: 40, width: 0, count: completed)])
        return EdgeReport.Part(version: version, sample: sample)
    }

    private static var whole: EdgeReport {
        var report = EdgeReport(source: "productpage-1", edge: edge)
        report.parts = [part("v1", 80), part("v2", 20, failed: 5)]
        (report.ejected, report.mutualShare) = (["10.0.0.7:9080"], 1)
        var protection = EdgeProtection()
        protection.timeout = 2000
        protection.retries = .init(count: 2, on: "5xx", tryTimeout: 300)
        protection.breaker = .init(pending: 100)
        protection.outliers = .init(failures: 5, ejection: 30_000, mostPercent: 50)
        protection.security = .mutual
        protection.split = [.init(name: "v1", weight: 80), .init(name: "v2", weight: 20)]
        report.protection = protection
        report.certificate = EdgeCertificate(ends: Timestamp(milliseconds: 60_000), state: .near)
        report.serving = EdgeServing(home: "a", zone: "b")
        report.policy = policy
        return report
    }

    private static var policy: EdgePolicy {
        var policy = EdgePolicy()
        policy.mutual = [
            .init(mode: "STRICT", source: "bookinfo/default"), .init(mode: "DISABLE", port: 9080, pods: 1),
        ]
        (policy.waypoint, policy.waypointTrouble) = ("bookinfo/waypoint", "which is not ready")
        policy.routes = [
            .init(
                name: "HTTPRoute bookinfo/reviews", matches: "GET requests",
                shares: [.init(name: "reviews-v1", weight: 3), .init(name: "reviews-v2", weight: 1)])
        ]
        policy.unknown = ["Gateways cannot be read"]
        return policy
    }

    private static func mesh(_ reports: EdgeReport...) -> MeshState {
        var mesh = MeshState()
        for (place, report) in reports.enumerated() {
            mesh.apply(
                Event(number: UInt64(place + 1), at: Timestamp(milliseconds: 0), observation: .edge(report)))
        }
        return mesh
    }

    @Test func `all of it is the same after the wire and in a key frame`() throws {
        let event = Event(number: 1, at: Timestamp(milliseconds: 5), observation: .edge(Self.whole))
        #expect(try EventWire.read(EventWire.line(event)) == .event(event))
        var mesh = Self.mesh(Self.whole)
        mesh.lastAt = Timestamp(milliseconds: 5)
        let frame = Event(number: 1, at: Timestamp(milliseconds: 5), observation: .keyframe(mesh))
        #expect(try EventWire.read(EventWire.line(frame)) == .event(frame))
    }

    @Test func `a report adds to what its source told before, and takes nothing away`() {
        var figures = EdgeReport(source: "productpage-1", edge: Self.edge)
        figures.parts = [Self.part("v1", 1), Self.part("v2", 1)]
        let known = Self.mesh(Self.whole, figures).knowledge[Self.edge]
        #expect(known?.parts.map(\.sample.completed) == [1, 1])
        #expect(known?.protection?.timeout == 2000)
        #expect(known?.mutualShare == 1)
    }

    @Test func `two callers' figures are summed, and the least of identity is told`() {
        var other = Self.whole
        (other.source, other.mutualShare, other.ejected) = ("productpage-2", 0.5, [])
        let known = Self.mesh(Self.whole, other).knowledge[Self.edge]
        #expect(known?.parts.map(\.sample.completed) == [160, 40])
        #expect(known?.mutualShare == 0.5)
        #expect(known?.ejected == ["10.0.0.7:9080"])
        #expect(known?.differs == false)
    }

    @Test func `it is said in sentences`() {
        let lines = EdgeSentences.lines(of: Self.edge, in: Self.mesh(Self.whole), at: Timestamp(milliseconds: 0))
        #expect(
            lines == [
                "Timeout: 2 s", "Retries: 2 retries on 5xx, 300 ms for each attempt",
                "Circuit breaker: opens above 100 pending requests",
                "Outlier detection: a host is ejected for 30 s after 5 failures in a row, at most 50% of the hosts",
                "Traffic split: v1 80%, v2 20%", "Identity: mutual TLS on every request",
                "mTLS: STRICT by PeerAuthentication bookinfo/default: plain text is refused",
                "mTLS on port 9080: DISABLE on 1 pod by Istio's default: connections are not encrypted",
                "Waypoint: bookinfo/waypoint, which is not ready", "Gateways cannot be read",
                "Route: HTTPRoute bookinfo/reviews sends 75% to reviews-v1, 25% to reviews-v2 for GET requests",
                "Certificate of productpage: expires in 1 minute",
                "v1: 80% of requests, 100% success, p99 40 ms", "v2: 20% of requests, 75% success, p99 40 ms",
                "Failover: reviews served from zone b: zone a answers nothing",
                "Left out by outlier detection: 10.0.0.7:9080",
            ])
        let callee = EdgeSentences.lines(of: Self.edge.to, in: Self.mesh(Self.whole))
        #expect(callee.count == 4 && callee.first?.hasPrefix("mTLS: STRICT") == true)
        let nothing = EdgeSentences.lines(of: Self.edge, in: MeshState(), at: Timestamp(milliseconds: 0))
        #expect(nothing.isEmpty)
    }

    @Test func `what a source told goes with it`() {
        var gone = SourceReport(
            name: "productpage-1", kind: .sidecar, endpoint: "", service: "productpage", state: .unreachable)
        var mesh = Self.mesh(Self.whole)
        mesh.apply(Event(number: 2, at: Timestamp(milliseconds: 0), observation: .source(gone)))
        #expect(mesh.knowledge[Self.edge] != nil)
        gone.health = SourceReport.gone
        mesh.apply(Event(number: 3, at: Timestamp(milliseconds: 0), observation: .source(gone)))
        #expect(mesh.knowledge.isEmpty)
    }
}
