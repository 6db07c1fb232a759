extension TimelineEntry {
    /// It in a line of English.
    public var text: String {
        switch turn {
        case .began(let name, let session, let mode): "\(name): session \(session) (\(mode.rawValue))"
        case .source(let name, let state, let why): "\(name) is \(state.rawValue)\(Self.because(why))"
        case .restarted(let name): "\(name) restarted"
        case .joined(let name, let why): "\(name) joined\(Self.because(why))"
        case .left(let name, let why): "\(name) left\(Self.because(why))"
        case .fault(let turn): words(of: turn)
        case .dialled(let id, let from, let to, let why):
            "\(id) on \(place) \(why ?? "dialled from \(Self.percent(from)) to \(Self.percent(to))")"
        case .objective(let name, let isMet): "\(name): \(isMet ? "holds" : "BROKEN")"
        case .halted(let by, let reason): "HALT by \(by): \(reason)"
        case .proven(let clean, let count): "HALT: \(clean) of \(count) proxies seen clean"
        case .rearmed(let by): "rearmed by \(by)"
        case .said(let by, let text): "\(by): \(text)"
        case .run(let id, let turn): "\(id) \(turn.words)"
        case .notRecording(let why): "NOT RECORDING\(Self.because(why))"
        case .recordingAgain(let lost): "recording again" + (lost > 0 ? "; \(lost) events are missing" : "")
        case .words(let text): text
        }
    }

    private func words(of turn: FaultTurn) -> String {
        let word = turn.ending?.rawValue ?? (turn.isOrphan ? "ORPHAN" : turn.phase.rawValue)
        let by = turn.by.map { " by \($0)" } ?? ""
        return
            "\(turn.id) \(turn.kind.label) \(Self.percent(turn.share)) on \(place) \(word)\(by)\(Self.because(turn.why))"
    }

    private var place: String {
        switch scope {
        case .service(let name): name.text
        case .edge(let edge): edge.description
        case nil: "?"
        }
    }

    fileprivate static func because(_ why: String?) -> String { why.map { ": \($0)" } ?? "" }

    private static func percent(_ share: Double) -> String {
        let value = share * 100
        return value.rounded() == value ? "\(Int64(clamping: value))%" : "\((value * 100).rounded() / 100)%"
    }
}

extension TimelineEntry.RunTurn {
    fileprivate var words: String {
        switch self {
        case .started(let title, let by, let override):
            "\(title): started by \(by)" + (override.map { ", over the gate: \($0)" } ?? "")
        case .stopped(let by, let reason): "ABORT by \(by): \(reason)"
        case .action(let name, let isUndo): (isUndo ? "undo: " : "") + name
        case .failed(let name, let state, let why): "\(name) \(state.rawValue)\(TimelineEntry.because(why))"
        case .probe(let name, let moment, let value): "\(moment.rawValue): \(name) is \(value)"
        case .ended(let outcome, let summary): "\(outcome.word): \(summary)"
        }
    }
}
