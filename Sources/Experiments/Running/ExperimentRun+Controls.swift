extension ExperimentRun {
    /// Applies the controls of a part of the run. Not nil when one of them ends the run.
    ///
    /// What they change of the experiment, the configuration or the secrets counts from then on; what they change of
    /// the state is given to `take`. The state is only made when somebody wants to see it.
    func apply(
        _ scope: Controls.Scope, _ level: RunLevel, context: Value, state: @autoclosure () -> Value,
        place: ActivityPlace? = nil, isForeground: Bool = true,
        take: (_ changed: Value, _ known: Value) -> Void = { _, _ in }
    ) async -> Interruption? {
        let list = controls.list(for: level, context: context, in: experiment.value)
        guard !list.isEmpty else { return nil }
        var state = state()
        let sharesContext = level == .activity || level == .hypothesis
        for control in list {
            if let wanted = control["scope"], wanted.isTruthy, wanted.text != scope.rawValue { continue }
            let effect = await controls.call(
                "\(scope.rawValue)_\(level.rawValue)_control", of: control, level: level,
                offers: ["secrets", "configuration", "state", "experiment", "extensions", "settings"],
                context: sharesContext ? context : .null, state: state, substitution, isForeground: isForeground,
                needsAnswers: !machine.isUndoing)
            switch effect {
            case .stop(let interruption):
                let isLast = level == .experiment && scope == .after && interruption.force == .request
                if isForeground, !isLast { observe(.stopping(reason: interruption.reason)) }
                return interruption
            case .failed: continue
            case .changes(let changes):
                adopt(changes, place: place)
                guard let changed = changes["state"] else { continue }
                if level == .experiment { takeJournal(changed) } else { take(changed, state) }
                state = changed
            }
        }
        return nil
    }

    private func adopt(_ changes: Value, place: ActivityPlace?) {
        if let changed = changes["experiment"], changed.fields != nil {
            experiment.replace(with: changed)
            machine.take(activitiesOf: changed)
        }
        if changes["listens"] != nil { hasListeners = true }
        if let changed = changes["configuration"]?.fields { substitution.configuration = changed }
        if let changed = changes["secrets"]?.fields { substitution.secrets = changed }
        redaction.learn(from: substitution)
        if let place, let changed = changes["context"], changed.fields != nil { experiment[place] = changed }
    }

    func takeJournal(_ changed: Value) {
        let known = journal.value(experiment: experiment, notes: nil)
        for (name, value) in changed.fields?.entries ?? Fields().entries {
            guard known[name].map({ !$0.equals(value) }) ?? true else { continue }
            journal.overlay[name] = value
        }
    }

    /// Takes over what a control made of the list of what was played: changed entries, and items of its own behind them.
    func takePlayed(_ changed: Value, over known: Value, in level: RunLevel) {
        guard let items = changed.list, let before = known.list else { return }
        var entries = level == .method ? journal.run : journal.rollbacks
        guard items.count >= entries.count else {
            journal.overlay[level == .method ? "run" : "rollbacks"] = changed
            return
        }
        for index in entries.indices where index < before.count && !items[index].equals(before[index]) {
            entries[index].take(items[index], over: before[index])
        }
        let added = Array(items.dropFirst(entries.count))
        if level == .method { (journal.run, journal.addedToRun) = (entries, added) }
        if level == .rollback { (journal.rollbacks, journal.addedToRollbacks) = (entries, added) }
    }

    /// Lets the controls prepare. Not nil when one of them ends the run before it begins.
    func configureControls() async -> Interruption? {
        let all = controls.global + controls.all(in: experiment.value)
        guard !all.isEmpty else { return nil }
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
            switch effect {
            case .changes(let changes): adopt(changes, place: nil)
            case .stop(let interruption) where interruption.force != .request: return interruption
            case .stop, .failed: continue
            }
        }
        return nil
    }

    /// Lets the controls clean up, which all of them do. Not nil when one of them ends Python with it, or fails in it,
    /// where the original dies.
    func cleanUpControls() async -> Interruption? {
        var end: Interruption?
        let own = controls.all(in: experiment.value)
        for (index, control) in (own + controls.global).enumerated() {
            let effect = await controls.call(
                "cleanup_control", of: control, level: .experiment, offers: [], context: .null, state: .null,
                Substitution())
            switch effect {
            case .changes: continue
            case .stop(let interruption): end = end ?? interruption
            case .failed(let why):
                if options.isStrict, index < own.count { end = end ?? Interruption(reason: why) }
            }
            if end != nil, options.isStrict { return end }
        }
        return end
    }
}
