import MeshModel

/// Polls at one moment, the one after the other, of which there is nothing to tell but that they were made: a mesh that
/// rests costs a line a second. The line is `[dt, "#rest", late, [shape, …]]`, where a negative number -n stands for the
/// n shapes after the one before it.
struct RestingPolls: Sendable {
    /// How late all of them were, in milliseconds.
    private(set) var late: Int64
    private(set) var shapes: [Int]

    init(late: Int64, shapes: [Int]) {
        self.late = late
        self.shapes = shapes
    }

    /// Fewer than that are shorter as lines of their own.
    static let fewest = 3
    /// More of them are no mesh.
    private static let most = 1 << 20

    func write(to writer: inout JSONWriter) {
        writer.write(late)
        writer.array {
            var place = 0
            while place < shapes.count {
                var end = place + 1
                while end < shapes.count, shapes[end] == shapes[end - 1] + 1 { end += 1 }
                $0.write(shapes[place])
                if end - place > 1 { $0.write(place + 1 - end) }
                place = end
            }
        }
    }

    /// Reads what follows the word; nil when it is not that.
    init?(_ scanner: inout LineScanner) {
        guard scanner.take(UInt8(ascii: ",")), let late = scanner.integer(), scanner.take(UInt8(ascii: ",")),
            scanner.take(UInt8(ascii: "["))
        else { return nil }
        self.late = late
        shapes = []
        repeat {
            guard let number = scanner.integer(), shapes.count < Self.most else { return nil }
            if number >= 0 {
                shapes.append(Int(number))
                continue
            }
            let count = Int(clamping: number.magnitude)
            guard let last = shapes.last, count < Self.most, last < Self.most else { return nil }
            shapes += last + 1...last + count
        } while scanner.take(UInt8(ascii: ","))
        guard scanner.take(UInt8(ascii: "]")), scanner.take(UInt8(ascii: "]")) else { return nil }
    }
}
