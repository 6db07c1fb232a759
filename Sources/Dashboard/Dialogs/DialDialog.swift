import MeshModel
import TerminalCanvas

/// The dial as a bar with its steps, what is asked and what is seen, and what the next step would touch.
struct DialDialog: Panel {
    let dial: Dial

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        guard let fault = state.mesh.faults.last(where: { $0.id == dial.fault }) else { return }
        let columns = min(60, area.columns - 6)
        let share = dial.share(of: fault)
        let next = Dial.step(from: share, isUp: true)
        let blast = next.map { words(of: $0, fault, state) } ?? ["100%: every request is hit."]
        let lines = blast.flatMap { Text.wrapped($0, to: columns) }
        let title = "CHANGE \(fault.id) \(fault.kind.label)"
        let box = Frame.open(title, Size(columns + 4, lines.count + 9), in: area, on: &canvas)
        canvas.write([Span(Look.edge(fault.edge, to: columns, canvas.glyphs), Style(.text, .bold))], line: 0, in: box)
        bar(share, fault, in: box.line(2), on: &canvas)
        canvas.write(numbers(share, fault, state), line: 3, in: box)
        for (line, text) in lines.enumerated() { canvas.write([Span(text)], line: 5 + line, in: box) }
        canvas.write(
            [
                Span(
                    "left lowers at once  right raises, asks  \(state.keys(of: .abort)) stops  esc closes",
                    Style(.muted))
            ],
            line: box.rows - 1,
            in: box)
    }

    private func words(of share: Double, _ fault: Fault, _ state: DashboardState) -> [String] {
        let radius = state.mesh.blastRadius(of: fault.kind, on: fault.edge, share: share, at: state.now)
        return ["At \(Format.asked(share)):"] + BlastWords.lines(radius, entrance: state.mesh.session?.entrance)
    }

    /// What is asked for as a bar, and a mark where the proxies' counters lie.
    private func bar(_ share: Double, _ fault: Fault, in line: Rect, on canvas: inout Canvas) {
        let percent = Text.fitted(Format.asked(share), to: 5, .right)
        canvas.write([Span(percent, Style(.fault, .bold))], line: 0, in: line)
        Bar(share, Style(.fault)).draw(in: Rect(line.column + 7, line.row, line.columns - 7, 1), on: &canvas)
    }

    private func numbers(_ share: Double, _ fault: Fault, _ state: DashboardState) -> [Span] {
        var spans = [Span("req ", Style(.muted)), Span(Format.asked(fault.share), Style(.text, .bold))]
        spans += [Span("  observed ", Style(.muted)), Span(FaultWords.seen(fault, state.mesh), Style(.text, .bold))]
        spans.append(Span("  \(FaultWords.phase(fault, in: state.mesh))", Style(Look.role(fault.phase))))
        if share != fault.share { spans.append(Span("  \(Format.asked(share)) requested", Style(.warn))) }
        return spans
    }
}
