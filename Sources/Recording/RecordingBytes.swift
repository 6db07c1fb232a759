internal import Glibc
public import MeshModel

/// The lines of a recording, whether they are packed, plain, or, while the day goes on, the one after the other.
final class RecordingBytes: Sendable {
    private let packed: PackedBytes?
    /// What follows the packed lines, and how much of it is among them already.
    private let plain: FileBytes?
    private let covered: Int
    /// Where what follows begins: after the packed lines, unless some of those are missing.
    private let start: Int
    let count: Int
    /// What is wrong with packed lines, in words for a person.
    let findings: [String]

    /// The bytes of one file, packed or not.
    convenience init(alone file: FileBytes) {
        if Packing.isPacked(file.read(0..<8)) {
            self.init(PackedBytes(file), nil)
        } else if case .follows(let place) = OpenSegment(file).head {
            self.init(nil, file, from: place)
        } else {
            self.init(nil, file)
        }
    }

    private init(_ packed: PackedBytes?, _ plain: FileBytes?, from place: Int = 0) {
        let end = packed?.count ?? 0
        self.packed = packed
        self.plain = plain
        covered = min(plain?.count ?? 0, max(0, end - place))
        start = max(end, plain == nil ? 0 : place)
        count = start + (plain?.count ?? 0) - covered
        findings = Self.findings(packed, endsAt: start, isContinued: plain != nil)
    }

    private static func findings(_ packed: PackedBytes?, endsAt start: Int, isContinued: Bool) -> [String] {
        var findings: [String] = []
        if let damaged = packed?.damaged(), damaged > 0 {
            findings.append("damaged parts are left out: \(damaged)")
        }
        let end = packed?.count ?? 0
        if isContinued {
            // The block that its writer died in is still in the plain file.
            if end < start { findings.append("its packed part is damaged: \(start - end) bytes are left out") }
        } else if packed?.isCutOff == true {
            findings.append(
                end == 0
                    ? "it is truncated in its first part; nothing can be shown"
                    : "it is truncated or damaged; only the part before is shown")
        }
        return findings
    }

    /// The lines of a recording by the name of its file, packed or not. Of a day that goes on, or whose writer died,
    /// there are two files, and the name of each stands for both.
    static func open(path: String) throws(RecordingError) -> RecordingBytes {
        let suffix = RecordingFormat.packedSuffix
        let isPacked = path.hasSuffix(suffix)
        // The open segment first: what leaves it meanwhile is then found among the packed ones.
        let beside = isPacked ? try? FileBytes(path: String(path.dropLast(suffix.count))) : nil
        let named: FileBytes
        do throws(RecordingError) { named = try FileBytes(path: path) } catch {
            // Packed meanwhile.
            guard !isPacked, let packed = try? FileBytes(path: path + suffix) else { throw error }
            return RecordingBytes(alone: packed)
        }
        let other = isPacked ? beside : try? FileBytes(path: path + suffix)
        guard let other else { return RecordingBytes(alone: named) }
        return isPacked
            ? joined(OpenSegment(other), named) ?? RecordingBytes(alone: named)
            : joined(OpenSegment(named), other) ?? RecordingBytes(alone: named)
    }

    /// An open segment and what was packed before it; nil when they do not belong together.
    private static func joined(_ segment: OpenSegment, _ file: FileBytes) -> RecordingBytes? {
        guard Packing.isPacked(file.read(0..<8)) else {
            // Its writer died before the first block.
            return Packing.isBegun(file) && segment.head == .whole ? RecordingBytes(nil, segment.file) : nil
        }
        let packed = PackedBytes(file)
        switch segment.head {
        case .empty: return RecordingBytes(packed, nil)
        case .other: return nil
        case .whole:
            // All of it, the packed beginning included, or the day beside its copy.
            guard let overlap = segment.overlap(with: packed) else { return nil }
            return overlap < packed.count ? RecordingBytes(packed, nil) : RecordingBytes(nil, segment.file)
        case .follows(let place):
            guard packed.count < place || segment.overlap(with: packed) != nil else { return nil }
            return RecordingBytes(packed, segment.file, from: place)
        }
    }

    /// The bytes of a range, fewer where the recording ends before it.
    func read(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        var bytes = packed?.read(range) ?? []
        guard let plain, bytes.count < range.count else { return bytes }
        if range.lowerBound + bytes.count < start {
            // What is missing in between, as empty lines.
            bytes += repeatElement(0x0A, count: min(range.upperBound, start) - range.lowerBound - bytes.count)
        }
        let from = range.lowerBound + bytes.count - start + covered
        guard bytes.count < range.count else { return bytes }
        let rest = plain.read(from..<from + range.count - bytes.count)
        return bytes.isEmpty ? rest : bytes + rest
    }

    /// Where the first line ends that begins here or later.
    static func newline(in bytes: [UInt8], from start: Int = 0) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, start < buffer.count,
                let found = memchr(base + start, 0x0A, buffer.count - start)
            else { return nil }
            return UnsafeRawPointer(base).distance(to: found)
        }
    }

    /// Where the last line ends.
    static func lastNewline(in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { buffer in
            var place = buffer.count
            while place > 0 {
                place -= 1
                if buffer[place] == 0x0A { return place }
            }
            return nil
        }
    }

    /// The line that begins here, without its newline; nil when there is none, or when it has no end.
    func line(at place: Int, upTo limit: Int = 1 << 25) -> [UInt8]? {
        var size = 4096
        while place < count {
            let bytes = read(place..<min(count, place + size))
            if let end = Self.newline(in: bytes) { return Array(bytes[..<end]) }
            guard place + size < count, size <= limit else { return nil }
            size *= 8
        }
        return nil
    }
}

/// Why a file can not be read as a recording.
public enum RecordingError: Explained, Equatable {
    case unreadable(path: String, code: Int32)
    case noRecording(path: String, why: String)
    /// It was one.
    case damaged(path: String, why: String)

    public var summary: String {
        switch self {
        case .unreadable(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .noRecording(let path, let why): "\(path) is not a recording: \(why)"
        case .damaged(let path, let why): "\(path) is damaged: \(why)"
        }
    }

    public var remedy: String? {
        switch self {
        case .unreadable: nil
        case .damaged: "Use a copy, or the original file."
        case .noRecording: "Use a recording of the control plane: it starts with {\"gameday\":."
        }
    }
}
