import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Enter opens what is selected, in full, on every pane.
struct DetailsTests {
    private static let taps = Edge(from: "bar", to: "taps")

    private static func day(_ size: Size = Size(120, 40)) -> BarDay {
        var day = BarDay.broken(size)
        day.showCatalogue()
        return day
    }

    private static func subject(_ day: BarDay) -> Subject? {
        if case .details(let subject, _)? = day.state.layers.last { subject } else { nil }
    }

    private static func text(_ day: BarDay) -> String { CanvasText.glyphs(Screen.draw(day.state)) }

    @Test(arguments: [Size(120, 40), Size(80, 24)])
    func `enter opens what the pane has selected`(size: Size) {
        let cases: [(keys: String, subject: Subject, words: [String])] = [
            ("1 enter", .selection, ["DETAILS"]), ("2 enter", .selection, ["DETAILS"]),
            ("3 enter", .objective("orders answered"), ["OBJECTIVE", "door >= 99.5%", "detect"]),
            ("3 down enter", .objective("orders quick"), ["OBJECTIVE", "door p99 <= 300ms"]),
            ("4 up enter", .fault("F2"), ["FAULT", "30% of requests from kitchen to cellar are delayed by 400 ms"]),
            ("4 enter", .fault("F1"), ["FAULT", "half of the requests from bar to taps get status 503"]),
            ("6 enter", .proxy("bar"), ["PROXY", "endpoint"]),
            ("6 down enter", .proxy("kitchen"), ["PROXY", "Faults"]),
        ]
        for (keys, subject, words) in cases {
            var day = Self.day(size)
            day.press(keys)
            #expect(Self.subject(day) == subject, "\(keys)")
            for word in words { #expect(Self.text(day).contains(word), "\(keys): \(word)") }
            day.press("esc")
            #expect(day.state.layers.isEmpty, "\(keys)")
        }
    }

    @Test func `an ended fault, a run and an experiment that cannot run have details too`() {
        var day = Self.day()
        day.goOn(to: "held")
        day.press("7 tab enter")
        guard case .run? = Self.subject(day) else {
            Issue.record("no run: \(String(describing: Self.subject(day)))")
            return
        }
        #expect(Self.text(day).contains("RUN") && Self.text(day).contains("expected"))
        var replay = BarDay(Size(120, 40), mode: .replay)
        replay.run(seconds: 3)
        replay.showCatalogue()
        replay.press("7 enter")
        guard case .plan? = Self.subject(replay) else {
            Issue.record("no plan: \(String(describing: Self.subject(replay)))")
            return
        }
        #expect(Self.text(replay).contains("METHOD"))
    }

    @Test func `a long note is read in full, and enter goes to its moment`() {
        var day = BarDay(Size(80, 24), mode: .replay)
        day.run(seconds: 3)
        let words = (1...120).map { "word\($0)" }
        day.send(.note(Note(by: "ann", text: words.joined(separator: " "))))
        day.run(seconds: 1)
        #expect(day.press("5 home enter") == [])
        #expect(Self.text(day).contains("EVENT"))
        var seen: Set<String> = []
        for _ in 0..<30 {
            for word in words where Self.text(day).contains("\(word) ") || Self.text(day).contains("\(word)│") {
                seen.insert(word)
            }
            day.press("down")
        }
        #expect(seen.count == words.count, "\(words.filter { !seen.contains($0) })")
        let effects = day.press("enter")
        guard case .travel(.to)? = effects.first else {
            Issue.record("enter went nowhere: \(effects)")
            return
        }
    }

    @Test func `the fault's edge over time has the room below its words`() {
        var day = Self.day()
        day.press("4")
        let screen = Self.text(day)
        for word in [" success ", " p99 ", " rate "] { #expect(screen.contains(word), "\(word)") }
        var small = Self.day(Size(80, 24))
        small.press("4")
        #expect(!Self.text(small).contains(" success "))
    }

    @Test func `nothing selected is said`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 3)
        day.press("4 enter")
        #expect(day.state.layers.isEmpty && day.state.notice?.text == "Nothing selected")
    }
}
