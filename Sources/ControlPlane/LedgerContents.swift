internal import MeshModel

/// A fault that a ledger tells of and that is gone, and who took it back.
struct RecoveredFault: Equatable, Sendable {
    var fault: Fault
    var by: String
}

/// A line of a ledger that is not as it was written.
struct LedgerDamage: Equatable, Sendable {
    /// Counted from 1.
    var line: Int
    var text: [UInt8]
}

/// What a ledger's bytes say. Any prefix of a ledger is one: a torn last line is the mark of a death in the middle of
/// it, and what it was about to say never came to be. Every other line that can't be read is damage.
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
    /// Those that ended unproven, oldest first: should one of them be seen again, it is known for ours.
    var givenUp: [LedgerEntry] = []
    /// The highest number of an id `F…` ever used here.
    var highest = 0
    /// The life that writes here; nil before the first.
    var life: LedgerLife?
    var damage: [LedgerDamage] = []
    /// The lines that are as they were written, and nothing else.
    var sound: [UInt8] = []
    /// The bytes after the last line's end; a torn line is to be cut off before anything else is written.
    var tail = 0
    /// True when the last line is whole but for its end.
    var lacksEnd = false

    /// The lines that were read.
    private var lines = 0

    init(_ bytes: [UInt8]) { read(bytes) }

    /// Reads on, from the end of a whole line.
    mutating func read(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            lines += 1
            let end = bytes[start...].firstIndex(of: 0x0A)
            let line = bytes[start..<(end ?? bytes.count)]
            start = (end ?? bytes.count) + 1
            if line.isEmpty { continue }
            if let read = LedgerLine(parsing: line) {
                if end == nil { (tail, lacksEnd) = (line.count, true) }
                take(read)
                sound += line + [0x0A]
            } else if end == nil, Self.isTorn(line) {
                tail = line.count
            } else {
                if end == nil { (tail, lacksEnd) = (line.count, true) }
                damage.append(LedgerDamage(line: lines, text: Array(line)))
            }
        }
    }

    /// The same without what is over, for somebody who reads on and cares for nothing else.
    mutating func forgetEnded() { (recovered, ended, givenUp, sound) = ([:], [], [], []) }

    /// It tells neither that this fault is open nor that it is over.
    func isSilent(on id: String) -> Bool { recovered[id] == nil && !open.contains { $0.fault.id == id } }

    private mutating func take(_ line: LedgerLine) {
        switch line {
        case .intent(let entry):
            let id = entry.fault.id
            recovered[id] = nil
            open.removeAll { $0.fault.id == id }
            open.append(entry)
            if id.hasPrefix("F"), let number = Int(id.dropFirst()) { highest = max(highest, number) }
        case .recovered(let id, let by, let why, _, let how):
            recovered[id] = Recovery(by: by, why: why)
            if let entry = open.first(where: { $0.fault.id == id }) {
                ended.append(RecoveredFault(fault: entry.fault, by: by))
                if how != nil { givenUp.append(entry) }
            }
            open.removeAll { $0.fault.id == id }
        case .life(let life):
            if life.number > self.life?.number ?? 0 { self.life = life }
        }
    }

    /// The beginning of a line, and not a whole one whose end was damaged.
    private static func isTorn(_ line: ArraySlice<UInt8>) -> Bool {
        let opening = Array("{\"".utf8)
        return line.starts(with: opening.prefix(line.count)) && line.allSatisfy { $0 >= 0x20 }
            && !LedgerLine.isSealed(line.dropLast())
    }
}
