/// What one turn of polling brought, from one or many proxies.
public typealias EnvoyTurn = PollTurn

/// Polls any number of sidecars at an interval, each with one question at a time over its own connection.
public struct EnvoyFleet<C: Clock>: Sendable where C.Duration == Duration {
    private let fleet: PollFleet<EnvoyMember, C>

    /// What the polls cost, and whether they keep up.
    public var meter: PollMeter { fleet.meter }

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
        fleet = PollFleet(
            roster: roster, transport: transport, interval: interval, clock: clock, meter: PollMeter()
        ) { entry in
            let sidecar = EnvoySidecar(entry.target, naming: naming, deadline: interval * 0.8, isNew: entry.isNew)
            return EnvoyMember(sidecar, directory)
        }
    }

    /// Polls until the task is cancelled.
    public func run(into turns: AsyncStream<EnvoyTurn>.Continuation) async {
        await run { turns.yield($0) }
    }

    /// Polls until the task is cancelled, and tells each turn as it comes. Who is who is told to the directory.
    public func run(telling turns: @escaping @Sendable (EnvoyTurn) -> Void) async {
        await fleet.run(telling: turns)
    }

    /// Asks these sources out of turn, as soon as they are not being asked already; returns at once.
    public func pollSoon(_ sources: Set<String>) {
        fleet.pollSoon(sources)
    }
}
