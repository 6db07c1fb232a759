import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// What comes in by the keyboard and no person typed: noise on the line, a paste, a cat.
struct NoiseTests {
    /// A day with a fault of ours, orphans and a catalogue, at which somebody looks.
    private static func day() -> BarDay {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 8)
        day.showCatalogue()
        day.begin(BarDay.fault("F1", .abort(status: 503), BarDay.edges[1].0, share: 0.2, at: day.now))
        for orphan in ["X1", "X2"] {
            day.begin(BarDay.fault(orphan, .abort(status: 500), BarDay.edges[2].0, share: 1, at: day.now))
            day.change(orphan) { $0.isOrphan = true }
        }
        return day
    }

    /// Bytes of noise as keys: every byte is as likely as another.
    private static func key(_ byte: Int) -> Key {
        switch byte {
        case 0x1B: .escape
        case 9: .tab
        case 10, 13: .enter
        case 8, 0x7F: .backspace
        case 1...26: .control(Character(Unicode.Scalar(UInt8(byte + 0x60))))
        case 0x20..<0x7F: .character(Character(Unicode.Scalar(UInt8(byte))))
        default: .insert
        }
    }

    /// Each key is drawn before the next comes, as on a slow line: nothing but the pause after a yes protects.
    @Test(arguments: SeededGenerator.seeds(400))
    func `noise starts no fault, removes no orphan and leaves no active fault`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var day = Self.day()
        for step in 0..<generator.int(in: 100...500) {
            day.state.markDrawn()
            day.state.markSeen()
            for effect in day.state.update(.key(Self.key(generator.int(in: 0...255)))) {
                switch effect {
                case .startFault, .changeFault(_, FaultChange(lease: nil)), .startExperiment, .rearm, .quit:
                    Issue.record("seed \(seed), step \(step): \(effect)")
                case .stopFault(let id): #expect(id == "F1", "seed \(seed), step \(step)")
                default: break
                }
            }
        }
        #expect(day.state.update(.quiet).allSatisfy { $0 != .quit(.plain) })
    }

    @Test func `a yes waits for a pause, and another key before it takes the question back`() {
        var day = BarDay(Size(100, 30))
        day.run(seconds: 8)
        day.state.select(.edge(Edge(from: "taps", to: "cellar")))
        day.press("f enter")
        day.state.markDrawn()
        day.state.markSeen()
        #expect(day.state.update(.key(.enter)) == [] && day.state.awaitsQuiet)
        #expect(day.state.update(.key(.character("k"))) == [] && !day.state.awaitsQuiet)
        #expect(day.state.update(.quiet) == [])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("nothing was done"))
        #expect(day.press("enter") == [] && day.press("enter").count == 1)
    }

    @Test func `a yes that is typed twice is one`() {
        var day = Self.day()
        day.press("q")
        day.state.markDrawn()
        day.state.markSeen()
        for _ in 0..<5 { #expect(day.state.update(.key(.control("c"))) == []) }
        #expect(day.state.update(.quiet) == [.quit(.plain)])
    }

    @Test func `nobody leaves by a question that was not seen`() {
        var day = Self.day()
        for key: Key in [.character("q"), .character("l"), .control("c"), .control("c")] {
            #expect(day.state.update(.key(key)) == [] && day.state.update(.quiet) == [])
        }
        #expect(day.press("l") == [.quit(.plain)])
    }

    @Test func `a key that answers no question closes it`() {
        var day = Self.day()
        day.press("O")
        #expect(day.state.hasLayer)
        #expect(day.press("x") == [] && !day.state.hasLayer)
        #expect(day.press("O up y") == [.stopFault(id: "X1"), .stopFault(id: "X2")])
        day.press("q x")
        #expect(!day.state.hasLayer)
    }

    @Test func `an orphan is only removed after a question, by either key`() {
        var day = Self.day()
        day.press("4")
        day.state.selectedFault = "X2"
        #expect(day.press("a") == [])
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("Remove this orphan?") && picture.contains("X2 ABORT 500 on 100% of"))
        #expect(day.press("n") == [] && day.press("a y") == [.stopFault(id: "X2")])
        day.state.selectedFault = "F1"
        #expect(day.press("a") == [.stopFault(id: "F1")])
    }

    @Test func `a halt closes the question whose yes still waits`() {
        var day = Self.day()
        day.press("O")
        day.state.markDrawn()
        day.state.markSeen()
        _ = day.state.update(.key(.character("y")))
        #expect(day.state.update(.key(.character("!"))) == [.halt(reason: "halt key")])
        #expect(day.state.update(.quiet) == [])
    }

    @Test(arguments: ["N", "/", ":"])
    func `a paste goes into the field that is open`(opening: String) {
        var day = Self.day()
        day.press(opening)
        #expect(day.state.update(.key(.pasted("one\r\ntwo\u{1B}[31m\t\u{202E}three\n"))) == [])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("one two[31m three"))
        _ = day.state.update(.key(.pasted(String(repeating: "x", count: 100_000))))
        #expect(Screen.draw(day.state).size == Size(120, 40))
    }

    @Test func `a paste goes nowhere else`() {
        for opening in ["1", "4", "?", "f", "f enter", "q", "O", "4 end d", "p", "enter", "x"] {
            var day = Self.day()
            day.press(opening)
            let layers = day.state.layers.count
            for _ in 0..<3 { #expect(day.state.update(.key(.pasted("f\ry!qO\u{3}\u{18}l"))) == []) }
            #expect(day.state.update(.quiet) == [] && day.state.layers.count == layers, "\(opening)")
        }
    }
}
