import MeshModel
import TerminalCanvas

/// The form of a fault, and beside every choice what it would touch.
struct FaultFormDialog: Panel {
    let form: FaultForm

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let columns = min(60, area.columns - 6)
        let blast = (blast(state) + AbilityWords.lines(form.ability)).flatMap { Text.wrapped($0, to: columns) }
        let fields = form.fields
        // What can't be done here says so all the time, not only when it is tried.
        let warning = (form.problem ?? form.refusal).map { Text.wrapped(Text.sanitised($0), to: columns) } ?? [""]
        let rows = fields.count + 1 + blast.count + 2 + warning.count
        let box = Frame.open("INJECT A FAULT", Size(columns + 4, rows + 2), isLow: true, in: area, on: &canvas)
        for (line, field) in fields.enumerated() {
            if field == form.field { canvas.lay(.selected, behind: box.line(line)) }
            canvas.write(spans(field, columns: columns, canvas.glyphs), line: line, in: box)
        }
        for (index, text) in blast.enumerated() { canvas.write([Span(text)], line: fields.count + 1 + index, in: box) }
        for (index, text) in warning.enumerated() {
            canvas.write([Span(text, Style(.warn, .bold))], line: box.rows - 1 - warning.count + index, in: box)
        }
        canvas.write(
            [Span("left/right or type to change  enter continues  esc cancels", Style(.muted))],
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
        case .kind:
            value = form.kind?.name ?? form.word
            note = form.kind.map { fitting("  \($0.words)", columns - nameColumns - 6 - value.count) } ?? ""
        case .amount(let name): value = form.amountFields.first { $0.name == name }.map { form.entry($0).text } ?? ""
        case .percent: value = "\(form.percent.text)%"
        case .lease: value = form.lease.text
        case .only:
            value = form.only.text.isEmpty ? "all requests" : form.only.text
            note = isHere ? fitting("  type end-user=jason, or v2", columns - nameColumns - 6 - value.count) : ""
        }
        let ends = isHere ? ("< ", " >") : ("  ", "")
        return [
            Span(pointer, Style(.accent, .bold)), Span(Text.fitted(name(of: field), to: nameColumns), Style(.muted)),
            Span(ends.0, Style(.key)),
            Span(value, field == .kind && form.refusal != nil ? Style(.muted) : Style(isHere ? .input : .text, .bold)),
            Span(ends.1, Style(.key)),
            Span(note, Style(.muted)),
        ]
    }

    private func name(of field: FaultForm.Field) -> String {
        switch field {
        case .edge: "edge"
        case .kind: "kind"
        case .amount(let name): form.amountFields.first { $0.name == name }?.title ?? ""
        case .percent: "percent"
        case .lease: "lease"
        case .only: "only for"
        }
    }

    /// The titles of the fields stand in a column of this width.
    private var nameColumns: Int { max(9, 1 + (form.fields.map { Text.width(name(of: $0)) }.max() ?? 0)) }

    private func fitting(_ text: String, _ columns: Int) -> String { Text.width(text) <= columns ? text : "" }

    /// What the form would touch as it stands, or that it can't be told yet.
    private func blast(_ state: DashboardState) -> [String] {
        guard let edge = form.edge, let share = try? form.share() else { return ["The blast radius appears here."] }
        let kind = (try? form.faultKind()) ?? FaultKind(form.word)
        let radius = state.mesh.blastRadius(of: kind, on: edge, share: share, at: state.now)
        return BlastWords.lines(radius, entrance: state.mesh.session?.entrance, kind)
    }
}
