public import MeshModel

/// What one turn of polling brought, from one or many proxies.
public struct EnvoyTurn: Sendable {
    public var observations: [Observation] = []
    /// The seed of the simulator, if what answered was one.
    public var simulatorSeed: String?
}

/// Polls any number of sidecars at an interval, each with one question at a time over its own connection.
///
/// The proxies are spread over a few slots of the interval; a slot asks all of its own at once and has one timer. A
/// proxy that is slow, silent or talks nonsense is a report after its deadline, and delays nobody.
public struct EnvoyFleet<C: Clock>: Sendable where C.Duration == Duration {
    private let roster: EnvoyRoster
    private let transport: any HTTPTransport
    private let interval: Duration
    private let naming: EnvoyNaming
    private let directory: EnvoyDirectory
    private let clock: C
    private let bell = PollBell()
    /// What the polls cost, and whether they keep up.
    public let meter = PollMeter()

    public init(
        _ endpoints: [EnvoyEndpoint], transport: any HTTPTransport, interval: Duration = .seconds(1),
        naming: EnvoyNaming = EnvoyNaming(), directory: EnvoyDirectory = EnvoyDirectory(),
        clock: C = ContinuousClock()
    ) {
        self.init(
            EnvoyRoster(endpoints), transport: transport, interval: interval, naming: naming, directory: directory,
            clock: clock)
    }

    init(
        _ roster: EnvoyRoster, transport: any HTTPTransport, interval: Duration, naming: EnvoyNaming = EnvoyNaming(),
        directory: EnvoyDirectory, clock: C
    ) {
        self.roster = roster
        self.transport = transport
        self.interval = interval
        self.naming = naming
        self.directory = directory
        self.clock = clock
    }

    /// Polls until the task is cancelled.
    public func run(into turns: AsyncStream<EnvoyTurn>.Continuation) async {
        await run { turns.yield($0) }
    }

    /// Polls until the task is cancelled, and tells each turn as it comes. Who is who is told to the directory.
    public func run(telling turns: @escaping @Sendable (EnvoyTurn) -> Void) async {
        let start = clock.now
        let slots = roster.mayChange ? 10 : min(10, max(1, roster.count / 50))
        await withDiscardingTaskGroup { group in
            for slot in 0..<slots {
                group.addTask {
                    let first = start.advanced(by: interval / slots * slot)
                    await poll(EnvoyCrew(slot: slot, of: slots), from: first, start, turns)
                }
            }
        }
    }

    /// Asks these sources out of turn, as soon as they are not being asked already; returns at once.
    public func pollSoon(_ sources: Set<String>) {
        bell.ring(sources)
    }

    private func poll(
        _ crew: EnvoyCrew, from first: C.Instant, _ start: C.Instant,
        _ turns: @escaping @Sendable (EnvoyTurn) -> Void
    ) async {
        var crew = crew
        var next = first
        follow(&crew, turns)
        while roster.mayChange || !crew.sidecars.isEmpty, await bell.wake(crew.slot, at: next, by: clock) {
            let wanted = bell.take(crew.slot)
            guard clock.now >= next else {
                let some = crew.sidecars.filter { $0.source.map { wanted.contains($0) } ?? false }
                await ask(some, start, isLate: false, turns)
                continue
            }
            let isLate = next.duration(to: clock.now) > interval / 2
            meter.turn(isLate: isLate)
            follow(&crew, turns)
            await ask(crew.sidecars, start, isLate: isLate, turns)
            // A turn that was missed, because the machine slept or was busy, is left out.
            let pause = interval * meter.slowdown
            repeat { next = next.advanced(by: pause) } while next < clock.now
        }
    }

    private func follow(_ crew: inout EnvoyCrew, _ turns: @Sendable (EnvoyTurn) -> Void) {
        let left = crew.follow(roster, directory: directory) { entry in
            EnvoySidecar(entry.endpoint, naming: naming, deadline: interval * 0.8, isNew: entry.isNew)
        }
        if !left.isEmpty { turns(EnvoyTurn(observations: left)) }
    }

    private func ask(
        _ sidecars: [EnvoySidecar], _ start: C.Instant, isLate: Bool,
        _ turns: @escaping @Sendable (EnvoyTurn) -> Void
    ) async {
        var asked = sidecars
        while !asked.isEmpty {
            var more: [EnvoySidecar] = []
            for await answers in transport.answers(to: asked.map(\.request)) {
                let now = start.duration(to: clock.now).seconds
                var turn = EnvoyTurn()
                var sums = PollMeter.Sums()
                // In the order of the mesh, whoever answered first: so two rounds are alike, and pack well.
                for answer in answers.sorted(by: { $0.place < $1.place }) {
                    let sidecar = asked[answer.place]
                    turn.observations += sidecar.receive(answer.result, at: now, directory: directory)
                    turn.simulatorSeed = turn.simulatorSeed ?? sidecar.simulatorSeed
                    sums.count(answer, isGood: !sidecar.isFailing, isLate: isLate)
                    if sidecar.asksAgain { more.append(sidecar) }
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
