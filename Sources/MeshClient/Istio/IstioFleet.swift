internal import MeshModel

extension IstioPod: PollTarget {
    var place: String { id }

    /// Its address comes late, and labels may change.
    func goesOn(from earlier: IstioPod) -> Bool {
        uid == earlier.uid && service == earlier.service && pages == earlier.pages
    }
}

/// Polls the sidecars of pods: each once an interval as long as there are at most 200 of them, and all of them less often
/// when there are more, since each poll is one of the API server's connections.
struct IstioFleet<C: Clock>: Sendable where C.Duration == Duration {
    /// As many questions are asked in a second, and no more.
    static var mostASecond: Double { 200 }
    /// So many ways are opened in a second at most, as client-go would have it: 40 in ten slots.
    private static var newcomers: Int { 4 }

    let roster: PollRoster<IstioPod>
    let services: PolledServices
    private let fleet: PollFleet<IstioSidecar, C>

    /// What the polls cost, and whether they keep up.
    var meter: PollMeter { fleet.meter }

    init(
        transport: any HTTPTransport, interval: Duration = .seconds(1), services: PolledServices = PolledServices(),
        clock: C = ContinuousClock(), request: @escaping IstioSidecar.Asking
    ) {
        let roster = PollRoster<IstioPod>([], mayChange: true)
        (self.roster, self.services) = (roster, services)
        fleet = PollFleet(
            roster: roster, transport: transport, interval: interval, clock: clock, meter: PollMeter(),
            mostASecond: Self.mostASecond, newcomers: Self.newcomers
        ) { entry in
            IstioSidecar(entry.target, services: services, isNew: entry.isNew, asking: request)
        }
    }

    /// The pods that there are from now on.
    func set(_ pods: [IstioPod]) {
        services.set(pods)
        roster.put(pods, of: 0)
    }

    /// Polls until the task is cancelled, and tells each turn as it comes.
    func run(telling turns: @escaping @Sendable (PollTurn) -> Void) async {
        await fleet.run(telling: turns)
    }

    /// Asks these sources out of turn, as soon as they are not being asked already; returns at once.
    func pollSoon(_ sources: Set<String>) {
        fleet.pollSoon(sources)
    }
}
