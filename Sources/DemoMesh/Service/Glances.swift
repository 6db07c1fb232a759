import MeshClient

/// Looks in on other services, past every sidecar and at most once a second: a dependency that no graph shows.
actor Glances {
    /// One bad look may be an accident, two are none.
    private static let mostBadLooks = 1

    private let services: [String]
    private let interval: Duration
    private let look: @Sendable (_ service: String) async -> Bool
    private let clock = ContinuousClock()
    private var lookedAt: ContinuousClock.Instant?
    private var badLooks: [String: Int] = [:]

    init(
        at services: [String], every interval: Duration = .seconds(1),
        look: @escaping @Sendable (_ service: String) async -> Bool
    ) {
        self.services = services
        self.interval = interval
        self.look = look
    }

    /// The first service that is closed, by the last looks. Whoever asks when a new look is due waits for it.
    func closed() async -> String? {
        let now = clock.now
        if lookedAt.map({ now - $0 >= interval }) ?? true {
            lookedAt = now
            for service in services { badLooks[service] = await look(service) ? 0 : (badLooks[service] ?? 0) + 1 }
        }
        return services.first { badLooks[$0] ?? 0 > Self.mostBadLooks }
    }
}

extension Glances {
    /// Looks at the services themselves, where their own sidecars do not see it.
    init(ports: [String: Int], transport: any HTTPTransport) {
        self.init(at: ports.keys.sorted()) { service in
            let request = HTTPRequest(
                "GET", "http://127.0.0.1:\(ports[service] ?? 0)/\(service)",
                headers: [HTTPHeader("x-journey", "fire regulations")], deadline: .seconds(1))
            return (try? await transport.send(request))?.status == 200
        }
    }
}
