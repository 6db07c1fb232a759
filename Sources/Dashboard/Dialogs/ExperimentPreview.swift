import MeshModel
import TerminalCanvas

extension Confirmation {
    /// The question before a run: all its steps, what they touch, and whether the gate is open. From half of the
    /// requests on, or at the entrance, it wants a word.
    static func run(_ plan: ExperimentPlan, in state: DashboardState) -> Confirmation {
        if state.shutGate != nil { return override(plan, in: state) }
        let entrance = state.mesh.session?.entrance
        let isSevere = plan.faults.contains { fault in
            fault.share >= 0.5 || fault.edge.from == entrance || fault.edge.to == entrance
        }
        return Confirmation(
            title: "Run this experiment?", lines: lines(of: plan, overridesGate: false, in: state),
            demand: isSevere ? .word("run") : .letter,
            effect: .startExperiment(file: plan.file, overridesGate: false))
    }

    static func override(_ plan: ExperimentPlan, in state: DashboardState) -> Confirmation {
        Confirmation(
            title: "Override the gate?", lines: lines(of: plan, overridesGate: true, in: state),
            demand: .word("override"), effect: .startExperiment(file: plan.file, overridesGate: true))
    }

    /// The words of either question as they are now: the gate may have closed or opened while it stands there.
    static func lines(of plan: ExperimentPlan, overridesGate: Bool, in state: DashboardState) -> [String] {
        let shut = state.shutGate.map { why in
            let since = state.gateShutSince.map { " for \(Format.age(state.now.seconds(since: $0)))" } ?? ""
            return "Gate CLOSED\(since): \(why)."
        }
        let key = "   \(state.keys(of: .override)) overrides the gate"
        guard overridesGate else {
            return lines(plan, [(shut ?? "Gate open: no objective is broken.") + key], in: state)
        }
        let gate = shut ?? "Gate open; the experiment's own hypothesis may not be met."
        return lines(plan, [gate, "A run now proves little; the override is recorded."], in: state)
    }

    /// Title, steps, blast radius and gate, in as many lines as the screen has; the steps give way first.
    private static func lines(_ plan: ExperimentPlan, _ gate: [String], in state: DashboardState) -> [String] {
        let blast = ExperimentWords.blast(plan, state)
        let columns = min(64, state.size.columns - 6)
        let height = { (lines: [String]) in lines.reduce(0) { $0 + max(1, Text.wrapped($1, to: columns).count) } }
        let steps = ExperimentWords.steps(plan)
        let room = state.size.rows - 14 - height(blast) - height(gate)
        var shown: [String] = []
        for (number, step) in steps.enumerated() {
            guard height(shown + [step]) <= room || number == 0 else {
                shown.append("and \(steps.count - number) more steps")
                break
            }
            shown.append(step)
        }
        return [Text.clipped(plan.title, to: columns)] + shown + blast + gate
    }
}

/// What an experiment would do, in sentences.
enum ExperimentWords {
    /// A line a step, with its pauses.
    static func steps(_ plan: ExperimentPlan) -> [String] {
        plan.steps.enumerated().map { number, step in
            let pause = step.pauseAfter.map { $0 > 0 ? ", then \(Format.span($0)) pause" : "" } ?? ""
            let before = step.pauseBefore.map { $0 > 0 ? "after \(Format.span($0)): " : "" } ?? ""
            let background = step.isInBackground ? " (in the background)" : ""
            let undo = step.part == .rollbacks ? "rollback: " : ""
            let touches = step.touches.isEmpty ? "" : " [\(step.touches)]"
            return "\(number + 1) \(before)\(undo)\(step.name)\(touches)\(background)\(pause)"
        }
    }

    /// How many requests a second it may hit, and who may see it.
    static func blast(_ plan: ExperimentPlan, _ state: DashboardState) -> [String] {
        let mesh = state.mesh
        guard !plan.faults.isEmpty else {
            let touches = plan.touches.prefix(4).joined(separator: ", ")
            return [touches.isEmpty ? "It changes nothing." : "It acts on \(touches); its blast radius is unknown."]
        }
        let radii = plan.faults.map { mesh.blastRadius(of: $0.kind, on: $0.edge, share: $0.share, at: state.now) }
        let hit = radii.compactMap(\.hitRate)
        var words =
            hit.isEmpty ? "The number of requests it hits is unknown." : "Hits about \(Format.rate(hit.reduce(0, +)))"
        if !hit.isEmpty {
            let share = radii.compactMap(\.shareOfEntrance).reduce(0, +)
            let entrance =
                mesh.session?.entrance.map { ", \(Format.share(min(1, share))) of the traffic entering at \($0)" } ?? ""
            words += (share > 0 ? entrance : "") + "."
        }
        let seers = Set(radii.flatMap(\.upstream)).sorted().map(\.text)
        let rest = seers.count > 6 ? " and \(seers.count - 6) more" : ""
        return [words, "Callers affected: \(seers.prefix(6).joined(separator: ", "))\(rest)."]
    }

    /// The mark and the word of how the last run came out.
    static func verdict(_ outcome: ExperimentReport.Verdict.Outcome, _ glyphs: Glyphs) -> [Span] {
        let role = Look.role(outcome.tone)
        return [Span("\(glyphs.mark(role) ?? " ") \(outcome.word)", Style(role, .bold))]
    }
}
