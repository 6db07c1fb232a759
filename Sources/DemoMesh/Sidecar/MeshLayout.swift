/// Where everything of a running mesh listens, all of it on loopback.
public struct MeshLayout: Equatable, Sendable {
    /// The ports of one service and its sidecar.
    public struct Place: Equatable, Sendable {
        public var service: String
        /// The service itself; only its sidecar and `curl` go there.
        public var app: Int
        /// The sidecar's listener for requests to the service.
        public var inbound: Int
        /// The sidecar's listener for health checks, which no fault touches.
        public var health: Int
        /// The sidecar's admin page.
        public var admin: Int
        /// The sidecar's listener for each service that this one calls.
        public var egress: [String: Int]
    }

    public var places: [Place]

    /// Gives each service its ports above `base`: admin pages first, since people type these.
    public init(of plan: MeshPlan, base: Int) {
        var edge = 0
        places = plan.services.enumerated().map { index, service in
            let number = base + index + 1
            var egress: [String: Int] = [:]
            for call in service.calls {
                egress[call.to] = base + 401 + edge
                edge += 1
            }
            return Place(
                service: service.name, app: number + 100, inbound: number + 200, health: number + 300, admin: number,
                egress: egress)
        }
    }

    public func place(of service: String) -> Place? {
        places.first { $0.service == service }
    }

    var ports: [Int] {
        places.flatMap { [$0.app, $0.inbound, $0.health, $0.admin] + $0.egress.values }
    }
}
