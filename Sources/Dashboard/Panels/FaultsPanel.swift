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
            // The same in a replay as it was live.
            let hint = state.shown.edges.isEmpty ? "" : "; \(state.keys(of: .fault)) injects one on the selected edge"
            let words = state.listedFaults.isEmpty ? "No faults yet\(hint)" : "No match for &\(state.filter.text)"
            canvas.write([Span(" \(words)", Style(.muted))], line: 0, in: inner)
            return
        }
        let place = Self.place(rows, state, in: inner)
        let glyphs = canvas.glyphs
        Table(
            Self.columns(isWide: state.screen == .faults), rows: rows.map { row($0, state, glyphs) },
            selected: isFocused ? place.selected : nil, scroll: place.scroll
        ).draw(in: place.body, on: &canvas)
        let foot = inner.endRow - place.body.endRow
        let end = Rect(inner.column, place.body.endRow, inner.columns, foot)
        guard let selected = place.selected else { return }
        guard state.screen == .faults else {
            if foot > 0, let why = rows[selected].explanation {
                canvas.write([Span(" \(why)", Style(.warn))], line: 0, in: end)
            }
            return
        }
        let details = FaultDetails.lines(rows[selected], state, glyphs)
        for (line, spans) in details.prefix(foot).enumerated() { canvas.write(spans, line: line, in: end) }
        let rest = Rect(end.column, end.row + details.count + 1, end.columns, max(0, foot - details.count - 1))
        FaultHistory(fault: rows[selected]).draw(state, in: rest, on: &canvas)
    }

    /// Where the rows stand. Below them the selected one is explained: on its own screen proxy by proxy.
    static func place(_ rows: [Fault], _ state: DashboardState, in inner: Rect) -> TablePlace {
        let selected = rows.firstIndex { $0.id == state.selectedFault }
        let isOwnScreen = state.screen == .faults
        let foot: Int
        if isOwnScreen {
            let most = max(0, inner.rows - min(rows.count + 1, max(3, inner.rows / 2)))
            foot = min(selected.map { FaultDetails.lines(rows[$0], state, .full).count } ?? 0, most)
        } else {
            foot = inner.rows >= 4 && selected.flatMap { rows[$0].explanation } != nil ? 1 : 0
        }
        let height = isOwnScreen ? min(rows.count + 1, inner.rows - foot) : inner.rows - foot
        let body = Rect(inner.column + 1, inner.row, inner.columns - (isOwnScreen ? 2 : 1), height)
        return TablePlace(body: body, selected: selected, count: rows.count)
    }

    /// What is listed no more is told apart from what was never there.
    private func note(_ rows: [Fault], _ state: DashboardState) -> String {
        let older = state.shown.older.faults + state.shown.faults.count - state.listedFaults.count
        let what = counts(rows, state)
        return older == 0 ? what : "\(what), \(older) older not shown"
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
        return "& hides \(count)\(active > 0 ? ", \(active) ACTIVE" : "")  "
    }

    /// On a screen of its own there is room for how many requests the interval rests on.
    private static func columns(isWide: Bool) -> [Table.Column] {
        [
            Table.Column("id", .fixed(3), importance: 9),
            Table.Column("kind", .fixed(14), importance: 8),
            Table.Column("edge", .share(1, atLeast: 10), importance: 9),
            Table.Column("req %", .fixed(5), .right, importance: 7),
            Table.Column("observed", .fixed(isWide ? 21 : 13), .right, importance: 6),
            Table.Column("proxies", .fixed(7), .right, importance: 4),
            Table.Column("lease", .fixed(6), .right, importance: 8),
            Table.Column("", .fixed(10), importance: 2),
            Table.Column("state", .fixed(10), importance: 9),
            Table.Column("by", .fixed(10), importance: 1),
            Table.Column("ago", .fixed(5), .right, importance: 3),
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
        let columns = max(20, state.size.columns - 8)
        for line in fault.explanation.map({ Text.wrapped(Text.sanitised($0), to: columns) }) ?? [] {
            lines.append([Span("   \(line)", Style(.warn))])
        }
        if fault.phase == .stuck {
            let words = "Retrying every second. If its proxy is gone for good: gameday forget \(fault.id)"
            lines.append([Span("   \(words)", Style(.text))])
        }
        return fault.phase.isOver ? lines : lines + proxies(fault, state, glyphs).map { [Span("  ")] + $0 }
    }

    /// What each proxy shows of it.
    static func proxies(_ fault: Fault, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        state.shown.presence(of: fault).map { source, presence, seen in
            let (role, word) = words(presence, of: fault)
            return [
                Span(" \(glyphs.mark(role) ?? " ") ", Style(role)), Span(" "),
                Span(Text.fitted(Text.sanitised(source), to: 16), Style(.text)),
                Span(" \(Text.fitted(word, to: 28))", Style(role == .bad ? .text : role)),
                Span(" \(fault.evidence == .counted ? FaultWords.seen(seen) : "not counted")", Style(.text)),
            ]
        }
    }

    private static func head(_ fault: Fault, _ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        let since = Format.age(state.shownAt.seconds(since: fault.requestedAt))
        return [
            Span(" \(fault.id) ", Style(.fault, .bold)), Span(fault.kind.label, Style(.text, .bold)),
            Span(" on \(Look.edge(fault.edge, to: 30, glyphs))", Style(.text)),
            Span(fault.isOrphan ? "" : ", requested \(Format.asked(fault.share))", Style(.text)),
            Span("  by \(Text.clipped(Text.sanitised(fault.by), to: 20)), \(since) ago", Style(.muted)),
        ]
    }

    private static func words(_ presence: FaultPresence, of fault: Fault) -> (StyleRole, String) {
        switch presence {
        case .accepted where fault.evidence == .held: (.fault, "configured")
        case .accepted where fault.evidence == .asked: (.warn, "requested, cannot be confirmed")
        case .asked: (.stale, "requested, not confirmed yet")
        case .accepted: (.warn, "configured, no hits yet")
        case .seen: (.fault, "configured, hits observed")
        case .unseen: (.bad, "NO HITS: configured only")
        case .missing: (.bad, "NOT AS REQUESTED")
        }
    }
}
