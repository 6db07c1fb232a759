import TerminalCanvas
import TestKit
import Testing

@testable import CursesTerminal

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

@Suite(.timeLimit(.minutes(5))) struct KeysOnATerminalTests {
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

    /// A slow line cuts sequences, and an answer comes when it comes.
    @Test(arguments: [60, 250])
    func `what comes in two parts is one key, or none`(gap: Int) async throws {
        let session = try Terminal.usual.start()
        try await session.wait(for: "limit")
        let parts = [
            ("\u{1B}", "OB"), ("\u{1B}[", "5~"), ("\u{1B}", "]11;rgb:fafa/fafa/fafa\u{7}"),
            ("\u{1B}]11;rgb:f", "afa\u{1B}\\"),
        ]
        for (first, second) in parts {
            await session.type(first)
            try await Task.sleep(for: .milliseconds(gap))
            await session.type(second)
        }
        await session.type("Z")
        try await session.wait(for: "key: Z")
        let keys = await session.screen.text.split(separator: "\n").compactMap {
            $0.split(separator: "key: ").dropFirst().first
        }
        let names = keys.map { $0.prefix { !$0.isWhitespace } }.filter { $0 != "esc" }
        #expect(names == ["down", "pgup", "background", "Z"] || names == ["down", "pgup", "Z"])
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
