internal import Glibc

/// The bytes of a file, read where they are asked for. A file is not mapped: one that shrinks while it is read would
/// end the program.
final class FileBytes: Sendable {
    private let descriptor: Int32?
    private let memory: [UInt8]
    let count: Int

    /// Bytes that are in memory.
    init(_ bytes: [UInt8]) {
        descriptor = nil
        memory = bytes
        count = bytes.count
    }

    /// The bytes of a file as they stand in it now.
    init(path: String) throws(RecordingError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .unreadable(path: path, code: errno) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .noRecording(path: path, why: "it is not a regular file")
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
        return Self.read(descriptor, range)
    }

    static func read(_ descriptor: Int32, _ range: Range<Int>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
            while initialized < range.count {
                let base = buffer.baseAddress.map { $0 + initialized }
                let got = pread(descriptor, base, range.count - initialized, off_t(range.lowerBound + initialized))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else { return }
                initialized += got
            }
        }
    }
}
