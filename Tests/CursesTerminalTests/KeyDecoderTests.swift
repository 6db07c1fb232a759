import TerminalCanvas
import TestKit
import Testing

@testable import CursesTerminal

/// A line that brings bytes to a decoder at its own pace.
private struct Line {
    private(set) var decoder = KeyDecoder(KeySequences(hasMouse: true))
    private var now = ContinuousClock.now
    private(set) var keys: [Key] = []

    /// Time goes by; the decoder settles whenever it wished to.
    mutating func rest(_ time: Duration) {
        let end = now + time
        while let deadline = decoder.deadline, deadline <= end { keys += decoder.settle(at: deadline) }
        now = end
    }

    mutating func send(_ bytes: some Sequence<UInt8>, after time: Duration = .zero) {
        rest(time)
        keys += decoder.receive(bytes, at: now)
    }
}

@Suite struct KeyDecoderTests {
    /// The keys of bursts with a tenth of a second between them, and a long silence after.
    private func keys(_ bursts: String...) -> [Key] { keys(bursts, .milliseconds(100)) }

    private func keys(_ bursts: [String], _ gap: Duration) -> [Key] {
        var line = Line()
        for burst in bursts { line.send(burst.utf8, after: gap) }
        line.rest(.seconds(60))
        return line.keys
    }

    @Test func `an escape is the key when nothing of a sequence follows`() {
        #expect(keys("\u{1B}") == [.escape])
        #expect(keys("\u{1B}", "q") == [.escape, .character("q")])
        #expect(keys("\u{1B}\u{1B}") == [.escape, .escape])
        #expect(keys("a\u{1B}") == [.character("a"), .escape])
        #expect(keys("\u{1B}", "\r") == [.escape, .enter])
    }

    @Test func `an escape waits for as long as ESCDELAY says, and no longer than the next key`() {
        var line = Line()
        line.send([0x1B])
        line.rest(.milliseconds(499))
        #expect(line.keys == [])
        line.rest(.milliseconds(1))
        #expect(line.keys == [.escape])
        line.send([0x1B], after: .seconds(5))
        line.send("j".utf8, after: .milliseconds(30))
        #expect(line.keys == [.escape, .escape, .character("j")])
        #expect(KeyDecoder.Patience(environment: ["ESCDELAY": "50"]).escape == .milliseconds(50))
        for text in ["", "-1", "0", "x"] {
            #expect(KeyDecoder.Patience(environment: ["ESCDELAY": text]).escape == .milliseconds(500))
        }
    }

    @Test func `an escape together with a character is alt`() {
        #expect(keys("\u{1B}f") == [.alt("f")])
        #expect(keys("\u{1B}R") == [.alt("R")])
        #expect(keys("\u{1B}fq") == [.alt("f"), .character("q")])
    }

    @Test(arguments: ["O", "R", "B", "P"])
    func `a capital letter after an escape never acts`(letter: String) {
        for gap in [30, 100, 300, 550] {
            #expect(keys(["\u{1B}", letter], .milliseconds(gap)) == [.escape] || letter == "O" || letter == "P")
            #expect(!keys(["\u{1B}", letter], .milliseconds(gap)).contains(.character(Character(letter))))
        }
    }

    /// What terminals send, and the key it is; nil for what is none.
    static let sequences: [(String, Key?)] = [
        ("\u{1B}OA", .up), ("\u{1B}OB", .down), ("\u{1B}[B", .down), ("\u{1B}[1;2D", .shiftLeft),
        ("\u{1B}[5~", .pageUp),
        ("\u{1B}[24~", .function(12)), ("\u{1B}OP", .function(1)), ("\u{1B}[[A", .function(1)), ("\u{1B}[Z", .backTab),
        ("\u{1B}[3~", .delete), ("\u{1B}OM", .enter), ("\u{1B}[7~", .home), ("\u{1B}[a", .shiftUp),
        ("\u{1B}[<0;5;7M", .mouse(MouseEvent(.press, at: Point(4, 6)))),
        ("\u{1B}[<0;5;7m", .mouse(MouseEvent(.release, at: Point(4, 6)))),
        ("\u{1B}[<65;1;1M", .mouse(MouseEvent(.wheelDown, at: Point(0, 0)))),
        ("\u{1B}[M !!", .mouse(MouseEvent(.press, at: Point(0, 0)))), ("\u{1B}[<35;10;20M", nil),
        ("\u{1B}]11;rgb:fafa/1010/0f0f\u{7}", .background(Color(0xFA, 0x10, 0x0F))),
        ("\u{1B}]11;rgba:fa/10/0f/ff\u{1B}\\", .background(Color(0xFA, 0x10, 0x0F))),
        ("\u{1B}]11;rgb:zz/zz/zz\u{7}", nil), ("\u{1B}]10;rgb:ffff/ffff/ffff\u{7}", nil),
        ("\u{1B}]52;c;T0Igcm0=\u{1B}\\", nil), ("\u{1B}[?64;1;2c", nil), ("\u{1B}[>0;276;0c", nil),
        ("\u{1B}P>|foot(1.16)\u{1B}\\", nil), ("\u{1B}P!|464F4F54\u{1B}\\", nil), ("\u{1B}P1+r666\u{1B}\\", nil),
        ("\u{1B}[?2026;2$y", nil), ("\u{1B}[113u", nil), ("\u{1B}[97;5u", nil), ("\u{1B}[27;5;33~", nil),
        ("\u{1B}[I", nil), ("\u{1B}[O", nil), ("\u{1B}[12;40R", nil), ("\u{1B}[0n", nil), ("\u{1B}[8;40;120t", nil),
        ("\u{1B}[3$", nil), ("\u{1B}OZ", nil), ("\u{1B}[99;5~", nil), ("\u{1B}_Gi=31;OK\u{1B}\\", nil),
    ]

    @Test(arguments: sequences)
    func `a sequence is its key, or nothing`(sequence: String, key: Key?) {
        let wanted = [.character("x"), key, .character("y")].compactMap { $0 }
        #expect(keys("x" + sequence + "y") == wanted)
    }

    @Test(arguments: SeededGenerator.seeds(60))
    func `however a sequence is cut and delayed, it never acts as other keys`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for (sequence, key) in Self.sequences {
            var line = Line()
            var isSlow = false
            for (place, byte) in sequence.utf8.enumerated() {
                let gap = generator.int(in: 0...2) == 0 ? generator.int(in: 0...1400) : 0
                // After that long an escape has acted as the key, but its rest still belongs to it.
                if place == 1 { isSlow = gap >= 500 }
                line.send([byte], after: .milliseconds(place == 0 || isSlow && place == 2 ? 0 : gap))
            }
            line.rest(.seconds(10))
            line.send("y".utf8)
            let wanted = [isSlow ? .escape : nil, key, .character("y")].compactMap { $0 }
            // In these a byte may be the key that halts, which waits no longer than an escape does.
            if sequence.hasPrefix("\u{1B}[M") || sequence.hasPrefix("\u{1B}P!") { continue }
            #expect(line.keys == wanted, "\(sequence.dropFirst()), seed \(seed)")
        }
    }

    @Test func `what halts acts at once in the middle of everything`() {
        for start in [
            "\u{1B}", "\u{1B}[", "\u{1B}[1;", "\u{1B}O", "\u{1B}]11;rgb:ff", "\u{1B}P1+r", "\u{1B}_G", "\u{C3}",
        ] {
            var line = Line()
            line.send(start.utf8)
            for halt in ["!", "\u{18}", "\u{1B}[24~"] {
                line.send(halt.utf8, after: .milliseconds(200))
                let key: Key = halt == "!" ? .character("!") : halt == "\u{18}" ? .control("x") : .function(12)
                #expect(line.keys.last == key, "\(halt) after \(start.dropFirst())")
            }
        }
        #expect(keys("\u{1B}!") == [.escape, .character("!")])
        #expect(keys("\u{1B}P", "!") == [.character("!")])
        #expect(keys("\u{1B}[200~abc\u{1B}[201~!").last == .character("!"))
    }

    @Test func `a sequence that never ends gives the keys back`() {
        for start in ["\u{1B}[1;", "\u{1B}O", "\u{1B}]11;rgb:ff", "\u{1B}P1+r", "\u{1B}[M"] {
            #expect(keys([start, "q"], .seconds(6)).last == .character("q"))
            #expect(keys(start, "\u{3}").last == .control("c"))
        }
        #expect(
            keys(String(repeating: "\u{1B}]11;" + String(repeating: "f", count: 5000), count: 1)).contains(
                .character("f")))
    }

    @Test func `what is pasted is text, whatever keys it would be`() {
        #expect(keys("\u{1B}[200~f!\rq\u{1B}[201~q") == [.pasted("f!\rq"), .character("q")])
        #expect(keys("\u{1B}[200~one", " two\u{1B}[20", "1~") == [.pasted("one two")])
        #expect(keys("\u{1B}[200~a\u{1B}[24~\u{3}\u{3}é\u{1B}[201~") == [.pasted("a\u{1B}[24~\u{3}\u{3}é")])
        #expect(keys("\u{1B}[201~") == [])
        let long = keys("\u{1B}[200~" + String(repeating: "x", count: 50_000) + "\u{1B}[201~q")
        guard case .pasted(let text) = long.first else { return #expect(Bool(false), "no paste") }
        #expect(text.utf8.count < 20_000 && long.count == 2)
    }

    @Test func `a paste whose end is lost swallows no key that halts or leaves, and ends`() {
        for (bytes, key) in [("\u{18}", Key.control("x")), ("!", .character("!")), ("\u{3}", .control("c"))] {
            #expect(keys(["\u{1B}[200~abc", bytes], .milliseconds(600)) == [.pasted("abc"), key])
        }
        #expect(keys(["\u{1B}[200~abc", "q"], .seconds(6)) == [.pasted("abc"), .character("q")])
    }

    @Test func `control characters are keys`() {
        #expect(keys("\u{3}\u{18}\u{1A}\u{0}\u{1C}") == ["c", "x", "z", " ", "\\"].map(Key.control))
        #expect(keys("\t\r\n\u{7F}\u{8}") == [.tab, .enter, .enter, .backspace, .backspace])
    }

    @Test func `what can't be shown is no character`() {
        #expect(keys("\u{9B}\u{202E}\u{E000}é漢") == [.character("é"), .character("漢")])
    }

    @Test func `a character that comes in two bursts is one key`() {
        var line = Line()
        line.send([0xE6, 0xBC])
        #expect(line.keys == [])
        line.send([0xA2, 0x67], after: .milliseconds(400))
        #expect(line.keys == [.character("漢"), .character("g")])
    }

    @Test func `bytes that are no text do not hide the keys after them`() {
        var line = Line()
        line.send([0xFF, 0xC3, 0x28, 0x80, 0xED, 0xA0, 0x80, 0xF8, 0x67])
        #expect(line.keys == [.character("("), .character("g")])
    }

    @Test func `the terminal's own sequences come first`() {
        var decoder = KeyDecoder(
            KeySequences([Array("\u{1B}[3$".utf8): .delete, Array("\u{1B}Ot".utf8): .function(5)]))
        #expect(decoder.receive("\u{1B}[3$\u{1B}Ot".utf8, at: .now) == [.delete, .function(5)])
    }

    @Test(arguments: SeededGenerator.seeds(200))
    func `any burst gives keys without a trap`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var line = Line()
        let bytes: [UInt8] = [0x1B, 0x5B, 0x4F, 0x5D, 0x07, 0x7E, 0x30, 0x3B, 0x66, 0x0D, 0x18, 0xC3, 0xA9, 0xF0, 0xFF]
        var count = 0
        for _ in 0..<40 {
            let burst = (0..<generator.int(in: 0...12)).map { _ in bytes[generator.int(in: 0...bytes.count - 1)] }
            line.send(burst, after: .milliseconds(generator.int(in: 0...900)))
            count += burst.count
        }
        line.rest(.seconds(60))
        #expect(line.keys.count <= count)
    }
}
