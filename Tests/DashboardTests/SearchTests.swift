import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Search jumps and marks, filter hides; both open empty and remember.
struct SearchTests {
    @Test func `a search jumps while one types, marks what it finds and hides nothing`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("/")
        day.type("cel")
        #expect(day.state.selection == .service("cellar") && day.state.filter.isEmpty)
        let canvas = Screen.draw(day.state)
        let reversed = canvas.cells.filter { $0.style.emphasis.contains(.reverse) }.map(\.glyph.scalar)
        #expect(String(String.UnicodeScalarView(reversed)).contains("cel"))
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("/cel 1 found"))
        day.press("esc")
        #expect(day.state.search.isEmpty && day.state.screen == .overview)
    }

    @Test func `the next match is one key away, in both directions and round again`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("/")
        day.type("ba")
        day.press("enter")
        #expect(day.state.selection == .service("bar"))
        day.press("}")
        #expect(day.state.selection == .service("bathroom"))
        day.press("}")
        #expect(day.state.selection == .service("bar"))
        day.press("{")
        #expect(day.state.selection == .service("bathroom"))
    }

    @Test func `without a search the key says what to press, and without a match that there is none`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("}")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Press / to search first"))
        day.press("/")
        day.type("nowhere")
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("No match: nowhere"))
    }

    @Test(arguments: ["/", "&"])
    func `both fields open empty, and up recalls what was typed`(key: String) {
        var day = BarDay.broken(Size(120, 40))
        for text in ["taps", "bar"] {
            day.press(key)
            #expect(day.state.layers.last?.line?.field.text == "")
            day.type(text)
            day.press("enter")
        }
        day.press(key + " up")
        #expect(day.state.layers.last?.line?.field.text == "bar")
        day.press("up up")
        #expect(day.state.layers.last?.line?.field.text == "taps")
        day.press("down down")
        #expect(day.state.layers.last?.line?.field.text == "")
    }

    @Test func `a search in a replay asks for all of the day and greys nothing`() {
        var replay = BarDay(Size(120, 40), mode: .replay)
        replay.run(seconds: 10)
        func grey() -> Int {
            Screen.draw(replay.state).cells.prefix(120 * 24).count { [.muted, .stale].contains($0.style.role) }
        }
        let before = grey()
        replay.press("/")
        replay.type("p99 of taps > 300ms")
        #expect(replay.state.filter.isEmpty && replay.state.table.count == BarDay.services.count)
        #expect(replay.press("enter") == [.travel(.find("p99 of taps > 300ms"))])
        replay.press("esc")
        #expect(grey() == before)
    }

    @Test func `the timeline and the faults are searched where they have the keys`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("4 /")
        day.type("abort")
        #expect(day.state.selectedFault == "F1")
        day.press("enter 5 /")
        day.type("fell below")
        day.press("enter")
        #expect(day.state.selectedEntry != nil)
    }
}

/// Commands with words of their own.
struct PaletteTests {
    @discardableResult
    private func type(_ text: String, _ day: inout BarDay) -> [Effect] {
        day.press(":")
        day.type(text)
        return day.press("enter")
    }

    @Test func `the palette takes words`() {
        var day = BarDay.broken(Size(120, 40))
        #expect(type("theme paper", &day) == [.theme("paper")])
        #expect(type("note !no alert rang", &day) == [.note("no alert rang", .finding)])
        #expect(type("filter cel", &day) == [] && day.state.filter.text == "cel")
        #expect(type("search taps", &day) == [] && day.state.selection == .service("taps"))
        var replay = BarDay(Size(120, 40), mode: .replay)
        replay.run(seconds: 5)
        #expect(type("goto 1:54", &replay) == [.travel(.to(BarDay.start.advanced(bySeconds: 114)))])
    }

    @Test func `a fault by its words opens the form filled in, and nothing starts before its question`() throws {
        var day = BarDay.broken(Size(120, 40))
        #expect(type("fault bar>taps abort 500 5% 90s", &day) == [])
        guard case .faultForm(let form)? = day.state.layers.last else { return #expect(Bool(false)) }
        let request = try form.request(by: "mv")
        #expect(request.kind == .abort(status: 500) && request.share == 0.05 && request.lease == 90)
        #expect(request.edge == Edge(from: "bar", to: "taps"))
        #expect(day.press("enter") == [])
        guard case .confirmation? = day.state.layers.last else { return #expect(Bool(false)) }
    }

    @Test(arguments: [
        ("theme nord2", "Unknown theme 'nord2'"), ("goto soon", "Invalid time 'soon'"), ("theme ", "Type theme NAME"),
        ("fault bar>kitchn abort", "Unknown edge 'bar>kitchn': did you mean bar>kitchen?"),
        ("fault bar>taps abrt", "Unknown kind 'abrt': did you mean abort?"),
        ("fault bar>taps abort 503 5% 60s now", "remove 'now'"), ("colour red", "Unknown command 'colour red'"),
    ])
    func `what is wrong with a command is said where it was typed`(text: String, words: String) {
        var day = BarDay.broken(Size(120, 40))
        #expect(type(text, &day) == [])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains(words))
        guard case .palette? = day.state.layers.last else { return #expect(Bool(false)) }
    }

    @Test func `tab completes words too`() {
        var day = BarDay.broken(Size(120, 40))
        day.press(":")
        day.type("theme pa")
        day.press("tab")
        #expect(day.press("enter") == [.theme("paper")])
    }
}

/// Keys that do nothing here say so, and questions tell how they are answered.
struct SayingTests {
    private func picture(_ day: BarDay) -> String { CanvasText.glyphs(Screen.draw(day.state)) }

    @Test(arguments: [
        ("w", "w has no function; ? lists the keys"), ("esc", "Nothing to close; q quits"),
        ("2 tab", "This screen has one pane"), ("= = =", "Box detail: everything already"),
        ("? w", "w does nothing here"),
        ("R", "Nothing is halted"), ("6 ctrl-y", "Nothing selected"),
    ])
    func `a key that can do nothing says why`(keys: String, words: String) {
        var day = BarDay.broken(Size(120, 40))
        day.press(keys)
        #expect(picture(day).contains(words))
    }

    @Test func `a wrong key says that nothing was done`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("! ")
        let proofs = BarDay.services.map { Halt.Proof(source: $0.text, isClean: true, explanation: nil) }
        day.send(.halt(Halt(isLatched: true, by: "mv", reason: "halt key", proofs: proofs)))
        day.press("R")
        #expect(picture(day).contains("y confirms    esc cancels"))
        #expect(day.press("x") == [] && !day.state.hasLayer)
        #expect(picture(day).contains("x does not confirm: nothing was done"))
    }

    @Test func `a question that waits tells what is so now`() throws {
        var day = BarDay(Size(120, 40))
        day.showCatalogue()
        day.run(seconds: 30)
        day.press("7 x")
        #expect(picture(day).contains("Gate open"))
        day.failing[Edge(from: "bar", to: "taps")] = 0.5
        day.run(seconds: 10)
        #expect(picture(day).contains("Gate CLOSED for"))
        #expect(picture(day).contains("Run this experiment?"))
    }

    @Test func `what is selected is copied, and the terminal is redrawn and left where that is safe`() {
        var day = BarDay.broken(Size(120, 40))
        day.state.select(.edge(Edge(from: "bar", to: "taps")))
        #expect(day.press("ctrl-y") == [.copy("bar>taps")])
        #expect(day.press("ctrl-l f ctrl-l") == [.redraw, .redraw])
        day.press("esc")
        #expect(day.press("ctrl-z") == [])
        #expect(picture(day).contains("F1 was started here and is active"))
        day.end("F1")
        day.end("F2")
        #expect(day.press("ctrl-z") == [.suspend])
    }

    @Test func `the help stands in columns where there is room, and is searched`() throws {
        var day = BarDay.broken(Size(200, 60))
        day.press("?")
        let columns = picture(day).split(separator: "\n").contains { line in
            line.contains("Safety")
                && (line.contains("Navigation") || line.contains("Screens") || line.contains("View"))
        }
        #expect(columns || picture(day).contains("Navigation"))
        day.press("/")
        day.type("lease")
        #expect(picture(day).contains("renew the selected fault's lease") && !picture(day).contains("page down"))
        day.press("esc")
        #expect(picture(day).contains("page down"))
        day.press("esc")
        #expect(!day.state.hasLayer)
    }

    @Test func `leaving tells what came of the day`() {
        var day = BarDay.broken(Size(120, 40))
        day.end("F2")
        let card = day.state.farewell.joined(separator: "\n")
        #expect(card.contains("BROKEN: orders answered") && card.contains("1 of 2 faults removed"))
        #expect(card.contains("STILL ACTIVE: F1 ABORT 503 on bar>taps"))
    }
}
