import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// One grammar for every list.
struct FilterTests {
    @Test(arguments: [
        ("", true), ("cel", true), ("CEL", true), ("bar", false), ("!bar", true), ("!cel", false), ("~clr", true),
        ("~rlc", false), ("!~rlc", true), ("cel lar", true), ("cel bar", false), ("state=bad", true),
        ("state=ok", false), ("!state=ok", true), ("state=bad cel", true), ("state=bad !cel", false), ("!", true),
        ("~", true), ("colour=red", false), ("state=", true),
    ])
    func `words, their absence, letters in between, and fields`(text: String, isFound: Bool) {
        let found = Filter(text).matches("the cellar") { $0 == .state ? ["BAD"] : [] }
        #expect(found == isFound)
    }

    @Test func `the same words narrow services, the timeline and the proxies`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("&")
        day.type("state=bad")
        #expect(Set(day.state.table) == ["door", "bar"])
        day.press("esc &")
        day.type("from=bar")
        #expect(Set(day.state.table) == ["kitchen", "menu", "tab", "taps"])
        day.press("esc &")
        day.type("kind=fault to=cellar")
        day.press("enter 5")
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("F2 DELAY 400 ms 30% on kitchen>cellar active"))
        #expect(!picture.contains("F1 ABORT 503 50% on"))
        day.press("esc &")
        day.type("state=unreachable")
        day.press("enter 6")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("No proxy known yet"))
    }
}

/// The story: typed words, steps left out, and the way to a moment.
struct TimelineTests {
    @Test(arguments: [
        ("retry storm?", Note.Kind.note, "retry storm?"), ("!no alert rang", .finding, "no alert rang"),
        ("! no alert rang", .finding, "no alert rang"), ("?p99 doubles", .prediction, "p99 doubles"),
        ("!", .finding, ""),
    ])
    func `the first sign tells what a note is meant as`(typed: String, kind: Note.Kind, text: String) {
        #expect(Said(typed).kind == kind && Said(typed).text == text)
    }

    @Test func `a crossing is told in plain words with the time since the fault`() {
        let day = BarDay.broken(Size(200, 60))
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("orders answered: BROKEN: door success fell below 99.5% 1.0 seconds after"))
    }

    @Test func `of a fault that is active its steps are left out`() {
        var day = BarDay.broken(Size(120, 40))
        var picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("F1 ABORT 503 50% on bar>taps active") && !picture.contains("bar>taps requested"))
        day.send(
            .fault(BarDay.fault("F9", .abort(status: 500), Edge(from: "tab", to: "till"), share: 0.1, at: day.now)))
        picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("F9 ABORT 500 10% on tab>till requested by mv"))
    }

    @Test func `of many proxies that become the same at once one line tells, and enter names them`() {
        var day = BarDay(Size(120, 40))
        func lines() -> [String] {
            CanvasText.glyphs(Screen.draw(day.state)).split(separator: "\n").map(String.init).filter {
                $0.contains("proxy ")
            }
        }
        for service in BarDay.services.prefix(3) { day.send(day.source(service, .stale, "Timed out")) }
        day.press("5")
        #expect(lines().count == 3)
        for service in BarDay.services.dropFirst(3) { day.send(day.source(service, .stale, "Timed out")) }
        #expect(lines().count == 1 && lines()[0].contains("10 proxies are stale"))
        for service in BarDay.services.prefix(4) { day.send(day.source(service, .fresh)) }
        #expect(lines().count == 2 && lines()[0].contains("4 proxies are fresh"))
        day.press("down enter")
        let details = CanvasText.glyphs(Screen.draw(day.state))
        #expect(details.contains("10 proxies are stale") && details.contains("cellar is stale: Timed out"))
        day.press("esc &")
        day.type("cellar")
        day.press("enter")
        #expect(lines().count == 1 && lines()[0].contains("cellar is stale"))
    }

    @Test func `the selected line stays selected while new ones come, and enter goes to its edge and its moment`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("tab tab")
        #expect(day.state.pane == .timeline)
        day.press("down down")
        let chosen = day.state.selectedEntry
        day.send(.note(Note(by: "mv", text: "and now?", kind: .prediction)))
        #expect(day.state.selectedEntry == chosen && day.state.storyPlace == 3)
        #expect(day.press("enter") == [])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("EVENT"))
        #expect(day.press("enter") == [])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Nothing is recorded yet"))
        #expect(day.state.selection == .edge(Edge(from: "bar", to: "taps")))
        day.press("home")
        #expect(day.state.selectedEntry == nil)
        var replay = BarDay(Size(120, 40), mode: .replay)
        replay.run(seconds: 5)
        #expect(replay.press("5 enter enter") == [.travel(.to(BarDay.start))])
    }
}

/// A list of faults that is narrowed never makes anybody believe that nothing stands.
struct FaultFilterTests {
    private func narrowed(_ text: String, screen: String = "4") -> BarDay {
        var day = BarDay.broken(Size(120, 40))
        day.begin(BarDay.fault("F3", .abort(status: 500), Edge(from: "tab", to: "till"), share: 0.2, at: day.now))
        day.end("F3")
        day.press("&")
        day.type(text)
        day.press("enter \(screen)")
        return day
    }

    @Test(arguments: [
        ("delay", ["F2"]), ("from=bar", ["F1"]), ("kind=abort", ["F1", "F3"]), ("state=standing", ["F2", "F1"]),
        ("state=over", ["F3"]), ("!state=over to=cellar", ["F2"]), ("fault=F1", ["F1"]), ("by=mv", ["F2", "F1", "F3"]),
        ("name=till", ["F3"]), ("~klr", ["F2"]), ("nothing", []),
    ])
    func `the one grammar narrows the faults too`(text: String, ids: [String]) {
        #expect(narrowed(text).state.faultRows.map(\.id) == ids)
    }

    @Test func `what is hidden is counted, and what is active among that is told`() {
        var picture = CanvasText.glyphs(Screen.draw(narrowed("delay").state))
        #expect(picture.contains("& hides 2, 1 ACTIVE  2 active of 3"))
        picture = CanvasText.glyphs(Screen.draw(narrowed("state=standing").state))
        #expect(picture.contains("& hides 1  2 active of 3"))
        picture = CanvasText.glyphs(Screen.draw(narrowed("nothing").state))
        #expect(picture.contains("& hides 3, 2 ACTIVE  2 active of 3") && picture.contains("No match for &nothing"))
        // The second line tells all that stands, whatever is filtered.
        #expect(picture.contains("FAULTS 2  F1 ABORT 503"))
    }

    @Test func `no key acts on a row that is hidden`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("4 &")
        day.type("nothing")
        day.press("enter")
        #expect(day.press("a d e") == [] && !day.state.hasLayer)
        day.press("esc &")
        day.type("delay")
        day.press("enter")
        #expect(day.press("a") == [.stopFault(id: "F2")])
        day.press("esc down")
        #expect(day.press("a") == [.stopFault(id: "F1")])
    }
}
