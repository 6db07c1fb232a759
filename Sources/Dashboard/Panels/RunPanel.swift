import MeshModel
import TerminalCanvas

/// A run as it goes: its hypothesis before, during and after, each activity with its state, and the verdict. Before the
/// first run it shows what the chosen experiment would do.
struct RunPanel: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard let run = state.paneRun else {
            plan(state, in: area, on: &canvas)
            return
        }
        let note = RunWords.clock(run, at: state.shownAt) + "  by \(Text.clipped(run.by, to: 16))"
        let title = "\(run.id)  \(Text.clipped(run.title, to: max(8, area.columns - Text.width(note) - 16)))"
        let inner = Box(title, note: note, isFocused: state.pane == .run).draw(in: area, on: &canvas)
        let words = RunWords(run: run, at: state.shownAt, size: Size(inner.columns - 2, inner.rows), canvas.glyphs)
        draw(
            words.lines, follow: state.runScroll ?? words.focus.map { max(0, $0 - inner.rows + 2) } ?? 0, inner, &canvas
        )
    }

    private func draw(_ lines: [[Span]], follow offset: Int, _ inner: Rect, _ canvas: inout Canvas) {
        let body = Rect(inner.column, inner.row, inner.columns - 1, inner.rows)
        let scroll = Scroll(offset: offset)
        for (line, spans) in lines[scroll.window(of: lines.count, height: inner.rows)].enumerated() {
            canvas.write(spans, line: line, in: body)
        }
        scroll.drawBar(of: lines.count, in: inner, on: &canvas)
    }

    private func plan(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let isFocused = state.pane == .run
        guard let plan = state.selectedPlan else {
            let inner = Box("RUN", isFocused: isFocused).draw(in: area, on: &canvas)
            canvas.write([Span(" No run yet", Style(.muted))], line: 0, in: inner)
            return
        }
        let title = Text.clipped(plan.title, to: max(8, area.columns - 24))
        let inner = Box(title, note: plan.file, isFocused: isFocused).draw(in: area, on: &canvas)
        let columns = inner.columns - 2
        var lines: [[Span]] = Text.wrapped(plan.description, to: columns).map { [Span(" \($0)")] }
        for problem in plan.problems {
            lines += Text.wrapped(problem, to: columns).map { [Span(" \($0)", Style(.warn))] }
        }
        if !plan.probes.isEmpty {
            lines += [[], [Span(" STEADY STATE", Style(.title, .bold))]]
            for probe in plan.probes {
                lines.append([Span("   \(probe.name)"), Span("  \(probe.expected)", Style(.muted))])
            }
        }
        if !plan.steps.isEmpty {
            lines += [[], [Span(" METHOD", Style(.title, .bold))]]
            lines += ExperimentWords.steps(plan).flatMap {
                Text.wrapped($0, to: columns - 2).map { [Span("   \($0)")] }
            }
        }
        draw(lines, follow: state.runScroll ?? 0, inner, &canvas)
    }
}

/// The line that tells of a run on every screen: where it is, what it does, and the key that stops it.
struct RunBanner: Panel {
    let run: ExperimentReport

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        canvas.lay(.raised, behind: area)
        let glyphs = canvas.glyphs
        let right = self.right(state)
        canvas.writeRight(right, line: 0, in: area)
        let room = Rect(area.column, area.row, area.columns - right.width - 1, 1)
        canvas.write(left(state, glyphs, width: room.columns), line: 0, in: room)
    }

    private func right(_ state: DashboardState) -> [Span] {
        let others = state.mesh.activeFaults.count { $0.run != run.id }
        var spans = others == 0 ? [] : [Span(" +\(others) other faults ", Style(.fault, .bold))]
        if state.whyNot(.abort) == nil, !run.isOver {
            spans += [Span(" \(state.keys(of: .abort))", Style(.key, .bold)), Span(" aborts ", Style(.muted))]
        }
        return spans
    }

    private func left(_ state: DashboardState, _ glyphs: Glyphs, width: Int) -> [Span] {
        let title = Text.clipped(run.title, to: max(8, width / 3))
        var spans = [Span(" \(run.id) ", Style(.banner, .bold)), Span(" \(title) ", Style(.text, .bold))]
        if let verdict = run.verdict {
            let role = Look.role(verdict.tone)
            spans.append(Span(" \(glyphs.mark(role) ?? "") \(verdict.outcome.word) ", Style(role, .bold)))
            return spans + [Span(" \(verdict.words.first ?? "")", Style(.text))]
        }
        spans.append(Span(" \(RunWords.phase(run)) ", Style(run.stop == nil ? .accent : .warn, .bold)))
        if let pause = run.waitsUntil {
            spans.append(Span(" pause \(Format.countdown(max(0, pause.seconds(since: state.shownAt))))", Style(.lease)))
        }
        if let stop = run.stop { return spans + [Span(" \(stop.by): \(stop.reason)", Style(.warn))] }
        if let activity = run.activities.last(where: { $0.state == .running })
            ?? run.activities.last(where: { $0.endedAt != nil })
        {
            let time =
                activity.state == .running
                ? activity.startedAt.map { " " + Format.countdown(state.shownAt.seconds(since: $0)) } ?? "" : ""
            spans.append(Span(" \(activity.name)\(time)", Style(.text)))
        } else if let probe = run.probes.first(where: { $0.asking != nil }) {
            spans.append(Span(" probe: \(probe.name)", Style(.text)))
        }
        return spans
    }
}
