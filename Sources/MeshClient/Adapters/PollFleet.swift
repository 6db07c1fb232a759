public import MeshModel

/// What one turn of polling brought, from one or many.
public struct PollTurn: Sendable {
    public var observations: [Observation] = []
    /// The seed of the simulator, if what answered was one.
    public var simulatorSeed: String?
}

/// Polls any number of targets at an interval, each with one question at a time over its own connection.
///
/// They are spread over a few slots of the interval; a slot asks all of its own at once and has one timer. One that is
/// slow, silent or talks nonsense is a report after its deadline, and delays nobody.
struct PollFleet<Member: Polled, C: Clock>: Sendable where C.Duration == Duration {
    typealias Turns = @Sendable (PollTurn) -> Void

    let roster: PollRoster<Member.Target>
    let transport: any HTTPTransport
    let interval: Duration
    let clock: C
    /// What the polls cost, and whether they keep up.
    let meter: PollMeter
    /// More than that are polled less often, all of them by the same factor; nil for no such bound.
    var mostASecond: Double?
    /// So many of a slot join in a turn.
    var newcomers = Int.max
    let bell = PollBell()
    /// Makes what polls a target.
    let member: @Sendable (PollRoster<Member.Target>.Entry) -> Member

    /// Polls until the task is cancelled, and tells each turn as it comes.
    func run(telling turns: @escaping Turns) async {
        let start = clock.now
        let slots = roster.mayChange ? 10 : min(10, max(1, roster.count / 50))
        await withDiscardingTaskGroup { group in
            for slot in 0..<slots {
                group.addTask {
                    let first = start.advanced(by: interval / slots * slot)
                    await poll(slot, of: slots, from: first, start, turns)
                }
            }
        }
    }

    /// Asks these sources out of turn, as soon as they are not being asked already; returns at once.
    func pollSoon(_ sources: Set<String>) {
        bell.ring(sources)
    }

    private func poll(
        _ slot: Int, of slots: Int, from first: C.Instant, _ start: C.Instant, _ turns: @escaping Turns
    ) async {
        var crew = PollCrew<Member>(slot: slot, of: slots, newcomers: newcomers)
        var next = first
        follow(&crew, turns)
        while roster.mayChange || !crew.members.isEmpty, await bell.wake(crew.slot, at: next, by: clock) {
            let wanted = bell.take(crew.slot)
            guard clock.now >= next else {
                let some = crew.members.filter { $0.source.map { wanted.contains($0) } ?? false }
                await ask(some, start, isLate: false, turns)
                continue
            }
            let isLate = next.duration(to: clock.now) > interval / 2
            meter.turn(isLate: isLate)
            follow(&crew, turns)
            let now = start.duration(to: clock.now).seconds
            await ask(crew.members.filter { $0.isDue(at: now) }, start, isLate: isLate, turns)
            // A turn that was missed, because the machine slept or was busy, is left out.
            repeat { next = self.next(after: next, of: crew, start) } while next < clock.now
        }
    }

    /// By what the pace is slower because there are so many.
    private func stretch(_ crew: PollCrew<Member>) -> Double {
        guard let mostASecond else { return 1 }
        return max(1, Double(crew.members.count * crew.slots) / (mostASecond * interval.seconds))
    }

    /// The next turn of a slot. Where the pace changes with their number, slots stay spread over all of the time.
    private func next(after turn: C.Instant, of crew: PollCrew<Member>, _ start: C.Instant) -> C.Instant {
        let pause = interval * (meter.slowdown * stretch(crew))
        guard mostASecond != nil else { return turn.advanced(by: pause) }
        let phase = pause / crew.slots * crew.slot
        // Hardly ever sooner than the pace, and up to a turn later while that changes.
        let turns = ((start.duration(to: turn) - phase) / pause + 0.9).rounded(.up)
        return start.advanced(by: phase + pause * turns)
    }

    private func follow(_ crew: inout PollCrew<Member>, _ turns: Turns) {
        if newcomers < .max { crew.newcomers = max(1, Int(Double(newcomers) * stretch(crew))) }
        let left = crew.follow(roster, making: member)
        if !left.isEmpty { turns(PollTurn(observations: left)) }
    }

    private func ask(_ members: [Member], _ start: C.Instant, isLate: Bool, _ turns: @escaping Turns) async {
        var asked = members
        var timedOut = 0
        defer { meter.turnEnded(asked: members.count, timedOut: timedOut) }
        while !asked.isEmpty {
            var more: [Member] = []
            for await answers in transport.answers(to: asked.map(\.request)) {
                let now = start.duration(to: clock.now).seconds
                var turn = PollTurn()
                var sums = PollMeter.Sums()
                // In the order of the mesh, whoever answered first: so two rounds are alike, and pack well.
                for answer in answers.sorted(by: { $0.place < $1.place }) {
                    let member = asked[answer.place]
                    turn.observations += member.receive(answer.result, at: now)
                    turn.simulatorSeed = turn.simulatorSeed ?? member.simulatorSeed
                    sums.count(answer, isGood: !member.isFailing, isLate: isLate)
                    if case .failure(.timedOut) = answer.result { timedOut += 1 }
                    if member.asksAgain { more.append(member) }
                }
                meter.add(sums)
                if !turn.observations.isEmpty { turns(turn) }
            }
            // Who has said its name, or a part of what it is, is asked on at once.
            asked = more
        }
    }
}

extension PollMeter.Sums {
    fileprivate mutating func count(_ answer: HTTPAnswer, isGood: Bool, isLate: Bool) {
        if isGood { polls += 1 } else { failed += 1 }
        if isGood, isLate { late += 1 }
        if case .success(let response) = answer.result { bytes += UInt64(response.body.count) }
    }
}

extension Duration {
    /// The same in seconds, for sums with other fractions.
    var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) / 1e18
    }
}
