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

    private(set) var plan: RunPlan
    var phase = Phase.idle
    var status: RunStatus?
    var hasDeviated = false
    /// Whether a check of any kind found the hypothesis unmet.
    var wasEverUnmet = false
    /// Whether all rollbacks that were to be played came to their end.
    var isUndone = true
    var allowsRollbacks = true
    var background: Set<ActivityPlace> = []
    var foreground: ActivityPlace?
    var isWatching = false
    var isInterrupted = false
    var methodCrashed = false
    /// Why the run is lost once the controls around what was interrupted have been applied; only with `--strict`.
    var doom: String?

    /// Takes over activities that a control added or removed while the run is on.
    mutating func take(activitiesOf experiment: Value) {
        plan.take(activitiesOf: experiment)
    }

    init(_ plan: RunPlan) {
        self.plan = plan
    }

    /// Takes in what happened and says what to do.
    mutating func receive(_ event: RunEvent) -> [RunAction] {
        switch event {
        case .begin:
            guard phase == .idle else { return [] }
            return isInterrupted ? note(.interrupted) + unwatch() : [.enter(.experiment)]
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

    mutating func begin() -> [RunAction] {
        guard plan.hasHypothesis, plan.hypothesisStrategy.checksBefore else { return enterMethod() }
        phase = .before
        return [.check(.before)]
    }

    mutating func checked(_ moment: CheckMoment, _ end: CheckEnd) -> [RunAction] {
        guard phase == (moment == .before ? .before : .after) else { return [] }
        if isInterrupted { return note(.interrupted) + unwatch() }
        switch end {
        case .met: return moment == .before ? enterMethod() : unwatch()
        case .unmet(let probeFailed):
            wasEverUnmet = true
            if moment == .before, plan.goesOnWhenUnmet { return enterMethod() }
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

    mutating func enterMethod() -> [RunAction] {
        var actions: [RunAction] = []
        if plan.hasHypothesis, plan.hypothesisStrategy.checksDuring {
            isWatching = true
            actions.append(.startWatching)
        }
        phase = .method(next: 0)
        return actions + [.enter(.method)]
    }

    /// Starts activities up to the next one that has to be waited for.
    mutating func advanceMethod() -> [RunAction] {
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

    /// Whether all that is left is to undo and to clean up, which no open question may keep from being done.
    var isUndoing: Bool {
        switch phase {
        case .rollbacks, .settlingRollbacks, .ended: true
        case .idle, .before, .method, .settling, .after, .unwatching: false
        }
    }

    var stopsMethod: Bool {
        isInterrupted || methodCrashed || status == .failed || status == .aborted || status == .interrupted
    }

    mutating func leaveMethod() -> [RunAction] {
        [.leave(.method)]
    }

    mutating func leftMethod() -> [RunAction] {
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

    mutating func watched(_ end: CheckEnd) -> [RunAction] {
        guard isWatching else { return [] }
        switch end {
        case .met: return []
        case .unmet:
            wasEverUnmet = true
            guard plan.failsFast else { return [] }
            return note(.failed) + [.stopWatching]
        case .crashed: return note(.aborted) + [.stopWatching]
        case .interrupted(let interruption):
            // In the original an exit only ends the thread that watches.
            guard let interruption, !plan.isStrict || interruption.force == .request else { return [] }
            if plan.isStrict { return note(.interrupted) + [.stopWatching] }
            take(interruption)
            return note(.interrupted) + [.stopWatching, .cancelForeground]
        }
    }

    /// Waits for the continuous hypothesis to end, then goes on to the rollbacks.
    mutating func unwatch() -> [RunAction] {
        if let doom { return lose(doom) }
        phase = .unwatching
        return isWatching ? [.stopWatching] : enterRollbacks()
    }

    mutating func finished(_ place: ActivityPlace, _ end: StepEnd) -> [RunAction] {
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

    mutating func finishedInBackground(_ place: ActivityPlace, _ end: StepEnd) -> [RunAction] {
        if place.section == .rollbacks, end != .done { isUndone = false }
        guard background.isEmpty else { return [] }
        switch phase {
        case .settling: return leaveMethod()
        case .settlingRollbacks: return [.leave(.rollback)]
        default: return []
        }
    }

    mutating func take(_ interruption: Interruption?) {
        isInterrupted = true
        guard let interruption else { return }
        if !interruption.allowsRollbacks { allowsRollbacks = false }
        if plan.isStrict, interruption.force == .fatal { doom = doom ?? interruption.reason }
    }

    mutating func note(_ status: RunStatus) -> [RunAction] {
        self.status = status
        return [.note(status)]
    }

    mutating func noteDeviation() -> [RunAction] {
        hasDeviated = true
        return [.noteDeviation]
    }

    mutating func lose(_ why: String) -> [RunAction] {
        phase = .ended
        return [.lose(why)]
    }
}
