internal import MeshModel

extension IstiodSync {
    /// Where every istiod tells it, on its pod's own loopback too, where nobody has to prove who asks.
    static let port: UInt16 = 15014

    /// Asks every istiod, since each knows its own proxies only; nil when none of them answers.
    static func asking(
        _ istiods: [PodPort], namespace: String? = nil, through door: PodDoor, _ transport: any HTTPTransport,
        deadline: Duration = .seconds(2)
    ) async -> IstiodSync? {
        let filter = namespace.map { "?namespace=" + KubeRequest.escaped($0) } ?? ""
        let answers = await each(istiods) { istiod -> IstiodSync? in
            let request = door.request("GET", "/debug/syncz" + filter, of: istiod, deadline: deadline)
            guard let response = try? await transport.send(request), response.status == 200 else { return nil }
            return try? IstiodSync(response.body)
        }
        let heard = answers.compactMap(\.self)
        return heard.isEmpty ? nil : IstiodSync(uniting: heard)
    }
}
