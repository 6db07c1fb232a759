import MeshModel
import TestKit
import Testing

@testable import Recording

/// Damage to recordings of days in which everything happened: runs, a catalogue, halts, events that were lost.
@Suite struct EventfulDamageTests {
    private let day: EventfulDay
    private let reader: RecordingReader
    /// Where each line begins and ends, and what it is.
    private var lines: [(kind: String, place: Range<Int>)] = []

    init() throws {
        day = try EventfulDay(seed: 2)
        reader = try RecordingReader(bytes: day.recorded.bytes)
        var start = 0
        for (place, byte) in day.recorded.bytes.enumerated() where byte == 0x0A {
            let line = JSON.parsed(day.recorded.bytes[start..<place])
            lines.append((line?.array?[1].string ?? "poll", start..<place + 1))
            start = place + 1
        }
    }

    private static let kinds = ["experiment", "catalogue", "halt", "fault", "note", "#lost", "#checkpoint", "#state"]

    private func events(of reader: RecordingReader) -> (events: [Event], unreadable: Int) {
        var cursor = reader.events()
        var events: [Event] = []
        while let event = cursor.next() { events.append(event) }
        return (events, cursor.unreadable)
    }

    @Test func `the day has everything, and is read as it was written`() {
        #expect(Set(lines.map(\.kind)).isSuperset(of: Self.kinds))
        let found = events(of: reader)
        #expect(found.events == day.events && found.unreadable == 0 && day.lost > 5)
        #expect(reader.isComplete && reader.findings == [] && reader.verified().isSound)
        #expect(reader.state(after: .max).state == day.recorded.states(after: [day.recorded.events.count])[0].state)
    }

    @Test(arguments: kinds)
    func `cut anywhere in a line, the days before it are whole`(kind: String) throws {
        let line = try #require(lines.filter { $0.kind == kind }.min { $0.place.count < $1.place.count }).place
        let step = max(1, line.count / 8)
        let cuts = Array(stride(from: line.lowerBound, to: line.upperBound, by: step)) + [line.upperBound - 1]
        for cut in cuts + [line.upperBound] {
            let bytes = Array(day.recorded.bytes[..<cut])
            let cutReader = try RecordingReader(bytes: bytes)
            #expect(cutReader.findings.isEmpty == (bytes.last == 0x0A), "cut at \(cut)")
            #expect(!cutReader.isComplete && !cutReader.verified().isSound)
            let found = events(of: cutReader)
            #expect(found.events == Array(day.events.prefix(found.events.count)) && found.unreadable == 0)
            #expect(lines.filter { $0.place.upperBound <= cut && isEvent($0.kind) }.count >= found.events.count)
            var state = MeshState()
            for event in found.events { state.apply(event) }
            #expect(cutReader.state(after: .max).state == state, "cut at \(cut)")
        }
    }

    /// The state that comes after lost events is told by a checkpoint.
    private func isEvent(_ kind: String) -> Bool { !kind.hasPrefix("#") || kind == "#checkpoint" }

    @Test(arguments: SeededGenerator.seeds(16))
    func `a changed byte in any of its lines never traps, and is found`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var bytes = day.recorded.bytes
        var hurt: Set<Int> = []
        for kind in Self.kinds where generator.bool() {
            let place = generator.pick(lines.indices.filter { lines[$0].kind == kind })
            // Its newline stays, so that no more than this line is hurt.
            let byte = generator.int(in: lines[place].place.lowerBound...lines[place].place.upperBound - 2)
            bytes[byte] ^= UInt8(1 << generator.int(in: 0...7))
            if bytes[byte] == 0x0A { bytes[byte] = 0x20 }
            hurt.insert(place)
        }
        guard !hurt.isEmpty else { return }
        let damaged = try RecordingReader(bytes: bytes)
        let found = events(of: damaged).events.map(\.observation)
        let right = day.events.count { event in found.contains(event.observation) }
        #expect(right >= day.events.count - hurt.count)
        #expect(!damaged.verified().isSound)
        _ = damaged.story()
        _ = damaged.report()
        for moment in 0...4 {
            _ = damaged.state(at: reader.start.advanced(bySeconds: reader.duration * Double(moment) / 4))
        }
    }

    /// The same with a word more in every object.
    private static func grown(_ json: JSON) -> JSON {
        switch json {
        case .array(let items): .array(items.map(grown))
        case .object(let members):
            .object(
                members.map { JSON.Member($0.name, grown($0.value)) }
                    + [JSON.Member("omen", ["bird": [.null, 1e3, "…"]])])
        default: json
        }
    }

    @Test func `words that later versions may add are passed over`() throws {
        // A state tells the places of lines before it, which a writer of our time can't move.
        let begin = try #require(lines.lastIndex { $0.kind == "#state" }) + 1
        var bytes = Array(day.recorded.bytes[..<lines[begin].place.lowerBound])
        let version = try #require(bytes.firstRange(of: Array("\"gameday\":3".utf8)))
        bytes[version.upperBound - 1] = UInt8(ascii: "7")
        var changed: Set<String> = []
        for line in lines[begin...] {
            let written = Array(day.recorded.bytes[line.place].dropLast())
            let isOfDay = ["experiment", "catalogue", "halt", "fault", "note"].contains(line.kind)
            bytes += isOfDay ? try Self.grown(JSON(parsing: written)).bytes : written
            if isOfDay { changed.insert(line.kind) }
            // No event, so that the numbers of the others stay.
            bytes += Array("\n[0,\"#omen\",[{\"of\":\"\(line.kind)\"}]]\n".utf8)
        }
        #expect(changed.isSuperset(of: ["experiment", "catalogue", "halt"]))
        let newer = try RecordingReader(bytes: bytes)
        #expect(newer.findings == ["format 7 is newer than this program; unknown parts are not shown"])
        let found = events(of: newer)
        #expect(found.events == day.events && found.unreadable == 0)
    }
}

extension JSON {
    fileprivate static func parsed(_ bytes: ArraySlice<UInt8>) -> JSON? { try? JSON(parsing: Array(bytes)) }
}
