/// The lines of the last events, in the batches they came in, bounded in bytes: the oldest batch goes first.
struct EventRing {
    /// Lines that were written together; their numbers follow one another.
    private struct Batch {
        var first: UInt64
        var bytes: [UInt8]
        /// Where the line of `first + i` begins.
        var starts: [Int]

        var last: UInt64 { first + UInt64(starts.count) - 1 }
    }

    private let capacity: Int
    private var batches: [Batch] = []
    /// Batches before this place are dropped already; their room is given back many at a time.
    private var head = 0
    private var held = 0
    private(set) var last: UInt64 = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// `starts` are the places in `bytes` where lines begin; at least one.
    mutating func append(_ bytes: [UInt8], starts: [Int]) {
        batches.append(Batch(first: last + 1, bytes: bytes, starts: starts))
        last += UInt64(starts.count)
        held += bytes.count
        while held > capacity, head < batches.count - 1 {
            held -= batches[head].bytes.count
            batches[head] = Batch(first: 0, bytes: [], starts: [])
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
        let start = batch.starts[Int(number + 1 - batch.first)]
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
