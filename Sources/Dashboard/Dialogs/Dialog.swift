import MeshModel
import TerminalCanvas

/// Draws a layer: a box above the main screen, with a line that says which keys it takes.
struct Dialog: Panel {
    let layer: Layer

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        switch layer {
        case .help(let scroll, let query):
            let lines = HelpWords.lines(state, canvas.glyphs, query?.text ?? "")
            let search = "\(state.keys(of: .search)) searches    "
            let box = scrolled(
                lines, scroll, "HELP",
                query == nil ? "\(search)up and down scroll    esc closes" : "",
                in: area, on: &canvas)
            if let query { input(query, line: box.rows - 1, in: box, on: &canvas) }
        case .details(let subject, let scroll):
            let lines = SubjectWords(subject, state, canvas.glyphs).lines
            let hint = "up and down scroll    \(self.hint(subject, state))esc closes"
            scrolled(lines, scroll, subject.title, hint, in: area, on: &canvas)
        case .lessons(let scroll):
            let lines = LessonWords.lines(state, columns: Self.lessonColumns(area.columns), canvas.glyphs)
            scrolled(lines, scroll, "LESSONS", "up and down scroll    esc closes", in: area, on: &canvas)
        case .log(let view): LogDialog(view: view).draw(state, in: area, on: &canvas)
        case .palette(let palette): draw(palette, state, in: area, on: &canvas)
        case .faultForm(let form): FaultFormDialog(form: form).draw(state, in: area, on: &canvas)
        case .confirmation(let confirmation): draw(confirmation, state, in: area, on: &canvas)
        case .dial(let dial): DialDialog(dial: dial).draw(state, in: area, on: &canvas)
        case .proof(let scroll):
            let lines = ProofWords.lines(state.shown, canvas.glyphs)
            scrolled(lines, scroll, "HALT PROOF", "up and down scroll    esc closes", in: area, on: &canvas)
        case .blast:
            draw(
                blast(state), "BLAST RADIUS", "drawn on the graph    esc closes", isLow: true, in: area, on: &canvas)
        case .note(let field): draw(field, in: area, on: &canvas)
        case .search, .filter: break
        case .quitGuard: draw(quitGuard(state), "FAULTS ARE ACTIVE", "esc stays", in: area, on: &canvas)
        }
    }

    /// Draws the box around lines which may come from outside and be long; returns what is inside of it.
    @discardableResult
    private func draw(
        _ words: [String], _ title: String, _ hint: String, width: Int = 64, isLow: Bool = false, in area: Rect,
        on canvas: inout Canvas
    ) -> Rect {
        let columns = min(width, area.columns - 6)
        let lines = words.flatMap { $0.isEmpty ? [""] : Text.wrapped($0, to: columns) }
        let box = Frame.open(title, Size(columns + 4, lines.count + 4), isLow: isLow, in: area, on: &canvas)
        for (line, text) in lines.enumerated() { canvas.write([Span(text)], line: line, in: box) }
        canvas.write([Span(hint, Style(.muted))], line: box.rows - 1, in: box)
        return box
    }

    /// What else can be done from the details.
    private func hint(_ subject: Subject, _ state: DashboardState) -> String {
        switch subject {
        case .selection where state.selectedEdge != nil && state.whyNoLog == nil:
            "\(state.keys(of: .logs)) access log    "
        case .entry where state.whyNoTravel(.earlier) == nil: "enter jumps there    "
        case .selection, .fault, .objective, .proxy, .run, .plan, .entry: ""
        }
    }

    static func lessonColumns(_ columns: Int) -> Int { min(columns - 6, 100) }

    /// The lines of a scrolled text that are seen at once: a frame, a blank and the hint take the rest.
    static func scrolledRows(_ state: DashboardState) -> Int {
        let regions = state.regions
        return max(1, regions.footer.row - regions.faults.endRow - 4)
    }

    @discardableResult
    private func scrolled(
        _ lines: [[Span]], _ offset: Int, _ title: String, _ hint: String, in area: Rect, on canvas: inout Canvas
    ) -> Rect {
        let width = min(area.columns - 6, max(46, lines.map(\.width).max() ?? 0))
        let box = Frame.open(title, Size(width + 4, min(area.rows, lines.count + 4)), in: area, on: &canvas)
        let body = Rect(box.column, box.row, box.columns, max(0, box.rows - 2))
        let scroll = Scroll(offset: offset)
        for (line, spans) in lines[scroll.window(of: lines.count, height: body.rows)].enumerated() {
            canvas.write(spans, line: line, in: body)
        }
        scroll.drawBar(of: lines.count, in: body, on: &canvas)
        canvas.write([Span(hint, Style(.muted))], line: box.rows - 1, in: box)
        return box
    }

    private func draw(
        _ confirmation: Confirmation, _ state: DashboardState, in area: Rect, on canvas: inout Canvas
    ) {
        switch confirmation.demand {
        case .enter:
            draw(confirmation.lines + [""], confirmation.title, "enter confirms    esc cancels", in: area, on: &canvas)
        case .letter:
            draw(
                confirmation.lines + [""], confirmation.title,
                "\(state.keys(of: .yes)) confirms    esc cancels", isLow: true, in: area,
                on: &canvas)
        case .word(let word):
            let wrong = confirmation.isMistyped ? "    that is not \(word)" : ""
            let why = confirmation.overridesGate ? "To run it anyway," : "Large blast radius:"
            let prompt = "\(why) type \(word) and press enter."
            let box = draw(
                confirmation.lines + ["", prompt, "", ""], confirmation.title, "esc cancels\(wrong)", isLow: true,
                in: area, on: &canvas)
            input(confirmation.typed, line: box.rows - 3, in: box, on: &canvas)
        }
    }

    private func draw(_ field: TextField, in area: Rect, on canvas: inout Canvas) {
        let title = Said(field.text).kind.rawValue.uppercased()
        let hint = "enter saves    esc cancels    ! finding    ? prediction: held or deviated"
        let box = draw([""], title, hint, in: area, on: &canvas)
        input(field, line: 0, in: box, on: &canvas)
    }

    /// A line to type in; a long text shows the part around its cursor.
    private func input(_ field: TextField, line: Int, in box: Rect, on canvas: inout Canvas) {
        let place = box.line(line)
        let before = Text.width(field.head)
        let shift = max(0, before - place.columns + 3)
        canvas.put("> ", Style(.key, .bold), at: place.origin, in: place)
        let text = Rect(place.column + 2, place.row, place.columns - 2, place.rows)
        canvas.put(field.text, Style(.input), at: text.origin.moved(columns: -shift), in: text)
        canvas.cursor = text.origin.moved(columns: before - shift)
    }

    private func draw(_ palette: Palette, _ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let order = PaletteOrder(palette.query.text)
        let matches = order == nil ? palette.matches : []
        let rows = min(area.rows - 5, 14)
        let box = Frame.open("COMMANDS", Size(min(area.columns, 72), rows + 5), in: area, on: &canvas)
        input(palette.query, line: 0, in: box, on: &canvas)
        var scroll = Scroll()
        let chosen = min(palette.chosen, max(0, matches.count - 1))
        scroll.reveal(chosen, of: matches.count, height: rows)
        let body = Rect(box.column, box.row + 1, box.columns, max(0, box.rows - 2))
        for (line, action) in matches[scroll.window(of: matches.count, height: body.rows)].enumerated() {
            if action.id == palette.choice?.id { canvas.lay(.selected, behind: body.line(line)) }
            let why = state.whyNot(action.id)
            canvas.write(
                [
                    Span(" \(Text.fitted(action.name, to: 13))", Style(why == nil ? .text : .muted, .bold)),
                    Span(action.title, Style(why == nil ? .text : .muted)),
                    Span(why.map { "  (\($0))" } ?? "", Style(.warn)),
                ], line: line, in: body)
        }
        if let order {
            let choices = order.choices(state).prefix(max(0, body.rows - 1)).map { Span(" \($0)", Style(.text)) }
            for (line, span) in ([Span(" \(order.verb.usage)", Style(.muted))] + choices).enumerated() {
                canvas.write([span], line: line, in: body)
            }
        }
        let hint = Span("enter runs it    tab completes    esc closes", Style(.muted))
        canvas.write([palette.problem.map { Span($0, Style(.warn, .bold)) } ?? hint], line: box.rows - 1, in: box)
    }

    private func blast(_ state: DashboardState) -> [String] {
        guard let edge = state.selectedEdge else { return ["No edge selected."] }
        let radius = state.shown.blastRadius(of: edge, share: 1, at: state.shownAt)
        return ["If every request on \(edge) were hit:"]
            + BlastWords.lines(radius, entrance: state.shown.session?.entrance)
    }

    private func quitGuard(_ state: DashboardState) -> [String] {
        let faults = state.mesh.activeFaults.filter { !$0.isOrphan }.map { fault in
            let left = Format.countdown(fault.leaseRemaining(at: state.now))
            return "\(fault.id) \(fault.kind.label) on \(fault.edge), \(left) left"
        }
        let run = state.mesh.runningExperiment.map { ["\($0.id) \(Text.clipped($0.title, to: 40)) is running"] } ?? []
        return run + faults.prefix(5) + [
            "", "\(state.keys(of: .haltAndQuit))  halt everything, then quit",
            "\(state.keys(of: .leaveAndQuit))  quit; faults run until their leases expire", "",
        ]
    }
}

/// The box of a dialog.
enum Frame {
    /// Blanks a place in the middle of an area, or low where the graph above it shall be seen; frames it, and returns
    /// what is inside.
    static func open(
        _ title: String, _ size: Size, isLow: Bool = false, in area: Rect, on canvas: inout Canvas
    ) -> Rect {
        let middle = area.centred(size)
        let place = isLow ? Rect(middle.column, area.endRow - middle.rows, middle.columns, middle.rows) : middle
        canvas.fill(place, on: .raised)
        let inner = Box(title, isFocused: true).draw(in: place, on: &canvas)
        return inner.inset(columns: 1)
    }
}
