/// Tells the day in plain sentences, for whoever does not look at panels: the projector, lines for a screen reader,
/// messages. It only words what the fold has seen, so a replay tells the same as the day itself did.
public enum Narrator {
    /// A line of the story as a sentence without its full stop. Words whose meaning is not known are told as they are.
    public static func sentence(of entry: TimelineEntry, in mesh: MeshState) -> String {
        switch entry.turn {
        case .began: return "session started: \(entry.text)"
        case .source, .restarted, .joined, .left: return "the proxy \(entry.text)"
        case .fault(let turn): return sentence(of: turn, in: entry)
        case .objective(let name, let isMet, let lag):
            return crossing(of: name, isMet: isMet, lag, mesh) ?? entry.text
        case .halted(let by, let reason): return "everything was halted by \(by): \(reason)"
        case .proven(let clean, let count): return "after the halt, \(clean) of \(count) proxies are verified clean"
        case .rearmed(let by): return "re-armed by \(by): new faults can start"
        case .said(by: "gameday", let text) where entry.kind == .note: return text
        case .said: return "\(entry.kind.rawValue) by \(entry.text)"
        case .run: return "the experiment \(entry.text)"
        case .dialled, .mechanism, .served, .certificate, .notRecording, .recordingAgain: return entry.text
        case .words(let text):
            return switch entry.kind {
            case .source: "the proxy \(text)"
            case .experiment: "the experiment \(text)"
            case .note, .finding, .prediction, .mark: "\(entry.kind.rawValue) by \(text)"
            // What the control plane tells of itself has a tone; that a day begins has none.
            case .session: entry.tone == .plain ? "a day begins: \(text)" : text
            case .fault, .objective, .halt, .mesh, .other: text
            }
        }
    }

    /// True for a line that only tells a step on the way to what a later line tells: a fault that nothing was hit by yet.
    public static func isStep(_ entry: TimelineEntry) -> Bool {
        if case .fault(let turn) = entry.turn { turn.isStep } else { false }
    }

    /// What a fault does to the requests it hits: `30% of requests from bar to taps get status 503`.
    public static func words(for fault: Fault) -> String {
        words(for: fault.kind, share: fault.share, on: fault.edge)
    }

    private static func words(for kind: FaultKind, share: Double, on edge: Edge) -> String {
        let place = "from \(edge.from) to \(edge.to)"
        guard let description = kind.description, kind.isKnown else {
            return "\(PlainWords.share(share, of: "requests")) \(place) have the fault \(kind.label)"
        }
        if description.isOfCallee { return "\(edge.to) \(description.said(of: kind))" }
        let subject = description.subject
        let hit = description.hasShare ? PlainWords.share(share, of: subject) : subject
        return "\(hit) \(place) \(description.said(of: kind))"
    }

    /// A fault's name in a sentence: `fault 1`.
    public static func name(of fault: Fault) -> String { name(ofFault: fault.id) }

    private static func name(ofFault id: String) -> String {
        let number = id.dropFirst()
        let isPlain = !number.isEmpty && number.allSatisfy { $0.isASCII && $0.isNumber }
        switch id.first {
        case "F" where isPlain: return "fault \(number)"
        case "X" where isPlain: return "orphan \(number)"
        default: return "fault \(id)"
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
        guard let session = mesh.session else { return ["no data yet"] }
        let fresh = mesh.sources.values.count { $0.report.state == .fresh }
        let kind =
            switch session.mode {
            case .live: "live"
            case .simulated: "SIMULATED"
            case .replay: "REPLAY"
            }
        var lines = ["\(session.name), \(kind): \(fresh) of \(mesh.sources.count) proxies are fresh"]
        if mesh.isHalted { lines.append("halted: no fault can start until you run `gameday rearm`") }
        lines += mesh.activeFaults.map { "\(name(of: $0)) is \($0.phase.word): \(words(for: $0))" }
        if mesh.activeFaults.isEmpty { lines.append("no active faults") }
        for objective in session.objectives {
            let reading = mesh.reading(of: objective, at: now)
            let value = reading.value.map { value in
                if case .success = objective.indicator { return PlainWords.percent(value) }
                return PlainWords.latency(value)
            }
            let verdict = reading.isMet.map { $0 ? "is met" : "is BROKEN" } ?? "has no data"
            lines.append(
                "\(objective.name) \(verdict): \(indicator(of: objective)) is \(value ?? "unknown"),"
                    + " target: \(bound(of: objective))")
        }
        return lines
    }

    private static func crossing(
        of name: String, isMet: Bool, _ lag: TimelineEntry.Lag?, _ mesh: MeshState
    ) -> String? {
        guard let objective = mesh.session?.objectives.first(where: { $0.name == name }) else { return nil }
        let what = indicator(of: objective)
        let words =
            switch objective.indicator {
            case .success(let target):
                isMet
                    ? "is \(PlainWords.percent(target)) or more again" : "fell below \(PlainWords.percent(target))"
            case .latency(_, let limit):
                isMet ? "is \(PlainWords.latency(limit)) or less again" : "rose above \(PlainWords.latency(limit))"
            }
        guard let lag else { return "\(what) \(words)" }
        let time = PlainWords.wait(lag.seconds, .sentence)
        let fault = lag.fault.map(self.name(ofFault:))
        return isMet
            ? "\(what) \(words); it recovered \(time) after the removal of \(fault ?? "the faults")"
            : "\(what) \(words) \(time) after \(fault ?? "the faults")"
    }

    private static func sentence(of turn: TimelineEntry.FaultTurn, in entry: TimelineEntry) -> String {
        guard case .edge(let edge) = entry.scope else { return entry.text }
        let name = name(ofFault: turn.id)
        let words = words(for: turn.kind, share: turn.share, on: edge)
        let tail = (turn.by.map { " by \($0)" } ?? "") + (turn.why.map { ": \($0)" } ?? "")
        switch turn.ending {
        case .gone: return "\(name) ended with its proxy\(tail)"
        case .forgotten: return "\(name) was forgotten; its removal is not confirmed\(tail)"
        case .over: return "\(name) has ended; its effect cannot be undone\(tail)"
        case nil: break
        }
        if turn.isOrphan, !turn.phase.isOver {
            return "orphan found, a fault not started here: \(words)"
        }
        return switch turn.phase {
        case .requested: "\(name) is requested\(tail): \(words)"
        case .accepted: "\(name) is configured: \(words)"
        case .active: "\(name) is active: \(words)"
        case .reverting: "\(name) is being removed\(tail)"
        case .reverted: "\(name) is removed; its proxy confirms it\(tail)"
        case .lost: "\(name) was lost by its proxy\(tail)"
        case .stuck: "\(name) is STUCK: removal not confirmed\(tail)"
        case .refused: "\(name) was refused\(tail)"
        case .other(let word): "\(name) is \(word), a state unknown to this version: \(words)"
        }
    }
}
