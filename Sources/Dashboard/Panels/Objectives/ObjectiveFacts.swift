import MeshModel
import TerminalCanvas

/// All figures of one objective, each with what it rests on.
struct ObjectiveFacts {
    private let objective: Objective

    init(_ objective: Objective) {
        self.objective = objective
    }

    /// One figure a line, for a box beside the chart.
    func lines(_ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let budget = state.shown.budget(of: objective, at: state.shownAt)
        let stopwatch = state.shown.stopwatch(of: objective, at: state.shownAt)
        return [
            fact("now", value(state), strong: true) + difference(state, glyphs), fact("", basis(state)),
            fact("baseline", before(state)), [],
            fact("burn", burn(budget)), [Span("        ")] + ObjectiveWords.alarm(budget),
            fact(
                "left", "\(ObjectiveWords.left(budget.left)) of \(ObjectiveWords.long(objective.window))", strong: true),
            fact("", "\(ObjectiveWords.left(budget.dayLeft)) of one day"),
            fact("lasts", goneIn(budget)),
            fact("faults", spent(budget, state)), [],
            fact("detect", ObjectiveWords.detection(stopwatch), strong: stopwatch?.secondsToDetect != nil),
            fact("recover", ObjectiveWords.recovery(stopwatch), strong: stopwatch?.secondsToRecover != nil),
        ]
    }

    /// The same in three lines, for below the chart.
    func shortLines(_ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        let budget = state.shown.budget(of: objective, at: state.shownAt)
        let stopwatch = state.shown.stopwatch(of: objective, at: state.shownAt)
        return [
            [
                Span(" now ", Style(.muted)), Span(value(state), Style(.text, .bold)),
            ] + difference(state, glyphs) + [Span("  \(basis(state))  baseline \(before(state))", Style(.muted))],
            [
                Span(" burn ", Style(.muted)), Span(burn(budget), Style(budget.alarm == nil ? .text : .warn)),
                Span("  left ", Style(.muted)), Span(ObjectiveWords.left(budget.left), Style(.text, .bold)),
                Span(" of \(ObjectiveWords.long(objective.window)), faults \(spent(budget, state))", Style(.muted)),
            ],
            [
                Span(" detect ", Style(.muted)), Span(ObjectiveWords.detection(stopwatch), Style(.text)),
                Span("  recover ", Style(.muted)), Span(ObjectiveWords.recovery(stopwatch), Style(.text)),
                Span("  lasts ", Style(.muted)), Span(goneIn(budget), Style(.text)),
            ],
        ]
    }

    private func fact(_ name: String, _ words: String, strong: Bool = false) -> [Span] {
        [Span(Text.fitted(name, to: 9), Style(.muted)), Span(words, strong ? Style(.text, .bold) : Style(.text))]
    }

    private func value(_ state: DashboardState) -> String {
        let sample = state.shown.services[objective.scope]?.sample(until: state.shownAt)
        return switch objective.indicator {
        case .success: Format.success(sample?.successRatio)
        case .latency(let quantile, _):
            "\(ObjectiveWords.quantileName(quantile)) \(ObjectiveWords.quantile(quantile, of: sample))"
        }
    }

    /// Beside the value there is room for how far it is from before.
    private func difference(_ state: DashboardState, _ glyphs: Glyphs) -> [Span] {
        guard state.showsDifferences else { return [] }
        let value = state.shown.reading(of: objective, at: state.shownAt).value
        return [Span(" "), ObjectiveWords.difference(objective, value, state, glyphs)]
    }

    /// How many requests in which time, and how old that is.
    private func basis(_ state: DashboardState) -> String {
        let scope = state.shown.services[objective.scope]
        let count = scope?.sample(until: state.shownAt)?.completed ?? 0
        let basis = objective.query == nil ? "n=\(count) in 5s" : "by query"
        return "\(basis), age \(Format.age(scope?.age(at: state.shownAt)))"
    }

    private func before(_ state: DashboardState) -> String {
        let baseline = state.shown.watch.spell?.baselines[.service(objective.scope)]
        guard let band = baseline?.band(of: objective.indicator) else { return "no baseline yet" }
        return ObjectiveWords.band(band) { ObjectiveWords.value(objective, $0) }
    }

    private func burn(_ budget: BudgetReading) -> String {
        zip(["10s", "1m", "5m"], budget.burns).map { "\($0) \(ObjectiveWords.times($1.rate))" }.joined(separator: "  ")
    }

    private func goneIn(_ budget: BudgetReading) -> String {
        guard let left = budget.left else { return Format.unknown }
        if left <= 0 { return "EXHAUSTED" }
        guard let seconds = budget.secondsToExhaustion else { return "never at this rate" }
        return "\(ObjectiveWords.long(seconds)) at this rate"
    }

    private func spent(_ budget: BudgetReading, _ state: DashboardState) -> String {
        guard let spent = budget.spentByFaults, let spell = state.shown.watch.spell else { return "spent nothing yet" }
        let names = spell.faults.count > 3 ? "\(spell.faults.count) faults" : spell.faults.joined(separator: " ")
        return "\(Text.clipped(names, to: 14)) spent \(spent > 0 && spent < 0.001 ? "<0.1%" : Format.share(spent))"
    }
}
