import MeshModel
import TerminalCanvas

/// The words on an edge, from the fullest that fits to the shortest.
enum EdgeWords {
    /// Which of an edge's numbers are told.
    enum Part {
        case all, tight, rateAndErrors, latency
    }

    /// The numbers in fields that stand below each other from edge to edge, at the right end of so many columns.
    static func numbers(_ reading: Reading, _ part: Part = .all, to columns: Int, _ glyphs: Glyphs) -> [Span] {
        if let stream = reading.stream, reading.health != .stale {
            let words = EdgeWords.stream(stream, to: columns)
            return part == .latency || words.isEmpty ? [] : [Span(words)]
        }
        if let absence = absence(reading, to: columns) {
            return part == .latency ? [] : [Span(absence, Style(.stale))]
        }
        let figures = FigureWords(reading: reading, glyphs: glyphs)
        return switch part {
        case .all: figures.line(to: columns)
        case .tight: figures.line(to: columns, isTight: true)
        case .rateAndErrors: figures.line(to: columns, withLatency: false)
        case .latency: figures.p99.width <= columns ? figures.p99 : []
        }
    }

    /// What is told of bytes that no requests are counted in, as of TCP: how many, and over how many connections.
    static func stream(_ stream: (bytes: Double, connections: Double), to columns: Int) -> String {
        let bytes = Format.throughput(stream.bytes)
        return fitting(["\(bytes), \(Format.rate(stream.connections)) conn", bytes, "bytes"], columns)
    }

    /// What is said in place of numbers when there are none.
    private static func absence(_ reading: Reading, to columns: Int) -> String? {
        if reading.health == .stale {
            let age = Format.age(reading.age)
            return fitting(["no data \(age)", "stale \(age)", "stale"], columns)
        }
        guard reading.requests == 0 || reading.rate == nil else { return nil }
        // Of what was never heard nobody knows whether it is idle.
        guard reading.age != nil else { return fitting(["no data"], columns) }
        guard let silence = reading.silence else { return fitting(["idle"], columns) }
        return fitting(["idle \(Format.age(silence))", "idle"], columns)
    }

    /// A fault as it stands on its edge, whose stroke says the kind: how much, how often, and for how long still.
    static func fault(_ fault: Fault, at now: Timestamp, to columns: Int) -> String {
        let doubt = fault.phase == .requested ? "?" : ""
        let share = fault.isOrphan ? "ORPHAN" : Format.asked(fault.share)
        let lease = fault.isOrphan ? "" : " \(Format.countdown(fault.leaseRemaining(at: now)))"
        let description = fault.kind.description
        let amount = (description?.short(fault.kind) ?? "?") + doubt
        // Where the line is drawn of letters, a word beside the amount says what they mean.
        let word = description?.mainField == nil ? "" : description?.edgeWord ?? ""
        let named = word.isEmpty ? amount : "\(word) \(amount)"
        return fitting(
            [
                "\(named) \(share)\(lease)", "\(amount) \(share)\(lease)", "\(amount) \(share)",
                fault.isOrphan ? amount : share + doubt,
            ], columns)
    }

    /// The same where no line is drawn, after its mark.
    static func marked(_ fault: Fault, at now: Timestamp, to columns: Int) -> String {
        let mark = mark(fault.kind)
        let words = self.fault(fault, at: now, to: columns - mark.count - 1)
        return words.isEmpty ? mark : "\(mark) \(words)"
    }

    /// Whether words that were made for a fault tell its lease.
    static func lease(_ fault: Fault, at now: Timestamp, missingIn words: String) -> String? {
        let lease = Format.countdown(fault.leaseRemaining(at: now))
        return fault.isOrphan || words.hasSuffix(lease) ? nil : lease
    }

    /// What a fault does to its edge, as a shape: the line is drawn by the same.
    static func mark(_ kind: FaultKind) -> String {
        kind.description?.mark ?? "??"
    }

    static func stroke(_ kind: FaultKind) -> Stroke {
        switch kind.description?.shape ?? .letters {
        case .cut: .broken
        case .late: .wavy
        case .narrow: .narrow
        case .letters: .letter(mark(kind).utf8.first ?? UInt8(ascii: "?"))
        }
    }

    /// The first form that fits; nothing is better than half a number.
    static func fitting(_ forms: [String], _ columns: Int) -> String {
        forms.first { Text.width($0) <= columns } ?? ""
    }
}
