import Testing

@testable import MeshModel

/// Certificates that end, and zones that stand in for others.
struct EdgeStandingTests {
    private static let edge = Edge(from: "bar", to: "cellar")
    private static let start = Timestamp(milliseconds: 1_000_000_000)

    private static func report(_ change: (inout EdgeReport) -> Void, source: String = "bar") -> EdgeReport {
        var report = EdgeReport(source: source, edge: edge)
        change(&report)
        return report
    }

    private static func certificate(
        _ state: EdgeCertificate.State, left seconds: Double, source: String = "bar"
    ) -> EdgeReport {
        report(
            {
                $0.certificate = EdgeCertificate(
                    ends: start.advanced(byMilliseconds: Int64(seconds * 1000)), state: state)
            }, source: source)
    }

    private static func zone(_ zone: String, source: String = "bar") -> EdgeReport {
        report({ $0.serving = EdgeServing(home: "a", zone: zone) }, source: source)
    }

    /// What the timeline tells of these, one after the other.
    private static func mesh(_ reports: [EdgeReport]) -> MeshState {
        var mesh = MeshState()
        for (number, report) in reports.enumerated() {
            mesh.apply(Event(number: UInt64(number + 1), at: start, observation: .edge(report)))
        }
        return mesh
    }

    @Test func `a certificate is told when it nears its end, when it ends, and when there is a new one`() {
        let mesh = Self.mesh([
            Self.certificate(.valid, left: 3000), Self.certificate(.valid, left: 3000),
            Self.certificate(.near, left: 480), Self.certificate(.near, left: 480),
            Self.certificate(.expired, left: -3600), Self.certificate(.valid, left: 864_000),
        ])
        #expect(
            mesh.timeline.map(\.text) == [
                "certificate of bar>cellar expires in 8 minutes",
                "certificate of bar>cellar EXPIRED: expired 1 hour ago",
                "certificate of bar>cellar renewed: expires in 10 days",
            ])
        #expect(mesh.timeline.map(\.tone) == [.warn, .bad, .good])
        #expect(mesh.timeline.allSatisfy { $0.kind == .mesh && $0.scope == .edge(Self.edge) })
        #expect(mesh.standing(on: Self.edge).certificate == nil)
    }

    @Test func `of several proxies the certificate counts that ends first`() {
        let mesh = Self.mesh([
            Self.certificate(.valid, left: 3000), Self.certificate(.expired, left: -5, source: "bar-2"),
        ])
        #expect(mesh.knowledge[Self.edge]?.certificate?.state == .expired)
        #expect(mesh.standing(on: Self.edge).certificate?.state == .expired)
    }

    @Test func `a failover is told with the zone, and its end`() {
        let mesh = Self.mesh([Self.zone("a"), Self.zone("b"), Self.zone("b"), Self.zone("a")])
        #expect(
            mesh.timeline.map(\.text) == [
                "cellar served from zone b: zone a answers nothing", "cellar served from zone a again",
            ])
        let away = Self.mesh([Self.zone("b")])
        #expect(away.standing(on: Self.edge).serving == EdgeServing(home: "a", zone: "b"))
        #expect(
            EdgeSentences.lines(of: Self.edge, in: away, at: Self.start).contains {
                $0 == "Failover: cellar served from zone b: zone a answers nothing"
            })
    }

    @Test func `callers that fail over together are one line`() {
        func zone(_ zone: String, from caller: ServiceName) -> EdgeReport {
            var report = EdgeReport(source: caller.text, edge: Edge(from: caller, to: "cellar"))
            report.serving = EdgeServing(home: "a", zone: zone)
            return report
        }
        let mesh = Self.mesh([
            zone("b", from: "taps"), zone("b", from: "bathroom"), zone("a", from: "taps"), zone("a", from: "bathroom"),
        ])
        #expect(
            mesh.timeline.map(\.text) == [
                "cellar served from zone b: zone a answers nothing", "cellar served from zone a again",
            ])
    }

    @Test(arguments: [
        (30.0, "expires in 30 seconds", "0m"), (2940, "expires in 49 minutes", "49m"),
        (86_000, "expires in 23 hours 53 minutes", "23h"), (950_400, "expires in 11 days", "11d"),
        (-40, "expired 40 seconds ago", "0m"),
    ])
    func `what is left of a certificate is told as people do`(left: Double, words: String, short: String) {
        let certificate = EdgeCertificate(ends: Self.start.advanced(byMilliseconds: Int64(left * 1000)), state: .valid)
        #expect(certificate.words(at: Self.start) == words)
        #expect(certificate.short(at: Self.start) == short)
    }

    @Test func `what was told is told the same after the wire`() throws {
        var mesh = Self.mesh([Self.certificate(.expired, left: -60), Self.zone("b")])
        mesh.lastAt = Self.start
        let frame = Event(number: 2, at: Self.start, observation: .keyframe(mesh))
        guard case .event(let event) = try EventWire.read(EventWire.line(frame)),
            case .keyframe(let read) = event.observation
        else { Issue.record("no key frame"); return }
        #expect(read.timeline.map(\.turn) == mesh.timeline.map(\.turn))
        #expect(read.knowledge == mesh.knowledge)
    }
}
