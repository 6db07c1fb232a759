import MeshModel
import TerminalCanvas

/// What stands on and beside the line of one edge: its numbers above, and on the line itself the fault that hits it.
struct EdgeLabel {
    let edge: Edge
    let route: GraphPlan.Route
    let words: GraphShape.Words
    let reading: Reading
    let state: DashboardState
    /// What a fault in question would touch.
    var blast: BlastMap?

    /// Draws at the places of the route, moved by `shift`.
    func draw(_ shift: Point, in area: Rect, on canvas: inout Canvas) {
        let isSelected = state.selection == .edge(edge)
        let room = route.label.columns
        let glyphs = canvas.glyphs
        if words == .beside { return drawBeside(shift, isSelected, in: area, on: &canvas) }
        var isFault = false
        var lease: [Span] = []
        if let fault = state.fault(on: edge) {
            isFault = true
            let text = EdgeWords.fault(fault, at: state.shownAt, to: room - 3)
            let words = text.isEmpty ? [] : [Span(" \(text) ", Style(.fault, .bold))]
            write(words, route.label, shift, isSelected, in: area, on: &canvas)
            lease = EdgeWords.lease(fault, at: state.shownAt, missingIn: text).map { [Span($0, Style(.lease))] } ?? []
        } else if state.isAsking(on: edge) {
            isFault = true
            write([Span(" requested ", Style(.fault))], route.label, shift, isSelected, in: area, on: &canvas)
        } else if case let text = MechanismWords.line(on: edge, in: state, to: room - 3), !text.isEmpty,
            words != .within
        {
            write([Span(" \(text) ", Style(.warn, .bold))], route.label, shift, isSelected, in: area, on: &canvas)
        }
        if let blast, let place = route.above, case let text = blast.words(on: edge, to: room), !text.isEmpty {
            write([Span(text, Style(.lease, .bold))], place, shift, isSelected, in: area, on: &canvas)
            return
        }
        if state.showsDifferences, reading.requests > 0, reading.health != .stale {
            return drawDifference(isFault: isFault, lease, shift, isSelected, in: area, on: &canvas)
        }
        switch words {
        case .above, .around:
            guard let above = route.above else { break }
            let part: EdgeWords.Part = words == .above || route.below == nil ? .all : .rateAndErrors
            let numbers = EdgeWords.numbers(reading, part, to: room, glyphs)
            write(numbers, above, shift, isSelected, in: area, on: &canvas)
            guard let below = route.below else { return }
            let rest = words == .above ? [] : EdgeWords.numbers(reading, .latency, to: room, glyphs)
            let gap = lease.isEmpty || rest.isEmpty ? [] : [Span("  ")]
            write(lease + gap + rest, below, shift, isSelected && words == .around, in: area, on: &canvas)
            return
        case .within, .beside: break
        }
        guard let place = isFault ? route.above ?? route.below : route.label else { return }
        let figures = EdgeWords.numbers(reading, .tight, to: room, glyphs)
        let pad = isFault || figures.width + 2 > room ? [] : [Span(" ")]
        write(pad + figures + pad, place, shift, isSelected, in: area, on: &canvas)
    }

    /// One below the other, each on its own line: what is done to the edge, and its figures.
    private func drawBeside(_ shift: Point, _ isSelected: Bool, in area: Rect, on canvas: inout Canvas) {
        let (room, glyphs) = (route.label.columns, canvas.glyphs)
        var lines: [[Span]] = [[]]
        if let fault = state.fault(on: edge) {
            lines = [[Span(EdgeWords.fault(fault, at: state.shownAt, to: room), Style(.fault, .bold))]]
        } else if state.isAsking(on: edge) {
            lines = [[Span(EdgeWords.fitting(["requested", "asked", "?"], room), Style(.fault))]]
        } else if let text = blast?.words(on: edge, to: room), !text.isEmpty {
            lines = [[Span(text, Style(.lease, .bold))]]
        }
        let difference = state.showsDifferences ? state.difference(of: .edge(edge)) : nil
        let isSilent = reading.requests == 0 || reading.health == .stale
        if isSilent {
            lines.append(EdgeWords.numbers(reading, to: room, glyphs))
        } else if state.showsDifferences {
            let measures: [Difference.Measure] = [.rate, .success, .p99]
            lines += measures.map { DifferenceWords.changes(difference, [$0], to: room, glyphs) }
        } else {
            let figures = FigureWords(reading: reading, glyphs: glyphs)
            lines += [figures.rate, figures.errors, figures.p99]
        }
        let top = route.label.endRow - max(lines.count, 4)
        for (number, spans) in lines.enumerated() where !spans.isEmpty {
            let place = Point(route.label.column + shift.column, top + number + shift.row)
            if isSelected {
                canvas.lay(.selected, behind: Rect(place.column, place.row, spans.width, 1).intersection(area))
            }
            canvas.put(spans.clipped(to: room, glyphs), at: place, in: area)
        }
    }

    /// What changed since before the faults, in place of the numbers.
    private func drawDifference(
        isFault: Bool, _ lease: [Span], _ shift: Point, _ isSelected: Bool, in area: Rect, on canvas: inout Canvas
    ) {
        let room = route.label.columns
        let difference = state.difference(of: .edge(edge))
        let (glyphs, isBelow) = (canvas.glyphs, words == .around && route.below != nil)
        let first: [Difference.Measure] = isBelow ? [.success, .rate] : [.success, .p99, .rate]
        let isQuiet = difference.map { known in first.allSatisfy { known[$0].map { $0.tendency == .same } ?? true } }
        let spans =
            isQuiet ?? false
            ? [Span("=", Style(.muted))] : DifferenceWords.changes(difference, first, to: room, glyphs)
        let place = words == .within ? (isFault ? route.above ?? route.below : route.label) : route.above
        if let place { write(spans, place, shift, isSelected, in: area, on: &canvas) }
        guard words != .within, let below = route.below else { return }
        let left = room - (lease.isEmpty ? 0 : lease.width + 2)
        let isSlower = isBelow && difference?[.p99].map { $0.tendency != .same } ?? false
        let rest = isSlower ? DifferenceWords.changes(difference, [.p99], to: left, glyphs) : []
        let gap = lease.isEmpty || rest.isEmpty ? [] : [Span("  ")]
        write(lease + gap + rest, below, shift, isSelected && isBelow, in: area, on: &canvas)
    }

    /// At the right end, where the edge comes in: so words stand below each other.
    private func write(
        _ spans: [Span], _ place: Rect, _ shift: Point, _ isSelected: Bool, in area: Rect, on canvas: inout Canvas
    ) {
        guard spans.width > 0 else { return }
        let row = place.row + shift.row
        let end = place.endColumn + shift.column
        let width = min(spans.width, place.columns)
        if isSelected {
            canvas.lay(.selected, behind: Rect(end - width - 1, row, width + 2, 1).intersection(area))
        }
        canvas.put(spans.clipped(to: width, canvas.glyphs), at: Point(end - width, row), in: area)
    }
}
