internal import MeshClient
internal import MeshModel

/// One line of the ledger: a fault that is about to exist with all that takes it back, the end of one, or the beginning
/// of a control plane's life.
///
/// Its last member, `sum`, is the CRC-32C of all before it: one that was damaged on the disk is never taken at its word.
enum LedgerLine: Equatable, Sendable {
    case intent(LedgerEntry)
    /// It is over. `by` says who saw that: the control plane or the guard. `how` is nil when nothing of it is left in
    /// any proxy, and that is proven.
    case recovered(id: String, by: String, why: String, at: Timestamp, how: FaultEnding? = nil)
    case life(LedgerLife)

    /// As it is written, with the line's end.
    var bytes: [UInt8] {
        let json: JSON =
            switch self {
            case .intent(let entry):
                ["intent": entry.fault.json, "undo": entry.undo.json, "mesh": entry.mesh?.json ?? .null]
            case .recovered(let id, let by, let why, let at, let how):
                [
                    "recovered": .string(id), "by": .string(by), "why": .string(why), "t": .integer(at.milliseconds),
                    "how": JSON(how?.rawValue),
                ]
            case .life(let life):
                [
                    "life": .integer(Int64(life.number)), "process": .integer(Int64(life.process)),
                    "mesh": life.mesh?.json ?? .null, "t": .integer(life.at.milliseconds),
                ]
            }
        let body = json.bytes.dropLast()
        return body + Self.seal(of: body) + [0x0A]
    }

    private static let sealLength = 18

    /// `,"sum":"0a1b2c3d"}`
    private static func seal(of body: ArraySlice<UInt8>) -> [UInt8] {
        let digits = String(CRC32C.sum(of: body), radix: 16)
        return Array(",\"sum\":\"\(String(repeating: "0", count: 8 - digits.count))\(digits)\"}".utf8)
    }

    /// True when a line, without its end, is as it was written.
    static func isSealed(_ line: ArraySlice<UInt8>) -> Bool {
        line.count > sealLength && line.suffix(sealLength).elementsEqual(seal(of: line.dropLast(sealLength)))
    }

    /// Nil for what is no whole line of ours, as it was written. Lines of the days before there were sums are taken if
    /// they have their members and no other.
    init?(parsing bytes: some Sequence<UInt8>) {
        let line = Array(bytes)
        guard let json = try? JSON(parsing: line), case .object(let members) = json else { return nil }
        if !Self.isSealed(line[...]) {
            let names = members.map(\.name)
            guard names == ["intent", "undo"] || names == ["recovered", "by", "why", "t"] else { return nil }
        }
        let fields = WireFields(json, page: "ledger")
        do throws(WireError) {
            if fields.value("intent") != nil {
                self = .intent(try LedgerEntry(fields))
            } else if fields.value("life") != nil {
                self = .life(try LedgerLife(fields))
            } else {
                self = .recovered(
                    id: try fields.string("recovered"), by: fields.value("by")?.string ?? "",
                    why: fields.value("why")?.string ?? "", at: try fields.timestamp("t"),
                    how: fields.value("how")?.string.flatMap { FaultEnding(rawValue: $0) })
            }
        } catch {
            return nil
        }
    }
}

/// A fault in the ledger, and what takes it back.
struct LedgerEntry: Equatable, Sendable {
    var fault: Fault
    var undo: FaultUndo
    /// The mesh it was put into; nil in ledgers that did not know theirs.
    var mesh: LedgerMesh?

    init(fault: Fault, undo: FaultUndo, mesh: LedgerMesh? = nil) {
        self.fault = fault
        self.undo = undo
        self.mesh = mesh
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        fault = try Fault(try fields.object("intent"))
        undo = try FaultUndo(try fields.object("undo"))
        if fields.value("mesh") != nil { mesh = try LedgerMesh(try fields.object("mesh")) }
    }
}

/// Which mesh a fault is in: the settings that describe it.
struct LedgerMesh: Equatable, Sendable {
    var name: String
    /// The path of the settings, from the root; nil where there are none.
    var file: String?

    fileprivate var json: JSON { ["name": .string(name), "file": JSON(file)] }

    init(name: String, file: String?) {
        self.name = name
        self.file = file
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        name = try fields.string("name")
        file = fields.value("file")?.string
    }

    var text: String { file.map { "\(name) (\($0))" } ?? name }
}

/// The life of one control plane. Each has a number above all before it, and whoever acts for one ends when a later
/// one has begun.
struct LedgerLife: Equatable, Sendable {
    var number: Int
    var process: Int
    var mesh: LedgerMesh?
    var at: Timestamp

    init(number: Int, process: Int, mesh: LedgerMesh?, at: Timestamp) {
        self.number = number
        self.process = process
        self.mesh = mesh
        self.at = at
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        number = try fields.integer("life")
        process = try fields.integer("process")
        mesh = fields.value("mesh") == nil ? nil : try LedgerMesh(try fields.object("mesh"))
        at = try fields.timestamp("t")
    }
}

/// The cyclic redundancy check of RFC 3720 (Castagnoli's polynomial): it finds every damage of one or two bits, and
/// every burst of up to 32.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0x82F6_3B78 : sum >> 1 }
    }

    static func sum(of bytes: some Sequence<UInt8>) -> UInt32 {
        ~bytes.reduce(~0) { sum, byte in sum >> 8 ^ table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
    }
}
