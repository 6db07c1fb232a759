import MeshModel
import TerminalCanvas

/// Every fault of the day: what was asked, what the proxies' counters show, how long it still lives. On its own screen
/// the selected one is told proxy by proxy.
struct FaultsPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let isFocused = state.pane == .faults
        let rows = state.faultRows
        let inner = Box("FAULTS", note: note(rows, state), isFocused: isFocused).draw(in: area, on: &canvas)
        guard !rows.isEmpty else {
            let isHidden = !state.listedFaults.isEmpty
            let words =
                isHidden
                ? "nothing matches /\(state.filter.text)"
                : "none yet; \(state.keys(of: .fault)) builds one for the selected edge"
            canvas.write([Span(" \(words)", Style(.muted))], line: 0, in: inner)
            return
        }
        let selected = rows.firstIndex { $0.id == state.selectedFault }
        let details = selected.map { FaultDetails.lines(rows[$0], state, canvas.glyphs) } ?? []
        let isOwnScreen = state.screen == .faults
        let most = isOwnScreen ? max(0, inner.rows - min(rows.count + 1, max(3, inner.rows / 2))) : 0
        let why = !isOwnScreen && inner.rows >= 4 ? selected.flatMap { rows[$0].explanation } : nil
        let foot = isOwnScreen ? min(details.count, most) : why == nil ? 0 : 1
        let height = isOwnScreen ? min(rows.count + 1, inner.rows - foot) : inner.rows - foot
        let body = Rect(inner.column + 1, inner.row, inner.columns - (isOwnScreen ? 2 : 1), height)
        var scroll = Scroll()
        scroll.reveal(selected ?? 0, of: rows.count, height: Table.visibleRows(height: body.rows))
        let glyphs = canvas.glyphs
        Table(
            Self.columns(isWide: isOwnScreen), rows: rows.map { row($0, state, glyphs) },
            selected: isFocused ? selected : nil,
            scroll: scroll
        ).draw(in: body, on: &canvas)
        let end = Rect(inner.column, body.endRow, inner.columns, foot)
        if let why { canvas.write([Span(" \(why)", Style(.warn))], line: 0, in: end) }
        guard isOwnScreen else { return }
        for (line, spans) in details.prefix(foot).enumerated() { canvas.write(spans, line: line, in: end) }
    }

    /// What is listed no more is told apart from what was never there.
    private func note(_ rows: [Fault], _ state: DashboardState) -> String {
        let older = state.shown.older.faults + state.shown.faults.count - state.listedFaults.count
        let what = counts(rows, state)
        return older == 0 ? what : "\(what), \(older) older not kept here"
    }

    private func counts(_ rows: [Fault], _ state: DashboardState) -> String {
        let all = state.listedFaults
        guard !all.isEmpty else { return "" }
        let orphans = all.count { $0.isOrphan && !$0.phase.isOver }
        let clear =
            orphans == 0 ? "" : "\(orphans) orphan\(orphans == 1 ? "" : "s"): \(state.keys(of: .clearOrphans)) clears  "
        let active = all.count { !$0.phase.isOver }
        return clear + hidden(all.count - rows.count, active - rows.count { !$0.phase.isOver })
            + "\(active) active of \(all.count)"
    }

    /// Whatever the filter hides, nobody shall think that no fault stands.
    private func hidden(_ count: Int, _ active: Int) -> String {
        guard count > 0 else { return "" }
        return "/ hides \(count)\(active > 0 ? ", \(active) ACTIVE" : "")  "
    }

    /// On a screen of its own there is room for how many requests the interval rests on.
    private static func columns(isWide: Bool) -> [Table.Column] {
        [
            Table.Column("id", .fixed(3), importance: 9),
            Table.Column("kind", .fixed(14), importance: 8),
            Table.Column("edge", .share(1, atLeast: 10), importance: 9),
            Table.Column("asked", .fixed(5), .right, importance: 7),
            Table.Column("seen (95%)", .fixed(isWide ? 21 : 13), .right, importance: 6),
            Table.Column("proxies", .fixed(7), .right, importance: 4),
            Table.Column("lease", .fixed(6), .right, importance: 8),
            Table.Column("", .fixed(10), importance: 2),
            Table.Column("state", .fixed(9), importance: 9),
            Table.Column("by", .fixed(10), importance: 1),
            Table.Column("since", .fixed(5), .right, importance: 3),
        ]
    }

    private func row(_ fault: Fault, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let isOver = fault.phase.isOver
        let plain = Style(isOver ? .muted : .text)
        let mark = isOver ? " " : glyphs.mark(.fault) ?? " "
        let isBurning = !isOver && !fault.isOrphan
        let lease = isBurning ? Format.countdown(fault.leaseRemaining(at: state.shownAt)) : "-"
        let word = FaultWords.phase(fault, in: state.shown)
        let role = word == "PARTIAL" ? StyleRole.bad : Look.role(fault.phase)
        return [
            [Span(fault.id, Style(isOver ? .muted : .fault, .bold))],
            [Span("\(mark) \(fault.kind.label)", plain)],
            [Span(Look.edge(fault.edge, to: 40, glyphs), plain)],
            [Span(fault.isOrphan ? "?" : Format.asked(fault.share), plain)],
            [Span(isOver ? "-" : FaultWords.seen(fault, state.shown, hasCount: state.screen == .faults), plain)],
            [Span(isOver ? "-" : proxies(fault, state), plain)],
            [Span(lease, Style(isOver ? .muted : .lease))],
            isBurning ? FaultWords.fuse(fault, at: state.shownAt, columns: 10, glyphs) : [],
            [Span(word, Style(isOver ? .muted : role, .bold))],
            [Span(fault.by, Style(.muted))],
            [Span(Format.age(state.shownAt.seconds(since: fault.endedAt ?? fault.requestedAt)), Style(.muted))],
        ]
    }

    /// `3/3`: how many of its proxies show it.
    private func proxies(_ fault: Fault, _ state: DashboardState) -> String {
        let all = state.shown.presence(of: fault)
        let shown = all.count { $0.presence == .seen || $0.presence == .accepted }
        return "\(shown)/\(all.count)"
    }
}

/// One fault proxy by proxy: asked, accepted, seen.
enum FaultDetails {
    static func lines(_ fault: Fault, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        var lines: [[Span]] = [[], head(fault, state, glyphs)]
        if let why = fault.explanation { lines.append([Span("   \(why)", Style(.warn))]) }
        if fault.phase == .stuck {
            let words = "tried every second; if its proxy is gone for good: gameday forget \(fault.id)"
            lines.append([Span("   \(words)", Style(.text))])
        }
        guard !fault.phase.isOver else { return lines }
        for (source, presence, seen) in state.shown.presence(of: fault) {
            let (role, word) = words(presence, of: fault)
            lines.append([
                Span("  "), Span(" \(glyphs.mark(role) ?? " ") ", Style(role)), Span(" "),
                Span(Text.fitted(Text.sanitised(source), to: 16), Style(.text)),
                Span(" \(Text.fitted(word, to: 28))", Style(role == .bad ? .text : role)),
                Span(" \(fault.evidence == .counted ? FaultWords.seen(seen) : "not counted")", Style(.text)),
            ])
        }
        return lines
    }

    private static func head(_ fault: Fault, _ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        let since = Format.age(state.shownAt.seconds(since: fault.requestedAt))
        return [
            Span(" \(fault.id) ", Style(.fault, .bold)), Span(fault.kind.label, Style(.text, .bold)),
            Span(" on \(Look.edge(fault.edge, to: 30, glyphs))", Style(.text)),
            Span(fault.isOrphan ? "" : ", asked \(Format.asked(fault.share))", Style(.text)),
            Span("  by \(Text.clipped(Text.sanitised(fault.by), to: 20)), \(since) ago", Style(.muted)),
        ]
    }

    private static func words(_ presence: FaultPresence, of fault: Fault) -> (StyleRole, String) {
        switch presence {
        case .accepted where fault.evidence == .held: (.fault, "holds it")
        case .accepted where fault.evidence == .asked: (.warn, "asked, nothing confirms it")
        case .asked: (.stale, "asked, not confirmed yet")
        case .accepted: (.warn, "accepted, nothing hit yet")
        case .seen: (.fault, "accepted, hits seen")
        case .unseen: (.bad, "ACCEPTED, BUT NOTHING IS HIT")
        case .missing: (.bad, "DOES NOT HOLD IT AS ASKED")
        }
    }
}
