/// Where everything of a running mesh listens, all of it on loopback.
public struct MeshLayout: Equatable, Sendable {
    /// The ports of one instance of a service and its sidecar.
    public struct Place: Equatable, Sendable {
        public var service: String
        /// 1 for the first instance of its service.
        public var number: Int
        public var plan: InstancePlan
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

        /// A name for files, processes and people: `kitchen`, `kitchen-2`.
        public var name: String { number == 1 ? service : "\(service)-\(number)" }
        /// What its sidecar calls itself.
        var node: String { "\(service)-\(number)" }
    }

    public var places: [Place]

    /// Gives each service its ports above `base`: admin pages first, since people type these. The first instances come
    /// before all others, so that a service keeps its ports when another gets one more.
    public init(of plan: MeshPlan, base: Int) {
        let most = plan.services.map(\.instances.count).max() ?? 0
        let order = (0..<most).flatMap { number in
            plan.services.filter { $0.instances.count > number }.map { ($0, number) }
        }
        var edge = 0
        places = order.enumerated().map { index, one in
            let (service, instance) = one
            let number = base + index + 1
            var egress: [String: Int] = [:]
            for call in service.calls {
                egress[call.to] = base + 401 + edge
                edge += 1
            }
            return Place(
                service: service.name, number: instance + 1, plan: service.instances[instance], app: number + 100,
                inbound: number + 200, health: number + 300, admin: number, egress: egress)
        }
    }

    /// The first instance of a service.
    public func place(of service: String) -> Place? {
        places.first { $0.service == service }
    }

    /// All instances of a service.
    public func places(of service: String) -> [Place] {
        places.filter { $0.service == service }
    }

    var ports: [Int] {
        places.flatMap { [$0.app, $0.inbound, $0.health, $0.admin] + $0.egress.values }
    }
}
