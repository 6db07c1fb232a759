internal import FlyingFox
internal import FlyingSocks
internal import MeshModel

/// The endless body of `GET /v1/events` for one reader.
///
/// A reader holds nothing but the number it has come to: the log's ring is the only buffer. One that is so slow that
/// its place is gone, or that never had one, gets the whole state as a key frame and goes on from there.
struct EventFeed: AsyncBufferedSequence {
    typealias Element = UInt8

    /// Written at once, in bytes.
    static let limit = 256 << 10

    let log: EventLog
    let after: UInt64?
    /// Told when a connection begins to read, and when it is over.
    let watch: (@Sendable (Watch) -> Void)?

    enum Watch: Sendable {
        case began, ended
    }

    func makeAsyncIterator() -> Iterator {
        Iterator(log: log, position: after, presence: Presence(watch))
    }

    /// Says that the connection is over by ceasing to exist: there is no other sign that every way of ending it gives.
    final class Presence: Sendable {
        private let watch: (@Sendable (Watch) -> Void)?

        init(_ watch: (@Sendable (Watch) -> Void)?) {
            self.watch = watch
            watch?(.began)
        }

        deinit {
            watch?(.ended)
        }
    }

    struct Iterator: AsyncBufferedIteratorProtocol {
        let log: EventLog
        var position: UInt64?
        let presence: Presence

        mutating func next() async throws -> UInt8? {
            preconditionFailure("The feed is read in buffers")
        }

        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            while !Task.isCancelled {
                guard let position else { return keyframe() }
                switch log.lines(after: position, limit: EventFeed.limit) {
                case .lines(let bytes, let last):
                    self.position = last
                    return bytes
                case .gap:
                    return keyframe()
                case .nothing:
                    if log.isClosed { return nil }
                    await log.wait(after: position)
                }
            }
            return nil
        }

        /// The state is copied under the lock and written outside it: at a thousand services that takes a while.
        private mutating func keyframe() -> [UInt8] {
            let state = log.read { $0 }
            position = state.lastNumber
            let at = state.lastAt ?? Timestamp(milliseconds: 0)
            return EventWire.line(Event(number: state.lastNumber, at: at, observation: .keyframe(state)))
        }
    }
}
