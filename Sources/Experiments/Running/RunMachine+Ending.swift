extension RunMachine {
    mutating func entered(_ level: RunLevel, _ interruption: Interruption?) -> [RunAction] {
        if let interruption { take(interruption) }
        switch (level, phase) {
        case (.experiment, .idle): return isInterrupted ? note(.interrupted) + unwatch() : begin()
        case (.method, .method): return advanceMethod()
        case (.rollback, .rollbacks):
            guard isInterrupted else { return advanceRollbacks() }
            return note(.interrupted) + (plan.isStrict || !allowsRollbacks ? endRollbacks() : advanceRollbacks())
        default: return []
        }
    }

    mutating func left(_ level: RunLevel, _ interruption: Interruption?) -> [RunAction] {
        if let interruption { take(interruption) }
        switch (level, phase) {
        case (.method, .settling): return leftMethod()
        case (.rollback, .settlingRollbacks): return (interruption == nil ? [] : note(.interrupted)) + conclude()
        default: return []
        }
    }

    mutating func interrupt(_ interruption: Interruption) -> [RunAction] {
        switch phase {
        case .ended: return []
        case .idle:
            take(interruption)
            return []
        case .before, .after, .method:
            take(interruption)
            return [.cancelForeground] + letGoOfBackground(isHarsh: !interruption.allowsRollbacks)
        case .settling:
            take(interruption)
            guard plan.isStrict else { return [.cancelBackground] }
            background = []
            return [.abandonBackground] + leaveMethod()
        case .unwatching:
            take(interruption)
            return note(.interrupted)
        case .rollbacks:
            take(interruption)
            return [.cancelForeground]
        case .settlingRollbacks:
            take(interruption)
            isUndone = false
            return note(.interrupted) + [.cancelBackground]
        }
    }

    /// The original waits for what runs in the background, except when it is told to leave everything as it is.
    mutating func letGoOfBackground(isHarsh: Bool) -> [RunAction] {
        guard !background.isEmpty else { return [] }
        guard plan.isStrict else { return [.cancelBackground] }
        guard isHarsh else { return [] }
        background = []
        return [.abandonBackground]
    }

    mutating func enterRollbacks() -> [RunAction] {
        if let doom { return lose(doom) }
        guard playsRollbacks else {
            if !plan.rollbacks.isEmpty, plan.rollbackStrategy == .default || !allowsRollbacks { isUndone = false }
            return conclude()
        }
        isInterrupted = false
        phase = .rollbacks(next: 0)
        return [.enter(.rollback)]
    }

    private var playsRollbacks: Bool {
        guard allowsRollbacks else { return false }
        return switch plan.rollbackStrategy {
        case .always: true
        case .never: false
        case .deviated: hasDeviated
        case .default: !plan.isStrict || (status != .failed && status != .interrupted)
        }
    }

    mutating func advanceRollbacks() -> [RunAction] {
        var actions: [RunAction] = []
        while case .rollbacks(let next) = phase, next < plan.rollbacks.count {
            let place = ActivityPlace(section: .rollbacks, index: next)
            phase = .rollbacks(next: next + 1)
            actions.append(.start(place, inBackground: plan.rollbacks[next]))
            if plan.rollbacks[next] {
                background.insert(place)
            } else {
                foreground = place
                return actions
            }
        }
        return actions + endRollbacks()
    }

    mutating func endRollbacks() -> [RunAction] {
        if case .rollbacks(let next) = phase, next < plan.rollbacks.count { isUndone = false }
        phase = .settlingRollbacks
        return background.isEmpty ? [.leave(.rollback)] : []
    }

    mutating func conclude() -> [RunAction] {
        if let doom { return lose(doom) }
        phase = .ended
        return (status == nil ? note(.completed) : []) + [.leave(.experiment), .conclude]
    }
}
