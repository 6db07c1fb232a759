public import MeshModel

/// A recording played again: the same events at the same distances, with another clock.
///
/// It is a value and does nothing by itself: whoever plays it lets time pass with `advance` and shows what comes back.
public struct Replay: Sendable {
    /// What a player shows next.
    public enum Change: Equatable, Sendable {
        /// Everything is different: show this instead.
        case state(MeshState)
        /// These happened meanwhile, in this order.
        case events([Event])
    }

    public let reader: RecordingReader
    public private(set) var clock: ReplayClock
    /// What the replay has shown so far, folded.
    public private(set) var state: MeshState
    private var cursor: RecordingCursor
    /// The event after `state`, read ahead.
    private var upcoming: Event?

    private static let longestGap = 600.0
    private static let afterGap = 2.0

    /// Begins at the first event.
    public init(_ reader: RecordingReader) {
        self.reader = reader
        clock = ReplayClock(start: reader.start, end: reader.end)
        state = MeshState()
        cursor = reader.events()
        upcoming = cursor.next()
        _ = seek(to: reader.start)
    }

    public mutating func play() { clock.isPlaying = true }
    public mutating func pause() { clock.isPlaying = false }
    public mutating func setSpeed(_ speed: Double) { clock.setSpeed(speed) }
    public mutating func changeSpeed(faster: Bool) { clock.changeSpeed(faster: faster) }

    /// Lets so many seconds of the real world pass. At high speed over a gap-free day this can be many events.
    public mutating func advance(_ seconds: Double) -> Change {
        clock.advance(seconds)
        // Where nothing was recorded for so long there is nothing to watch, and a clock that was wrong may be years off.
        if clock.isPlaying, let upcoming, upcoming.at.seconds(since: clock.now) > Self.longestGap {
            clock.seek(to: upcoming.at.advanced(bySeconds: -Self.afterGap))
        }
        return .events(catchUp())
    }

    /// Goes to a moment, forwards or backwards.
    public mutating func seek(to moment: Timestamp) -> Change {
        clock.seek(to: moment)
        let (found, place) = reader.state(at: clock.now)
        state = found
        state.session?.mode = .replay
        cursor = place
        upcoming = cursor.next()
        return .state(state)
    }

    /// Goes so many seconds on, or back when negative.
    public mutating func skip(_ seconds: Double) -> Change {
        seek(to: clock.now.advanced(bySeconds: seconds))
    }

    /// Shows the next event at once, whenever it was; for stepping while paused.
    public mutating func step() -> Change {
        guard let event = upcoming else { return .events([]) }
        clock.seek(to: event.at)
        return .events([take(event)])
    }

    private mutating func catchUp() -> [Event] {
        var events: [Event] = []
        while let event = upcoming, event.at <= clock.now || clock.isAtEnd { events.append(take(event)) }
        return events
    }

    /// Folds the upcoming event and reads the next one; answers it as the player is to see it.
    private mutating func take(_ event: Event) -> Event {
        var shown = event
        switch event.observation {
        case .session(var session):
            session.mode = .replay
            shown.observation = .session(session)
        case .keyframe(var state):
            state.session?.mode = .replay
            shown.observation = .keyframe(state)
        default: break
        }
        state.apply(shown)
        upcoming = cursor.next()
        return shown
    }
}
