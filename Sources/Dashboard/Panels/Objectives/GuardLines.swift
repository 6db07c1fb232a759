import MeshModel
import TerminalCanvas

/// Each guard as a live line: how near it is to halting everything, and what it will do.
struct GuardLines: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        let guards = state.shown.session?.guards ?? []
        let isArmed = !state.shown.activeFaults.isEmpty && !state.shown.isHalted
        let note = guards.isEmpty ? "" : isArmed ? "armed" : "idle: guards act only while a fault is active"
        let inner = Box("GUARDS", note: note).draw(in: area, on: &canvas)
        guard !guards.isEmpty else {
            canvas.write(
                [Span(" None. Guards in gameday.yaml halt everything automatically", Style(.muted))], line: 0,
                in: inner)
            return
        }
        for (line, guardRail) in guards.enumerated() {
            canvas.write(Self.spans(guardRail, number: line + 1, state, canvas.glyphs), line: line, in: inner)
        }
    }

    static func spans(_ guardRail: Guard, number: Int, _ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        let reading = state.shown.reading(of: guardRail, at: state.shownAt)
        let isArmed = !state.shown.activeFaults.isEmpty && !state.shown.isHalted
        let isCounting = (reading.value ?? 0) > 0 && isTime(guardRail)
        let mark: (StyleRole, String) =
            reading.isMet
            ? (.bad, "TRIPPED")
            : isArmed && isCounting && countsDown(guardRail) ? (.warn, "PENDING") : (.ok, isArmed ? "armed" : "idle")
        return [
            Span(" G\(number) ", Style(.muted)),
            Span("\(glyphs.mark(mark.0) ?? " ") \(mark.1)", Style(mark.0, .bold)), Span(" "),
            Span(measure(guardRail, reading), Style(.text, .bold)), Span("  halts everything ", Style(.muted)),
            Span(condition(guardRail), Style(.text)),
        ]
    }

    private static func isTime(_ guardRail: Guard) -> Bool {
        switch guardRail {
        case .broken, .stale, .duration: true
        case .budget, .blastRadius: false
        }
    }

    /// The value of the others falls back by itself.
    private static func countsDown(_ guardRail: Guard) -> Bool {
        switch guardRail {
        case .broken, .duration: true
        case .stale, .budget, .blastRadius: false
        }
    }

    /// `0:41 of 2:00`, `1.2s of 10s`, `41% left, floor 25%`, `12% of at most 30%`.
    private static func measure(_ guardRail: Guard, _ reading: GuardReading) -> String {
        switch guardRail {
        case .broken, .duration:
            let gone = reading.value.map { Format.countdown($0) } ?? Format.unknown
            return "\(gone) of \(Format.countdown(reading.limit))"
        case .stale: return "\(Format.age(reading.value)) of \(Format.age(reading.limit))"
        case .budget: return "\(ObjectiveWords.left(reading.value)) left, minimum \(Format.asked(reading.limit))"
        case .blastRadius:
            return
                "\(reading.value.map { Format.share($0) } ?? Format.unknown) of at most \(Format.asked(reading.limit))"
        }
    }

    private static func condition(_ guardRail: Guard) -> String {
        switch guardRail {
        case .broken(let name, let seconds):
            "when \(Text.sanitised(name)) is broken for \(Format.span(seconds))"
        case .stale(let seconds): "when most proxies are stale for \(Format.span(seconds))"
        case .budget(let name, let floor):
            "when less than \(Format.asked(floor)) of the error budget of \(Text.sanitised(name)) is left"
        case .duration(let seconds): "when faults have been active for \(Format.span(seconds)) in total"
        case .blastRadius(let share): "when more than \(Format.asked(share)) of the entering requests are hit"
        }
    }
}
