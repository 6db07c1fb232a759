import MeshModel
import TerminalCanvas

extension DashboardState {
    /// How long the end of a run stays on every screen, in seconds.
    static let telling = 20.0

    /// The run that every screen tells of: the one that is on, or the last one for a while after its end.
    var toldRun: ExperimentReport? {
        guard let run = shown.experiments.last else { return nil }
        guard run.isOver else { return run }
        // One that a dead control plane left is told by its own words, on its own screen.
        guard let ended = run.endedAt, run.verdict?.outcome != .lost else { return nil }
        return shownAt.seconds(since: ended) < Self.telling ? run : nil
    }

    /// The run that the pane shows: the told one, else the last of the chosen experiment.
    var paneRun: ExperimentReport? {
        if screen != .experiments { return toldRun }
        if let run = shown.runningExperiment { return run }
        return selectedExperiment.flatMap { shown.lastRun(of: $0) } ?? (shown.catalogue.isEmpty ? toldRun : nil)
    }

    var selectedPlan: ExperimentPlan? { shown.catalogue.first { $0.file == selectedExperiment } }

    mutating func follow(_ news: ExperimentReport) {
        if news.phase == .gate {
            runScroll = nil
            selectedExperiment = mesh.catalogue.contains { $0.file == news.file } ? news.file : selectedExperiment
        }
        keepPane()
    }

    mutating func followCatalogue() {
        if let selectedExperiment, mesh.catalogue.contains(where: { $0.file == selectedExperiment }) { return }
        selectedExperiment = mesh.catalogue.first?.file
    }

    /// A pane may have given way to the run's.
    mutating func keepPane() {
        let panes = regions.panes.map(\.pane)
        if !panes.contains(pane) { pane = panes.first { $0.takesKeys } ?? .graph }
    }

    mutating func moveExperiment(_ id: Action.ID) {
        let files = shown.catalogue.map(\.file)
        guard !files.isEmpty else { return }
        let index = files.firstIndex { $0 == selectedExperiment } ?? 0
        selectedExperiment = files[moved(index, id, count: files.count)]
        runScroll = nil
    }

    /// What `a` stops: the run that is on, unless a fault of somebody else is the chosen row.
    var runToAbort: ExperimentReport? {
        guard let run = mesh.runningExperiment else { return nil }
        guard pane == .faults, let row = mesh.activeFaults.first(where: { $0.id == selectedFault }) else { return run }
        return row.run == run.id ? run : nil
    }

    var whyNotRun: String? {
        if mesh.isHalted { return "Halted: press \(keys(of: .rearm)) to re-arm first" }
        if let run = mesh.runningExperiment { return "\(run.id) is running: \(keys(of: .abort)) aborts it" }
        if connection != .connected { return "No contact with the control plane" }
        guard let plan = mesh.catalogue.first(where: { $0.file == selectedExperiment }) else {
            return "No experiment to run"
        }
        return plan.problems.isEmpty ? nil : "This experiment cannot run: \(plan.problems[0])"
    }

    /// What the gate will say no to: objectives that are broken now.
    var shutGate: String? {
        let broken = (mesh.session?.objectives ?? []).filter { mesh.reading(of: $0, at: now).isMet == false }
        guard !broken.isEmpty else { return nil }
        return broken.map(\.name).joined(separator: ", ") + (broken.count == 1 ? " is broken" : " are broken")
    }

    /// Since when the first of the broken objectives is broken.
    var gateShutSince: Timestamp? {
        (mesh.session?.objectives ?? []).filter { mesh.reading(of: $0, at: now).isMet == false }
            .compactMap { mesh.watch.tracks[$0]?.since }.min()
    }

    mutating func preview() {
        guard let plan = mesh.catalogue.first(where: { $0.file == selectedExperiment }) else { return }
        layers.append(.confirmation(.run(plan, in: self)))
    }

    /// The same question once more, but to go on whatever the steady state; nil when there is nothing to override.
    func overriding(_ confirmation: Confirmation) -> Confirmation? {
        guard case .startExperiment(let file, false) = confirmation.effect,
            let plan = mesh.catalogue.first(where: { $0.file == file })
        else { return nil }
        return .override(plan, in: self)
    }

    /// The day may have changed while the question stood there.
    mutating func beginRun(_ effect: Effect) -> [Effect] {
        if let why = whyNotRun {
            say(why, .warn)
            return []
        }
        say("Starting the run…", .warn)
        if screen != .experiments { show(.experiments) }
        return [effect]
    }
}
