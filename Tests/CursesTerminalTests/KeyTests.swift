import CNCurses
import TerminalCanvas
import TestKit
import Testing

@testable import CursesTerminal

@Suite struct KeyDecoderTests {
    private func keys(_ bursts: String...) -> [Key] {
        var decoder = KeyDecoder()
        return bursts.flatMap { decoder.keys(of: $0.utf8.map { .byte($0) }) }
    }

    @Test func `an escape is the key when nothing follows at once`() {
        #expect(keys("\u{1B}") == [.escape])
        #expect(keys("\u{1B}", "q") == [.escape, .character("q")])
        #expect(keys("\u{1B}\u{1B}") == [.escape, .escape])
        #expect(keys("a\u{1B}") == [.character("a"), .escape])
    }

    @Test func `an escape before a character is alt`() {
        #expect(keys("\u{1B}f") == [.alt("f")])
        #expect(keys("\u{1B}[") == [.alt("[")])
        #expect(keys("\u{1B}O") == [.alt("O")])
        #expect(keys("\u{1B}fq") == [.alt("f"), .character("q")])
    }

    @Test(arguments: [
        "\u{1B}[99;5~", "\u{1B}[<35;10;20M", "\u{1B}[?62;22c", "\u{1B}]10;rgb:ffff/ffff/ffff\u{7}",
        "\u{1B}P1+r666\u{1B}\\", "\u{1B}OZ", "\u{1B}[I", "\u{1B}[1;", "\u{1B}]0;f",
    ])
    func `a sequence that nobody knows is never taken for keys`(sequence: String) {
        #expect(keys(sequence) == [])
        if !sequence.hasSuffix(";"), !sequence.hasSuffix("f") {
            #expect(keys("x" + sequence + "y") == [.character("x"), .character("y")])
        }
    }

    @Test(arguments: [
        "\u{1B}]11;rgb:fafa/1010/0f0f\u{7}", "\u{1B}]11;rgb:fa/10/0f\u{1B}\\",
        "\u{1B}]11;rgba:fafa/1010/0f0f/ffff\u{1B}\\",
    ])
    func `the terminal's answer about its background is one, even cut in pieces`(answer: String) {
        let background = Key.background(Color(0xFA, 0x10, 0x0F))
        #expect(keys("x" + answer + "f") == [.character("x"), background, .character("f")])
        let scalars = Array(answer.unicodeScalars)
        for cut in 5..<scalars.count {
            let parts = [scalars[..<cut], scalars[cut...]].map { String(String.UnicodeScalarView($0)) }
            #expect(keys(parts[0], parts[1] + "f") == [background, .character("f")], "cut after \(cut)")
        }
    }

    @Test func `an answer that never ends swallows no key that halts or leaves`() {
        #expect(keys("\u{1B}]11;rgb:ff", "!") == [.character("!")])
        #expect(keys("\u{1B}]11;rgb:ff", "\u{18}") == [.control("x")])
        #expect(keys("\u{1B}]11;rgb:ff", "q") == [.character("q")])
        let rest = String(repeating: "f", count: 60)
        #expect(keys("\u{1B}]11;" + rest).count >= 20)
        #expect(keys("\u{1B}]11;rgb:zz/zz/zz\u{7}").allSatisfy { $0 != .character("f") })
    }

    @Test func `what is pasted is text, whatever keys it would be`() {
        #expect(keys("\u{1B}[200~f!\rq\u{1B}[201~q") == [.pasted("f!\nq"), .character("q")])
        #expect(keys("\u{1B}[200~one", " two\u{1B}[201~") == [.pasted("one two")])
        #expect(keys("\u{1B}[200~a\u{1B}fb\u{1B}[201~") == [.pasted("ab")])
        #expect(keys("\u{1B}[201~") == [])
    }

    @Test func `a paste whose end is lost does not swallow the key that halts`() {
        #expect(keys("\u{1B}[200~abc", "\u{18}") == [.control("x")])
    }

    @Test func `control characters are keys`() {
        #expect(keys("\u{3}\u{18}\u{1A}\u{0}\u{1C}") == ["c", "x", "z", " ", "\\"].map(Key.control))
        #expect(keys("\t\r\n\u{7F}\u{8}") == [.tab, .enter, .enter, .backspace, .backspace])
    }

    @Test func `what can't be shown is no character`() {
        #expect(keys("\u{9B}\u{202E}\u{E000}é漢") == [.character("é"), .character("漢")])
    }

    @Test func `a character that comes in two bursts is one key`() {
        var decoder = KeyDecoder()
        #expect(decoder.keys(of: [.byte(0xE6), .byte(0xBC)]) == [])
        #expect(decoder.keys(of: [.byte(0xA2), .byte(0x67)]) == [.character("漢"), .character("g")])
    }

    @Test func `bytes that are no text do not hide the keys after them`() {
        var decoder = KeyDecoder()
        let bytes: [UInt8] = [0xFF, 0xC3, 0x28, 0x80, 0xED, 0xA0, 0x80, 0xF8, 0x67]
        #expect(decoder.keys(of: bytes.map { .byte($0) }) == [.character("("), .character("g")])
    }

    @Test func `numbers of ncurses are keys where we know them`() {
        var decoder = KeyDecoder()
        let codes = [KEY_UP, KEY_SLEFT, KEY_BTAB, KEY_F0 + 12, KEY_RESIZE, 600]
        #expect(decoder.keys(of: codes.map { .code($0) }) == [.up, .shiftLeft, .backTab, .function(12)])
    }

    @Test(arguments: SeededGenerator.seeds(200))
    func `any burst gives keys without a trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var decoder = KeyDecoder()
        let bytes: [UInt8] = [0x1B, 0x5B, 0x4F, 0x5D, 0x07, 0x7E, 0x30, 0x3B, 0x66, 0x0D, 0x18, 0xC3, 0xA9, 0xF0, 0xFF]
        for _ in 0..<20 {
            let tokens = (0..<generator.int(in: 0...12)).map { _ -> KeyDecoder.Token in
                .byte(bytes[generator.int(in: 0...bytes.count - 1)])
            }
            #expect(decoder.keys(of: tokens).count <= tokens.count)
        }
    }
}

@Suite struct TrueColorTests {
    private let slots: [UInt8: Color] = [74: Color(rgb: 0x56B4E9), 200: Color(1, 2, 3)]

    private func mixed(_ text: String) -> String {
        String(decoding: TrueColor.mix(Array(text.utf8), with: slots), as: UTF8.self)
    }

    @Test func `numbers that stand for colours become the colours`() {
        #expect(mixed("a\u{1B}[38;5;74mb\u{1B}[48;5;200m") == "a\u{1B}[38;2;86;180;233mb\u{1B}[48;2;1;2;3m")
    }

    @Test(arguments: [
        "", "plain ␛[38;5;74m", "\u{1B}[38;5;75m", "\u{1B}[38;5;", "\u{1B}[38;5;74", "\u{1B}[38;5;7474m", "\u{1B}",
        "\u{1B}[1m\u{1B}[38;5;4mx", "\u{1B}[38;5;74;1m",
    ])
    func `everything else passes as it is`(text: String) {
        #expect(mixed(text) == text)
    }
}

@Suite struct KeysOnATerminalTests {
    /// In the modes that ncurses sets these are what the terminals send for the keys.
    @Test(arguments: [
        (Terminal.all[0], "\u{1B}OA", "up"), (Terminal.all[0], "\u{1B}[1;2D", "shift-left"),
        (Terminal.all[0], "\u{1B}[5~", "pgup"), (Terminal.all[0], "\u{1B}[24~", "f12"),
        (Terminal.all[0], "\u{1B}[Z", "shift-tab"), (Terminal.all[0], "\u{1B}[3~", "delete"),
        (Terminal.all[0], "\u{7F}", "backspace"), (Terminal.all[0], "\u{1B}", "esc"),
        (Terminal.all[0], "\u{3}", "ctrl-c"), (Terminal.all[0], "\u{18}", "ctrl-x"),
        (Terminal.all[0], "\u{1B}g", "alt-g"),
        (Terminal.all[0], "é", "é"), (Terminal.all[0], "漢", "漢"),
        (Terminal.all[0], "\u{1B}[200~quit\u{1B}[201~", "paste"),
        (Terminal.all[4], "\u{1B}OB", "down"), (Terminal.all[5], "\u{1B}OC", "right"),
        (Terminal.all[6], "\u{1B}[A", "up"), (Terminal.all[6], "\u{1B}[[A", "f1"),
        (Terminal.all[7], "\u{1B}OD", "left"),
    ])
    func `a key arrives under its name`(terminal: Terminal, sent: String, name: String) async throws {
        let session = try terminal.start()
        try await session.wait(for: "limit")
        await session.type(sent)
        try await session.wait(for: "key: \(name)")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `bytes that are no text hide no key that comes with them`() async throws {
        let session = try Terminal.usual.start()
        try await session.wait(for: "limit")
        await session.type(bytes: [0xFF, 0xC3, 0x28, 0x80, 0x67])
        try await session.wait(for: "key: g")
        #expect(await session.screen.modes.contains(1034) == false)
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `clicks and the wheel arrive with their place when they are wished for`() async throws {
        let session = try Terminal.usual.start(["PROBE_MOUSE": "1"])
        try await session.wait(for: "limit")
        #expect(await session.screen.modes.contains(1006))
        await session.type("\u{1B}[<0;5;7M")
        try await session.wait(for: "key: press at 4,6")
        await session.type("\u{1B}[<65;1;1M")
        try await session.wait(for: "key: wheelDown at 0,0")
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
        #expect(await session.screen.modes.isDisjoint(with: [1000, 1006]))
    }
}
