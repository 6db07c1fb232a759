/// Tells the day in plain sentences, for whoever does not look at panels: the projector, lines for a screen reader,
/// messages. It only words what the fold has seen, so a replay tells the same as the day itself did.
public enum Narrator {
    /// A line of the story as a sentence without its full stop. A line whose form it does not know is told as it is.
    public static func sentence(of entry: TimelineEntry, in mesh: MeshState) -> String {
        switch entry.kind {
        case .objective: crossing(entry, mesh) ?? entry.text
        case .fault: turn(entry, mesh) ?? entry.text
        case .halt: halt(entry.text)
        case .source: "the proxy \(entry.text)"
        case .finding: "finding by \(entry.text)"
        case .prediction: "prediction by \(entry.text)"
        case .mark: "mark by \(entry.text)"
        case .note: entry.text.rest(after: "gameday: ").map(String.init) ?? "note by \(entry.text)"
        case .experiment: "the experiment \(entry.text)"
        // What the control plane tells of itself has a tone; that a day begins has none.
        case .session: entry.tone == .plain ? "a day begins: \(entry.text)" : entry.text
        }
    }

    /// True for a line that only tells a step on the way to what a later line tells: a fault that nothing was hit by yet.
    public static func isStep(_ entry: TimelineEntry, in mesh: MeshState) -> Bool {
        guard entry.kind == .fault, let phase = turn(in: entry, mesh)?.phase else { return false }
        return phase == .requested || phase == .accepted || phase == .reverting
    }

    /// What a fault does to the requests it hits: `30% of bar > taps answers 503`.
    public static func words(for fault: Fault) -> String {
        let place = "\(fault.edge.from) > \(fault.edge.to)"
        guard let description = fault.kind.description, fault.kind.isKnown else {
            return "\(PlainWords.share(fault.share)) of \(place) has an \(fault.kind.label)"
        }
        let who = description.hasShare ? "\(PlainWords.share(fault.share)) of " : ""
        return "\(who)\(place) \(description.said(of: fault.kind))"
    }

    /// A fault's name in a sentence: `fault 1`.
    public static func name(of fault: Fault) -> String {
        let number = fault.id.dropFirst()
        let isPlain = !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
        switch fault.id.first {
        case "F" where isPlain: return "fault \(number)"
        case "X" where isPlain: return "orphan \(number)"
        default: return "fault \(fault.id)"
        }
    }

    /// An indicator and whose it is: `door success`, `door p99`.
    public static func indicator(of objective: Objective) -> String {
        switch objective.indicator {
        case .success: "\(objective.service) success"
        case .latency(let quantile, _): "\(objective.service) p\(PlainWords.number(quantile * 100))"
        }
    }

    /// What an objective asks for: `99.5% or more`, `300 ms or less`.
    public static func bound(of objective: Objective) -> String {
        switch objective.indicator {
        case .success(let target): "\(PlainWords.percent(target)) or more"
        case .latency(_, let limit): "\(PlainWords.latency(limit)) or less"
        }
    }

    /// How things stand, a sentence each: what is watched, what is broken on purpose, which objectives hold.
    public static func summary(of mesh: MeshState, at now: Timestamp) -> [String] {
        guard let session = mesh.session else { return ["nothing is known yet"] }
        let fresh = mesh.sources.values.count { $0.report.state == .fresh }
        let kind =
            switch session.mode {
            case .live: "live"
            case .simulated: "SIMULATED, nothing in it is real"
            case .replay: "a REPLAY of what was recorded"
            }
        var lines = ["\(session.name), \(kind): \(fresh) of \(mesh.sources.count) proxies are heard"]
        if mesh.isHalted { lines.append("everything is halted, and nothing may start until somebody rearms") }
        lines += mesh.activeFaults.map { "\(name(of: $0)) is \($0.phase.rawValue): \(words(for: $0))" }
        if mesh.activeFaults.isEmpty { lines.append("no fault is in the mesh") }
        for objective in session.objectives {
            let reading = mesh.reading(of: objective, at: now)
            let value = reading.value.map { value in
                if case .success = objective.indicator { return PlainWords.percent(value) }
                return PlainWords.latency(value)
            }
            let verdict = reading.isMet.map { $0 ? "holds" : "is BROKEN" } ?? "can not be judged"
            lines.append(
                "\(objective.name) \(verdict): \(indicator(of: objective)) is \(value ?? "not known"),"
                    + " asked for is \(bound(of: objective))")
        }
        return lines
    }

    private static func crossing(_ entry: TimelineEntry, _ mesh: MeshState) -> String? {
        let objectives = mesh.session?.objectives ?? []
        guard let objective = objectives.first(where: { entry.text.hasPrefix($0.name + ": ") }) else { return nil }
        let what = indicator(of: objective)
        let isMet = entry.tone == .good
        let words =
            switch objective.indicator {
            case .success(let target):
                isMet
                    ? "is \(PlainWords.percent(target)) or more again" : "fell below \(PlainWords.percent(target))"
            case .latency(_, let limit):
                isMet ? "is \(PlainWords.latency(limit)) or less again" : "rose above \(PlainWords.latency(limit))"
            }
        return "\(what) \(words)" + (isMet ? afterEnd(entry.at, mesh) : afterStart(entry.at, mesh))
    }

    /// Since when a fault was there that may have caused it: the newest one that was in the mesh at that moment.
    private static func afterStart(_ at: Timestamp, _ mesh: MeshState) -> String {
        let suspects = mesh.faults.filter { fault in
            guard let start = fault.acceptedAt, start <= at else { return false }
            return fault.endedAt.map { at.seconds(since: $0) < ScopeState.window } ?? true
        }
        guard let fault = suspects.max(by: { ($0.acceptedAt ?? at) < ($1.acceptedAt ?? at) }),
            let start = fault.acceptedAt
        else { return "" }
        return " \(PlainWords.time(at.seconds(since: start))) after \(name(of: fault))"
    }

    private static func afterEnd(_ at: Timestamp, _ mesh: MeshState) -> String {
        let ended = mesh.faults.filter { $0.endedAt.map { $0 <= at && at.seconds(since: $0) < 300 } ?? false }
        guard let fault = ended.max(by: { ($0.endedAt ?? at) < ($1.endedAt ?? at) }), let end = fault.endedAt else {
            return ""
        }
        return " \(PlainWords.time(at.seconds(since: end))) after \(name(of: fault)) ended"
    }

    /// The fold writes `F1 ABORT 503 30% on bar>taps active by mv: why`.
    private static func turn(
        in entry: TimelineEntry, _ mesh: MeshState
    ) -> (fault: Fault, phase: FaultPhase?, tail: Substring)? {
        let id = entry.text.prefix { $0 != " " }
        guard let fault = mesh.faults.last(where: { $0.id == id }),
            let place = entry.text.range(ofText: " on \(fault.edge) ")
        else { return nil }
        let rest = entry.text[place.upperBound...]
        let word = rest.prefix { $0 != " " && $0 != ":" }
        let phase = FaultPhase(rawValue: String(word))
        if FaultEnding(rawValue: String(word)) != nil { return (fault, .lost, rest.dropFirst(word.count)) }
        guard phase != nil || word == "ORPHAN" else { return nil }
        return (fault, phase, rest.dropFirst(word.count))
    }

    private static func turn(_ entry: TimelineEntry, _ mesh: MeshState) -> String? {
        guard let (fault, phase, tail) = turn(in: entry, mesh) else { return nil }
        let name = name(of: fault)
        return switch phase {
        case .requested: "\(name) is asked for\(tail): \(words(for: fault))"
        case .accepted: "\(name) is in place: \(words(for: fault))"
        case .active: "\(name) hits requests: \(words(for: fault))"
        case .reverting: "\(name) is being undone\(tail)"
        case .reverted: "\(name) is undone, and its proxy shows it\(tail)"
        case .lost where fault.ending == .gone: "\(name) ended with its proxy\(tail)"
        case .lost where fault.ending == .forgotten: "\(name) was given up, its end is not proven\(tail)"
        case .lost: "\(name) was lost by its proxy\(tail)"
        case .stuck: "\(name) is STUCK, its undo is not proven\(tail)"
        case .refused: "\(name) was refused\(tail)"
        case nil: "a fault that was not started here is in the mesh: \(words(for: fault))"
        }
    }

    private static func halt(_ text: String) -> String {
        if let rest = text.rest(after: "HALT by ") { return "everything is halted by \(rest)" }
        if let rest = text.rest(after: "HALT: ") { return "after the halt \(rest)" }
        if let rest = text.rest(after: "rearmed by ") { return "rearmed by \(rest): faults may start again" }
        return text
    }
}

extension String {
    fileprivate func rest(after prefix: String) -> Substring? {
        hasPrefix(prefix) ? dropFirst(prefix.count) : nil
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
