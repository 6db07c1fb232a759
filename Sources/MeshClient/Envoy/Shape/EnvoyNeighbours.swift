internal import MeshModel

/// The other proxies of a mesh, by which a proxy's clusters are told to be services that are known already.
struct EnvoyNeighbours: Equatable, Sendable {
    /// Where one of them listens. `host` is where its admin page is reached, which tells whose port it is when it
    /// listens on every address.
    struct Door: Equatable, Sendable {
        var service: ServiceName
        var source: String
        var host: String
        var address: EnvoyOutline.Host
        /// The service is only its address, for nothing else is known.
        var isNameless = false
    }

    /// By name, and by the name without affixes.
    var services: [String: ServiceName] = [:]
    var doors: [Door] = []

    mutating func add(_ service: ServiceName) {
        services[service.text] = service
        let plain = EnvoyClusterName.plain(service.text)
        if services[plain] == nil { services[plain] = service }
    }

    /// Those that listen where these hosts are.
    func doors(at hosts: [EnvoyOutline.Host]) -> [Door] {
        doors.filter { door in hosts.contains { door.isAt($0) } }
    }
}

extension EnvoyNeighbours.Door {
    func isAt(_ place: EnvoyOutline.Host) -> Bool {
        guard place.port == address.port, place.port > 0 else { return false }
        if place.address == address.address { return true }
        if address.isAnywhere, place.address == host { return true }
        guard place.isLoopback, EnvoyOutline.Host(address: host, port: 0).isLoopback else { return false }
        return address.isAnywhere || address.isSameLoopback(as: place)
    }
}

extension EnvoyOutline.Host {
    var isAnywhere: Bool { ["0.0.0.0", "::", ""].contains(address) }

    /// Loopback has many addresses, and each of them is a place of its own.
    func isSameLoopback(as other: Self) -> Bool { Self.plain(address) == Self.plain(other.address) && isLoopback }

    private static func plain(_ address: String) -> String { address == "localhost" ? "127.0.0.1" : address }
}
