internal import Glibc
internal import MeshClient
internal import MeshModel
internal import PinnedThreads
internal import Synchronization

/// The write-ahead record of faults: what takes a fault back is on the disk before a proxy hears of it.
///
/// It looks its file up for every turn, so that a full disk refuses faults but stops nothing else, and a file that was
/// taken away is noticed. Only `intend` must succeed; a recovery that can't be noted is noted later, or undone twice,
/// which is fine. It has a thread of its own, since a disk may hang.
actor Ledger {
    /// A ledger beyond this is emptied when nothing in it is open.
    static let roomy = 256 << 10
    /// Longer than this nobody else has a turn at the file; who does is stopped or hangs.
    private static let patience = Duration.seconds(3)
    /// So many faults that ended unproven are remembered.
    private static let mostGivenUp = 100

    let path: String
    let mesh: LedgerMesh?
    private let thread: PinnedThread
    /// The number of this life, zero until it has begun.
    private let number = Atomic(0)
    private var life: LedgerLife?
    /// The file that was last written, and how large it was then.
    private var known: (identity: LedgerFile.Identity, size: Int)?
    private var open: [LedgerEntry] = []
    private var unnoted: [LedgerLine] = []
    /// Why no fault may start any more.
    private var refusal: LedgerError?
    /// A later control plane writes here, so this one writes nothing any more.
    private var isTakenOver = false
    private var untold: Trouble?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// The number of the life that writes here, for whoever acts for it; zero until it has begun.
    nonisolated var lifeNumber: Int { number.load(ordering: .relaxed) }

    init(path: String, mesh: LedgerMesh? = nil) {
        self.path = path
        self.mesh = mesh
        thread = .forWork(name: "gd-ledger")
    }

    deinit {
        thread.stop()
    }

    /// What it says now, lines of the guard included.
    func contents() throws(LedgerError) -> LedgerContents {
        LedgerContents(try LedgerFile(path: path).bytes())
    }

    /// Puts a fault and its undo on the disk; when this returns, a crash leaves nothing that can't be taken back.
    func intend(_ fault: Fault, _ undo: FaultUndo) throws(LedgerError) {
        let entry = LedgerEntry(fault: fault, undo: undo, mesh: mesh)
        let file = try turn()
        if let refusal { throw refusal }
        try noteRest(file)
        try write(.intent(entry), to: file)
        open.removeAll { $0.fault.id == fault.id }
        open.append(entry)
    }

    /// Notes that a fault is over; `how` if that is not proven.
    func recovered(_ id: String, by: String, why: String, at: Timestamp, how: FaultEnding? = nil) {
        unnoted.append(.recovered(id: id, by: by, why: why, at: at, how: how))
        open.removeAll { $0.fault.id == id }
        guard let file = try? turn(), (try? noteRest(file)) != nil else { return }
        guard open.isEmpty, file.size > Self.roomy else { return }
        try? compact(file)
    }

    /// Empties the file if it has grown beyond some bytes and nothing in it is open.
    func compact(beyond size: Int) throws(LedgerError) {
        let file = try turn()
        guard file.size > size else { return }
        try compact(file)
    }

    private func compact(_ file: borrowing LedgerFile) throws(LedgerError) {
        let contents = LedgerContents(try file.bytes())
        // Without the lock the guard may be about to write here.
        guard contents.open.isEmpty, contents.damage.isEmpty, file.isLocked else { return }
        let givenUp = contents.givenUp.suffix(Self.mostGivenUp).flatMap { entry in
            LedgerLine.intent(entry).bytes
                + LedgerLine.recovered(
                    id: entry.fault.id, by: "the control plane", why: "kept in memory", at: entry.fault.requestedAt,
                    how: .forgotten
                ).bytes
        }
        try file.replace(with: (life.map { LedgerLine.life($0).bytes } ?? []) + givenUp)
        remember(try LedgerFile(path: path))
    }

    private func noteRest(_ file: borrowing LedgerFile) throws(LedgerError) {
        while let line = unnoted.first {
            try write(line, to: file)
            unnoted.removeFirst()
        }
    }

    private func write(_ line: LedgerLine, to file: borrowing LedgerFile) throws(LedgerError) {
        try file.append(line.bytes)
        remember(file)
    }

    private func remember(_ file: borrowing LedgerFile) {
        known = file.identity.map { ($0, file.size) }
    }
}

extension Ledger {
    /// What happened to the ledger behind our back.
    enum Trouble: Equatable, Sendable {
        /// A later control plane writes here: what was ours is its own now.
        case takenOver(LedgerLife)
        /// The file was taken away or replaced; what is open was written anew.
        case replaced(String)
        /// Lines are not as they were written; a copy is kept there, if it could be.
        case damaged([LedgerDamage], copy: String?)
    }

    /// What stood in the ledger when this life began.
    struct Inheritance: Sendable {
        var contents: LedgerContents
        /// Where the ledger is kept as it was found, when it was damaged.
        var copy: String?
        /// Why the new life could not be written; no fault starts until it is.
        var failure: LedgerError?
    }

    /// Begins a life: from here on whoever acted for an earlier one has no right to.
    func takeOver(at now: Timestamp) throws(LedgerError) -> Inheritance {
        var file = try LedgerFile.locked(path: path, patience: Self.patience)
        if !file.isLocked {
            // A guard that was stopped in the middle of its turn never ends it.
            GuardProcess.killStrays(ledger: path)
            file = try LedgerFile.locked(path: path, patience: Self.patience)
        }
        let bytes = try file.bytes()
        var inheritance = Inheritance(contents: LedgerContents(bytes))
        open = inheritance.contents.open
        // Above all before it, even if the line that told of the last one is lost.
        let next = max((inheritance.contents.life?.number ?? 0) + 1, Int(now.milliseconds))
        let life = LedgerLife(number: next, process: Int(getpid()), mesh: mesh, at: now)
        self.life = life
        number.store(next, ordering: .relaxed)
        do throws(LedgerError) {
            if inheritance.contents.damage.isEmpty {
                try write(.life(life), to: file)
            } else {
                inheritance.copy = try keepAside(bytes, inheritance.contents, file)
                try write(.life(life), to: try LedgerFile(path: path))
            }
        } catch {
            unnoted.insert(.life(life), at: 0)
            inheritance.failure = error
        }
        return inheritance
    }

    private func keepAside(
        _ bytes: [UInt8], _ contents: LedgerContents, _ file: borrowing LedgerFile
    ) throws(LedgerError) -> String {
        let copy = try file.setAside(bytes)
        try file.replace(with: contents.sound)
        return copy
    }

    /// Looks whether the ledger is still what this life wrote; called once a second.
    func check() -> Trouble? {
        if let trouble = untold.take() { return trouble }
        guard let known, let life, !isTakenOver else { return nil }
        let isSame = LedgerFile.identity(at: path) == known.identity
        if isSame, LedgerFile.size(at: path) == known.size { return nil }
        do throws(LedgerError) {
            let file = try LedgerFile.locked(path: path, patience: Self.patience)
            return try judge(file, life, isSame: isSame)
        } catch {
            guard !isSame, refusal == nil else { return nil }
            refusal = replacedError
            return .replaced(replacedText(error))
        }
    }

    private var replacedError: LedgerError { .state("\(path) was removed or replaced while in use") }

    private func judge(
        _ file: borrowing LedgerFile, _ life: LedgerLife, isSame: Bool
    ) throws(LedgerError) -> Trouble? {
        let bytes = try file.bytes()
        let contents = LedgerContents(bytes)
        if let later = contents.life, later.number > life.number {
            refusal = .state("another control plane (process \(later.process)) took over the ledger")
            isTakenOver = true
            return .takenOver(later)
        }
        guard isSame else {
            refusal = replacedError
            try file.append(LedgerLine.life(life).bytes + open.flatMap { LedgerLine.intent($0).bytes })
            remember(file)
            return .replaced(replacedText(nil))
        }
        guard !contents.damage.isEmpty, file.isLocked else {
            remember(file)
            return nil
        }
        let copy = try? keepAside(bytes, contents, file)
        let now = try LedgerFile(path: path)
        let lost = open.filter { !contents.open.contains($0) && contents.recovered[$0.fault.id] == nil }
        try now.append(LedgerLine.life(life).bytes + lost.flatMap { LedgerLine.intent($0).bytes })
        remember(now)
        return .damaged(contents.damage, copy: copy)
    }

    private func replacedText(_ error: LedgerError?) -> String {
        let rest = error.map { "it cannot be rewritten (\($0.text))" } ?? "it was rewritten"
        return "The ledger \(path) was removed or replaced; \(rest) with \(open.count) open"
    }

    /// A turn at the file, if it is still ours to write.
    private func turn() throws(LedgerError) -> LedgerFile {
        let file = try LedgerFile.locked(path: path, patience: Self.patience)
        guard let known, let life else { return file }
        if file.identity != known.identity || file.size < known.size {
            untold = try judge(file, life, isSame: false)
        } else if file.size != known.size {
            let contents = LedgerContents(try file.bytes())
            if let later = contents.life, later.number > life.number {
                untold = try judge(file, life, isSame: true)
            }
        }
        if isTakenOver, let refusal { throw refusal }
        return file
    }
}
