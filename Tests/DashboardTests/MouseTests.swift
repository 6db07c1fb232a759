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

    @Test func `no click and no wheel has an effect, wherever it falls`() {
        var day = BarDay.broken(Size(120, 40))
        for opening in ["esc", "f", "f enter", "q", ":", "N", "P", "4", "5", "6"] {
            day.press("esc esc esc 1 " + opening)
            let layers = day.state.layers
            for column in stride(from: 0, to: 130, by: 7) {
                for row in 0..<42 {
                    for kind in [MouseEvent.Kind.press, .doublePress, .release, .wheelUp, .wheelDown] {
                        let event = MouseEvent(kind, at: Point(column, row))
                        #expect(day.state.update(.key(.mouse(event))) == [])
                    }
                }
            }
            #expect(day.state.layers == layers)
        }
    }
}
