public import MeshModel

/// The day in outline: what a scrub bar shows, what a report tells, where `next` and `previous` go.
public struct Story: Equatable, Sendable {
    /// Every line of the story, oldest first.
    public var timeline: [TimelineEntry]
    /// Every fault, in the order of their beginning.
    public var faults: [Fault]
    /// The state at the end.
    public var last: MeshState

    /// The first entry after a moment, or the last one before it.
    public func entry(after moment: Timestamp, backwards: Bool = false) -> TimelineEntry? {
        backwards ? timeline.last { $0.at < moment } : timeline.first { $0.at > moment }
    }

    /// When objectives were broken, by the story's own lines; what did not recover lasts until the end of the day.
    public func breaches(until end: Timestamp) -> [Breach] {
        var open: [String: Timestamp] = [:]
        var all: [Breach] = []
        for entry in timeline {
            guard case .objective(let name, let isMet, _) = entry.turn else { continue }
            if !isMet {
                open[name] = open[name] ?? entry.at
            } else if let from = open.removeValue(forKey: name) {
                all.append(Breach(objective: name, from: from, to: entry.at, isOver: true))
            }
        }
        all += open.map { Breach(objective: $0.key, from: $0.value, to: end, isOver: false) }
        return all.sorted { ($0.from, $0.objective) < ($1.from, $1.objective) }
    }
}

/// A time in which an objective was broken.
public struct Breach: Equatable, Sendable {
    public var objective: String
    public var from: Timestamp
    public var to: Timestamp
    /// False when it was still broken at the end of the day.
    public var isOver: Bool
}

extension String {
    func dropping(suffix: String) -> String? {
        hasSuffix(suffix) ? String(dropLast(suffix.count)) : nil
    }
}

extension RecordingReader {
    /// The outline of the whole day. It reads the checkpoints and what follows the last of them, not every line.
    public func story() -> Story {
        let last = state(after: .max).state
        var timeline: [TimelineEntry] = []
        // Lines are counted, so that those which two checkpoints tell are taken once.
        var told = 0
        func take(_ entries: [TimelineEntry], upTo count: Int) {
            let new = min(entries.count, max(0, count &- told))
            timeline += entries.suffix(new)
            told = max(told, count)
        }
        for checkpoint in index.checkpoints { take(checkpoint.timeline, upTo: checkpoint.told) }
        take(last.timeline, upTo: last.told)
        return Story(timeline: timeline, faults: last.faults, last: last)
    }
}
