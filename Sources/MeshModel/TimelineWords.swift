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
            "\(id) on \(place) \(why ?? "changed from \(Self.percent(from)) to \(Self.percent(to))")"
        case .objective(let name, let isMet, _): "\(name): \(isMet ? "met" : "BROKEN")"
        case .halted(let by, let reason): "HALT by \(by): \(reason)"
        case .proven(let clean, let count): "HALT: \(clean) of \(count) proxies verified clean"
        case .rearmed(let by): "re-armed by \(by)"
        case .said(let by, let text): "\(by): \(text)"
        case .run(let id, let turn): "\(id) \(turn.words)"
        case .mechanism(let mechanism, let isActing, let amount, let total):
            mechanism.words(on: place, isActing: isActing, amount, of: total)
        case .served(let serving): serving.words(to: callee)
        case .certificate(let certificate):
            switch certificate.state {
            case .valid: "certificate of \(place) renewed: \(certificate.words(at: at))"
            case .near: "certificate of \(place) \(certificate.words(at: at))"
            case .expired: "certificate of \(place) EXPIRED: \(certificate.words(at: at))"
            }
        case .notRecording(let why): "NOT RECORDING\(Self.because(why))"
        case .recordingAgain(let lost): "recording again" + (lost > 0 ? "; \(lost) events missing" : "")
        case .words(let text): text
        }
    }

    private func words(of turn: FaultTurn) -> String {
        let word = turn.ending?.rawValue ?? (turn.isOrphan ? "ORPHAN" : turn.phase.word)
        let by = turn.by.map { " by \($0)" } ?? ""
        return
            "\(turn.id) \(turn.kind.label) \(Self.percent(turn.share)) on \(place) \(word)\(by)\(Self.because(turn.why))"
    }

    private var callee: String {
        if case .edge(let edge) = scope { edge.to.text } else { place }
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

extension EdgeServing {
    public func words(to callee: String) -> String {
        isAway
            ? "\(callee) served from zone \(zone): zone \(home) answers nothing"
            : "\(callee) served from zone \(home) again"
    }
}

extension TimelineEntry.RunTurn {
    fileprivate var words: String {
        switch self {
        case .started(let title, let by, let override):
            "\(title): started by \(by)" + (override.map { ", gate overridden: \($0)" } ?? "")
        case .stopped(let by, let reason): "ABORT by \(by): \(reason)"
        case .action(let name, let isUndo): (isUndo ? "rollback: " : "") + name
        case .failed(let name, let state, let why): "\(name) \(state.rawValue)\(TimelineEntry.because(why))"
        case .probe(let name, let moment, let value): "\(moment.rawValue): \(name) is \(value)"
        case .ended(let outcome, let summary): "\(outcome.word): \(summary)"
        }
    }
}

extension Mechanism {
    /// What it does on an edge, or did.
    fileprivate func words(on edge: String, isActing: Bool, _ amount: Double, of total: Double) -> String {
        let count = PlainWords.number(amount)
        let ended = "\(count) in \(PlainWords.time(total))"
        let hosts = PlainWords.number(total)
        return switch (self, isActing) {
        case (.breaker, true): "breaker of \(edge) opened: \(Self.rate(amount)) requests/s rejected"
        case (.breaker, false): "breaker of \(edge) closed: rejected \(ended)"
        case (.ejection, true): "outlier detection of \(edge) ejected \(count) of \(hosts) hosts"
        case (.ejection, false): "outlier detection of \(edge) returned all \(hosts) hosts"
        case (.retries, true): "retries on \(edge): \(PlainWords.share(amount, of: "requests"))"
        case (.retries, false): "retries on \(edge) ended: \(ended)"
        case (.timeouts, true): "timeouts on \(edge): \(Self.rate(amount))/s"
        case (.timeouts, false): "timeouts on \(edge) ended: \(ended)"
        }
    }

    private static func rate(_ rate: Double) -> String {
        PlainWords.number(rate >= 10 ? rate.rounded() : (rate * 10).rounded() / 10)
    }
}
