import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Runs on the screen, whatever they are: nothing traps, nothing is obeyed, nothing starts unasked.
struct ExperimentScreenTests {
    @Test(arguments: SeededGenerator.seeds(6))
    func `any run and any catalogue can be drawn at any size`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var day = BarDay(Size(100, 30))
        day.run(seconds: 3)
        for turn in 0..<60 {
            day.send(.experiment(generator.experimentReport(at: day.now)))
            if turn % 7 == 0 { day.send(.catalogue((0..<4).map { _ in generator.experimentPlan(at: day.now) })) }
            day.press(["1", "7", "7 down", "esc 7 x", "7 tab down pgdn", "4"][turn % 6])
            _ = day.state.update(.size(Size(generator.int(in: 0...250), generator.int(in: 0...80))))
            let canvas = Screen.draw(day.state, glyphs: Glyphs.allCases[turn % 3])
            for cell in canvas.cells {
                #expect(Text.sanitised(String(cell.glyph.scalar)) == String(cell.glyph.scalar))
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `random keys never start a run without its question`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var day = BarDay(Size(100, 30))
        day.run(seconds: 8)
        day.showCatalogue()
        let likely = ["7", "x", "enter", "y", "o", "down", "esc", "r u n enter", "esc 7 home x", "up", "a", "1"]
        var started = 0
        for _ in 0..<3000 {
            let front = day.state.layers.last
            for effect in day.press(generator.pick(likely)) {
                guard case .startExperiment = effect else { continue }
                started += 1
                guard case .confirmation(let asked)? = front, asked.effect == effect else {
                    Issue.record("seed \(seed): \(effect) was not asked for")
                    continue
                }
            }
        }
        #expect(started > 0)
    }

    @Test func `an observer and a replay run nothing and abort nothing`() {
        for day in [BarDay(Size(120, 40), isObserver: true), BarDay(Size(120, 40), mode: .replay)] {
            var day = day
            day.run(seconds: 3)
            day.showCatalogue()
            #expect(day.press("7 x enter y") == [])
            #expect(!CanvasText.glyphs(Screen.draw(day.state)).contains("Run this experiment?"))
        }
        var observer = BarDay(Size(120, 40), isObserver: true)
        observer.showCatalogue()
        observer.goOn(to: "method")
        #expect(observer.press("a") == [])
        #expect(CanvasText.glyphs(Screen.draw(observer.state)).contains("METHOD 1/2"))
    }
}

/// The line of a recorded day is explained where there is one.
struct ScrubMarkTests {
    @Test(arguments: Glyphs.allCases)
    func `the help of a replay tells each mark of the line`(glyphs: Glyphs) {
        for (mode, isTold) in [(SessionMode.replay, true), (.live, false)] {
            var day = BarDay(Size(120, 80), mode: mode)
            day.run(seconds: 3)
            day.press("?")
            var picture = ""
            for _ in 0..<12 {
                picture += CanvasText.glyphs(Screen.draw(day.state, glyphs: glyphs))
                day.press("pgdn")
            }
            for mark in ScrubMark.allCases {
                let line = "\(mark.glyph(glyphs).scalar)  \(mark.words)"
                #expect(picture.contains(line) == isTold, "\(line)")
            }
        }
    }
}
