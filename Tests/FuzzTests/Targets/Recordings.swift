import MeshModel

@testable import Dashboard
@testable import Recording
@testable import TerminalCanvas
@testable import gameday

extension FuzzTarget {
    /// Days on disk.
    static let recordings: [FuzzTarget] = [
        FuzzTarget(name: "recording", longest: 65536) { bytes in
            guard let reader = try? RecordingReader(bytes: bytes) else { return }
            var cursor = reader.events()
            var state = MeshState()
            var count = 0
            var last: UInt64 = 0
            while let event = cursor.next() {
                state.apply(event)
                count += 1
                last = event.number
            }
            try require(cursor.number >= last, "it ends at \(cursor.number), before event \(last)")
            for share in [0, 0.3, 0.7, 1] {
                let moment = reader.start.advanced(bySeconds: reader.duration * share)
                _ = reader.state(at: moment)
            }
            _ = reader.state(after: last / 2)
            let verified = reader.verified()
            if verified.isSound { try requireSame(verified.events, count, "the events of a sound recording") }
        },
        FuzzTarget(name: "replay", longest: 32768) { bytes in
            guard let (commands, reader) = opened(bytes) else { return }
            var replay = Replay(reader)
            replay.play()
            for command in commands.prefix(12) {
                switch command % 6 {
                case 0: _ = replay.advance(Double(command) * 10)
                case 1: _ = replay.skip(Double(command) - 128)
                case 2: _ = replay.step()
                case 3: replay.changeSpeed(faster: command > 128)
                case 4: _ = replay.seek(to: reader.end)
                default: _ = replay.seek(to: Timestamp(milliseconds: .min))
                }
            }
            _ = reader.story()
        },
        FuzzTarget(name: "query", longest: 32768) { bytes in
            guard let (words, reader) = opened(bytes) else {
                _ = try? RecordingQuery(parsing: bytes.text)
                return
            }
            guard let query = try? RecordingQuery(parsing: words.text) else { return }
            let hits = reader.hits(of: query, in: reader.story())
            if case .condition = query { try require(hits.count <= reader.lastNumber, "more hits than events") }
        },
        FuzzTarget(name: "packed", longest: 32768) { bytes in
            // The first byte says whether the rest is packed as it is, or is plain and damaged once it is packed.
            guard let kind = bytes.first else { return }
            let rest = Array(bytes.dropFirst())
            guard kind != 0x42 else {
                // However short it is, the time that it takes is that of the bytes that it says to hold.
                let claimed = Packing.index(of: FileBytes(bytes)).blocks.reduce(0) { $0 + $1.plain }
                if claimed <= 4 << 20 { _ = try? RecordingReader(bytes: bytes) }
                return
            }
            let (damage, plain) = rest.halves
            guard !plain.isEmpty, var packed = Packing.pack(plain, piece: 2048) else { return }
            try require(Packing.holds(packed, plain), "packed it is something else")
            try requireSame(lines(in: packed).bytes, plain, "unpacked it is something else")
            let sizes = sizePlaces(in: packed)
            var isSizeDamaged = false
            for flip in damage.chunks(of: 3).prefix(4) where flip.count == 3 {
                let place = (Int(flip[0]) << 8 | Int(flip[1])) % packed.count
                packed[place] ^= flip[2]
                isSizeDamaged = isSizeDamaged || sizes.contains(place)
            }
            let unpacked = lines(in: packed)
            guard !Packing.holds(packed, plain) else { return }
            // A size that leads to the beginning of a later block, as it can where blocks are alike, is for seals to find.
            try require(
                unpacked.bytes == plain || !unpacked.findings.isEmpty || !Packing.isPacked(packed) || isSizeDamaged,
                "damage went unseen")
        },
        FuzzTarget(name: "export", longest: 16384) { bytes in
            guard let (kind, reader) = opened(bytes) else { return }
            var options = ExportOptions()
            options.hidesNames = kind.count > 1
            options.screen = { state, moment in FuzzDay.rendering.image(state, moment) }
            let formats = Exporter.formats
            let format = formats[Int(kind.first ?? 0) % formats.count]
            var out: [UInt8] = []
            try Exporter.export(reader, to: format, options: options) { out += $0 }
            try requireGood(out, format.name)
        },
    ]

    /// A few bytes, a zero, and a recording.
    private static func opened(_ bytes: [UInt8]) -> (before: [UInt8], reader: RecordingReader)? {
        let (before, file) = bytes.halves
        guard !file.isEmpty, let reader = try? RecordingReader(bytes: file) else { return nil }
        return (before, reader)
    }

    private static func lines(in packed: [UInt8]) -> (bytes: [UInt8], findings: [String]) {
        let lines = RecordingBytes(alone: FileBytes(packed))
        return (lines.read(0..<lines.count), lines.findings)
    }

    /// Where a packed file tells the sizes of its blocks.
    private static func sizePlaces(in packed: [UInt8]) -> Set<Int> {
        var places: Set<Int> = []
        var at = 9
        while at + 8 <= packed.count {
            places.formUnion(at..<at + 8)
            at += 8 + (0..<4).reduce(0) { $0 | Int(packed[at + $1]) << (8 * $1) }
        }
        return places
    }

    private static func requireGood(_ bytes: [UInt8], _ format: String) throws {
        switch format {
        case "journal": _ = try JSON(parsing: bytes)
        case "asciicast":
            for line in bytes.split(separator: 0x0A) { _ = try JSON(parsing: Array(line)) }
        case "recording":
            let reader = try RecordingReader(bytes: bytes)
            try requireSame(reader.findings, [], "an exported recording has faults")
            try require(reader.verified().isSound, "an exported recording is not sound")
        default:
            // Its lines end as RFC 4180 has them.
            let text = format == "csv" ? bytes.text.replacing("\r\n", with: "\n") : bytes.text
            try require(text.isPlain, "\(format) holds control characters")
        }
    }
}

extension [UInt8] {
    fileprivate func chunks(of size: Int) -> [[UInt8]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
