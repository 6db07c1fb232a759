import MeshModel
import TestKit
import Testing

/// The lines of the story: what they tell goes over the wire as figures, and out of the words of older versions.
struct TimelineTests {
    private static let at = Timestamp(milliseconds: 1_764_000_000_000)
    private static let edge = Edge(from: "bar", to: "taps")

    private static func read(_ json: JSON) throws -> TimelineEntry {
        try TimelineEntry(WireFields(try JSON(parsing: json.text), page: "test"))
    }

    /// What a version wrote that knew words alone.
    private static func plain(_ kind: String, _ text: String, by: String? = nil, on edge: Edge? = nil) -> JSON {
        [
            "t": .integer(at.milliseconds), "kind": .string(kind), "tone": "plain", "text": .string(text),
            "by": JSON(by), "from": JSON(edge?.from.text), "to": JSON(edge?.to.text),
        ]
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `every line of a day goes over the wire and back, and has its words beside it`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var mesh = MeshState()
        for event in generator.day(events: 400) { mesh.apply(event) }
        #expect(!mesh.timeline.isEmpty)
        for entry in mesh.timeline {
            #expect(try Self.read(entry.json) == entry)
            #expect(entry.json["text"]?.string == entry.text)
            if case .words = entry.turn { Issue.record("\(entry.text) has no meaning") }
        }
    }

    @Test func `an objective that an older version told is found`() throws {
        #expect(
            try Self.read(Self.plain("objective", "orders: quick: BROKEN")).turn
                == .objective("orders: quick", isMet: false))
        #expect(try Self.read(Self.plain("objective", "orders: holds")).turn == .objective("orders", isMet: true))
    }

    @Test(arguments: [
        "F1 ABORT 503 30% on bar>taps active", "F12 DELAY 200 ms 0.5% on bar>taps requested by mv: why: not",
        "F1 LIMIT 64 KiB/s 100% on bar>taps stuck: bar is silent", "X1 ABORT 503 20% on bar>taps ORPHAN",
        "F3 ABORT 500 33.33% on bar>taps gone: its proxy: 2",
    ])
    func `a fault that an older version told is found, and told as it was`(text: String) throws {
        let entry = try Self.read(Self.plain("fault", text, on: Self.edge))
        guard case .fault(let turn) = entry.turn else {
            Issue.record("it is words")
            return
        }
        #expect(entry.text == text)
        #expect(entry.turn.fault == text.split(separator: " ").first.map(String.init))
        #expect(turn.isStep == (turn.phase == .requested))
        let sentence = Narrator.sentence(of: entry, in: MeshState())
        #expect(sentence.contains(text.first == "X" ? "not started here" : "fault "))
    }

    @Test(arguments: [
        "F1 ABORT 503 30% on bar>cellar active", "F1 GRAVITY 9 30% on bar>taps active", "F1 on bar>taps dialled",
    ])
    func `words that tell nothing known stay words`(text: String) throws {
        let entry = try Self.read(Self.plain("fault", text, on: Self.edge))
        #expect(entry.turn == .words(text))
        #expect(Narrator.sentence(of: entry, in: MeshState()) == text)
    }

    @Test func `a halt and a note that an older version told are found`() throws {
        #expect(
            try Self.read(Self.plain("halt", "HALT by mv: key: pressed")).turn
                == .halted(by: "mv", reason: "key: pressed"))
        #expect(try Self.read(Self.plain("halt", "HALT: 2 of 3 proxies seen clean")).turn == .proven(clean: 2, of: 3))
        #expect(try Self.read(Self.plain("halt", "rearmed by mv")).turn == .rearmed(by: "mv"))
        #expect(try Self.read(Self.plain("note", "mv: a: b", by: "mv")).turn == .said(by: "mv", "a: b"))
    }

    @Test func `what a later version tells is its words`() throws {
        var json = TimelineEntry(at: Self.at, kind: .fault, tone: .warn, turn: .words("the moon is full")).json
        if case .object(let members) = json {
            json = .object(members + [JSON.Member("what", ["is": "moon", "full": true])])
        }
        #expect(try Self.read(json).turn == .words("the moon is full"))
    }
}
