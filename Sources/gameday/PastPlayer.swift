import Dashboard
import MeshModel
import Recording

/// Moves through a recorded day, for a replay and for looking back from a live one.
struct PastPlayer: Sendable {
    private(set) var replay: Replay
    let story: Story
    private(set) var marks: [Timestamp] = []
    /// The moments that were looked for last.
    private(set) var hits: [Timestamp] = []
    private var wanted: String?

    /// What a move brought.
    struct Step {
        var change: Replay.Change = .events([])
        /// A word to the person.
        var word: String?
    }

    init(_ replay: Replay, story: Story) {
        self.replay = replay
        self.story = story
    }

    var now: Timestamp { replay.clock.now }

    /// Lets so many seconds pass outside.
    mutating func advance(_ seconds: Double) -> Replay.Change { replay.advance(seconds) }

    mutating func perform(_ travel: Travel) -> Step {
        switch travel {
        case .playOrPause: replay.clock.isPlaying ? replay.pause() : replay.play()
        case .slower: replay.changeSpeed(faster: false)
        case .faster: replay.changeSpeed(faster: true)
        case .step(let isForward):
            let length = replay.clock.isPlaying ? 5 : replay.state.session?.pollInterval ?? 1
            return Step(change: replay.skip(isForward ? length : -length))
        case .tenth(let isForward):
            let tenth = replay.reader.duration / 10
            return Step(change: replay.skip(isForward ? tenth : -tenth))
        case .event(let isForward):
            guard let entry = story.entry(after: now, backwards: !isForward) else {
                return Step(word: isForward ? "No later event" : "No earlier event")
            }
            return Step(change: replay.seek(to: entry.at), word: entry.text)
        case .to(let moment): return Step(change: replay.seek(to: moment))
        case .mark: return mark()
        case .nextMark:
            guard let next = marks.first(where: { $0 > now }) ?? marks.first else {
                return Step(word: "No marks; m sets one")
            }
            return Step(change: replay.seek(to: next))
        case .find(let text): return find(text)
        case .hit(let isForward): return go(isForward: isForward)
        case .now: break
        }
        return Step()
    }

    private mutating func mark() -> Step {
        if let known = marks.firstIndex(of: now) {
            marks.remove(at: known)
            return Step(word: "Mark removed")
        }
        marks.append(now)
        marks.sort()
        return Step(word: marks.count == 1 ? "marked" : "Marked: \(marks.count) marks")
    }

    private mutating func find(_ text: String) -> Step {
        wanted = nil
        hits = []
        guard !text.isEmpty else { return Step() }
        do {
            hits = replay.reader.hits(of: try RecordingQuery(parsing: text), in: story)
        } catch {
            return Step(word: "\(error.summary). \(error.remedy ?? "")")
        }
        wanted = text
        guard !hits.isEmpty else { return Step(word: "No match: \(text)") }
        return go(isForward: true)
    }

    private mutating func go(isForward: Bool) -> Step {
        guard let wanted else { return Step(word: "Press / to search first") }
        let place = isForward ? hits.firstIndex { $0 > now } : hits.lastIndex { $0 < now }
        guard let place else {
            return Step(word: "\(wanted): \(hits.count) matches, none \(isForward ? "after" : "before") this")
        }
        return Step(change: replay.seek(to: hits[place]), word: "\(wanted): \(place + 1) of \(hits.count)")
    }
}

extension PastPlayer {
    /// What a dashboard shows that looks back.
    var past: Past {
        Past(mesh: replay.state, at: now, isPlaying: replay.clock.isPlaying, speed: replay.clock.speed)
    }

    /// Goes on as another one that read less of the same day.
    mutating func takeOver(from other: PastPlayer?) {
        guard let other else { return }
        marks = other.marks
        hits = other.hits
        wanted = other.wanted
        replay.setSpeed(other.replay.clock.speed)
        if other.replay.clock.isPlaying { replay.play() }
    }
}
