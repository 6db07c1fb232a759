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
    }

    /// By name, and by the name without affixes.
    var services: [String: ServiceName] = [:]
    var doors: [Door] = []

    mutating func add(_ service: ServiceName) {
        services[service.text] = service
        let plain = EnvoyClusterName.plain(service.text)
        if services[plain] == nil { services[plain] = service }
    }

    /// The one that listens where these hosts are.
    func door(at hosts: [EnvoyOutline.Host]) -> Door? {
        doors.first { door in hosts.contains { door.isAt($0) } }
    }
}

extension EnvoyNeighbours.Door {
    func isAt(_ place: EnvoyOutline.Host) -> Bool {
        guard place.port == address.port, place.port > 0 else { return false }
        if place.address == address.address { return true }
        let isAnywhere = ["0.0.0.0", "::", ""].contains(address.address)
        if isAnywhere, place.address == host { return true }
        return place.isLoopback && EnvoyOutline.Host(address: host, port: 0).isLoopback
            && (isAnywhere || address.isLoopback)
    }
}
