import TerminalCanvas
import TestKit
import Testing

@Suite struct TextTests {
    @Test(arguments: [
        ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("漢字", 4), ("한", 2), ("🍺", 2), ("👨‍👩‍👧", 2), ("👍🏽", 2),
        ("🇩🇪", 2), ("a\u{1B}[2Jb", 6), ("\u{301}", 1), ("❤\u{FE0F}", 1), ("Z\u{324}\u{34E}\u{365}", 1),
    ])
    func `width counts columns, not characters`(text: String, width: Int) {
        #expect(Text.width(text) == width)
    }

    @Test(arguments: [
        ("a\u{1B}[31mb", "a␛[31mb"), ("two\nlines\tand\u{7F}", "two␊lines␉and␡"), ("\u{9B}31m", "�31m"),
        ("\u{202E}evil", "�evil"), ("a\u{200B}b", "a�b"), ("\u{E000}\u{2028}", "��"), ("🇩🇪", "DE"), ("plain", "plain"),
        ("\r\n", "␍␊"), ("e\u{301}", "e\u{301}"), ("👨‍👩‍👧!", "👨!"),
        ("👍\u{1F3FD}\u{1F3FD}\u{1F3FD}.", "👍."),
    ])
    func `what a terminal could obey becomes visible`(text: String, shown: String) {
        #expect(Text.sanitised(text).unicodeScalars.elementsEqual(shown.unicodeScalars))
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `sanitised text holds nothing to obey, is stable and as wide as before`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text = generator.hostileText(upTo: 300)
        let safe = Text.sanitised(text)
        for scalar in safe.unicodeScalars {
            let category = scalar.properties.generalCategory
            #expect(![.control, .format, .lineSeparator, .privateUse, .unassigned].contains(category))
        }
        #expect(Text.sanitised(safe) == safe)
        #expect(Text.width(safe) == Text.width(text))
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `a clipped text fits, and an unclipped one is whole`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text = generator.hostileText()
        let width = Text.width(text)
        for columns in -1...width + 2 {
            for glyphs in Glyphs.allCases {
                #expect(Text.width(Text.clipped(text, to: columns, glyphs)) <= max(0, columns))
                #expect(Text.width(Text.clippedInside(text, to: columns, glyphs)) <= max(0, columns))
                #expect(Text.width(Text.fitted(text, to: columns, .centre, glyphs)) == max(0, columns))
            }
            if columns >= width { #expect(Text.clipped(text, to: columns) == Text.sanitised(text)) }
            #expect(Text.wrapped(text, to: columns).allSatisfy { Text.width($0) <= max(0, columns) })
        }
    }

    @Test func `clipping marks what is missing`() {
        #expect(Text.clipped("checkout-service", to: 8) == "checkou…")
        #expect(Text.clipped("checkout-service", to: 8, .ascii) == "checko..")
        #expect(Text.clipped("漢字漢字", to: 4) == "漢…")
        #expect(Text.clippedInside("payments-v2-7d9f", to: 9) == "paym…7d9f")
        #expect(Text.clipped("abc", to: 0) == "")
    }

    @Test func `spans are clipped as one text`() {
        let spans = [Span("abc", Style(.ok)), Span("def", Style(.bad)), Span("gh")]
        #expect(spans.clipped(to: 8, .full) == spans)
        #expect(spans.clipped(to: 5, .full).map(\.text) == ["abc", "d…"])
        #expect(spans.clipped(to: 3, .full).map(\.text) == ["ab…"])
        #expect(spans.clipped(to: 0, .full).width == 0)
    }

    @Test func `wrapping breaks at blanks, and inside a word only when it must`() {
        #expect(Text.wrapped("halt all faults now", to: 9) == ["halt all", "faults", "now"])
        #expect(Text.wrapped("abcdefgh ij", to: 3) == ["abc", "def", "gh", "ij"])
        #expect(Text.wrapped("日本語 ab", to: 5) == ["日本", "語 ab"])
        #expect(Text.wrapped("a 日 b", to: 1) == ["a"])
        #expect(Text.wrapped(String(repeating: "x", count: 300_000), to: 3).count == 100_000)
        #expect(Text.wrapped("one\n\ntwo", to: 9) == ["one", "", "two"])
        #expect(Text.wrapped("a", to: 0) == [])
    }
}
