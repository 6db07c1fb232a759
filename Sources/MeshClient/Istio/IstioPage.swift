internal import MeshModel

/// Whom Istio's metrics call the one who asked.
struct IstioCaller: Hashable, Sendable {
    /// The canonical service of its workload; nil where nothing stands beside it that would tell.
    var service: String?
    var namespace: String?
    var workload: String?
}

/// Between whom requests went, as one proxy tells it.
enum IstioScope: Hashable, Sendable {
    /// The proxy of who was called counted them.
    case received(from: IstioCaller)
    /// The proxy of who called counted them, with the version of who answered, where somebody did.
    case sent(to: ServiceName, version: String?)
    /// A waypoint counted them, which stands beside neither.
    case passed(from: IstioCaller, to: ServiceName)
}

/// What all requests of one label set have in common.
struct IstioSeries: Hashable, Sendable {
    /// A number that the reader of the pages gave out.
    var scope: Int
    /// 2 to 5, or 0 for no answer.
    var answerClass: UInt8
    var flags: IstioFlags
    /// Whether both sides proved who they are; nil where nobody said, as callers never do.
    var isMutualTLS: Bool?
}

/// What one page of Istio's metrics says: running totals by the numbers that its reader gave out, flat, so that reading
/// the next page into the same memory allocates little.
struct IstioPage: Equatable {
    /// Of a number that the page does not hold.
    static let absent = UInt64.max

    /// Requests of each series.
    private(set) var requests: [UInt64] = []
    /// Of each series as many as there are bounds: how many requests took at most so long.
    private(set) var buckets: [UInt64] = []
    private(set) var width = 0

    mutating func clear(series: Int, bounds: Int) {
        width = bounds
        requests.removeAll(keepingCapacity: true)
        buckets.removeAll(keepingCapacity: true)
        grow(to: series)
    }

    mutating func grow(to series: Int) {
        guard series > requests.count else { return }
        requests.append(contentsOf: repeatElement(Self.absent, count: series - requests.count))
        buckets.append(contentsOf: repeatElement(Self.absent, count: series * width - buckets.count))
    }

    /// Makes room for one more bound.
    mutating func widen() {
        var wide: [UInt64] = []
        wide.reserveCapacity(requests.count * (width + 1))
        for series in requests.indices {
            wide += buckets[(series * width)..<((series + 1) * width)]
            wide.append(Self.absent)
        }
        (buckets, width) = (wide, width + 1)
    }

    mutating func set(requests count: UInt64, of series: Int) {
        requests[series] = min(count, UInt64(Int64.max))
    }

    mutating func set(bucket: Int, of series: Int, to count: UInt64) {
        buckets[series * width + bucket] = min(count, UInt64(Int64.max))
    }

    /// Nil when the page did not say; so it is of a series that came later.
    func requests(of series: Int) -> UInt64? {
        guard series < requests.count, requests[series] != Self.absent else { return nil }
        return requests[series]
    }

    func bucket(_ bucket: Int, of series: Int) -> UInt64? {
        guard series < requests.count, bucket < width else { return nil }
        let count = buckets[series * width + bucket]
        return count == Self.absent ? nil : count
    }
}
