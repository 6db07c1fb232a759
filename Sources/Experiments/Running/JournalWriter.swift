internal import Glibc
internal import Synchronization

/// Writes the journal as the run goes: a crash leaves the last one whole, never half of one.
///
/// It writes at once when it has rested long enough, else soon after, so that a thousand quick activities don't mean a
/// thousand files.
actor JournalWriter {
    /// The journal of a moment, to be made of what was known then.
    typealias Journal = @Sendable () -> Value

    private struct Wish: Sendable {
        var isOpen = false
        var writing: Task<Void, Never>?
    }

    /// Rests at least this long between two writings, and ten times as long as the last one took.
    private static let rest = Duration.milliseconds(100)

    private let path: String
    private let clock = ContinuousClock()
    /// What was asked for and is not written yet. One task at a time writes, while there is something to write.
    private nonisolated let wish = Mutex(Wish())
    private var nextTurn: ContinuousClock.Instant
    private var hasFinished = false

    init(path: String) {
        // What a link leads to is replaced, not the link.
        let real = realpath(path, nil)
        self.path = real.map { String(cString: $0) } ?? path
        free(real)
        nextTurn = clock.now
    }

    /// Lets the journal be written now or soon, as it is by then; it costs next to nothing while that is so already.
    /// Failures show up in `finish` only.
    nonisolated func update(_ journal: @escaping @Sendable () async -> Journal?) {
        wish.withLock { wish in
            wish.isOpen = true
            guard wish.writing == nil else { return }
            wish.writing = Task { await self.write(journal) }
        }
    }

    /// Writes the last journal. Throws why it could not be.
    func finish(_ journal: Value) throws(JournalError) {
        hasFinished = true
        wish.withLock { $0.writing?.cancel() }
        try Self.write(journal, to: path)
    }

    private func write(_ journal: @Sendable () async -> Journal?) async {
        while isWished {
            if nextTurn > clock.now { try? await Task.sleep(until: nextTurn, clock: .continuous) }
            wish.withLock { $0.isOpen = false }
            guard let journal = await journal(), !hasFinished else { return }
            let start = clock.now
            try? Self.write(journal(), to: path)
            nextTurn = clock.now + max(Self.rest, (clock.now - start) * 10)
        }
    }

    /// Whether there is something to write; when not, the next wish needs a task of its own.
    private var isWished: Bool {
        wish.withLock { wish in
            if !wish.isOpen { wish.writing = nil }
            return wish.isOpen
        }
    }

    /// Beside the file first, then over it in one step.
    static func write(_ journal: Value, to path: String) throws(JournalError) {
        var writer = JSONWriter(indent: 2)
        writer.write(journal)
        let beside = path + ".\(getpid()).new"
        let file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw JournalError(path: path, number: errno) }
        var failure: Int32 = writeAll(writer.bytes, to: file) ? 0 : errno
        close(file)
        if failure == 0, rename(beside, path) != 0 { failure = errno }
        guard failure == 0 else {
            unlink(beside)
            throw JournalError(path: path, number: failure)
        }
    }

    private static func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { all in
            var rest = all[...]
            while !rest.isEmpty {
                let count = Glibc.write(file, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}

/// The journal can't be written where it should be.
public struct JournalError: Error, Equatable {
    public var path: String
    public var number: Int32

    public var message: String { "The journal can't be written to \(path): \(String(cString: strerror(number)))" }

    /// Tells before a run whether its journal could be written.
    public static func check(_ path: String) throws(JournalError) {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? "."
        guard access(folder, W_OK) == 0 else { throw JournalError(path: path, number: errno) }
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR { throw JournalError(path: path, number: EISDIR) }
        guard access(path, W_OK) == 0 else { throw JournalError(path: path, number: errno) }
    }
}
