/// Decides what a run does next. It performs nothing: the runner does, and reports back with the next event.
struct RunMachine {
    enum Phase: Equatable {
        case idle, before
        case method(next: Int)
        /// The method is over but for what runs in the background.
        case settling
        case after
        /// The last check of the continuous hypothesis is awaited.
        case unwatching
        case rollbacks(next: Int)
        case settlingRollbacks
        case ended
    }

    let plan: RunPlan
    private(set) var phase = Phase.idle
    private(set) var status: RunStatus?
    private(set) var hasDeviated = false
    /// Whether a check of any kind found the hypothesis unmet.
    private(set) var wasEverUnmet = false
    /// Whether all rollbacks that were to be played came to their end.
    private(set) var isUndone = true
    private var allowsRollbacks = true
    private var background: Set<ActivityPlace> = []
    private var foreground: ActivityPlace?
    private var isWatching = false
    private var isInterrupted = false
    private var methodCrashed = false

    init(_ plan: RunPlan) {
        self.plan = plan
    }

    /// Takes in what happened and says what to do.
    mutating func receive(_ event: RunEvent) -> [RunAction] {
        switch event {
        case .begin: return phase == .idle ? [.enter(.experiment)] : []
        case .entered(let level, let interruption): return entered(level, interruption)
        case .left(let level, let interruption): return left(level, interruption)
        case .checked(let moment, let end): return checked(moment, end)
        case .watched(let end): return watched(end)
        case .watchEnded:
            isWatching = false
            return phase == .unwatching ? enterRollbacks() : []
        case .finished(let place, let end): return finished(place, end)
        case .interrupt(let interruption): return interrupt(interruption)
        }
    }

    private mutating func begin() -> [RunAction] {
        guard plan.hasHypothesis, plan.hypothesisStrategy.checksBefore else { return enterMethod() }
        phase = .before
        return [.check(.before)]
    }

    private mutating func checked(_ moment: CheckMoment, _ end: CheckEnd) -> [RunAction] {
        guard phase == (moment == .before ? .before : .after) else { return [] }
        if isInterrupted { return note(.interrupted) + unwatch() }
        switch end {
        case .met: return moment == .before ? enterMethod() : unwatch()
        case .unmet(let probeFailed):
            wasEverUnmet = true
            let deviation = moment == .after ? noteDeviation() : []
            return deviation + note(probeFailed ? .failed : .completed) + unwatch()
        case .crashed(let why):
            if plan.isStrict { return lose(why) }
            wasEverUnmet = true
            let deviation = moment == .after ? noteDeviation() : []
            return deviation + note(.failed) + unwatch()
        case .interrupted(let interruption):
            take(interruption)
            return note(.interrupted) + unwatch()
        }
    }

    private mutating func enterMethod() -> [RunAction] {
        var actions: [RunAction] = []
        if plan.hasHypothesis, plan.hypothesisStrategy.checksDuring {
            isWatching = true
            actions.append(.startWatching)
        }
        phase = .method(next: 0)
        return actions + [.enter(.method)]
    }

    /// Starts activities up to the next one that has to be waited for.
    private mutating func advanceMethod() -> [RunAction] {
        var actions: [RunAction] = []
        while case .method(let next) = phase, next < plan.method.count, !stopsMethod {
            let place = ActivityPlace(section: .method, index: next)
            phase = .method(next: next + 1)
            actions.append(.start(place, inBackground: plan.method[next]))
            if plan.method[next] {
                background.insert(place)
            } else {
                foreground = place
                return actions
            }
        }
        phase = .settling
        return actions + (background.isEmpty ? leaveMethod() : [])
    }

    private var stopsMethod: Bool {
        isInterrupted || methodCrashed || status == .failed || status == .aborted || status == .interrupted
    }

    private mutating func leaveMethod() -> [RunAction] {
        [.leave(.method)]
    }

    private mutating func leftMethod() -> [RunAction] {
        var actions: [RunAction] = []
        if isInterrupted {
            actions += note(.interrupted)
        } else if methodCrashed {
            actions += note(.aborted)
        }
        if isWatching { actions.append(.stopWatching) }
        let isOver = status == .interrupted || status == .aborted
        guard !isOver, plan.hasHypothesis, plan.hypothesisStrategy.checksAfter else { return actions + unwatch() }
        phase = .after
        return actions + [.check(.after)]
    }

    private mutating func watched(_ end: CheckEnd) -> [RunAction] {
        guard isWatching else { return [] }
        switch end {
        case .met: return []
        case .unmet:
            wasEverUnmet = true
            guard plan.failsFast else { return [] }
            return note(.failed) + [.stopWatching]
        case .crashed: return note(.aborted) + [.stopWatching]
        case .interrupted(let interruption):
            guard let interruption else { return [] }
            if !interruption.allowsRollbacks { allowsRollbacks = false }
            return note(.interrupted) + [.stopWatching]
        }
    }

    /// Waits for the continuous hypothesis to end, then goes on to the rollbacks.
    private mutating func unwatch() -> [RunAction] {
        phase = .unwatching
        return isWatching ? [.stopWatching] : enterRollbacks()
    }

    private mutating func finished(_ place: ActivityPlace, _ end: StepEnd) -> [RunAction] {
        if background.remove(place) != nil { return finishedInBackground(place, end) }
        guard place == foreground else { return [] }
        foreground = nil
        switch (place.section, end) {
        case (.method, .crashed): methodCrashed = true
        case (.method, .interrupted(let interruption)): take(interruption)
        case (.rollbacks, .crashed(let why)):
            isUndone = false
            if plan.isStrict { return lose(why) }
        case (.rollbacks, .interrupted(let interruption)):
            isUndone = false
            take(interruption)
            let actions = note(.interrupted)
            return actions + (plan.isStrict || !allowsRollbacks ? endRollbacks() : advanceRollbacks())
        case (.hypothesis, _), (_, .done): break
        }
        return place.section == .rollbacks ? advanceRollbacks() : advanceMethod()
    }

    private mutating func finishedInBackground(_ place: ActivityPlace, _ end: StepEnd) -> [RunAction] {
        if place.section == .rollbacks, end != .done { isUndone = false }
        guard background.isEmpty else { return [] }
        switch phase {
        case .settling: return leaveMethod()
        case .settlingRollbacks: return [.leave(.rollback)]
        default: return []
        }
    }

    private mutating func take(_ interruption: Interruption?) {
        isInterrupted = true
        if interruption?.allowsRollbacks == false { allowsRollbacks = false }
    }

    private mutating func note(_ status: RunStatus) -> [RunAction] {
        self.status = status
        return [.note(status)]
    }

    private mutating func noteDeviation() -> [RunAction] {
        hasDeviated = true
        return [.noteDeviation]
    }

    private mutating func lose(_ why: String) -> [RunAction] {
        phase = .ended
        return [.lose(why)]
    }
}

extension RunMachine {
    private mutating func entered(_ level: RunLevel, _ interruption: Interruption?) -> [RunAction] {
        if interruption != nil { take(interruption) }
        switch (level, phase) {
        case (.experiment, .idle): return isInterrupted ? note(.interrupted) + unwatch() : begin()
        case (.method, .method): return advanceMethod()
        case (.rollback, .rollbacks):
            return isInterrupted && (plan.isStrict || !allowsRollbacks)
                ? note(.interrupted) + endRollbacks() : advanceRollbacks()
        default: return []
        }
    }

    private mutating func left(_ level: RunLevel, _ interruption: Interruption?) -> [RunAction] {
        if interruption != nil { take(interruption) }
        switch (level, phase) {
        case (.method, .settling): return leftMethod()
        case (.rollback, .settlingRollbacks): return (interruption == nil ? [] : note(.interrupted)) + conclude()
        default: return []
        }
    }

    private mutating func interrupt(_ interruption: Interruption) -> [RunAction] {
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
    private mutating func letGoOfBackground(isHarsh: Bool) -> [RunAction] {
        guard !background.isEmpty else { return [] }
        guard plan.isStrict else { return [.cancelBackground] }
        guard isHarsh else { return [] }
        background = []
        return [.abandonBackground]
    }

    private mutating func enterRollbacks() -> [RunAction] {
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

    private mutating func advanceRollbacks() -> [RunAction] {
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

    private mutating func endRollbacks() -> [RunAction] {
        if case .rollbacks(let next) = phase, next < plan.rollbacks.count { isUndone = false }
        phase = .settlingRollbacks
        return background.isEmpty ? [.leave(.rollback)] : []
    }

    private mutating func conclude() -> [RunAction] {
        phase = .ended
        return (status == nil ? note(.completed) : []) + [.leave(.experiment), .conclude]
    }
}
