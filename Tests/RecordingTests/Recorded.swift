import Foundation
import MeshModel
import TestKit
import Testing

@testable import Recording

/// A day in a recording, in memory.
struct Recorded {
    var bytes: [UInt8]
    var events: [Event]

    init(_ events: [Event], ends: Bool = true, fullInterval: Int? = nil) {
        self.events = events
        let start = events.first?.at ?? Timestamp(milliseconds: 0)
        var encoder = RecordingEncoder(header: RecordingHeader(program: "test", created: start, session: nil))
        if let fullInterval {
            encoder.story.fullInterval = fullInterval
            encoder.story.fullPart = 0
        }
        var state = MeshState()
        bytes = []
        for event in events {
            state.apply(event)
            encoder.append(event, state: state)
            if encoder.count > 10_000 { bytes += encoder.drain() }
        }
        if ends { encoder.end() }
        bytes += encoder.drain()
    }

    /// The live states after so many events each.
    func states(after counts: [Int]) -> [(count: Int, state: MeshState)] {
        var state = MeshState()
        var states: [(Int, MeshState)] = []
        for (place, event) in events.enumerated() {
            state.apply(event)
            if counts.contains(place + 1) { states.append((place + 1, state)) }
        }
        return states
    }

    func lines() -> [String] {
        String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// A day in which everything happens that a recording can hold: faults, notes, the runs of an experiment, a catalogue,
/// a halt with its proofs, and a disk that was full for a while.
struct EventfulDay {
    var recorded: Recorded
    /// How many events the full disk cost; a key frame stands for the last of them.
    let lost: Int
    /// What a reader of the whole file is to find.
    let events: [Event]

    /// The disk takes nothing while it is so many hundredths through the day.
    private static let full = 60..<68

    init(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var script = DayScript(seed: seed, services: 3)
        script.rate = 5
        var day: [Event] = []
        for event in script.events(seconds: 60) {
            day.append(event)
            // The first event is the session's, which must stay the first.
            if generator.chance(0.12) { day += Self.happenings(event.at, &generator) }
        }
        for place in day.indices { day[place].number = UInt64(place + 1) }
        let gone = day.count * Self.full.lowerBound / 100..<day.count * Self.full.upperBound / 100
        let path = FileManager.default.temporaryDirectory.path() + "/gameday-eventful-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let writer = RecordingWriter(
            path: path, header: RecordingHeader(program: "test", created: day[0].at, session: nil))
        var state = MeshState()
        var found: [Event] = []
        for (place, event) in day.enumerated() {
            state.apply(event)
            if gone.contains(place) { continue }
            let isAfter = place == gone.upperBound
            writer.append([event], state: state, lost: isAfter ? gone.count : 0)
            found.append(isAfter ? Event(number: event.number, at: event.at, observation: .keyframe(state)) : event)
        }
        try #require(writer.close() == nil)
        recorded = Recorded(day)
        recorded.bytes = Array(try Data(contentsOf: URL(filePath: path)))
        lost = gone.count
        events = found
    }

    private static func happenings(_ at: Timestamp, _ generator: inout SeededGenerator) -> [Event] {
        func event(_ observation: Observation) -> Event { Event(number: 0, at: at, observation: observation) }
        switch generator.int(in: 0...4) {
        case 0: return [event(.catalogue([generator.experimentPlan(at: at), generator.experimentPlan(at: at)]))]
        case 1:
            let halt = Halt(isLatched: true, by: "ann", reason: "key")
            var proven = halt
            proven.proofs = [Halt.Proof(source: "service-0", isClean: false, explanation: generator.hostileText())]
            return [
                event(.halt(halt)), event(.halt(proven)), event(.halt(Halt(isLatched: false, by: "bo", reason: ""))),
            ]
        default: return [event(.experiment(generator.experimentReport(at: at)))]
        }
    }
}
