public import MeshModel

/// Where a replay stands in the day. The time that passes outside comes in by `advance`; it reads no clock itself.
public struct ReplayClock: Equatable, Sendable {
    public static let speeds: [Double] = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64]

    public let start: Timestamp
    public let end: Timestamp
    public private(set) var now: Timestamp
    public private(set) var speed = 1.0
    public var isPlaying = true
    /// Milliseconds that were played and do not fill a whole one yet.
    private var rest = 0.0

    public init(start: Timestamp, end: Timestamp) {
        self.start = start
        self.end = max(start, end)
        now = start
    }

    public var isAtEnd: Bool { now >= end }
    /// How much of the day is past, 0...1.
    public var progress: Double {
        let length = end.seconds(since: start)
        return length > 0 ? min(1, max(0, now.seconds(since: start) / length)) : 1
    }

    /// Lets so many seconds of the real world pass.
    public mutating func advance(_ seconds: Double) {
        guard isPlaying, seconds > 0 else { return }
        rest += seconds * speed * 1000
        let whole = rest.rounded(.down)
        rest -= whole
        now = min(end, now.advanced(bySeconds: whole / 1000))
    }

    public mutating func seek(to moment: Timestamp) {
        now = min(end, max(start, moment))
        rest = 0
    }

    /// Sets the nearest speed that is allowed.
    public mutating func setSpeed(_ wanted: Double) {
        guard wanted.isFinite else { return }
        speed = min(64, max(0.25, wanted))
    }

    /// Goes to the next speed above or below.
    public mutating func changeSpeed(faster: Bool) {
        let next = faster ? Self.speeds.first { $0 > speed } : Self.speeds.last { $0 < speed }
        speed = next ?? speed
    }
}
