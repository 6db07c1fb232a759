import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Whatever the size, the keys and the names: nothing traps, nothing leaves the screen, nothing starts unasked.
struct RobustnessTests {
    @Test func `sizes from nothing to 250x80 can be drawn with every screen and dialog`() {
        var day = BarDay.broken(Size(80, 24))
        let openings = [
            "1", "2", "3", "4", "5", "6", "f", "f enter", "?", ":", "N", "enter", "/", "right b esc q", "4 d",
            "4 d right", "4 e", "p", "D", "M", "D 3",
        ]
        var turn = 0
        for columns in stride(from: 0, through: 250, by: 13) {
            for rows in stride(from: columns % 7, through: 80, by: 7) {
                for _ in 0..<3 {
                    turn += 1
                    day.press("esc esc esc 1 " + openings[turn % openings.count])
                    _ = day.state.update(.size(Size(columns, rows)))
                    let canvas = Screen.draw(day.state, glyphs: Glyphs.allCases[turn / 3 % 3])
                    #expect(canvas.size == Size(columns, rows))
                }
            }
        }
    }

    @Test func `every width and height from 1x1 to 250x80 can be drawn in every mode`() {
        var modes: [DashboardState] = [
            "1", "2", "3", "4", "5", "6", "P", "P f", "P ?", "P !", "D", "D v v", "D 3", "M 2", "D M",
        ].map { keys in
            var day = BarDay.broken(Size(120, 40))
            day.press(keys)
            return day.state
        }
        var observer = BarDay(Size(120, 40), isObserver: true)
        observer.run(seconds: 5)
        observer.press("P")
        modes.append(observer.state)
        for columns in 1...250 {
            for rows in stride(from: columns * 3 % 16 + 1, through: 80, by: 16) {
                let turn = columns + rows
                var state = modes[turn % modes.count]
                // The layout is still that for another size, as between two messages.
                state.size = Size(columns, rows)
                let canvas = Screen.draw(state, glyphs: Glyphs.allCases[turn % 3])
                #expect(canvas.size == Size(columns, rows))
            }
        }
    }

    @Test func `a yes that was typed before the question was seen is none`() {
        var day = BarDay(Size(100, 30))
        day.run(seconds: 8)
        day.state.select(.edge(Edge(from: "taps", to: "cellar")))
        let keys = "f enter y enter".split(separator: " ").map { Key(String($0)) ?? .insert }
        let blind = keys.flatMap { day.state.update(.key($0)) }
        #expect(blind.allSatisfy { $0.isQuestion })
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Inject this fault?"))
        #expect(day.press("enter").count == 1)
    }

    @Test func `a window with room for a sentence only starts nothing`() {
        var day = BarDay(Size(59, 30))
        day.run(seconds: 8)
        day.state.select(.edge(Edge(from: "taps", to: "cellar")))
        #expect(day.press("f enter y enter").isEmpty)
        _ = day.state.update(.size(Size(100, 30)))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Inject this fault?"))
        #expect(day.press("enter").count == 1)
    }

    @Test func `an observer finds no key, however long he tries`() {
        for seed in SeededGenerator.seeds(3) {
            var generator = SeededGenerator(seed: seed)
            var day = BarDay(Size(100, 30), isObserver: true)
            day.run(seconds: 8)
            day.begin(BarDay.fault("F1", .abort(status: 503), BarDay.edges[1].0, share: 0.5, at: day.now))
            for step in 0..<3000 {
                for effect in day.state.update(.key(Self.key(&generator))) {
                    switch effect {
                    // What protects an edge and what was logged of it anybody may ask.
                    case .theme, .screenshot, .note, .quit, .learnProtection, .learnLog, .copy, .openLink: break
                    default: Issue.record("seed \(seed), step \(step): \(effect)")
                    }
                }
            }
            day.press("esc esc esc 1 ?")
            var picture = CanvasText.glyphs(Screen.draw(day.state))
            day.press("esc :")
            picture += CanvasText.glyphs(Screen.draw(day.state))
            #expect(
                !picture.contains("HALT ALL") && !picture.contains("inject a fault") && picture.contains("OBSERVER"))
        }
    }

    @Test func `the smallest sizes say one sentence and draw no panel`() {
        var day = BarDay.broken(Size(59, 20))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Window too small"))
        _ = day.state.update(.size(Size(60, 20)))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("SERVICES"))
    }

    @Test func `random keys never start a fault without its confirmation`() {
        var started = 0
        for seed in SeededGenerator.seeds(5) {
            var generator = SeededGenerator(seed: seed)
            var day = BarDay(Size(100, 30))
            day.run(seconds: 8)
            for step in 0..<3000 {
                day.state.markDrawn()
                day.state.markSeen()
                let front = day.state.layers.last
                let key = Self.key(&generator)
                for case .startFault(let request) in day.state.update(.key(key)) + day.state.update(.quiet) {
                    started += 1
                    guard case .confirmation(let asked) = front, asked.effect == .startFault(request) else {
                        Issue.record("seed \(seed), step \(step): \(key) started \(request)")
                        continue
                    }
                    #expect(key == .enter || key == .character("y") || key == .character("Y"))
                    #expect(request.share > 0 && request.share <= 1 && request.lease >= 1)
                }
            }
        }
        // The confirmed way is found now and then: the loop is no test of a screen that can't start anything.
        #expect(started > 0)
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `hostile names reach the screen as harmless glyphs`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var day = BarDay(Size(120, 40))
        let names = (0..<6).map { _ in ServiceName(generator.hostileText(upTo: 300)) }
        for name in names {
            day.extra.append((Edge(from: "bar", to: name), 3))
            day.send(.note(Note(by: generator.hostileText(), text: generator.hostileText(upTo: 300))))
        }
        day.run(seconds: 3)
        let edge = Edge(from: "bar", to: names[0])
        day.begin(BarDay.fault(generator.hostileText(), .abort(status: 503), edge, share: 0.5, at: day.now))
        for opening in ["1", "2", "v", "v", "v", "f", "enter", "esc enter", "esc 4", "5", "6", "z", "q"] {
            day.press(opening)
            for glyphs in Glyphs.allCases {
                let canvas = Screen.draw(day.state, glyphs: glyphs)
                for cell in canvas.cells {
                    #expect(Text.sanitised(String(cell.glyph.scalar)) == String(cell.glyph.scalar))
                }
            }
        }
    }

    @Test func `a callee whose name can't be typed is confirmed by a plain word`() {
        var day = BarDay(Size(120, 40))
        day.extra.append((Edge(from: "bar", to: "🍺\u{1B}[2J"), 36))
        day.run(seconds: 2)
        day.state.select(.edge(Edge(from: "bar", to: "🍺\u{1B}[2J")))
        day.press("f down down")
        day.type("80")
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("type break and press enter"))
        day.type("break")
        let effects = day.press("enter")
        #expect(effects.count == 1)
    }

    @Test func `no single key changes the mesh but those that take faults away`() {
        for code in 0x20..<0x7F {
            guard let scalar = Unicode.Scalar(code) else { continue }
            var day = BarDay.broken(Size(120, 40))
            for effect in day.state.update(.key(.character(Character(scalar)))) {
                // A mark only writes into the timeline.
                if case .note(_, .mark) = effect { continue }
                switch effect {
                case .halt, .stopFault, .abortExperiment, .theme, .screenshot, .travel, .learnAbilities,
                    .learnProtection, .learnLog, .copy, .openLink, .redraw, .suspend:
                    break
                case .startFault, .changeFault, .startExperiment, .rearm, .note, .quit:
                    Issue.record("\(scalar) caused \(effect)")
                }
            }
        }
    }

    @Test func `an observer and a replay have no key that changes the mesh`() {
        for day in [BarDay(Size(120, 40), isObserver: true), BarDay(Size(120, 40), mode: .replay)] {
            var day = day
            day.run(seconds: 3)
            day.begin(BarDay.fault("F1", .abort(status: 503), BarDay.edges[0].0, share: 0.5, at: day.now))
            #expect(day.press("f") == [])
            #expect(!CanvasText.glyphs(Screen.draw(day.state)).contains("INJECT A FAULT"))
            #expect(day.press("R") == [])
        }
        var observer = BarDay(Size(120, 40), isObserver: true)
        #expect(observer.press("a ! ctrl-x") == [])
        #expect(!CanvasText.glyphs(Screen.draw(observer.state)).contains("HALT ALL"))
    }

    private static func key(_ generator: inout SeededGenerator) -> Key {
        let likely: [Key] = [
            .enter, .enter, .enter, .character("f"), .character("f"), .character("y"), .escape, .up, .down, .left,
            .right, .tab, .backTab, .backspace, .control("c"), .control("x"), .pageDown, .home, .end, .function(12),
            .character("a"), .character("q"), .character("R"), .character(":"), .character("/"), .character("P"),
            .character("S"), .pasted("f\ry!"), .background(Color(255, 255, 255)), .alt("f"),
            .mouse(MouseEvent(.doublePress, at: Point(20, 10))), .mouse(MouseEvent(.wheelDown, at: Point(5, 5))),
        ]
        if generator.bool() { return likely[generator.int(in: 0...likely.count - 1)] }
        let code = UInt8(generator.int(in: 0x20...0x7E))
        return .character(Character(Unicode.Scalar(code)))
    }
}

/// Keys of dialogs that a person chose.
struct DialogKeyTests {
    private func day(_ changes: [String: [Key]]) -> BarDay {
        var day = BarDay(Size(120, 40), keymap: Keymap(changes: changes))
        day.run(seconds: 8)
        return day
    }

    @Test func `a chosen yes agrees, the old one no longer, and the dialog tells which`() {
        var day = day(["yes": [.character("J")]])
        day.state.select(.edge(Edge(from: "taps", to: "cellar")))
        day.press("f down down")
        day.type("60")
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("J confirms    esc cancels"))
        #expect(day.press("y") == [] && day.press("enter J").count == 1)
    }

    @Test func `what moves on the main screen moves in dialogs`() {
        var day = day(["down": [.character("s")], "abort": [.character("A")], "left": [.character("w")]])
        day.press("?")
        day.press("j")
        #expect(day.state.layers == [.help(scroll: 0)])
        day.press("s")
        #expect(day.state.layers == [.help(scroll: 1)])
        day.press("esc")
        day.begin(BarDay.fault("F1", .abort(status: 503), BarDay.edges[4].0, share: 0.5, at: day.now))
        #expect(day.press("4 d w") == [.changeFault(id: "F1", FaultChange(share: 0.4))])
        #expect(day.press("a") == [] && day.press("A") == [.stopFault(id: "F1")])
    }

    @Test func `the guard of the way out obeys its own keys, and esc always`() {
        var day = day(["haltAndQuit": [.character("0")], "stay": []])
        day.begin(BarDay.fault("F1", .abort(status: 503), BarDay.edges[4].0, share: 0.5, at: day.now))
        #expect(day.press("q h") == [] && !day.state.hasLayer)
        day.press("q")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("0 halt everything, then quit"))
        #expect(day.press("esc") == [] && !day.state.hasLayer)
        #expect(day.press("q 0") == [.quit(.halting)])
    }
}
