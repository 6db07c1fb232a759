import MeshModel

/// Whether a recording is what its writer wrote, line by line and seal by seal.
public struct Verification: Equatable, Sendable {
    /// Seals that fit the lines since the seal before them.
    public internal(set) var seals = 0
    /// The lines (the header is line 1) between which something is not what was written.
    public internal(set) var broken: [ClosedRange<Int>] = []
    public internal(set) var lines = 0
    public internal(set) var events = 0
    public internal(set) var unreadable = 0
    /// Bytes of a last line without its newline.
    public internal(set) var torn = 0
    /// Lines after the last seal: nothing vouches for them.
    public internal(set) var unsealed = 0
    /// Was it closed in order?
    public internal(set) var isComplete = false

    /// True when every line is vouched for.
    public var isSound: Bool {
        isComplete && torn == 0 && unsealed == 0 && unreadable == 0 && broken.isEmpty
    }
}

extension RecordingReader {
    /// Reads the whole file and checks every seal.
    public func verified() -> Verification {
        var result = Verification()
        var hash = SHA256()
        var place = 0
        let step = 1 << 20
        while place < bytes.count {
            var block = bytes.read(place..<min(bytes.count, place + step))
            if block.last != 0x0A, let end = block.lastIndex(of: 0x0A) {
                block.removeLast(block.count - end - 1)
            } else if block.last != 0x0A {
                // A line longer than the block, or the torn end.
                guard let line = bytes.line(at: place) else {
                    result.torn = bytes.count - place
                    break
                }
                block = line + [0x0A]
            }
            check(block, &hash, &result)
            place += block.count
        }
        var cursor = events()
        while cursor.next() != nil { result.events += 1 }
        result.unreadable = cursor.unreadable
        result.isComplete = cursor.hasEnded
        return result
    }

    private func check(_ block: [UInt8], _ hash: inout SHA256, _ result: inout Verification) {
        var start = 0
        while let end = block[start...].firstIndex(of: 0x0A) {
            result.lines += 1
            if let told = Self.seal(block[start..<end]) {
                if hash.hexadecimal == told {
                    result.seals += 1
                } else {
                    result.broken.append(result.lines - result.unsealed...result.lines)
                }
                result.unsealed = 0
                hash = SHA256()
                hash.update(told.utf8)
            } else {
                result.unsealed += 1
                hash.update(block[start...end])
            }
            start = end + 1
        }
    }

    /// The hash in a line, if the line is a seal.
    private static func seal(_ line: ArraySlice<UInt8>) -> String? {
        guard line.count < 160, line.first == UInt8(ascii: "["),
            let items = (try? JSON(parsing: Array(line)))?.array, items.count == 3,
            items[1].string == RecordingFormat.seal
        else { return nil }
        return items[2].string
    }
}
