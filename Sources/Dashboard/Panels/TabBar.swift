import MeshModel
import TerminalCanvas

/// The screens by their keys, each with what waits for a look there: `3 Objectives ✖1`.
struct TabBar: Panel {
    /// A screen with the columns it takes.
    struct Tab {
        var screen: ScreenID
        var spans: [Span]
        var columns: Range<Int>
    }

    /// How much of a name has room.
    private enum Form: CaseIterable {
        case name, short, digit
    }

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        for tab in Self.tabs(state, columns: area.columns, canvas.glyphs) {
            let start = area.column + tab.columns.lowerBound
            if tab.screen == state.screen {
                canvas.lay(.selected, behind: Rect(start, area.row, tab.columns.count, 1).intersection(area))
            }
            canvas.put(tab.spans, at: Point(start, area.row), in: area)
        }
    }

    /// All tabs in the longest form that fits; badges are never left out.
    static func tabs(_ state: DashboardState, columns: Int, _ glyphs: Glyphs) -> [Tab] {
        let forms = Form.allCases.map { form in ScreenID.allCases.map { spans($0, form, state, glyphs) } }
        let fitting = forms.first { $0.reduce(0) { $0 + $1.width } <= columns } ?? forms[forms.count - 1]
        var end = 0
        return zip(ScreenID.allCases, fitting).map { screen, spans in
            defer { end += spans.width }
            return Tab(screen: screen, spans: spans, columns: end..<end + spans.width)
        }
    }

    private static func spans(
        _ screen: ScreenID, _ form: Form, _ state: DashboardState, _ glyphs: Glyphs
    ) -> [Span] {
        let isHere = screen == state.screen
        let name =
            switch form {
            case .name: " \(screen.name)"
            case .short: " \(screen.shortName)"
            case .digit: ""
            }
        let key = " \(state.keys(of: screen.action))"
        let badge = badge(screen, state, glyphs).map { [Span(" "), $0] } ?? []
        return [Span(key, Style(.key, .bold)), Span(name, Style(isHere ? .text : .muted, isHere ? .bold : []))]
            + badge + [Span(" ")]
    }

    /// What is wrong or active there, and how much of it.
    private static func badge(_ screen: ScreenID, _ state: DashboardState, _ glyphs: Glyphs) -> Span? {
        func badge(_ count: Int, _ role: StyleRole) -> Span? {
            count == 0 ? nil : Span("\(glyphs.mark(role) ?? "")\(count)", Style(role, .bold))
        }
        let mesh = state.shown
        switch screen {
        case .overview, .timeline: return nil
        case .graph: return badge(state.shownReadings.services.values.count { $0.health == .bad }, .bad)
        case .objectives:
            return badge((mesh.session?.objectives ?? []).count { mesh.verdicts[$0] == false }, .bad)
        case .faults: return badge(state.mesh.activeFaults.count, .fault)
        case .proxies:
            return badge(
                mesh.sources.values.count { $0.report.kind.tellsTraffic && $0.report.state != .fresh }, .warn)
        case .experiments:
            return mesh.runningExperiment == nil ? nil : Span(RunWords.arrow(glyphs), Style(.accent, .bold))
        }
    }
}

extension ScreenID {
    var name: String {
        switch self {
        case .overview: "Overview"
        case .graph: "Graph"
        case .objectives: "Objectives"
        case .faults: "Faults"
        case .timeline: "Timeline"
        case .proxies: "Proxies"
        case .experiments: "Experiments"
        }
    }

    /// A shorter name that is a word too.
    var shortName: String {
        switch self {
        case .objectives: "SLOs"
        case .timeline: "Time"
        case .experiments: "Runs"
        case .overview, .graph, .faults, .proxies: name
        }
    }

    /// The action that shows it.
    var action: Action.ID {
        switch self {
        case .overview: .overview
        case .graph: .graph
        case .objectives: .objectives
        case .faults: .faults
        case .timeline: .timeline
        case .proxies: .proxies
        case .experiments: .experiments
        }
    }
}
