internal import Glibc
public import MeshModel

/// The bytes of a recording, read where they are asked for. A file is not mapped: one that shrinks while it is read
/// would end the program.
final class RecordingBytes: Sendable {
    private let descriptor: Int32?
    private let memory: [UInt8]
    let count: Int
    /// What is wrong with a packed file, in words for a person.
    let findings: [String]

    /// The bytes of a file that is in memory, packed or not.
    init(_ file: [UInt8], name: String) throws(RecordingError) {
        descriptor = nil
        guard Packing.isPacked(file) else {
            memory = file
            count = file.count
            findings = []
            return
        }
        guard let unpacked = Packing.unpack(file) else { throw Self.tooLarge(name) }
        memory = unpacked.bytes
        count = memory.count
        findings = unpacked.findings
    }

    private static func tooLarge(_ path: String) -> RecordingError {
        .noRecording(path: path, why: "it is packed and too large to be held in memory; bzip3 -d it first")
    }

    /// The bytes of a file, packed or not.
    static func open(path: String) throws(RecordingError) -> RecordingBytes {
        let file = try RecordingBytes(path: path)
        guard Packing.isPacked(file.read(0..<8)) else { return file }
        guard file.count <= Packing.largest else { throw tooLarge(path) }
        return try RecordingBytes(file.read(0..<file.count), name: path)
    }

    /// The bytes of a file as they stand in it.
    init(path: String) throws(RecordingError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .noRecording(path: path, why: "it is no file")
        }
        self.descriptor = descriptor
        memory = []
        count = Int(status.st_size)
        findings = []
    }

    deinit {
        if let descriptor { close(descriptor) }
    }

    /// The bytes of a range, fewer where the file ends before it.
    func read(_ range: Range<Int>) -> [UInt8] {
        let range = range.clamped(to: 0..<count)
        guard let descriptor else { return Array(memory[range]) }
        return [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            while initialized < range.count {
                let base = buffer.baseAddress.map { $0 + initialized }
                let got = pread(descriptor, base, range.count - initialized, off_t(range.lowerBound + initialized))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                initialized += got
            }
        }
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
        case .noRecording(let path, let why): "\(path) is no recording: \(why)"
        case .damaged(let path, let why): "\(path) is damaged: \(why)"
        }
    }

    public var remedy: String? {
        switch self {
        case .unreadable: nil
        case .damaged: "If there is a copy, or the file that this one was copied from, take that."
        case .noRecording: "Recordings begin with {\"gameday\": and are made by the control plane."
        }
    }
}
