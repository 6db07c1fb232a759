import MeshModel
import TerminalCanvas

/// A part of the screen: it draws what it has to say about a state, inside of its area and nowhere else.
protocol Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas)
}

/// How states look: always a shape and a word, and a colour third.
enum Look {
    static func role(_ health: Health) -> StyleRole {
        switch health {
        case .ok: .ok
        case .warn: .warn
        case .bad: .bad
        case .stale: .stale
        case .unknown: .muted
        }
    }

    static func word(_ health: Health) -> String {
        switch health {
        case .ok: "ok"
        case .warn: "warn"
        case .bad: "BAD"
        case .stale: "stale"
        case .unknown: "idle"
        }
    }

    /// The state of a service or an edge: idle is only who is looked at, and slow who answers well but late.
    static func word(_ reading: Reading) -> String {
        switch reading.absence {
        case .noProxy: "not observed"
        case .unreachable: "no data"
        case nil where reading.isSlow: reading.health == .bad ? "SLOW" : "slow"
        case nil: word(reading.health)
        }
    }

    static func mark(_ health: Health, _ glyphs: Glyphs) -> String {
        glyphs.mark(role(health)) ?? glyphs.pick("◌", "-", "-")
    }

    static func role(_ tone: TimelineEntry.Tone) -> StyleRole {
        switch tone {
        case .plain: .text
        case .good: .ok
        case .warn: .warn
        case .bad: .bad
        }
    }

    static func role(_ phase: FaultPhase) -> StyleRole {
        switch phase {
        case .requested, .accepted, .reverting, .other: .warn
        case .active: .fault
        case .reverted: .ok
        case .lost, .stuck, .refused: .bad
        }
    }

    /// A name from outside in quotation for a sentence: cut in its middle, never longer than a person reads.
    static func name(_ name: ServiceName, to columns: Int, _ glyphs: Glyphs) -> String {
        Text.clippedInside(name.text, to: columns, glyphs)
    }

    static func edge(_ edge: Edge, to columns: Int, _ glyphs: Glyphs) -> String {
        let whole = "\(edge)"
        guard Text.width(whole) > columns else { return Text.sanitised(whole) }
        let half = max(1, (columns - 1) / 2)
        return name(edge.from, to: half, glyphs) + ">" + name(edge.to, to: max(1, columns - 1 - half), glyphs)
    }
}

extension Canvas {
    /// Writes spans on a line of an area, cut to fit.
    mutating func write(_ spans: [Span], line: Int, in area: Rect) {
        let line = area.line(line)
        put(spans.clipped(to: line.columns, glyphs), at: line.origin, in: line)
    }

    /// Writes spans at the right end of a line.
    mutating func writeRight(_ spans: [Span], line: Int, in area: Rect) {
        let line = area.line(line)
        let cut = spans.clipped(to: line.columns, glyphs)
        put(cut, at: Point(line.endColumn - cut.width, line.row), in: line)
    }
}
