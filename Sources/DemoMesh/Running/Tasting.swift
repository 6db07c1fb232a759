import MeshClient

/// Tries whether the bar serves, as its first customer.
struct Tasting: Sendable {
    var layout: MeshLayout
    /// The socket of the mesh's control plane.
    var control: String
    var transport: any HTTPTransport

    /// Whether the mesh's control plane answers.
    func hasControl() async -> Bool {
        let request = HTTPRequest("GET", "http://localhost/healthz", deadline: .seconds(1), unixSocket: control)
        return (try? await transport.send(request))?.status == 200
    }

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
        var names = await hasControl() ? [] : ["mesh-control"]
        for place in layout.places {
            if await ask(place.app, "GET", "/healthz")?.status != 200 { names.append(place.name) }
            if await ask(place.admin, "GET", "/ready")?.status != 200 { names.append(place.name + "-envoy") }
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
