import MeshModel
import TestKit

@testable import Recording

/// A day in a recording, in memory.
struct Recorded {
    var bytes: [UInt8]
    var events: [Event]

    init(_ events: [Event], ends: Bool = true, fullInterval: Int? = nil) {
        self.events = events
        let start = events.first?.at ?? Timestamp(milliseconds: 0)
        var encoder = RecordingEncoder(header: RecordingHeader(program: "test", created: start, session: nil))
        if let fullInterval { encoder.story.fullInterval = fullInterval }
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
