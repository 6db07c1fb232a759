import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// The mouse, for those who ask for it.
struct MouseTests {
    /// Where a text stands on the screen.
    private func place(of text: String, on state: DashboardState) -> Point? {
        for (row, line) in Screen.draw(state).lines.enumerated() {
            guard let found = line.firstRange(of: text) else { continue }
            return Point(line.distance(from: line.startIndex, to: found.lowerBound), row)
        }
        return nil
    }

    @Test(arguments: ["taps", "cellar", "bouncer"])
    func `a click selects the box it hits`(name: String) throws {
        var day = BarDay.broken(Size(120, 40))
        let point = try #require(place(of: "● \(name)", on: day.state) ?? place(of: " \(name) ", on: day.state))
        #expect(day.state.update(.key(.mouse(MouseEvent(.press, at: point)))) == [])
        #expect(day.state.selection == .service(ServiceName(name)))
    }

    @Test func `a click in the table selects its row`() throws {
        var day = BarDay.broken(Size(120, 40))
        while day.state.picture != .table { day.press("v") }
        let point = try #require(place(of: "kitchen ", on: day.state))
        _ = day.state.update(.key(.mouse(MouseEvent(.press, at: point))))
        #expect(day.state.selection == .service("kitchen"))
    }

    @Test func `the wheel scrolls the pane below it, and the help above all`() throws {
        var day = BarDay.broken(Size(120, 40))
        let timeline = try #require(day.state.regions.area(of: .timeline))
        let wheel = Key.mouse(MouseEvent(.wheelDown, at: timeline.origin.moved(columns: 5, rows: 2)))
        _ = day.state.update(.key(wheel))
        #expect(day.state.pane == .timeline && day.state.storyPlace == 1)
        day.press("?")
        _ = day.state.update(.key(wheel))
        #expect(day.state.layers == [.help(scroll: 1)])
        #expect(day.state.storyPlace == 1)
    }

    @Test func `no click and no wheel has an effect but in the footer and on the line of the day`() {
        var day = BarDay.broken(Size(120, 40))
        for opening in ["esc", "f", "f enter", "q", ":", "N", "P", "4", "5", "6", "/", "&"] {
            day.press("esc esc esc 1 " + opening)
            let layers = day.state.layers
            for column in stride(from: 0, to: 130, by: 7) {
                for row in 0..<42 where !layers.isEmpty || day.state.isProjecting || row < 38 {
                    for kind in [MouseEvent.Kind.press, .doublePress, .release, .wheelUp, .wheelDown] {
                        let event = MouseEvent(kind, at: Point(column, row))
                        #expect(day.state.update(.key(.mouse(event))) == [])
                    }
                }
            }
            #expect(day.state.layers == layers)
        }
    }

    private func click(_ text: String, on day: inout BarDay) throws -> [Effect] {
        let point = try #require(place(of: text, on: day.state), "\(text)")
        return day.state.update(.key(.mouse(MouseEvent(.press, at: point))))
    }

    @Test func `a click on a tab shows its screen, and one in the footer is its key`() throws {
        var day = BarDay.broken(Size(120, 40))
        #expect(try click("4 Faults", on: &day) == [] && day.state.screen == .faults)
        #expect(try click("1 Overview", on: &day) == [] && day.state.screen == .overview)
        #expect(try click("? help", on: &day) == [] && day.state.layers == [.help(scroll: 0)])
        day.press("esc")
        #expect(try click("HALT ALL", on: &day) == [.halt(reason: "halt key")])
    }

    @Test func `a click selects a fault, an experiment and a line of the timeline`() throws {
        var day = BarDay.broken(Size(120, 40))
        day.showCatalogue()
        day.press("4")
        _ = try click("◆ ABORT 503", on: &day)
        #expect(day.state.selectedFault == "F1")
        day.press("5")
        _ = try click("door success fell", on: &day)
        #expect(day.state.selectedEntry != nil)
        day.press("7")
        let last = try #require(day.state.shown.catalogue.last)
        _ = try click(String(last.title.prefix(16)), on: &day)
        #expect(day.state.selectedExperiment == last.file)
    }

    @Test func `a click on the line of the day goes to that moment`() throws {
        var replay = BarDay(Size(120, 40), mode: .replay)
        replay.run(seconds: 90)
        replay.press("5")
        let area = try #require(replay.state.regions.area(of: .timeline)).inset(columns: 1, rows: 1)
        let strip = TimelinePanel.parts(of: area).strip
        let middle = Point(strip.column + (strip.columns - 1) / 2, strip.row + 1)
        let effects = replay.state.update(.key(.mouse(MouseEvent(.press, at: middle))))
        guard case .travel(.to(let moment))? = effects.first else { return #expect(Bool(false), "\(effects)") }
        #expect(abs(moment.seconds(since: BarDay.start) - 45) < 1)
    }

    @Test(arguments: 60...200)
    func `no key of the footer and no tab is cut, at any width`(columns: Int) {
        var day = BarDay.broken(Size(columns, 24))
        for screen in ["1", "2", "3", "4", "5", "6", "7"] {
            day.press(screen)
            let hints = FooterPanel.hints(day.state, columns: columns)
            #expect(hints.first?.id == .halt && hints.allSatisfy { $0.columns.upperBound <= columns })
            let tabs = TabBar.tabs(day.state, columns: columns, .full)
            #expect(tabs.count == 7 && tabs.allSatisfy { $0.columns.upperBound <= columns })
            let line = CanvasText.glyphs(Screen.draw(day.state)).split(separator: "\n").map(String.init)
            #expect(!line.suffix(2).joined().contains("…"))
        }
    }
}
