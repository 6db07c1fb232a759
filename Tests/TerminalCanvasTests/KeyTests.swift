import TerminalCanvas
import Testing

@Suite struct KeyTests {
    @Test(arguments: [
        Key.character("f"), .character("!"), .character(" "), .character("é"), .character("-"), .control("x"),
        .control(" "), .control("\\"), .alt("f"), .alt("F"), .enter, .escape, .tab, .backTab, .backspace, .delete,
        .insert, .up, .down, .left, .right, .home, .end, .pageUp, .pageDown, .shiftUp, .shiftDown, .shiftLeft,
        .shiftRight, .function(1), .function(12),
    ])
    func `a key's name reads back as the key`(key: Key) {
        #expect(Key(key.description) == key)
    }

    @Test func `names are those of the documentation`() {
        #expect(Key.control("x").description == "ctrl-x")
        #expect(Key.function(12).description == "f12")
        #expect(Key.shiftLeft.description == "shift-left")
        #expect(Key("ctrl-X") == .control("x"))
        #expect(Key.resized(Size(80, 24)).description == "size 80x24")
    }

    @Test(arguments: ["", "ctrl-", "ctrl-é", "ctrl-1", "f0", "f64", "alt-", "xyz", "\u{1B}", "\n", "size 80x24"])
    func `what is no key's name is refused`(name: String) {
        #expect(Key(name) == nil)
    }
}
