import MeshModel
import TerminalCanvas

/// The first line: which day, whether it is real, how late it is, and how old the numbers are.
struct HeaderPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        if state.isBlind {
            canvas.lay(.raised, behind: area)
            canvas.write(blind(state), line: 0, in: area)
            return
        }
        let right = vitals(state, canvas.glyphs)
        canvas.writeRight(right, line: 0, in: area)
        let rest = Rect(area.column, area.row, area.columns - right.width - 1, 1)
        canvas.write(day(state, canvas.glyphs), line: 0, in: rest)
    }

    private func blind(_ state: DashboardState) -> [Span] {
        let age = state.heardAt.map { Format.age(state.now.seconds(since: $0)) } ?? "No contact yet"
        return [
            Span(" NO CONTROL PLANE ", Style(.bad, .bold)),
            Span(" No contact for \(age): all values are stale. ", Style(.warn, .bold)),
            Span("Faults expire with their leases.", Style(.text)),
        ]
    }

    private func day(_ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        var spans = [Span(" gameday ", Style(.title, .bold))]
        guard let session = state.mesh.session else {
            let words = state.connection == .connected ? "waiting for first data" : "connecting to the control plane"
            return spans + [Span(words, Style(.muted))]
        }
        spans.append(Span(" \(Text.clipped(session.name, to: 24)) ", Style(.text, .bold)))
        switch session.mode {
        case .live: spans.append(Span(" LIVE ", Style(.ok, .bold)))
        case .simulated: spans.append(Span(" SIMULATED ", Style(.banner, .bold)))
        case .replay: spans.append(Span(" REPLAY ", Style(.banner, .bold)))
        }
        spans.append(Span(" T+\(Format.clock(state.shownAt.seconds(since: session.startedAt))) ", Style(.text)))
        if let frozen = state.frozen {
            let behind = state.now.seconds(since: frozen.at)
            let word = frozen.past == nil ? "FROZEN \(Format.age(behind))" : "REWOUND \(Format.countdown(behind))"
            let isWide = frozen.past == nil || state.size.columns >= 90
            spans.append(Span(" \(word)\(isWide ? " behind" : "") ", Style(.banner, .bold)))
        }
        spans += comparison(state)
        spans += recording(state.mesh, state, glyphs)
        if state.options.isObserver { spans.append(Span(" OBSERVER ", Style(.accent))) }
        return spans
    }

    /// That figures are differences, and from what; or that there is nothing to compare with.
    private func comparison(_ state: DashboardState) -> [Span] {
        guard state.isComparing else { return [] }
        guard let spell = state.shown.watch.spell else { return [Span(" no baseline yet ", Style(.warn, .bold))] }
        let isWide = state.size.columns >= 130
        let since = isWide ? " since before \(Text.clipped(spell.faults.first ?? "the fault", to: 8))" : ""
        return [Span(" "), Span(" DIFF\(since) ", Style(.banner, .bold)), Span(" ")]
    }

    /// That the session is recorded and how much there is of it, or that it is not.
    private func recording(_ mesh: MeshState, _ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        guard let recording = mesh.recording, !state.isReplay, !state.isRewound else { return [] }
        switch recording.phase {
        case .on:
            let size = state.size.columns >= 90 ? " \(Format.bytes(recording.bytes))" : ""
            return [Span(" \(glyphs.pick("●", "*", "*"))", Style(.accent, .bold)), Span(" REC\(size) ", Style(.text))]
        case .stopped: return [Span(" NOT RECORDING ", Style(.warn, .bold))]
        case .off: return state.size.columns >= 100 ? [Span(" not recorded ", Style(.muted))] : []
        }
    }

    private func vitals(_ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        let sources = state.mesh.sources.values.filter(\.report.kind.tellsTraffic)
        let fresh = sources.count { $0.report.state == .fresh }
        let isWhole = fresh == sources.count
        let noun = state.size.columns >= 90 ? "proxies fresh" : "fresh"
        let word = isWhole ? noun : "of \(sources.count) \(noun)"
        var spans = [
            Span(isWhole ? "" : "\(glyphs.mark(.warn) ?? "!") ", Style(.warn, .bold)),
            Span("\(fresh) \(word) ", Style(isWhole ? .text : .warn)),
        ]
        // What tells of no traffic is not counted with those that do, and named when it is not heard.
        let lost = state.mesh.sources.values.filter { !$0.report.kind.tellsTraffic && $0.report.state != .fresh }
        if let first = lost.map(\.report).min(by: { ($0.kind.rawValue, $0.name) > ($1.kind.rawValue, $1.name) }) {
            let more = lost.count > 1 ? " +\(lost.count - 1)" : ""
            spans.append(
                Span(" \(Text.clipped(first.name, to: 16)) \(first.state.rawValue)\(more) ", Style(.warn, .bold)))
        }
        if let cost = state.mesh.cost, cost.isOverloaded, !state.isReplay, state.size.columns >= 80 {
            spans.append(Span(" polls \(CostPanel.slow(cost)) ", Style(.warn, .bold)))
        }
        if state.size.columns >= 70 {
            spans.append(Span(" data ", Style(.muted)))
            spans.append(Span("\(Format.age(state.mesh.dataAge(at: state.now))) ", Style(.text)))
        }
        if state.size.columns >= 100 {
            spans.append(Span(" you ", Style(.muted)))
            spans.append(Span("\(Text.clipped(state.options.user, to: 16)) ", Style(.text)))
        }
        return spans
    }
}
