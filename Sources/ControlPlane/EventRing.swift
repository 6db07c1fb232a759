/// The lines of the last events, in the batches they came in, bounded in memory and in age: the oldest batch goes first.
struct EventRing {
    /// Lines that were written together; their numbers follow one another.
    private struct Batch {
        var first: UInt64
        var bytes: [UInt8]
        /// Where the line of `first + i` begins.
        var starts: [UInt32]
        var at: Duration

        var last: UInt64 { first + UInt64(starts.count) - 1 }

        /// The memory it takes: what the arrays have room for, their heads, and its own place.
        var footprint: Int {
            bytes.capacity + starts.capacity * MemoryLayout<UInt32>.stride + 2 * 32 + MemoryLayout<Batch>.stride
        }
    }

    private let capacity: Int
    private let age: Duration
    private var batches: [Batch] = []
    /// Batches before this place are dropped already; their room is given back many at a time.
    private var head = 0
    /// The memory that the lines take, in bytes.
    private(set) var footprint = 0
    private(set) var last: UInt64 = 0

    /// Keeps at most `capacity` bytes of memory, and nothing that is older than `age`: whoever comes later does better
    /// with the whole state than with so many lines.
    init(capacity: Int, age: Duration = .seconds(300)) {
        self.capacity = capacity
        self.age = age
    }

    /// `starts` are the places in `bytes` where lines begin; at least one. The bytes are copied, to their size: shared
    /// with the one who wrote them, they would keep the room of the largest that she ever wrote.
    mutating func append(_ bytes: [UInt8], starts: [UInt32], at now: Duration) {
        let batch = Batch(first: last + 1, bytes: bytes.withUnsafeBytes(Array.init), starts: starts, at: now)
        batches.append(batch)
        last += UInt64(starts.count)
        footprint += batch.footprint
        while head < batches.count - 1, footprint > capacity || now - batches[head].at > age {
            footprint -= batches[head].footprint
            batches[head] = Batch(first: 0, bytes: [], starts: [], at: .zero)
            head += 1
        }
        if head > 64, head > batches.count / 2 {
            batches.removeFirst(head)
            head = 0
        }
    }

    /// The lines that follow number `after`, at least one and at most about `limit` bytes, with the last one's number.
    /// Nil when there is none yet; `.gap` when some of them are no longer held.
    enum Reading: Equatable {
        case lines([UInt8], last: UInt64)
        case gap
        case nothing
    }

    func lines(after number: UInt64, limit: Int) -> Reading {
        guard number < last else { return number == last ? .nothing : .gap }
        guard head < batches.count, batches[head].first <= number + 1 else { return .gap }
        var low = head
        var high = batches.count - 1
        while low < high {
            let middle = (low + high) / 2
            if batches[middle].last <= number { low = middle + 1 } else { high = middle }
        }
        let batch = batches[low]
        let start = Int(batch.starts[Int(number + 1 - batch.first)])
        // A batch that is read whole is handed on as it is: every reader shares its one copy.
        var bytes = start == 0 ? batch.bytes : Array(batch.bytes[start...])
        var end = batch.last
        while low + 1 < batches.count, bytes.count + batches[low + 1].bytes.count <= limit {
            low += 1
            bytes += batches[low].bytes
            end = batches[low].last
        }
        return .lines(bytes, last: end)
    }
}
