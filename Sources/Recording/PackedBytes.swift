internal import Synchronization

/// The lines in a packed file, unpacked a block at a time when they are asked for.
final class PackedBytes: Sendable {
    /// Unpacked blocks, those looked at last at the end.
    private struct Held {
        var blocks: [Int: [UInt8]?] = [:]
        var order: [Int] = []
        var bytes = 0
        var unpacker = Packing.Unpacker()
    }

    /// So many bytes of lines are held. A day that fits is unpacked once, so that going to and fro in it is quick.
    static let mostHeld = 1 << 28

    private let file: FileBytes
    private let blocks: [Packing.Block]
    /// Where the lines of each block begin.
    private let starts: [Int]
    private let mostHeld: Int
    private let held = Mutex(Held())
    /// How many bytes of lines there are.
    let count: Int
    /// Where the last whole block ends.
    let end: Int
    /// Is there something after the last block that is no block?
    var isCutOff: Bool { end < file.count }

    init(_ file: FileBytes, mostHeld: Int = PackedBytes.mostHeld) {
        self.file = file
        self.mostHeld = mostHeld
        let index = Packing.index(of: file)
        blocks = index.blocks
        end = index.end
        var sum = 0
        starts = blocks.map { block in
            defer { sum += block.plain }
            return sum
        }
        count = sum
    }

    var heldBytes: Int { held.withLock { $0.bytes } }

    /// How many blocks are damaged; nil when there are more than are held at once, and were not looked at.
    func damaged() -> Int? {
        guard count <= mostHeld else { return nil }
        return blocks.indices.count { unpacked($0) == nil }
    }

    /// The bytes of a range. In the place of what is damaged are empty lines, so that the places which lines name stay
    /// true.
    func read(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        var result: [UInt8] = []
        result.reserveCapacity(range.count)
        var number = block(at: range.lowerBound)
        while number < blocks.count, starts[number] < range.upperBound {
            let start = starts[number]
            let part = range.clamped(to: start..<start + blocks[number].plain)
            if let bytes = unpacked(number) {
                result += bytes[part.lowerBound - start..<part.upperBound - start]
            } else {
                result += repeatElement(0x0A, count: part.count)
            }
            number += 1
        }
        return result
    }

    /// The last block that begins at a place or before it.
    private func block(at place: Int) -> Int {
        var (low, high) = (0, blocks.count)
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= place { low = middle } else { high = middle }
        }
        return low
    }

    private func unpacked(_ number: Int) -> [UInt8]? {
        held.withLock { held in
            if let known = held.blocks[number] {
                if held.order.last != number, count > mostHeld {
                    held.order.removeAll { $0 == number }
                    held.order.append(number)
                }
                return known
            }
            let block = blocks[number]
            let bytes = held.unpacker.unpack(file.read(block.at..<block.at + block.size), to: block.plain)
            held.blocks[number] = .some(bytes)
            held.order.append(number)
            held.bytes += block.plain
            while held.bytes > mostHeld, held.order.count > 1 {
                let oldest = held.order.removeFirst()
                held.blocks[oldest] = nil
                held.bytes -= blocks[oldest].plain
            }
            return bytes
        }
    }
}
