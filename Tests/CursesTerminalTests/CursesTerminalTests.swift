import Foundation
import TerminalCanvas
import TestKit
import Testing

@testable import terminal_probe

/// The kinds of terminals that must work, with the colours and glyphs that they have.
struct Terminal: Sendable, CustomTestStringConvertible {
    var name: String
    var settings: [String: String] = [:]
    var tier: ColorTier
    var glyphs: Glyphs = .full

    var testDescription: String { "\(name) \(settings)" }
    var environment: [String: String] {
        ["TERM": name, "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no"].merging(settings) { $1 }
    }

    /// What the terminal makes of a cell.
    func adapted(_ cell: VirtualScreen.Cell) -> VirtualScreen.Cell {
        var cell = cell
        if glyphs == .ascii, !cell.glyph.scalar.isASCII { cell.glyph = "?" }
        if name == "vt100" { cell.pen.emphasis.remove(.dim) }
        if name == "linux" {
            // Eight colours, bold for the bright ones, and neither underline nor dim together with colours.
            cell.pen.emphasis.subtract([.underline, .dim])
            if case .indexed(8...15) = cell.pen.foreground { cell.pen.emphasis.insert(.bold) }
            cell.pen.foreground = Terminal.dull(cell.pen.foreground)
            cell.pen.background = Terminal.dull(cell.pen.background)
        }
        return cell
    }

    private static func dull(_ ink: Ink) -> Ink {
        if case .indexed(let index) = ink { .indexed(index & 7) } else { ink }
    }

    static let all = [
        Terminal(name: "xterm-256color", tier: .indexed),
        Terminal(name: "xterm-256color", settings: ["COLORTERM": "truecolor"], tier: .trueColor),
        Terminal(name: "xterm-256color", settings: ["NO_COLOR": "1"], tier: .mono),
        Terminal(name: "xterm-256color", settings: ["LC_ALL": "C"], tier: .indexed, glyphs: .ascii),
        Terminal(name: "screen-256color", tier: .indexed),
        Terminal(name: "tmux-256color", settings: ["COLORTERM": "24bit"], tier: .trueColor),
        Terminal(name: "linux", tier: .sixteen, glyphs: .console),
        Terminal(name: "vt100", tier: .mono),
    ]
    static let usual = all[0]

    func start(_ settings: [String: String] = [:], size: Size = Size(80, 34)) throws -> PtySession {
        try PtySession(
            BuiltProgram.path("terminal-probe"), environment: environment.merging(settings) { $1 }, size: size)
    }
}

/// A file that the probe writes its standard error to.
final class Log: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID().uuidString).log").path()

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func wait(for text: String) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while (try? String(contentsOfFile: path, encoding: .utf8)) != text {
            try #require(ContinuousClock.now < deadline, "not in the log: \(text)")
            await Task.yield()
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct CursesTerminalTests {
    @Test(arguments: Terminal.all)
    func `the screen shows the canvas, cell by cell`(terminal: Terminal) async throws {
        let session = try terminal.start()
        try await session.wait(for: "limit")
        await session.type("x")
        let canvas = picture(size: Size(80, 34), glyphs: terminal.glyphs, keys: ["x"])
        try await session.wait(toShow: canvas, .midnight, terminal.tier, adapted: terminal.adapted)
        let screen = await session.screen
        #expect(screen.unknown == [])
        #expect(screen.isCursorVisible && screen.cursor == canvas.cursor)
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test(arguments: Terminal.all)
    func `the terminal comes back as it was`(terminal: Terminal) async throws {
        let session = try terminal.start()
        try await session.wait(for: "limit")
        #expect(await session.hasFirstModes == false)
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
        try await expectGivenBack(session)
        #expect(await session.screen.text.contains("ended with 0"))
    }

    @Test(
        arguments: [
            ("t", -SIGILL), ("a", -SIGABRT), ("s", -SIGSEGV), ("e", 5),
        ] as [(String, Int32)])
    func `a crash or an exit gives the terminal back, and is told as it is`(key: String, status: Int32) async throws {
        for terminal in [Terminal.all[0], Terminal.all[6], Terminal.all[7]] {
            let session = try terminal.start()
            try await session.wait(for: "limit")
            await session.type(key)
            let end = try await session.waitForEnd()
            // A trap is SIGILL on x86 and SIGTRAP on ARM.
            #expect(end == Int(status) || key == "t" && end == -Int(SIGTRAP))
            try await expectGivenBack(session)
        }
    }

    @Test(arguments: [SIGTERM, SIGHUP, SIGINT])
    func `a signal that asks for an end comes as a key`(number: Int32) async throws {
        let session = try Terminal.usual.start()
        try await session.wait(for: "limit")
        await session.signal(number)
        #expect(try await session.waitForEnd() == 4)
        try await expectGivenBack(session)
    }

    /// With one signal after two seconds, with two at once; the second is another, as equal ones that wait are one.
    @Test(arguments: [[SIGTERM], [SIGTERM, SIGINT]])
    func `a program that does not answer such a signal is ended all the same`(signals: [Int32]) async throws {
        let session = try Terminal.usual.start(["PROBE_DEAF": "1"])
        try await session.wait(for: "limit")
        for number in signals { await session.signal(number) }
        let end = try await session.waitForEnd()
        #expect(signals.map { -Int($0) }.contains(end))
        try await expectGivenBack(session)
    }

    @Test func `when the terminal goes away the keys end`() async throws {
        let session = try Terminal.usual.start()
        try await session.wait(for: "limit")
        await session.hangUp()
        // The kernel sends SIGHUP too; whichever comes first ends the program, and neither by force.
        #expect([4, 6].contains(try await session.waitForEnd()))
    }

    @Test func `a stopped program gives the terminal back meanwhile`() async throws {
        let session = try Terminal.usual.start()
        try await session.wait(for: "limit")
        await session.type("\u{1A}")
        // Nothing orders the program of a session that has no shell to stop, so it goes on at once and draws again.
        try await session.wait(for: "key: ctrl-z")
        let output = String(decoding: await session.output, as: UTF8.self)
        #expect(output.components(separatedBy: "\u{1B}[?1049h").count == 3)
        let canvas = picture(size: Size(80, 34), glyphs: .full, keys: ["ctrl-z"])
        try await session.wait(toShow: canvas, .midnight, .indexed)
        await session.type("q")
        _ = try await session.waitForEnd()
        try await expectGivenBack(session)
    }

    @Test func `a new size is told and drawn`() async throws {
        let session = try Terminal.usual.start()
        try await session.wait(for: "probe 80x34")
        for size in [Size(100, 40), Size(30, 10), Size(1, 1), Size(5, 2), Size(120, 50)] { await session.resize(size) }
        try await session.wait(for: "probe 120x50")
        try await session.wait(for: "key: size 120x50")
        #expect(await session.screen.unknown == [])
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `another theme colours every cell anew`() async throws {
        for terminal in [Terminal.all[0], Terminal.all[1]] {
            let session = try terminal.start()
            try await session.wait(for: "limit")
            await session.type("l")
            try await session.wait(for: "key: l")
            await session.type("l")
            let canvas = picture(size: Size(80, 34), glyphs: .full, keys: ["l", "l"])
            try await session.wait(toShow: canvas, .midnight, terminal.tier)
            await session.type("q")
            #expect(try await session.waitForEnd() == 0)
        }
    }

    @Test func `a terminal that takes nothing holds up nobody, and gets the newest frame`() async throws {
        let log = Log()
        let session = try Terminal.usual.start(["PROBE_LOG": log.path], size: Size(250, 100))
        try await session.wait(for: "limit")
        // Nothing is read while the program shows frames of some 100 kilobytes, more than the line between holds, and
        // goes on to the key that writes to the log.
        await session.type("fdw")
        try await log.wait(for: "to the log\n")
        let canvas = picture(size: Size(250, 100), glyphs: .full, keys: ["f", "d", "some dropped", "w"])
        try await session.wait(toShow: canvas, .midnight, .indexed)
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test func `standard error goes to its file and comes back`() async throws {
        let log = Log()
        let session = try Terminal.usual.start(["PROBE_LOG": log.path])
        try await session.wait(for: "limit")
        await session.type("w")
        try await session.wait(for: "key: w")
        try await log.wait(for: "to the log\n")
        #expect(await session.screen.text.contains("to the log") == false)
        await session.type("q")
        #expect(try await session.waitForEnd() == 0)
    }

    @Test(arguments: ["", "no-such-terminal", "dumb"])
    func `a terminal that can't be used is refused in words`(name: String) async throws {
        let session = try Terminal.usual.start(["TERM": name])
        #expect(try await session.waitForEnd() == 3)
        #expect(await session.screen.text.contains("no terminal: The terminal “\(name)”"))
    }

    private func expectGivenBack(
        _ session: PtySession, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        #expect(await session.hasFirstModes, sourceLocation: sourceLocation)
        let screen = await session.screen
        #expect(!screen.isAlternate && screen.isCursorVisible, sourceLocation: sourceLocation)
        #expect(screen.modes.isDisjoint(with: [1000, 1006, 2004]), sourceLocation: sourceLocation)
        #expect(screen.text.contains("limit") == false, sourceLocation: sourceLocation)
    }
}
