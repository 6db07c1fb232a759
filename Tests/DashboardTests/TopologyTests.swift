import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// What is drawn follows what is observed: ghosts stay with their age, the new is marked, nothing is hoped.
struct TopologyTests {
    @Test func `a service that vanished stays as a ghost with its age and moves nobody`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        let before = Self.boxes(of: day)
        day.silent = ["menu"]
        day.send(day.source("menu", .unreachable, "connection refused"))
        day.run(seconds: 12)
        #expect(Self.boxes(of: day) == before)
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("stale 12s"))
        #expect(picture.contains("9 of 10"))
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "ghost-120x40.frame")
    }

    @Test func `a new service is marked for a while, stands behind its caller, and moves nobody`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        let before = Self.boxes(of: day)
        day.extra.append((Edge(from: "tab", to: "bank"), 3))
        day.run(seconds: 1)
        let after = Self.boxes(of: day)
        for (name, box) in before { #expect(after[name] == box) }
        #expect(after["bank"]?.column == after["till"]?.column)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("new"))
        day.run(seconds: 12)
        #expect(!CanvasText.glyphs(Screen.draw(day.state)).contains("new"))
    }

    @Test func `a fault is drawn as requested until an event says that it is there`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        var fault = BarDay.fault("F1", .abort(status: 503), Edge(from: "bar", to: "taps"), share: 0.5, at: day.now)
        day.send(.fault(fault))
        var picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("F1 ABORT 503 50% bar>taps requested"))
        #expect(picture.contains("503? 50%"))
        #expect(!picture.contains("ACTIVE"))
        fault.phase = .active
        fault.acceptedAt = day.now
        day.send(.fault(fault))
        picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("ACTIVE"))
    }

    @Test func `another control plane's day replaces the old one`() {
        var day = BarDay.broken(Size(120, 40))
        _ = day.state.update(.anew)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("No service known yet"))
        var mesh = MeshState()
        mesh.apply(
            Event(
                number: 1, at: day.now,
                observation: .session(
                    Session(
                        id: "gd2", name: "the shop", mode: .simulated, startedAt: day.now))))
        _ = day.state.update(.event(Event(number: 1, at: day.now, observation: .keyframe(mesh))))
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("the shop"))
        #expect(picture.contains("SIMULATED"))
        #expect(picture.contains("No active faults"))
    }

    @Test func `without words from the control plane everything greys, the tick alone tells`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        _ = day.state.update(.tick(day.now.advanced(bySeconds: 9)))
        let canvas = Screen.draw(day.state)
        #expect(CanvasText.glyphs(canvas).contains("NO CONTROL PLANE"))
        let body = (3..<30).flatMap { row in (1..<119).map { canvas[$0, row] } }
        #expect(body.allSatisfy { $0.style.role == .stale || $0.glyph == .space })
    }

    @Test func `a halt is asked for again after a loss only, not at every word of the control plane`() {
        var day = BarDay(Size(120, 40))
        #expect(day.press("!").count == 1)
        #expect(day.state.update(.connection(.connected)).isEmpty)
        #expect(day.state.update(.connection(.lost(why: "gone"))).isEmpty)
        #expect(day.state.update(.connection(.connected)).count == 1)
    }

    @Test func `a gap in the polls is a gap in the curve`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 20)
        day.silent = ["door"]
        day.run(seconds: 6)
        day.silent = []
        day.run(seconds: 5)
        let series = day.state.mesh.services["door"]?.series ?? []
        let window = SeriesWindow(series, interval: 1, until: day.now, columns: 31)
        let gaps = window.points.enumerated().filter { $0.element == nil }.map(\.offset)
        #expect(gaps == [21, 22, 23, 24] || gaps == [20, 21, 22, 23, 24], "\(gaps)")
    }

    @Test func `boxes are chosen where they fit, a tree where not, a table for very many`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 3)
        #expect(Self.kind(of: day) == "boxes")
        _ = day.state.update(.size(Size(80, 24)))
        #expect(Self.kind(of: day) == "tree")
        for number in 0..<200 { day.extra.append((Edge(from: "bar", to: ServiceName("s\(number)")), 1)) }
        day.run(seconds: 1)
        day.press("L")
        #expect(Self.kind(of: day) == "table")
    }

    @Test func `the worst stands first in the table`() {
        var day = BarDay(Size(120, 40))
        day.failing[Edge(from: "tab", to: "till")] = 0.9
        day.run(seconds: 6)
        day.press("v v v")
        #expect(day.state.table.first == "tab")
    }

    private static func kind(of day: BarDay) -> String {
        switch day.state.picture {
        case .boxes: "boxes"
        case .tree: "tree"
        case .table: "table"
        }
    }

    private static func boxes(of day: BarDay) -> [ServiceName: Rect] {
        if case .boxes(let plan) = day.state.picture { plan.boxes } else { [:] }
    }
}
