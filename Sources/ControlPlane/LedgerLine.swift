internal import MeshClient
internal import MeshModel

/// One line of the ledger: a fault that is about to exist with all that takes it back, or the end of one.
enum LedgerLine: Equatable, Sendable {
    case intent(LedgerEntry)
    /// Nothing of it is left in any proxy. `by` says who saw that: the control plane or the guard.
    case recovered(id: String, by: String, why: String, at: Timestamp)

    var bytes: [UInt8] {
        let json: JSON =
            switch self {
            case .intent(let entry):
                ["intent": entry.fault.json, "undo": entry.undo.json]
            case .recovered(let id, let by, let why, let at):
                ["recovered": .string(id), "by": .string(by), "why": .string(why), "t": .integer(at.milliseconds)]
            }
        return json.bytes + [0x0A]
    }

    /// Nil for what is no whole line of ours: a torn tail, or a line of a later version.
    init?(parsing bytes: some Sequence<UInt8>) {
        guard let json = try? JSON(parsing: Array(bytes)) else { return nil }
        let fields = WireFields(json, page: "ledger")
        if fields.value("intent") != nil {
            guard let intent = try? fields.object("intent"), let fault = try? Fault(intent),
                let undo = try? FaultUndo(try fields.object("undo"))
            else { return nil }
            self = .intent(LedgerEntry(fault: fault, undo: undo))
        } else {
            guard let id = try? fields.string("recovered"), let at = try? fields.timestamp("t") else { return nil }
            self = .recovered(
                id: id, by: fields.value("by")?.string ?? "", why: fields.value("why")?.string ?? "", at: at)
        }
    }
}

/// A fault in the ledger, and what takes it back.
struct LedgerEntry: Equatable, Sendable {
    var fault: Fault
    var undo: FaultUndo
}

/// A fault that a ledger tells of and that is gone, and who took it back.
struct RecoveredFault: Equatable, Sendable {
    var fault: Fault
    var by: String
}

/// What a ledger's bytes say. Any prefix of a ledger is one, and so is one with a torn line anywhere in it.
struct LedgerContents: Equatable, Sendable {
    struct Recovery: Equatable, Sendable {
        var by: String
        var why: String
    }

    /// The faults that may still exist, oldest first.
    var open: [LedgerEntry] = []
    var recovered: [String: Recovery] = [:]
    /// Those that were taken back, oldest first.
    var ended: [RecoveredFault] = []
    /// The highest number of an id `F…` ever used here.
    var highest = 0

    init(_ bytes: [UInt8]) {
        for line in bytes.split(separator: 0x0A) {
            switch LedgerLine(parsing: line) {
            case .intent(let entry):
                let id = entry.fault.id
                recovered[id] = nil
                open.removeAll { $0.fault.id == id }
                open.append(entry)
                if id.hasPrefix("F"), let number = Int(id.dropFirst()) { highest = max(highest, number) }
            case .recovered(let id, let by, let why, _):
                recovered[id] = Recovery(by: by, why: why)
                if let entry = open.first(where: { $0.fault.id == id }) {
                    ended.append(RecoveredFault(fault: entry.fault, by: by))
                }
                open.removeAll { $0.fault.id == id }
            case nil: continue
            }
        }
    }
}
