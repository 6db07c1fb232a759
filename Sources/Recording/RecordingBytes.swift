internal import Glibc
public import MeshModel

/// The bytes of a recording, read where they are asked for. A file is not mapped: one that shrinks while it is read
/// would end the program.
final class RecordingBytes: Sendable {
    private let descriptor: Int32?
    private let memory: [UInt8]
    let count: Int

    init(_ memory: [UInt8]) {
        descriptor = nil
        self.memory = memory
        count = memory.count
    }

    init(path: String) throws(RecordingError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .noRecording(path: path, why: "it is no file")
        }
        self.descriptor = descriptor
        memory = []
        count = Int(status.st_size)
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

    /// The line that begins here, without its newline; nil when there is none, or when it has no end.
    func line(at place: Int) -> [UInt8]? {
        var size = 4096
        while place < count {
            let bytes = read(place..<min(count, place + size))
            if let end = bytes.firstIndex(of: 0x0A) { return Array(bytes[..<end]) }
            guard place + size < count, size <= 1 << 28 else { return nil }
            size *= 8
        }
        return nil
    }
}

/// Why a file can not be read as a recording.
public enum RecordingError: Explained, Equatable {
    case unreadable(path: String, code: Int32)
    case noRecording(path: String, why: String)

    public var summary: String {
        switch self {
        case .unreadable(let path, let code): "\(path): \(String(cString: strerror(code)))"
        case .noRecording(let path, let why): "\(path) is no recording: \(why)"
        }
    }

    public var remedy: String? {
        switch self {
        case .unreadable: nil
        case .noRecording: "Recordings begin with {\"gameday\": and are made by the control plane."
        }
    }
}
