import Dashboard
import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Every kind of the table, wherever the dashboard has to know it.
struct FaultKindFormTests {
    private static let words = FaultKindDescription.all.map(\.word)
    private static let edge = Edge(from: "bar", to: "taps")

    /// All that any injector could do: every field in its whole range.
    private static var everything: [FaultAbility] {
        FaultKindDescription.all.map { kind in
            let bounds = Dictionary(uniqueKeysWithValues: kind.fields.map { ($0.name, $0.range) })
            return FaultAbility(
                injector: "toxiproxy", word: kind.word, bounds: bounds,
                evidence: kind.counter == nil ? .held : .counted)
        }
    }

    private static func day(_ abilities: [FaultAbility]?, _ size: Size = Size(100, 40)) -> BarDay {
        var day = BarDay(size)
        day.run(seconds: 12)
        day.state.selection = .edge(edge)
        day.press("f")
        if let abilities { _ = day.state.update(.outcome(.learnt(edge, abilities))) }
        return day
    }

    private static func form(_ day: BarDay) -> FaultForm? {
        if case .faultForm(let form)? = day.state.layers.last { form } else { nil }
    }

    private static func choose(_ word: String, in day: inout BarDay) {
        for _ in words where form(day)?.word != word { day.press("right") }
    }

    @Test(arguments: words)
    func `a kind that is possible is filled in, asked and started`(word: String) throws {
        var day = Self.day(Self.everything)
        Self.choose(word, in: &day)
        let kind = try #require(FaultKindDescription.of(word))
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("< \(kind.name) >"))
        for field in kind.fields {
            #expect(picture.contains(field.title) && picture.contains(field.unit.entry(field.usual)))
        }
        #expect(picture.contains("percent") == kind.hasShare)
        #expect(picture.contains(kind.counter == nil ? "not by counted hits" : "hits are counted"))
        day.press("enter")
        let usual = FaultKind(word, Dictionary(uniqueKeysWithValues: kind.fields.map { ($0.name, $0.usual) }))
        guard case .confirmation(let question)? = day.state.layers.last, case .startFault(let wish) = question.effect
        else {
            Issue.record("no question")
            return
        }
        #expect(wish.kind == usual && wish.edge == Self.edge)
        #expect(question.lines.first?.hasPrefix(usual.label) == true)
        #expect(question.lines.contains { $0.hasPrefix("CANNOT BE UNDONE. ") } == (kind.beyondUndo != nil))
        #expect(question.lines.contains { $0.contains("whoever calls it") } == kind.isOfCallee)
        if kind.severity == .total { #expect(question.demand == .word("taps")) }
        if kind.severity == .rough { #expect(question.demand != .enter) }
    }

    /// It promised that hits are counted beside the reason why nothing can be hit.
    @Test(arguments: [Evidence.counted, .held])
    func `where a kind can't be done nothing is said of how it would be known`(evidence: Evidence) {
        var ability = FaultAbility(injector: "envoy", word: "abort", evidence: evidence)
        ability.refusal = "no fault filter stands there"
        ability.remedy = "gameday adopt tells what to add"
        ability.note = "whole percentages only"
        let picture = CanvasText.glyphs(Screen.draw(Self.day([ability]).state))
        #expect(picture.contains("no fault filter stands there"))
        #expect(!picture.contains("By envoy") && !picture.contains("counted") && !picture.contains("whole percentages"))
    }

    /// A toxic is held by its server and a VirtualService by the mesh: neither is a proxy's word.
    @Test func `what is held is not said to be held by a proxy`() {
        #expect(!Evidence.held.words.contains("proxy") && Evidence.held.words.contains("not by counted hits"))
    }

    @Test(arguments: words)
    func `a kind that stands is drawn on its edge and listed`(word: String) throws {
        let kind = try #require(FaultKindDescription.of(word))
        var day = BarDay(Size(160, 50))
        day.run(seconds: 12)
        let usual = FaultKind(word, Dictionary(uniqueKeysWithValues: kind.fields.map { ($0.name, $0.usual) }))
        day.begin(BarDay.fault("F1", usual, Self.edge, share: 1, at: day.now))
        day.run(seconds: 3)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains(usual.label))
        day.press("3")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains(usual.label.prefix(20)))
        let fault = try #require(day.state.mesh.faults.last)
        #expect(EdgeWords.marked(fault, at: day.now, to: 30).hasPrefix(kind.mark))
    }

    @Test(arguments: Glyphs.allCases)
    func `no two kinds are drawn alike`(glyphs: Glyphs) {
        let kinds = Self.words.map { FaultKind($0, [$0: FaultKindDescription.of($0)?.mainField?.usual ?? 0]) }
        for isHorizontal in [true, false] {
            let lines = kinds.map { glyphs.line(EdgeWords.stroke($0), isHorizontal: isHorizontal) }
            #expect(Set(lines).count == kinds.count)
        }
    }

    @Test func `what can't be done here is grey, says why, and is not asked for`() {
        var abilities = Self.everything.filter { ["abort", "off"].contains($0.word) }
        abilities[1].refusal = "this Envoy does not support admin layer"
        abilities[1].remedy = "Add one: `gameday adopt` prints it."
        var day = Self.day(abilities)
        Self.choose("off", in: &day)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("this Envoy does not support admin layer"))
        day.press("enter")
        guard case .faultForm? = day.state.layers.last else {
            Issue.record("it was asked for")
            return
        }
        #expect(Self.form(day)?.kinds.map(\.word) == ["abort", "off"])
    }

    @Test func `until it is known what is possible the first kinds are offered, without what few can do`() {
        let day = Self.day(nil)
        #expect(Self.form(day)?.kinds.map(\.word) == ["abort", "delay", "rate-limit"])
        #expect(Self.form(day)?.amountFields.map(\.name) == ["abort"])
    }

    @Test func `an edge on which nobody can inject says so`() {
        var day = Self.day([])
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("No source can inject faults on this edge"))
        #expect(Self.form(day) != nil)
    }

    @Test func `another edge is asked about, and an old answer is not taken for its own`() {
        var day = Self.day(Self.everything)
        day.press("up")
        let effects = day.state.update(.key(.right))
        let next = Self.form(day)?.edge
        #expect(next != Self.edge && effects == next.map { [.learnAbilities($0)] })
        _ = day.state.update(.outcome(.learnt(Self.edge, Self.everything)))
        #expect(Self.form(day)?.abilities == nil)
    }

    @Test func `a whole percent is the least where an injector says so`() {
        var ability = FaultAbility(injector: "envoy", word: "abort", evidence: .held)
        ability.smallestShare = 0.01
        var day = Self.day([ability])
        day.press("down down")
        day.type("0.5")
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("The smallest percentage here is 1"))
    }

    @Test func `the longest lease of the settings can be reached`() throws {
        var form = FaultForm(edges: [Self.edge], preselected: Self.edge, longestLease: 7200)
        for key in [Key.down, .down, .down] { form.receive(key) }
        for _ in 0..<12 { form.receive(.right) }
        #expect(form.lease.text == "2h")
        #expect(try form.request(by: "mv").lease == 7200)
        form = FaultForm(edges: [Self.edge], preselected: Self.edge, longestLease: 3600)
        for key in [Key.down, .down, .down] { form.receive(key) }
        for _ in 0..<12 { form.receive(.right) }
        #expect(form.lease.text == "1h")
    }

    @Test func `a kind that nobody knows is shown as it came, and can be aborted`() throws {
        var day = BarDay(Size(160, 50))
        day.run(seconds: 12)
        let kind = try FaultKind(WireFields(["gravity": 9, "pull": "up"], page: "test"))
        day.begin(BarDay.fault("F1", kind, Self.edge, share: 0.5, at: day.now))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("unknown fault"))
        day.state.selectedFault = "F1"
        #expect(day.press("a") == [.stopFault(id: "F1")])
    }
}
