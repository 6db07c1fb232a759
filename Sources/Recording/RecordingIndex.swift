internal import Glibc
import MeshModel

/// Where a recording can be entered: its checkpoints, and the shapes that its polls are told by.
struct RecordingIndex: Sendable {
    /// In the order of the file.
    private(set) var checkpoints: [Checkpoint] = []
    private(set) var shapes: [TrafficShape?] = []
    private(set) var names: [Int: String] = [:]

    /// Up to this size a file is simply gone through, which finds every checkpoint whatever is damaged.
    private static let smallFile = 8 << 20
    private static let block = 1 << 20

    init(_ bytes: RecordingBytes, from start: Int) {
        checkpoints =
            bytes.count <= Self.smallFile
            ? Self.scan(bytes, start..<bytes.count)
            : Self.chain(bytes, from: start) ?? Self.scan(bytes, start..<bytes.count)
        for checkpoint in checkpoints {
            for (id, shape) in checkpoint.shapes { Self.set(shape, at: id, in: &shapes) }
            for (id, name) in checkpoint.names { names[id] = name }
        }
    }

    /// Forgets the checkpoints before a place.
    mutating func begin(at place: Int) { checkpoints.removeAll { $0.place < place } }

    /// Puts a shape to its number.
    static func set(_ shape: TrafficShape, at id: Int, in shapes: inout [TrafficShape?]) {
        while shapes.count <= id { shapes.append(nil) }
        shapes[id] = shape
    }

    /// Follows the checkpoints backwards from the last one; nil when the chain is broken.
    private static func chain(_ bytes: RecordingBytes, from start: Int) -> [Checkpoint]? {
        var found: [Checkpoint] = []
        var from = bytes.count
        // A line may lie across blocks: where the one ends that begins before those that were looked at.
        var lineEnd = bytes.count
        while found.isEmpty, from > start {
            let end = from
            from = max(start, from - block)
            let newline = bytes.read(from..<end).firstIndex(of: 0x0A)
            // No line begins here but at the very start.
            guard newline != nil || from == start else { continue }
            found = scan(bytes, from..<lineEnd).suffix(1)
            lineEnd = newline.map { from + $0 + 1 } ?? lineEnd
        }
        guard var last = found.first else { return [] }
        while let place = last.previous {
            guard place >= start, place < last.place, let line = bytes.line(at: place),
                let checkpoint = Checkpoint(line: line, place: place)
            else { return nil }
            found.append(checkpoint)
            last = checkpoint
        }
        return found.reversed()
    }

    /// All checkpoints whose line begins in the range, which may begin in the middle of a line.
    private static func scan(_ bytes: RecordingBytes, _ range: Range<Int>) -> [Checkpoint] {
        var found: [Checkpoint] = []
        var at = range.lowerBound
        while at < range.upperBound {
            let block = bytes.read(at..<min(range.upperBound, at + 4 * Self.block))
            guard let last = RecordingBytes.lastNewline(in: block) else {
                if block.count < 4 * Self.block { break }
                at += block.count
                continue
            }
            for start in checkpointStarts(in: block, upTo: last) {
                guard let line = bytes.line(at: at + start) else { continue }
                if let checkpoint = Checkpoint(line: line, place: at + start) { found.append(checkpoint) }
            }
            at += last + 1
        }
        return found
    }

    private static func checkpointStarts(in block: [UInt8], upTo last: Int) -> [Int] {
        var starts: [Int] = []
        block.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var start = 0
            while start < last {
                // A lost part may be a million of these.
                if buffer[start] == 0x0A {
                    start += 1
                    continue
                }
                var scanner = LineScanner(buffer, from: start, to: min(start + 40, last))
                if scanner.take(UInt8(ascii: "[")), scanner.integer() != nil, scanner.take(UInt8(ascii: ",")),
                    scanner.take(word: "\"#checkpoint\"")
                {
                    starts.append(start)
                }
                guard let newline = memchr(base + start, 0x0A, last - start + 1) else { return }
                start = UnsafeRawPointer(base).distance(to: newline) + 1
            }
        }
        return starts
    }
}
