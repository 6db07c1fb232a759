internal import Glibc

/// How much one door of the API takes in at once, and for how long it waits for whom.
///
/// `feeds` and `acting` together are less than `visits`: so there is always somebody who can make room.
struct ReceptionLimits: Sendable {
    /// Connections.
    var visits = 128
    /// Readers of events.
    var feeds = 32
    /// Requests under way that may have to wait for a proxy or a disk.
    var acting = 64
    /// Bytes of answers that nobody has read yet.
    var unsent = 64 << 20
    /// Connections taken in one after another, before the others have their turn.
    var arrivals = 32
    /// From a connection, or the first byte of a further request, to the end of its head.
    var headTime = Duration.seconds(2)
    var bodyTime = Duration.seconds(10)
    /// For the next request on the same connection.
    var idleTime = Duration.seconds(30)
    /// For a reader that reads nothing.
    var stallTime = Duration.seconds(10)
    /// For a reader of events that reads none.
    var feedStallTime = Duration.seconds(60)
    /// For the client to hang up after its last answer.
    var farewellTime = Duration.milliseconds(500)
    /// Bytes thrown away meanwhile.
    var waste = 1 << 20
    /// How long the door is left alone when the system has no descriptors left.
    var rest = Duration.milliseconds(100)
    /// Descriptors put aside for visitors.
    var reserve = 1
    /// Descriptors left to others, above all to a halt's way to its proxies; a few visitors are let in all the same.
    var headroom = 16
    var least = 4

    /// Of the halt's own door: it takes visitors in when there are no descriptors left for others.
    static let halt = ReceptionLimits(reserve: 8, headroom: 0)
}

/// How many descriptors this process may have.
enum DescriptorLimit {
    static var now: Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        return Int(clamping: limit.rlim_cur)
    }
}

/// Descriptors that are kept for when there are no others.
struct DescriptorReserve {
    private let size: Int
    private var held: [Int32] = []

    init(_ size: Int) {
        self.size = size
        refill()
    }

    /// All are lent.
    var isEmpty: Bool { held.isEmpty }

    /// Gives one up, for whoever opens the next; false when there is none.
    mutating func lend() -> Bool {
        guard let one = held.popLast() else { return false }
        close(one)
        return true
    }

    /// Puts aside again what was lent, as far as that can be had.
    mutating func refill() {
        while held.count < size {
            let one = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard one >= 0 else { return }
            held.append(one)
        }
    }

    mutating func release() {
        while lend() {}
    }
}
