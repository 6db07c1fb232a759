import MeshClient
import MeshModel
import TerminalCanvas
import TestKit
import Testing

/// Somebody's cat on the keyboard of a live game day, with real Envoys below.
@Suite(.serialized, .timeLimit(.minutes(15))) struct MonkeyTests {
    /// Three a second for ten minutes.
    private static let keys = 1800

    @Test func `as many keys as ten minutes of typing trap nothing and start no fault unasked`() async throws {
        let home = try GamedayHome()
        // An escape is over sooner than for a person, since it is the monkey's most frequent rest.
        let environment = try home.terminal().merging(["ESCDELAY": "100"]) { $1 }
        let mesh = try PtySession(
            GamedayHome.program, ["demo", "--no-dashboard"], environment: environment, size: Size(120, 40))
        try await mesh.wait(for: "Press Ctrl-C to end.")
        let client = ControlPlaneClient(socket: home.socket, transport: try CurlTransport())
        try await home.wait(client) { $0.edges.count >= 11 && $0.services.values.allSatisfy { $0.polls > 1 } }

        var monkey = Monkey(seed: 20)
        var asked: Set<String> = []
        var session = try Self.dashboard(environment, monkey.size())
        for step in 0..<Self.keys {
            if monkey.isOften(one: 60) {
                await session.resize(monkey.size())
            } else {
                let key = monkey.key()
                // A yes counts when no key follows it at once, and what follows an escape at once belongs to it.
                let isAnswer = await session.screen.text.contains("esc cancels") && ["\r", "y"].contains(key)
                if key != Monkey.rest { await session.type(key) }
                if isAnswer || key == Monkey.rest { await session.linger(milliseconds: 200) }
            }
            if await session.settle(milliseconds: 12) {
                if let question = Self.question(on: await session.screen.text) { asked.insert(question) }
                continue
            }
            let status = try await session.waitForEnd()
            #expect(status == 0, "step \(step): the dashboard ended with \(status)")
            #expect(await session.hasFirstModes)
            session = try Self.dashboard(environment, monkey.size())
        }
        let started = try await client.faults().filter { !$0.isOrphan }
        for fault in started {
            let share = fault.kind.description?.hasShare == false ? "" : "\(PlainWords.percent(fault.share)) of "
            let words = "\(fault.kind.label) on \(share)\(fault.edge.from) > \(fault.edge.to)"
            #expect(asked.contains { $0.hasPrefix(words) }, "\(words) was never asked; asked were \(asked)")
        }
        // Otherwise the test would prove nothing.
        #expect(!asked.isEmpty && !started.isEmpty, "asked: \(asked), started: \(started.count)")
        _ = try await client.halt(by: "tester", reason: "the monkey has gone")
        #expect(try await client.faults().allSatisfy(\.phase.isOver))
        await mesh.signal(2)
        _ = try await mesh.waitForEnd()
    }

    private static func dashboard(_ environment: [String: String], _ size: Size) throws -> PtySession {
        try PtySession(GamedayHome.program, ["--theme", "midnight"], environment: environment, size: size)
    }

    /// What a confirmation on the screen asks about.
    private static func question(on screen: String) -> String? {
        guard screen.contains("Inject this fault?") else { return nil }
        let lines = screen.split(separator: "\n")
        return lines.firstNonNil { line in
            line.firstMatch(of: /[A-Z]{2}[^>┃│]* on (?:[\d.]+% of )?[\w-]+ > [\w-]+/).map { String($0.output) }
        }
    }
}

/// Types at random, a little more of what leads somewhere. Its keys come again with its seed.
private struct Monkey {
    /// No key, for a while.
    static let rest = ""
    private var generator: SeededGenerator
    private var plan: [String] = []

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func isOften(one in: Int) -> Bool { generator.int(in: 1...`in`) == 1 }

    /// Now and then too small for anything.
    mutating func size() -> Size {
        isOften(one: 8)
            ? Size(generator.int(in: 40...59), 15) : Size(generator.int(in: 60...160), generator.int(in: 20...50))
    }

    /// The next key as a terminal sends it.
    mutating func key() -> String {
        if !plan.isEmpty { return plan.removeFirst() }
        switch generator.int(in: 0...99) {
        case 0...3: plan = ["\r", "\r", Self.rest, generator.bool() ? "y" : "n"]
        case 4...5: plan = ["f", "\r", Self.rest, "y"]
        case 6...9:
            // A capital letter right after an escape is taken for a piece of a sequence.
            plan = ["\u{1B}", Self.rest, "\u{1B}", Self.rest, "1", "R", Self.rest, "y"]
        case 10...13:
            // Away from the entrance, whose faults want a word to be typed.
            let right = Array(repeating: "\u{1B}OC", count: generator.int(in: 2...4))
            plan = ["\u{1B}", Self.rest, "\u{1B}", Self.rest, "1"] + right + ["f", "\r", Self.rest, "y"]
        case 14: plan = [generator.pick(["!", "\u{18}", "\u{1B}[24~"])]
        default: break
        }
        let likely = [
            "f", "f", "\r", "\r", "y", "\u{1B}", "\u{1B}OA", "\u{1B}OB", "\u{1B}OC", "\u{1B}OD", "\t", "\u{1B}[Z",
            "\u{7F}",
            "a", "R", ":", "/", "?", "P", "S", "T", "z", "v", "1", "2", "3", "4", "5", "6", "b", "N",
            "\u{1B}[5~",
            "\u{1B}[200~f\ry!\u{1B}[201~", "\u{1B}]11;rgb:ffff/ffff/ffff\u{7}", "\u{1B}[<0;20;10M",
        ]
        if generator.int(in: 0...9) < 7 { return generator.pick(likely) }
        return String(Unicode.Scalar(UInt8(generator.int(in: 0x20...0x7E))))
    }
}

extension Sequence {
    fileprivate func firstNonNil<Result>(_ body: (Element) -> Result?) -> Result? {
        for element in self { if let result = body(element) { return result } }
        return nil
    }
}
