import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// What gameday costs, on the screen of the proxies; that it can't keep up, on every screen.
struct CostTests {
    private static func cost(slowdown: Double = 1) -> OwnCost {
        var cost = OwnCost()
        (cost.polls, cost.latePolls, cost.failedPolls, cost.bytesRead) = (12_345, 3, 0, 34_500_000)
        (cost.slowdown, cost.merged, cost.recorderBacklog) = (slowdown, 0, 12)
        (cost.readers, cost.readerLag, cost.keptLines) = (2, 8, 1_200_000)
        (cost.resident, cost.processor, cost.processorShare) = (45_600_000, 12, 0.021)
        (cost.threads, cost.descriptors) = (10, 46)
        return cost
    }

    @Test(arguments: [Size(80, 24), Size(120, 40)])
    func `the proxies' screen tells what gameday costs`(size: Size) {
        var day = BarDay(size)
        day.run(seconds: 5)
        day.press("6")
        let before = Screen.draw(day.state)
        #expect(!CanvasText.glyphs(before).contains("COST OF GAMEDAY"), "nothing is shown that was not told")
        day.send(.beat(Self.cost()))
        for frame in 1...100 { day.state.markDrawn(after: .microseconds(100 * frame)) }
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "cost-\(size.columns)x\(size.rows).frame")
        #expect(!CanvasText.glyphs(Screen.draw(day.state)).contains("SLOWER"))
    }

    @Test func `an overload is said in the header of every screen, for as long as it lasts`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 5)
        day.send(.beat(Self.cost(slowdown: 2.25)))
        for key in ["1", "4", "6"] {
            day.press(key)
            #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("polls x2.3 SLOWER"))
        }
        day.send(.beat(nil))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("SLOWER"), "a beat without a word changes nothing")
        day.send(.beat(Self.cost()))
        #expect(!CanvasText.glyphs(Screen.draw(day.state)).contains("SLOWER"))
    }

    @Test func `events that a slow screen never saw are counted`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 2)
        #expect(day.state.frames.skipped == 0)
        let last = day.state.mesh.lastNumber
        let frame = Event(number: last + 500, at: day.now, observation: .keyframe(day.state.mesh))
        _ = day.state.update(.event(frame))
        #expect(day.state.frames.skipped == 500)
    }
}
