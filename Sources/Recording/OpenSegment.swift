import MeshModel

/// The plain file of a recording that goes on, or whose writer died: all of it, or what follows the packed segments.
struct OpenSegment {
    /// What its first line says.
    enum Head: Equatable {
        /// It is a recording from its beginning on.
        case whole
        /// Its first line stands at this place in the recording.
        case follows(Int)
        /// It has no line yet.
        case empty
        case other
    }

    let file: FileBytes
    let head: Head

    init(_ file: FileBytes) {
        self.file = file
        head = Self.head(of: file)
    }

    private static func head(of file: FileBytes) -> Head {
        // What is no recording may be large, and without a line's end.
        var size = 4096
        var bytes = file.read(0..<size)
        while RecordingBytes.newline(in: bytes) == nil, bytes.count == size, size < 1 << 20 {
            size *= 16
            bytes = file.read(0..<size)
        }
        guard let end = RecordingBytes.newline(in: bytes) else { return bytes.count < size ? .empty : .other }
        let line = Array(bytes[..<end])
        if (try? RecordingHeader(line: line)) != nil { return .whole }
        guard let items = (try? JSON(parsing: line))?.array, items.count >= 3,
            items[1].string == RecordingFormat.segment, let place = items[2].integer.flatMap({ Int(exactly: $0) }),
            place > 0
        else { return .other }
        return .follows(place)
    }

    /// How many bytes at its beginning are among the packed ones too; nil when they are not the same, so that these
    /// are two recordings, or when some between them are missing.
    func overlap(with packed: PackedBytes) -> Int? {
        let place: Int
        switch head {
        case .whole: place = 0
        case .follows(let there): place = there
        case .empty where file.count == 0: return 0
        case .empty, .other: return nil
        }
        guard packed.count >= place else { return nil }
        let count = min(file.count, packed.count - place)
        let step = 1 << 20
        for at in stride(from: 0, to: count, by: step) {
            let end = min(count, at + step)
            guard file.read(at..<end) == packed.read(place + at..<place + end) else { return nil }
        }
        return count
    }
}
