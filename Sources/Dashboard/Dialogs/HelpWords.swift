import MeshModel
import TerminalCanvas

/// The help, made from the table of actions, so that it can't be out of date.
enum HelpWords {
    static func lines(_ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        var lines = (state.isProjecting ? projector : context(state)).map { [Span($0, Style(.text))] }
        for group in Action.Group.allCases {
            guard state.actions.contains(where: { $0.group == group }) else { continue }
            lines += [[], [Span(group.rawValue, Style(.title, .bold))]]
            for action in state.actions where action.group == group {
                let keys = state.options.keymap.keys(of: action.id).map(String.init(describing:)).joined(
                    separator: "  ")
                let why = state.whyNot(action.id)
                lines.append([
                    Span(" \(Text.fitted(keys, to: 17))", Style(.key, .bold)),
                    Span(action.title, Style(why == nil ? .text : .muted)),
                    Span(why.map { "  (\($0))" } ?? "", Style(.warn)),
                ])
            }
        }
        lines += [[], [Span("Marks", Style(.title, .bold))]] + marks(glyphs)
        lines += [[], [Span("Faults on an edge", Style(.title, .bold))]] + kinds
        guard state.isReplay || state.isRewound else { return lines }
        return lines + [[], [Span("The line of the day", Style(.title, .bold))]]
            + ScrubMark.allCases.map { mark in
                [Span(" "), Span("\(mark.glyph(glyphs).scalar)", mark.style), Span("  \(mark.words)")]
            }
    }

    private static func context(_ state: DashboardState) -> [String] {
        switch state.pane {
        case .graph:
            [
                "The arrows walk from service to edge to service.",
                "A fault lives on the edge it hits: select one, press f.",
            ]
        case .faults: ["Up and down choose a fault: a aborts it, d dials it, e renews its lease."]
        case .timeline: ["The newest line is on top; / filters."]
        case .objectives: ["The gauges of the selection; shaded is the time of a fault."]
        case .catalogue: ["Up and down choose an experiment, enter shows what it would do and asks."]
        case .run: ["What the run has done so far; a aborts it from anywhere."]
        case .proxies, .proof: ["Every number comes from one of these proxies."]
        }
    }

    private static var projector: [String] {
        [
            "The picture for the back row: what changed stays for three seconds, nothing blinks.",
            "All keys of the screens work here too; a digit or esc goes back to them.",
        ]
    }

    /// How the line of an edge looks with each kind of fault on it.
    private static var kinds: [[Span]] {
        FaultKindDescription.all.map { kind in
            [
                Span(" \(kind.mark)  ", Style(.fault, .bold)), Span(Text.fitted(kind.name, to: 18)),
                Span(kind.words, Style(.muted)),
            ]
        }
    }

    private static func marks(_ glyphs: Glyphs) -> [[Span]] {
        let roles: [(StyleRole, String)] = [
            (.ok, "ok"), (.warn, "warn: more than 1% errors, or an objective is broken"),
            (.bad, "BAD: more than 5% errors, or no healthy host"), (.stale, "gone: not heard for three polls"),
            (.fault, "a fault of ours, drawn on its edge"),
        ]
        return roles.map { role, words in [Span(" \(glyphs.mark(role) ?? " ")  ", Style(role)), Span(words)] }
    }
}
