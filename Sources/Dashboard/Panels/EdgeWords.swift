import MeshModel
import TerminalCanvas

/// The words on an edge, from the fullest that fits to the shortest.
enum EdgeWords {
    /// Which of an edge's numbers are told.
    enum Part {
        case all, rateAndErrors, latency
    }

    /// The numbers in columns that stand below each other from edge to edge, at the right end of so many columns.
    static func numbers(_ reading: Reading, _ part: Part = .all, to columns: Int, _ glyphs: Glyphs) -> [Span] {
        if let absence = absence(reading, to: columns) {
            return part == .latency ? [] : [Span(absence, Style(.stale))]
        }
        let isLoud = reading.health == .bad || reading.health == .warn
        let role: StyleRole = isLoud ? Look.role(reading.health) : .text
        let rate = Span(Format.rate(reading.rate))
        let errors = Span(Format.share(reading.errors), Style(role))
        let latency = Span(Format.latency(reading.p99))
        var forms: [[Span]] =
            switch part {
            case .all: [[rate, errors, latency], [rate, errors], [rate]]
            case .rateAndErrors: [[rate, errors], [rate]]
            case .latency: [[latency]]
            }
        if isLoud { forms.append([errors]) }
        let mark = isLoud && part != .latency ? [Span(Look.mark(reading.health, glyphs), Style(role))] : []
        for form in forms {
            for spans in [mark + form, form] {
                if let set = typeset(spans, to: columns) { return set }
            }
        }
        return []
    }

    /// The same as plain words, for a place that has no columns.
    static func plain(_ reading: Reading, to columns: Int) -> String {
        if let absence = absence(reading, to: columns) { return absence }
        let rate = Format.rate(reading.rate)
        let errors = Format.share(reading.errors)
        let forms = ["\(rate) \(errors) \(Format.latency(reading.p99))", "\(rate) \(errors)", rate]
        return fitting((reading.errors ?? 0) > 0 ? forms + [errors] : forms, columns)
    }

    /// What is said in place of numbers when there are none.
    private static func absence(_ reading: Reading, to columns: Int) -> String? {
        if reading.health == .stale {
            let age = Format.age(reading.age)
            return fitting(["not heard \(age)", "gone \(age)", "gone"], columns)
        }
        guard reading.requests == 0 || reading.rate == nil else { return nil }
        guard let silence = reading.silence else { return fitting(["idle"], columns) }
        return fitting(["silent \(Format.age(silence))", "silent"], columns)
    }

    /// The pieces in fields from the right, or with single blanks where that is too wide.
    private static func typeset(_ spans: [Span], to columns: Int) -> [Span]? {
        let least = spans.width + spans.count - 1
        guard least <= columns, let first = spans.first else { return nil }
        let wanted = spans.dropFirst().enumerated().map { place, span in
            max(place == spans.count - 2 && columns > 15 ? 6 : 5, Text.width(span.text) + 1)
        }
        let isRoomy = wanted.reduce(Text.width(first.text), +) <= columns
        var result = [first]
        for (span, width) in zip(spans.dropFirst(), wanted) {
            let gap = isRoomy ? width - Text.width(span.text) : 1
            result += [Span(String(repeating: " ", count: gap)), span]
        }
        return result
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
