import MeshModel
import TerminalCanvas

/// The experiments that teach something, each ticked off once it was run: what acted, what the mesh does about it, and
/// what only code can do.
enum LessonWords {
    static func lines(_ state: DashboardState, columns: Int, _ glyphs: Glyphs) -> [[Span]] {
        let plans = plans(in: state.shown)
        let tried = plans.count { state.shown.lastRun(of: $0.file) != nil }
        var lines = [[Span("\(tried) of \(plans.count) tried", Style(.muted)), Span("")]]
        for (number, plan) in plans.enumerated() {
            lines += self.lines(of: plan, number: number + 1, state, columns: columns, glyphs)
        }
        return lines
    }

    static func plans(in mesh: MeshState) -> [ExperimentPlan] { mesh.catalogue.filter { $0.lesson != nil } }

    private static func lines(
        of plan: ExperimentPlan, number: Int, _ state: DashboardState, columns: Int, _ glyphs: Glyphs
    ) -> [[Span]] {
        let title = Text.fitted("\(number) \(plan.title)", to: min(44, max(20, columns - 16)))
        guard let run = state.shown.lastRun(of: plan.file) else {
            return [[Span("  \(title) not tried", Style(.muted))]]
        }
        guard let outcome = run.verdict?.outcome else {
            return [[Span("\(RunWords.arrow(glyphs)) \(title) running", Style(.accent, .bold))]]
        }
        let tick = Span("\(glyphs.pick("✓", "√", "x")) \(title) ", Style(.text, .bold))
        var lines = [[tick] + ExperimentWords.verdict(outcome, glyphs)]
        for text in acted(in: run, state) { lines += told("saw ", text, .warn, columns) }
        if let lesson = plan.lesson {
            lines += told("mesh", lesson.mesh, .text, columns) + told("code", lesson.code, .text, columns)
        }
        return lines
    }

    /// What the mesh did by itself while the run was on, as it was observed: the first two things.
    private static func acted(in run: ExperimentReport, _ state: DashboardState) -> [String] {
        let end = run.endedAt ?? state.shownAt
        var texts: [String] = []
        for entry in state.shown.timeline where entry.kind == .mesh && entry.tone != .good {
            guard entry.at >= run.startedAt, entry.at <= end, !texts.contains(entry.text) else { continue }
            texts.append(entry.text)
        }
        return Array(texts.prefix(2))
    }

    private static func told(_ name: String, _ text: String, _ role: StyleRole, _ columns: Int) -> [[Span]] {
        Text.wrapped(text, to: max(20, columns - 9)).enumerated().map { line, text in
            [Span("    \(line == 0 ? name : "    ") ", Style(.muted)), Span(text, Style(role))]
        }
    }
}
