extension TimelineEntry.Turn {
    /// What the words of an older version tell; nil where they tell nothing that is needed but themselves.
    init?(plain text: String, _ kind: TimelineEntry.Kind, by: String?, _ scope: Scope?) {
        switch kind {
        case .objective:
            for (ending, isMet) in [(": BROKEN", false), (": met", true), (": holds", true)]
            where text.hasSuffix(ending) {
                self = .objective(String(text.dropLast(ending.count)), isMet: isMet)
                return
            }
            return nil
        case .fault:
            guard case .edge(let edge) = scope, let turn = TimelineEntry.FaultTurn(plain: text, on: edge) else {
                return nil
            }
            self = .fault(turn)
        case .halt:
            if let rest = text.rest(after: "HALT by "), let colon = rest.range(ofText: ": ") {
                self = .halted(by: String(rest[..<colon.lowerBound]), reason: String(rest[colon.upperBound...]))
            } else if let by = text.rest(after: "re-armed by ") ?? text.rest(after: "rearmed by ") {
                self = .rearmed(by: by)
            } else {
                let words = text.split(separator: " ")
                guard words.count == 7, let clean = Int(words[1]), let count = Int(words[3]) else { return nil }
                self = .proven(clean: clean, of: count)
            }
        case .note, .finding, .prediction, .mark:
            guard let by, let said = text.rest(after: "\(by): ") else { return nil }
            self = .said(by: by, said)
        case .session, .source, .experiment, .mesh, .other: return nil
        }
    }
}

extension TimelineEntry.FaultTurn {
    /// `F1 ABORT 503 30% on bar>taps active by mv: why`.
    fileprivate init?(plain text: String, on edge: Edge) {
        guard let place = text.range(ofText: " on \(edge) ") else { return nil }
        let head = text[..<place.lowerBound].split(separator: " ")
        guard head.count > 2, let share = Quantity.share(percent: String(head[head.count - 1])),
            let kind = FaultKind(label: head[1..<(head.count - 1)].joined(separator: " "))
        else { return nil }
        let tail = text[place.upperBound...]
        let word = String(tail.prefix { $0 != " " && $0 != ":" })
        var rest = String(tail.dropFirst(word.count))
        let (ending, isOrphan) = (FaultEnding(rawValue: word), word == "ORPHAN")
        // That an orphan stands is all that its line told.
        let standing: FaultPhase? = ending != nil ? .lost : isOrphan ? .active : nil
        guard let phase = standing ?? FaultPhase.known.first(where: { $0.rawValue == word }) else { return nil }
        var by: String?
        if let name = rest.rest(after: " by ") {
            let end = name.range(ofText: ": ")?.lowerBound ?? name.endIndex
            by = String(name[..<end])
            rest = String(name[end...])
        }
        self.init(
            id: String(head[0]), kind: kind, share: share, phase: phase, ending: ending, isOrphan: isOrphan, by: by,
            why: rest.rest(after: ": "))
    }
}

extension FaultKind {
    /// The kind with this label, if it has no amount but its main one.
    fileprivate init?(label: String) {
        for description in FaultKindDescription.all {
            guard let rest = label.rest(after: description.sign + " "), let amount = Int(rest.prefix { $0.isNumber })
            else {
                continue
            }
            let kind = FaultKind(description.word, [description.word: amount])
            guard kind.label == label else { continue }
            self = kind
            return
        }
        return nil
    }
}

extension String {
    fileprivate func rest(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }

    /// Where a text begins and ends in this one, the first time it stands there.
    fileprivate func range(ofText text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text), let end = index(start, offsetBy: text.count, limitedBy: endIndex) {
                return start..<end
            }
            start = index(after: start)
        }
        return nil
    }
}
