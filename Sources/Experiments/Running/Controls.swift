/// The controls of a run: Python code which is called around the experiment and its parts.
struct Controls: Sendable {
    /// Those of the settings, which are for every experiment.
    let global: [Value]
    let bridge: PythonBridge
    let isStrict: Bool
    /// Told what a control could not do.
    let warn: @Sendable (String) -> Void

    enum Scope: String, Sendable {
        case before, after
    }

    /// Which controls apply to a part, by the merging rules of the original.
    func list(for level: RunLevel, context: Value, in experiment: Value) -> [Value] {
        let top = experiment["controls"]?.list ?? []
        let automatic = top.filter { $0["automatic"]?.isTruthy ?? true }
        var controls = global + (context["controls"]?.list ?? [])
        if top.isEmpty { return controls }
        if controls.isEmpty || level == .method || level == .rollback { return automatic }
        for control in controls {
            if let reference = control["ref"] {
                if let found = top.first(where: { $0["name"]?.equals(reference) ?? false }) { controls.append(found) }
                continue
            }
            guard level != .experiment else { continue }
            for other in top.reversed() where !(control["name"] ?? .null).equals(other["name"] ?? .null) {
                if other["automatic"]?.isTruthy ?? true { controls.insert(other, at: 0) }
            }
        }
        return controls
    }

    /// Every control of the experiment once, by name.
    func all(in experiment: Value) -> [Value] {
        let activities =
            (experiment["steady-state-hypothesis"]?["probes"]?.list ?? []) + (experiment["method"]?.list ?? [])
            + (experiment["rollbacks"]?.list ?? [])
        let holders = [experiment, experiment["steady-state-hypothesis"] ?? .null] + activities
        var seen: Set<String> = []
        return holders.flatMap { $0["controls"]?.list ?? [] }.filter { control in
            guard let name = control["name"]?.text, !name.isEmpty else { return false }
            return seen.insert(name).inserted
        }
    }

    /// Lets the controls of the settings know of the loading. By then it is over: they can't change what is loaded, but
    /// they can end the run before it begins; not nil then.
    func tellLoading(of experiment: Value, from source: String) async -> Interruption? {
        let moments = [
            ("before_loading_experiment_control", Value.null), ("after_loading_experiment_control", experiment),
        ]
        for (function, state) in moments {
            for control in global {
                let effect = await call(
                    function, of: control, level: .activity, offers: ["state"], context: .text(source), state: state,
                    Substitution())
                if case .stop(let interruption) = effect { return interruption }
            }
        }
        return nil
    }

    /// What a control changed, or its wish to end the run, or why it did not do its work.
    enum Effect {
        case changes(Value)
        case stop(Interruption)
        case failed(String)
    }

    /// Calls a function of a control's module. Errors in it don't end the run, as in the original; but where it needs
    /// answers a question that nobody could answer does, since to go on would be an answer.
    func call(
        _ function: String, of control: Value, level: RunLevel, offers: [String], context: Value, state: Value,
        _ substitution: Substitution, isForeground: Bool = true, needsAnswers: Bool = false
    ) async -> Effect {
        guard control["provider"]?["type"]?.text == "python" else { return .changes(.null) }
        var arguments = control["provider"]?["arguments"] ?? .mapping(Fields())
        if !substitution.isEmpty, let replaced = try? substitution(arguments) { arguments = replaced }
        let answer = await bridge.askControl(
            Fields([
                ("control", control), ("function", .text(function)), ("level", .text(level.rawValue)),
                ("offers", .list(offers.map { .text($0) })), ("context", context), ("state", state),
                ("arguments", arguments),
            ]), isForeground: isForeground)
        if let value = answer["value"] { return .changes(value) }
        let name = "control '\(control["name"].map(PythonText.string) ?? "")'"
        if let stop = PythonStop(answer, of: name) { return .stop(stop.interruption) }
        if answer["unanswered"] != nil, needsAnswers, !isStrict {
            return .stop(Interruption(reason: "\(name) asks, but there is no terminal to answer at"))
        }
        guard let crash = answer["crash"]?.list else { return .changes(.null) }
        let why = crash.map(PythonText.string).joined(separator: ": ")
        warn("\(name) failed in \(function): \(why)")
        return .failed(why)
    }
}
