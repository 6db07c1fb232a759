internal import MeshClient
internal import MeshModel

/// The write-ahead record of faults: what takes a fault back is on the disk before a proxy hears of it.
///
/// It opens its file when it first needs it and again after a failure, so that a full disk refuses faults but stops
/// nothing else. Only `intend` must succeed; a recovery that can't be noted is noted later, or undone twice, which is fine.
actor Ledger {
    /// A ledger beyond this is emptied when nothing in it is open.
    static let roomy = 256 << 10

    private let path: String
    private var file: LedgerFile?
    private var open: Set<String> = []
    private var unnoted: [LedgerLine] = []

    init(path: String) {
        self.path = path
    }

    /// What it says now, lines of the guard included.
    func contents() throws(LedgerError) -> LedgerContents {
        let contents = LedgerContents(try bytes())
        open = Set(contents.open.map(\.fault.id))
        return contents
    }

    /// Puts a fault and its undo on the disk; when this returns, a crash leaves nothing that can't be taken back.
    func intend(_ fault: Fault, _ undo: FaultUndo) throws(LedgerError) {
        noteRest()
        try append(.intent(LedgerEntry(fault: fault, undo: undo)))
        open.insert(fault.id)
    }

    /// Notes that nothing is left of a fault.
    func recovered(_ id: String, by: String, why: String, at: Timestamp) {
        unnoted.append(.recovered(id: id, by: by, why: why, at: at))
        noteRest()
        open.remove(id)
        guard open.isEmpty, unnoted.isEmpty else { return }
        try? compact(beyond: Self.roomy)
    }

    /// Empties the file if it has grown beyond some bytes and nothing in it is open.
    func compact(beyond size: Int) throws(LedgerError) {
        try openFile()
        guard let current = file?.size, current > size, LedgerContents(try bytes()).open.isEmpty else { return }
        try file?.clear()
    }

    private func noteRest() {
        while let line = unnoted.first {
            guard (try? append(line)) != nil else { return }
            unnoted.removeFirst()
        }
    }

    private func bytes() throws(LedgerError) -> [UInt8] {
        try openFile()
        return try file?.bytes() ?? []
    }

    private func append(_ line: LedgerLine) throws(LedgerError) {
        try openFile()
        do {
            try file?.append(line.bytes)
        } catch {
            file = nil
            throw error
        }
    }

    private func openFile() throws(LedgerError) {
        if file == nil { file = try LedgerFile(path: path) }
    }
}
