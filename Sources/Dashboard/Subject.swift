import MeshModel

/// What a dialog with details is about.
enum Subject: Equatable, Sendable {
    /// The selected service or edge.
    case selection
    /// A fault and a run by their ids, an objective, a proxy and a plan by their names.
    case fault(String)
    case objective(String)
    case proxy(String)
    case run(String)
    case plan(String)
    /// A line of the story by its number in the day.
    case entry(Int)

    /// The heading of its dialog.
    var title: String {
        switch self {
        case .selection: "DETAILS"
        case .fault: "FAULT"
        case .objective: "OBJECTIVE"
        case .proxy: "PROXY"
        case .run: "RUN"
        case .plan: "EXPERIMENT"
        case .entry: "EVENT"
        }
    }
}

extension DashboardState {
    /// What the pane with the keys has selected, to be shown in full; nil when nothing is.
    var subject: Subject? {
        switch pane {
        case .graph, .proof: selection == nil ? nil : .selection
        case .objectives: chosenObjective.map { .objective($0.name) } ?? (selection == nil ? nil : .selection)
        case .faults: faultRows.first { $0.id == selectedFault }.map { .fault($0.id) }
        case .proxies: proxyRows.isEmpty ? nil : .proxy(proxyRows[proxyPlace].report.name)
        case .catalogue: selectedPlan.map { .plan($0.file) }
        case .run: paneRun.map { .run($0.id) } ?? selectedPlan.map { .plan($0.file) }
        case .timeline: story.indices.contains(storyPlace) ? .entry(story[storyPlace]) : nil
        }
    }

    /// Where the selected proxy is among those that are listed; the first while none is selected.
    var proxyPlace: Int { proxyRows.firstIndex { $0.report.name == selectedProxy } ?? 0 }

    mutating func moveProxy(to place: Int) {
        let rows = proxyRows
        if rows.indices.contains(place) { selectedProxy = rows[place].report.name }
    }
}
