import MeshClient

/// Tries whether the bar serves, as its first customer.
struct Tasting: Sendable {
    var layout: MeshLayout
    var transport: any HTTPTransport

    /// Whether every service and every sidecar did its part: these three journeys pass through all of them.
    func isServed() async -> Bool {
        guard let door = layout.place(of: MeshPlan.bar.entrance)?.inbound else { return false }
        for name in ["where is the bathroom?", "pays the tab", "two beers and a meal"] {
            guard let journey = Journey.all.first(where: { $0.name == name }) else { continue }
            let response = await ask(door, journey.method, journey.path, journey.body)
            guard let response, response.status == 200, response.header("x-degraded") == nil else { return false }
            if let menu = response.header("x-menu"), menu != "fresh" { return false }
        }
        return true
    }

    /// The services and sidecars that do not say that they are up.
    func missing() async -> [String] {
        var names: [String] = []
        for place in layout.places {
            if await ask(place.app, "GET", "/healthz")?.status != 200 { names.append(place.service) }
            if await ask(place.admin, "GET", "/ready")?.status != 200 { names.append(place.service + "-envoy") }
        }
        return names
    }

    private func ask(_ port: Int, _ method: String, _ path: String, _ body: String? = nil) async -> HTTPResponse? {
        let request = HTTPRequest(
            method, "http://127.0.0.1:\(port)\(path)",
            headers: [HTTPHeader("x-journey", "tasting")], body: body.map { Array($0.utf8) }, deadline: .seconds(1))
        return try? await transport.send(request)
    }
}
