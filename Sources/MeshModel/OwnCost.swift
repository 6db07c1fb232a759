/// What gameday itself costs, and what it could not keep up with. The control plane tells it with a beat now and then.
public struct OwnCost: Equatable, Sendable {
    /// Answers of proxies that were read; of those, the ones in turns that began late; and questions without a good one.
    public var polls: UInt64 = 0
    public var latePolls: UInt64 = 0
    public var failedPolls: UInt64 = 0
    /// Bytes of the pages that were read.
    public var bytesRead: UInt64 = 0
    /// By what every source is polled less often than wished, so that all stay alike: 1 when there is time for all.
    public var slowdown = 1.0
    /// Observations that were put together with one before, since nobody had come to that.
    public var merged: UInt64 = 0
    /// Events that no recording took in time, and those that wait to be taken.
    public var unrecorded: UInt64 = 0
    public var recorderBacklog: UInt64 = 0
    /// Who follows the events, how far the slowest was behind lately, and how often one was so far behind that it was
    /// told the state instead.
    public var readers: UInt64 = 0
    public var readerLag: UInt64 = 0
    public var skips: UInt64 = 0
    /// Bytes of memory: all that is resident, and the lines that are kept for readers.
    public var resident: UInt64 = 0
    public var keptLines: UInt64 = 0
    /// Seconds of processor time so far, and the share of one core lately.
    public var processor = 0.0
    public var processorShare = 0.0
    public var threads: UInt64 = 0
    public var descriptors: UInt64 = 0

    public init() {}

    /// True while polls are slowed down.
    public var isOverloaded: Bool { slowdown > 1 }
}

extension OwnCost {
    private static var counts: [(name: String, path: WritableKeyPath<OwnCost, UInt64>)] {
        [
            ("polls", \.polls), ("late", \.latePolls), ("failed", \.failedPolls), ("bytes", \.bytesRead),
            ("merged", \.merged), ("unrecorded", \.unrecorded), ("backlog", \.recorderBacklog),
            ("readers", \.readers), ("lag", \.readerLag), ("skips", \.skips), ("resident", \.resident),
            ("kept", \.keptLines), ("threads", \.threads), ("descriptors", \.descriptors),
        ]
    }
    private static var shares: [(name: String, path: WritableKeyPath<OwnCost, Double>)] {
        [("slowdown", \.slowdown), ("processor", \.processor), ("share", \.processorShare)]
    }

    public var json: JSON {
        .object(
            Self.counts.map { JSON.Member($0.name, JSON(self[keyPath: $0.path])) }
                + Self.shares.map { JSON.Member($0.name, .double(self[keyPath: $0.path])) })
    }

    /// What another version does not tell stays as it is at first.
    public init(_ fields: WireFields) throws(WireError) {
        for (name, path) in Self.counts where fields.value(name) != nil {
            self[keyPath: path] = try fields.unsigned(name)
        }
        for (name, path) in Self.shares where fields.value(name) != nil {
            self[keyPath: path] = try fields.double(name)
        }
        slowdown = max(1, slowdown)
    }
}
