/// How fast an error budget is spent over one window.
public struct BurnRate: Equatable, Sendable {
    /// The length of the window in seconds.
    public var window: Double
    /// How many times faster than allowed; nil without traffic.
    public var rate: Double?
}

/// What an objective's error budget comes to at a moment.
///
/// Formulas: Google, The Site Reliability Workbook (2018), chapter 5, "Alerting on SLOs". The burn rate is the share of
/// bad requests over the share allowed. A burn rate b for a time t spends b * t / window of the budget. An alert takes
/// two windows, the short one a twelfth of the long one, so that it ends soon after the cause does. There the windows are
/// an hour and days; at a game day they are a minute and five, with the workbook's thresholds 14.4 and 6.
public struct BudgetReading: Equatable, Sendable {
    /// Two windows that burn at once.
    public enum Alarm: String, Equatable, Sendable {
        /// 10 s and 1 min, at 14.4 or more.
        case fast
        /// 1 min and 5 min, at 6 or more.
        case slow
    }

    /// The share of the whole window's budget that is left, at the day's rate of requests; negative when overspent.
    public var left: Double?
    /// The share of one day's budget that is left.
    public var dayLeft: Double?
    /// The share of the whole window's budget which the last spell of faults spent; nil before the first.
    public var spentByFaults: Double?
    /// Over 10 s, 1 min and 5 min.
    public var burns: [BurnRate]
    public var alarm: Alarm?
    /// Seconds until nothing is left at the rate of the last minute; nil when nothing is being spent.
    public var secondsToExhaustion: Double?
}

extension MeshState {
    /// The windows of the burn rate, in seconds: the first two and the last two each make a pair.
    public static let burnWindows = [10.0, 60.0, 300.0]
    static let fastBurn = 14.4
    static let slowBurn = 6.0

    /// Reads an objective's error budget.
    public func budget(of objective: Objective, at now: Timestamp) -> BudgetReading {
        let track = watch.tracks[objective]
        let burns = Self.burnWindows.map { BurnRate(window: $0, rate: burn(of: objective, track, over: $0, at: now)) }
        var reading = BudgetReading(burns: burns)
        reading.alarm = Self.alarm(burns)
        guard let track else { return reading }
        if let spent = objective.share(of: track.day, ratedBy: track.day, window: objective.window) {
            reading.left = objective.budgetAtStart - spent
        }
        if let spent = objective.share(of: track.day, ratedBy: track.day, window: 86_400) {
            reading.dayLeft = 1 - spent
        }
        if let effect = track.effect {
            let spent = (effect.after ?? track.day).since(effect.before)
            reading.spentByFaults = objective.share(of: spent, ratedBy: track.day, window: objective.window)
        }
        if let left = reading.left, let burn = burns[1].rate, burn > 0 {
            reading.secondsToExhaustion = max(0, left) * objective.window / burn
        }
        return reading
    }

    private func burn(
        of objective: Objective, _ track: ObjectiveTrack?, over seconds: Double, at now: Timestamp
    ) -> Double? {
        let tally: BudgetTally?
        if seconds <= ScopeState.keptSeconds {
            tally = services[objective.scope]?.sample(over: seconds, until: now).map(objective.tally(of:))
        } else {
            tally = track?.tally(over: seconds, until: now)
        }
        let allowed = 1 - objective.target
        return tally?.badShare.flatMap { allowed > 0 ? $0 / allowed : nil }
    }

    static func alarm(_ burns: [BurnRate]) -> BudgetReading.Alarm? {
        let rates = burns.map { $0.rate ?? 0 }
        if min(rates[0], rates[1]) >= fastBurn { return .fast }
        return min(rates[1], rates[2]) >= slowBurn ? .slow : nil
    }
}

extension Objective {
    /// The share of a window's budget that some bad requests are. How many a window allows is known from the rate of
    /// requests that the day has had.
    func share(of spent: BudgetTally, ratedBy day: BudgetTally, window: Double) -> Double? {
        guard day.requests > 0, day.seconds > 0, window > 0, target < 1 else { return nil }
        let allowed = (1 - target) * Double(day.requests) / day.seconds * window
        return allowed > 0 ? spent.bad / allowed : nil
    }
}
