internal import MeshModel

/// The endless body of `GET /v1/events` for one reader.
///
/// A reader holds nothing but the number it has come to: the log's ring is the only buffer. One that is so slow that
/// its place is gone, or that never had one, gets the whole state as a key frame and goes on from there.
struct EventFeed: Sendable {
    /// Written at once, in bytes.
    static let limit = 256 << 10

    private let log: EventLog
    private var position: UInt64?
    private let presence: Presence

    enum Watch: Sendable {
        case began, ended
    }

    /// What comes next for this reader.
    enum Reading: Equatable {
        case bytes([UInt8])
        /// Nothing has happened since.
        case nothing
        /// Nothing will happen any more.
        case over
    }

    /// `watch` is told when the reader begins to read, and when it is over.
    init(log: EventLog, after: UInt64?, watch: (@Sendable (Watch) -> Void)?) {
        self.log = log
        position = after
        presence = Presence(watch)
    }

    /// Says that the connection is over by ceasing to exist: there is no other sign that every way of ending it gives.
    private final class Presence: Sendable {
        private let watch: (@Sendable (Watch) -> Void)?

        init(_ watch: (@Sendable (Watch) -> Void)?) {
            self.watch = watch
            watch?(.began)
        }

        deinit {
            watch?(.ended)
        }
    }

    /// The lines since the last call, without waiting for any.
    mutating func next() -> Reading {
        guard let position else { return .bytes(keyframe()) }
        // Asked first: what comes before the log is closed is still read.
        let isClosed = log.isClosed
        switch log.lines(after: position, limit: Self.limit) {
        case .lines(let bytes, let last):
            self.position = last
            return .bytes(bytes)
        case .gap: return .bytes(keyframe())
        case .nothing: return isClosed ? .over : .nothing
        }
    }

    /// The state is copied under the lock and written outside it: at a thousand services that takes a while.
    private mutating func keyframe() -> [UInt8] {
        let state = log.read { $0 }
        position = state.lastNumber
        let at = state.lastAt ?? Timestamp(milliseconds: 0)
        return EventWire.line(Event(number: state.lastNumber, at: at, observation: .keyframe(state)))
    }
}
