import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// The screen that ticks off what was learnt.
struct LessonTests {
    private static func plan(_ number: Int, _ title: String) -> ExperimentPlan {
        var plan = ExperimentPlan(file: "f\(number).yaml", title: title)
        plan.lesson = .init(mesh: "failed over by itself", code: "nothing at all, if it never knew an address")
        return plan
    }

    /// One was run and had an answer of the mesh, one is on, one is still to come, and one teaches nothing.
    private static func day(_ size: Size) -> BarDay {
        var day = BarDay.broken(size)
        day.send(
            .catalogue([
                plan(1, "Topology doesn't change"), plan(2, "Latency is zero"), plan(3, "The network is secure"),
                ExperimentPlan(file: "other.yaml", title: "Friday night"),
            ]))
        var run = ExperimentReport(
            id: "R1", file: "f1.yaml", title: "Topology doesn't change", by: "tour", startedAt: day.now,
            phase: .method)
        day.send(.experiment(run))
        var report = EdgeReport(source: "taps", edge: Edge(from: "taps", to: "cellar"))
        report.serving = EdgeServing(home: "a", zone: "b")
        day.send(.edge(report))
        run.verdict = .init(.held, isUndone: true, words: ["It held."])
        (run.phase, run.endedAt) = (.ended, day.now)
        day.send(.experiment(run))
        day.send(
            .experiment(
                ExperimentReport(
                    id: "R2", file: "f2.yaml", title: "Latency is zero", by: "tour", startedAt: day.now, phase: .method)
            ))
        return day
    }

    @Test(arguments: [Size(80, 24), Size(120, 40)])
    func `the lessons at every size`(size: Size) {
        var day = Self.day(size)
        day.press("8")
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "lessons-\(size.columns)x\(size.rows).frame")
    }

    @Test func `what was run is ticked off with what was seen, and nothing is told before`() {
        var day = Self.day(Size(120, 40))
        day.press("8")
        let text = CanvasText.glyphs(Screen.draw(day.state))
        #expect(text.contains("2 of 3 tried"))
        #expect(text.contains("cellar served from zone b: zone a answers nothing"))
        #expect(text.contains("nothing at all, if it never knew an address"))
        #expect(text.ranges(of: "nothing at all").count == 1)
        #expect(!text.contains("Friday night not tried"))
        day.press("8")
        #expect(day.state.layers.isEmpty)
    }

    @Test func `where nothing has a lesson, that is said`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("8")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("No experiment here has a lesson"))
    }
}

/// What an edge's line says of certificates and zones.
struct StandingMarkTests {
    @Test(arguments: [(40, "zone next door, breaker"), (14, "zone next door"), (9, "failover"), (3, "")])
    func `a zone is named where there is room, and told all the same where there is less`(room: Int, words: String) {
        let serving = EdgeServing(home: "here", zone: "next door")
        let standing = MechanismWords.standing((serving, nil), at: Timestamp(milliseconds: 0))
        #expect(MechanismWords.line([(.breaker, nil)], standing, hosts: nil, to: room) == words)
    }

    /// A call that is answered from another zone, with a certificate that has expired.
    @Test(arguments: [("v v", "till  cert EXPIRED, zone b"), ("v v v", "till: cert EXPIRED, zone b")])
    func `tree and table mark what acts, as the boxes do`(keys: String, words: String) {
        var day = BarDay.broken(Size(200, 60))
        var report = EdgeReport(source: "tab", edge: Edge(from: "tab", to: "till"))
        report.serving = EdgeServing(home: "a", zone: "b")
        report.certificate = EdgeCertificate(ends: day.now.advanced(byMilliseconds: -60_000), state: .expired)
        day.send(.edge(report))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("EXPIRED"))
        day.press(keys)
        let text = CanvasText.glyphs(Screen.draw(day.state))
        #expect(text.contains(words) && text.contains("cert EXPIRED"), "\(text)")
    }

    @Test func `a certificate is marked by what is left of it`() {
        func mark(_ state: EdgeCertificate.State, _ left: Int64) -> [String] {
            let certificate = EdgeCertificate(ends: Timestamp(milliseconds: left * 60_000), state: state)
            return MechanismWords.standing((nil, certificate), at: Timestamp(milliseconds: 0)).map(\.word)
        }
        #expect(mark(.near, 8) == ["cert 8m"])
        #expect(mark(.expired, -60) == ["cert EXPIRED"])
    }
}
