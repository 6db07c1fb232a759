import MeshModel
import TerminalCanvas

/// The form of a fault, and beside every choice what it would touch.
struct FaultFormDialog: Panel {
    let form: FaultForm

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let columns = min(60, area.columns - 6)
        let blast = blast(state).flatMap { Text.wrapped($0, to: columns) }
        let rows = 5 + 1 + blast.count + 3
        let box = Frame.open("BREAK AN EDGE", Size(columns + 4, rows + 2), isLow: true, in: area, on: &canvas)
        for (line, field) in FaultForm.Field.allCases.enumerated() {
            if field == form.field { canvas.lay(.selected, behind: box.line(line)) }
            canvas.write(spans(field, columns: columns, canvas.glyphs), line: line, in: box)
        }
        for (index, text) in blast.enumerated() { canvas.write([Span(text)], line: 6 + index, in: box) }
        let word = form.problem.map { [Span($0, Style(.warn, .bold))] } ?? []
        canvas.write(word, line: box.rows - 2, in: box)
        canvas.write(
            [Span("left, right or typing change  enter goes on  esc closes", Style(.muted))],
            line: box.rows - 1, in: box)
    }

    private func spans(_ field: FaultForm.Field, columns: Int, _ glyphs: Glyphs) -> [Span] {
        let isHere = field == form.field
        let pointer = isHere ? "\(Character(glyphs.pointer.scalar)) " : "  "
        let value: String
        var note = ""
        switch field {
        case .edge:
            value = form.edge.map { Look.edge($0, to: columns - 24, glyphs) } ?? "none"
            if !form.query.isEmpty { note = "  /\(form.query): \(form.candidates.count) match" }
        case .kind: value = form.kind.rawValue
        case .amount: value = form.amount.text
        case .percent: value = "\(form.percent.text) %"
        case .lease: value = form.lease.text
        }
        let ends = isHere ? ("< ", " >") : ("  ", "")
        return [
            Span(pointer, Style(.accent, .bold)), Span(Text.fitted(name(of: field), to: 9), Style(.muted)),
            Span(ends.0, Style(.key)), Span(value, Style(isHere ? .input : .text, .bold)), Span(ends.1, Style(.key)),
            Span(note, Style(.muted)),
        ]
    }

    private func name(of field: FaultForm.Field) -> String {
        switch field {
        case .edge: "edge"
        case .kind: "kind"
        case .amount:
            switch form.kind {
            case .abort: "status"
            case .delay: "delay"
            case .rateLimit: "KiB/s"
            }
        case .percent: "percent"
        case .lease: "lease"
        }
    }

    /// What the form would touch as it stands, or that it can't be told yet.
    private func blast(_ state: DashboardState) -> [String] {
        guard let edge = form.edge, let share = try? form.share() else { return ["The blast radius stands here."] }
        let radius = state.mesh.blastRadius(of: edge, share: share, at: state.now)
        return BlastWords.lines(radius, entrance: state.mesh.session?.entrance)
    }
}
