extension ExperimentRun {
    /// Applies the controls of a part of the run. Not nil when one of them ends the run.
    ///
    /// What they change of the experiment, the configuration or the secrets counts from then on; what they change of
    /// the state is given to `take`. The state is only made when somebody wants to see it.
    func apply(
        _ scope: Controls.Scope, _ level: RunLevel, context: Value, state: @autoclosure () -> Value,
        place: ActivityPlace? = nil, take: (_ changed: Value, _ known: Value) -> Void = { _, _ in }
    ) async -> Interruption? {
        let list = controls.list(for: level, context: context, in: experiment.value)
        guard !list.isEmpty else { return nil }
        let state = state()
        let sharesContext = level == .activity || level == .hypothesis
        for control in list {
            if let wanted = control["scope"], wanted.isTruthy, wanted.text != scope.rawValue { continue }
            let effect = await controls.call(
                "\(scope.rawValue)_\(level.rawValue)_control", of: control, level: level,
                offers: ["secrets", "configuration", "state", "experiment", "extensions", "settings"],
                context: sharesContext ? context : .null, state: state, substitution)
            switch effect {
            case .stop(let interruption): return interruption
            case .changes(let changes):
                adopt(changes, place: place)
                guard let changed = changes["state"] else { continue }
                if level == .experiment { takeJournal(changed) } else { take(changed, state) }
            }
        }
        return nil
    }

    private func adopt(_ changes: Value, place: ActivityPlace?) {
        if let changed = changes["experiment"], changed.fields != nil {
            experiment.replace(with: changed)
            machine.take(activitiesOf: changed)
        }
        if let changed = changes["configuration"]?.fields { substitution.configuration = changed }
        if let changed = changes["secrets"]?.fields { substitution.secrets = changed }
        if let place, let changed = changes["context"], changed.fields != nil { experiment[place] = changed }
    }

    private func takeJournal(_ changed: Value) {
        let known = journal.value(experiment: experiment, notes: nil)
        for (name, value) in changed.fields?.entries ?? Fields().entries {
            guard known[name].map({ !$0.equals(value) }) ?? true else { continue }
            journal.overlay[name] = value
        }
    }

    func configureControls() async {
        let all = controls.global + controls.all(in: experiment.value)
        guard !all.isEmpty else { return }
        await controls.bridge.share([
            "experiment": experiment.value, "configuration": .mapping(substitution.configuration),
            "secrets": .mapping(substitution.secrets), "settings": options.settings,
        ])
        for control in all {
            let offers = ["experiment", "secrets", "configuration", "settings", "event_registry"]
            // Its arguments are not substituted here, as in the original.
            let effect = await controls.call(
                "configure_control", of: control, level: .experiment, offers: offers, context: .null, state: .null,
                Substitution())
            if case .changes(let changes) = effect { adopt(changes, place: nil) }
        }
    }

    func cleanUpControls() async {
        for control in controls.all(in: experiment.value) + controls.global {
            _ = await controls.call(
                "cleanup_control", of: control, level: .experiment, offers: [], context: .null, state: .null,
                Substitution())
        }
    }
}
