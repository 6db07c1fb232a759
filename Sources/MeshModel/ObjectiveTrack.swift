/// What is kept of one objective beside the traffic: since when it holds or not, what it spent, how faults touched it.
public struct ObjectiveTrack: Equatable, Sendable {
    /// Ten seconds of requests.
    struct Slot: Equatable, Sendable {
        /// Counted from 1970.
        var number: Int64
        var tally: BudgetTally
    }

    /// What the indicator came to at one poll; nil is a gap.
    public struct Value: Equatable, Sendable {
        public var at: Timestamp
        public var value: Double?
    }

    /// Since when it is met, or broken, without a break.
    public internal(set) var since: Timestamp?
    /// All that was counted this day.
    public internal(set) var day = BudgetTally()
    /// How the faults of the last spell touched it; nil before the first.
    public internal(set) var effect: FaultEffect?
    /// The last polls, oldest first, of an objective whose quantile the charts of its service do not have.
    public private(set) var values: [Value] = []
    private(set) var slots: [Slot] = []
    private(set) var heardAt: Timestamp?

    static let slotSeconds = 10.0
    static let keptSlots: Int64 = 31

    /// Counts a poll of the objective's service.
    mutating func add(_ counted: BudgetTally, covering sample: TrafficSample, at: Timestamp) {
        // Several proxies of one service cover the same time, and it counts once.
        let elapsed = heardAt.map { at.seconds(since: $0) } ?? .infinity
        let covered = elapsed >= 0 && elapsed < sample.seconds ? Int64(clamping: elapsed * 1000) : sample.milliseconds
        heardAt = at
        var tally = counted
        tally.add(BudgetTally(requests: 0, bad: 0, milliseconds: covered))
        day.add(tally)
        let number = Self.slot(of: at)
        // A slot of the future was filled before the clock was set back.
        slots.removeAll { $0.number > number || $0.number <= number - Self.keptSlots }
        if let last = slots.indices.last, slots[last].number == number {
            slots[last].tally.add(tally)
        } else {
            slots.append(Slot(number: number, tally: tally))
        }
    }

    /// Keeps what the indicator came to, as exactly and for as long as the points of charts. In a round that goes on it
    /// takes the place of what the round came to so far.
    mutating func keep(_ value: Double?, isNewRound: Bool, at: Timestamp) {
        if !isNewRound, !values.isEmpty { values.removeLast() }
        if values.count >= ScopeState.keptPoints { values.removeFirst(ScopeState.keptPoints / 4) }
        values.append(Value(at: at, value: value.flatMap { abs($0) < 1e12 ? ($0 * 100).rounded() / 100 : nil }))
    }

    /// What was counted in the last `seconds`, to the nearest ten; nil when nothing was.
    func tally(over seconds: Double, until now: Timestamp) -> BudgetTally? {
        let number = Self.slot(of: now)
        let first = number - Int64(clamping: (seconds / Self.slotSeconds).rounded())
        var sum: BudgetTally?
        for slot in slots where slot.number > first && slot.number <= number {
            if sum == nil { sum = slot.tally } else { sum?.add(slot.tally) }
        }
        return sum
    }

    private static func slot(of time: Timestamp) -> Int64 {
        let size = Int64(slotSeconds) * 1000
        return time.milliseconds / size - (time.milliseconds % size < 0 ? 1 : 0)
    }
}

/// How a spell of faults touched an objective: the stopwatch.
public struct FaultEffect: Equatable, Sendable {
    /// The first crossing, and the fault it is laid to: the one that had come last.
    public struct Detection: Equatable, Sendable {
        public var fault: String
        public var startedAt: Timestamp
        public var at: Timestamp

        public var seconds: Double { max(0, at.seconds(since: startedAt)) }
    }

    /// The day's count when the spell began.
    public internal(set) var before: BudgetTally
    /// It was broken already, so that no crossing can be laid to a fault.
    public internal(set) var wasBroken: Bool
    public internal(set) var detection: Detection?
    /// Back where it was before the faults, since the end of the last.
    public internal(set) var recoveredAt: Timestamp?
    /// The day's count at the recovery: what comes later was not spent by the faults.
    public internal(set) var after: BudgetTally?
    /// Polls in a row that were back in the band, and the first of them.
    var returning = 0
    var returningSince: Timestamp?

    /// One good poll proves nothing.
    static let provingPolls = 3

    mutating func resume() {
        recoveredAt = nil
        after = nil
        returning = 0
        returningSince = nil
    }

    /// Takes a round of polls that lies wholly after the last fault.
    mutating func follow(isBack: Bool, isNewRound: Bool, _ day: BudgetTally, at: Timestamp) {
        guard recoveredAt == nil else { return }
        guard isBack else {
            returning = 0
            returningSince = nil
            return
        }
        guard isNewRound || returning == 0 else { return }
        if returning == 0 { returningSince = at }
        returning += 1
        guard returning >= Self.provingPolls else { return }
        recoveredAt = returningSince
        after = day
    }
}

extension ObjectiveTrack {
    var json: JSON {
        func time(_ time: Timestamp?) -> JSON { time.map { .integer($0.milliseconds) } ?? .null }
        let newest = slots.last?.number ?? 0
        var members: [JSON.Member] = [
            JSON.Member("since", time(since)), JSON.Member("heard", time(heardAt)), JSON.Member("day", day.json),
            JSON.Member("slot", .integer(newest)),
            JSON.Member("slots", .array(slots.map { .array([.integer(newest - $0.number), $0.tally.json]) })),
        ]
        if let effect { members.append(JSON.Member("effect", effect.json)) }
        if !values.isEmpty { members.append(JSON.Member("chart", .array(packed))) }
        return .object(members)
    }

    /// `[t, value, t, …]` in milliseconds and hundredths, each as its difference to the one before; null is a gap.
    private var packed: [JSON] {
        var (time, last): (Int64, Int64) = (0, 0)
        return values.flatMap { point -> [JSON] in
            defer { time = point.at.milliseconds }
            let step = JSON.integer(point.at.milliseconds &- time)
            guard let value = point.value else { return [step, .null] }
            let whole = Int64(clamping: value * 100)
            defer { last = whole }
            return [step, .integer(whole &- last)]
        }
    }

    private mutating func unpack(_ numbers: [JSON], _ fields: WireFields) throws(WireError) {
        guard numbers.count.isMultiple(of: 2), numbers.count <= 2 * ScopeState.keptPoints else {
            throw fields.wrong("chart", "values are not in pairs, or too many")
        }
        var (time, last): (Int64, Int64) = (0, 0)
        for place in stride(from: 0, to: numbers.count, by: 2) {
            guard let step = numbers[place].integer else { throw fields.wrong("chart", "a value has no time") }
            time &+= step
            if let more = numbers[place + 1].integer { last &+= more }
            let isGap = numbers[place + 1].integer == nil
            values.append(Value(at: Timestamp(milliseconds: time), value: isGap ? nil : Double(last) / 100))
        }
    }

    init(_ fields: WireFields) throws(WireError) {
        since = fields.value("since") == nil ? nil : try fields.timestamp("since")
        heardAt = fields.value("heard") == nil ? nil : try fields.timestamp("heard")
        day = BudgetTally(fields.value("day"))
        let newest = Int64(try fields.integer("slot"))
        for item in try fields.items("slots") {
            guard let pair = item.array, pair.count == 2, let age = pair[0].integer, age >= 0, age < Self.keptSlots
            else { throw fields.wrong("slots", "a slot must be a pair of age and tally") }
            slots.append(Slot(number: newest &- age, tally: BudgetTally(pair[1])))
        }
        if fields.value("effect") != nil { effect = try FaultEffect(try fields.object("effect")) }
        if let numbers = try fields.list("chart") { try unpack(numbers, fields) }
    }
}

extension FaultEffect {
    var json: JSON {
        func time(_ time: Timestamp?) -> JSON { time.map { .integer($0.milliseconds) } ?? .null }
        return [
            "before": before.json, "wasBroken": .bool(wasBroken),
            "detection": detection.map {
                ["fault": .string($0.fault), "started": time($0.startedAt), "t": time($0.at)]
            } ?? .null,
            "recovered": time(recoveredAt), "after": after?.json ?? .null, "returning": .integer(Int64(returning)),
            "returningSince": time(returningSince),
        ]
    }

    init(_ fields: WireFields) throws(WireError) {
        before = BudgetTally(fields.value("before"))
        wasBroken = try fields.bool("wasBroken")
        if fields.value("detection") != nil {
            let found = try fields.object("detection")
            detection = Detection(
                fault: try found.string("fault"), startedAt: try found.timestamp("started"),
                at: try found.timestamp("t"))
        }
        recoveredAt = fields.value("recovered") == nil ? nil : try fields.timestamp("recovered")
        after = fields.value("after").map { BudgetTally($0) }
        returning = max(0, try fields.integer("returning"))
        returningSince = fields.value("returningSince") == nil ? nil : try fields.timestamp("returningSince")
    }
}
