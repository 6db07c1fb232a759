internal import FileWriting
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
    /// Looked at before the run; else when it is written.
    private nonisolated let place: WritingPlace?
    private let clock = ContinuousClock()
    /// What was asked for and is not written yet. One task at a time writes, while there is something to write.
    private nonisolated let wish = Mutex(Wish())
    private var nextTurn: ContinuousClock.Instant
    private var hasFinished = false

    /// A journal that is written at the end of its run, and may fail then only.
    init(path: String) {
        self.path = path
        place = nil
        nextTurn = clock.now
    }

    /// A journal of a run that is not to begin when it can't be written.
    init(checking path: String) throws(JournalError) {
        self.path = path
        do {
            let place = try WritingPlace(path)
            try place.check()
            self.place = place
        } catch {
            throw JournalError(error)
        }
        nextTurn = clock.now
    }

    /// What a crash could leave of it, if that is not the last whole one.
    nonisolated var caveat: String? { place?.caveat }

    /// Lets the journal be written now or soon, as it is by then; it costs next to nothing while that is so already.
    /// Failures show up in `finish` only. Into a pipe or a device it is not written before the end.
    nonisolated func update(_ journal: @escaping @Sendable () async -> Journal?) {
        guard place?.isReplaced ?? true else { return }
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
        try Self.write(journal, to: path, place)
    }

    private func write(_ journal: @Sendable () async -> Journal?) async {
        while isWished {
            if nextTurn > clock.now { try? await Task.sleep(until: nextTurn, clock: .continuous) }
            wish.withLock { $0.isOpen = false }
            guard let journal = await journal(), !hasFinished else { return }
            let start = clock.now
            try? Self.write(journal(), to: path, place)
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

    static func write(_ journal: Value, to path: String, _ place: WritingPlace? = nil) throws(JournalError) {
        var writer = JSONWriter(indent: 2)
        writer.write(journal)
        do throws(FileTrouble) {
            let place = if let place { place } else { try WritingPlace(path) }
            try place.write(writer.bytes)
        } catch {
            throw JournalError(error)
        }
    }
}

/// The journal can't be written where it should be.
public struct JournalError: Error, Equatable {
    let trouble: FileTrouble

    init(_ trouble: FileTrouble) {
        self.trouble = trouble
    }

    public var message: String { "The journal cannot be written to \(trouble.path): \(trouble.cause)" }
    public var remedy: String? { trouble.remedy }

    /// Tells before a run whether its journal could be written.
    public static func check(_ path: String) throws(JournalError) { _ = try JournalWriter(checking: path) }
}
