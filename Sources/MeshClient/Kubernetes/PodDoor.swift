/// One port of one pod.
struct PodPort: Hashable, Sendable {
    var namespace: String
    var pod: String
    var port: UInt16
    /// The pod's own address, for whoever is in the cluster.
    var address: String?
}

/// HTTP into any port of any pod, on whichever way its cluster allows.
struct PodDoor: Sendable {
    /// How a pod is reached.
    enum Way: Sendable {
        /// A port-forward through the API server: every port, those on the pod's own loopback too. A connection a port.
        case forward
        /// The API server asks the pod, and needs to be allowed to: one connection for all pods, but no loopback.
        case proxy
        /// From inside the cluster: the same, without the API server.
        case direct
    }

    /// The API server, without a path.
    var server: String
    /// Who asks it.
    var headers: [HTTPHeader] = []
    var tls = TLSOptions()
    var proxy: String?
    var way = Way.forward

    /// Ports that have to be asked on the pod's own loopback: a sidecar's admin page, which is nowhere else, and istiod's,
    /// which trusts nobody else.
    private static let hidden: Set<UInt16> = [15000, IstiodSync.port]

    /// A question to a pod. Its address names the pod, so that whatever is said of it can be understood.
    func request(
        _ method: String = "GET", _ path: String, of pod: PodPort, body: [UInt8]? = nil,
        deadline: Duration = .seconds(5)
    ) -> HTTPRequest {
        switch way(to: pod) {
        case .forward:
            var request = HTTPRequest(
                method, "http://\(pod.pod).\(pod.namespace):\(pod.port)\(path)", body: body, deadline: deadline)
            request.tunnel = PodTunnel(
                server: server, target: "\(Self.path(of: pod))/portforward?ports=\(pod.port)", port: pod.port,
                headers: headers, tls: tls, proxy: proxy)
            // The bytes go through TLS, and packing them costs the sidecar more than it saves.
            request.acceptsCompression = false
            return request
        case .proxy:
            var request = HTTPRequest(
                method, "\(server)\(Self.path(of: pod)):\(pod.port)/proxy\(path)", headers: headers, body: body,
                deadline: deadline, tls: tls)
            request.proxy = proxy
            return request
        case .direct:
            let address = pod.address ?? ""
            let host = address.contains(":") ? "[\(address)]" : address
            var request = HTTPRequest(method, "http://\(host):\(pod.port)\(path)", body: body, deadline: deadline)
            request.acceptsCompression = false
            return request
        }
    }

    private func way(to pod: PodPort) -> Way {
        if Self.hidden.contains(pod.port) || way == .direct && pod.address == nil { return .forward }
        return way
    }

    private static func path(of pod: PodPort) -> String {
        "/api/v1/namespaces/\(KubeRequest.escaped(pod.namespace))/pods/\(KubeRequest.escaped(pod.pod))"
    }
}
