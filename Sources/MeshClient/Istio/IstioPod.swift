internal import MeshModel

/// One pod with a sidecar, as discovery knows it.
struct IstioPod: Equatable, Sendable {
    var namespace: String
    var name: String
    /// Another one is another pod, whatever its name.
    var uid: String
    var address: String?
    /// The service that it serves: that of Kubernetes, else the canonical one of its workload.
    var service: ServiceName
    /// As Istio's metrics call its workload (`service.istio.io/canonical-name`, `app.kubernetes.io/name`, `app`, or the
    /// workload's own name).
    var canonicalService: String
    var version: String?
    var zone: String?
    /// Requests enter the mesh here.
    var isGateway = false
    /// Where its annotations say that metrics are (`prometheus.io/port`, `prometheus.io/path`).
    var scrape: Scrape?

    struct Scrape: Equatable, Sendable {
        var port: UInt16
        var path: String
    }

    /// What its source is called: as istiod and istioctl name the proxy.
    var id: String { name + "." + namespace }

    func port(_ port: UInt16) -> PodPort {
        PodPort(namespace: namespace, pod: name, port: port, address: address)
    }
}

extension IstioPod {
    /// A page where the pod may tell of its traffic.
    enum Page: Equatable, Sendable {
        /// Istio's standard metrics.
        case metrics(port: UInt16, path: String)
        /// What the admin page knows of everybody it calls.
        case clusters

        var port: UInt16 {
            switch self {
            case .metrics(let port, _): port
            case .clusters: 15000
            }
        }

        /// The path with its filter.
        var path: String {
            switch self {
            case .metrics(_, let path): path + (path.contains("?") ? "&" : "?") + IstioPageWire.query
            case .clusters: "/clusters?format=json"
            }
        }

        /// As a person would look at it.
        var shown: String {
            switch self {
            case .metrics(let port, let path): "\(port)\(path)"
            case .clusters: "15000/clusters"
            }
        }
    }

    /// From the best to the last: where its annotations point, the agent's page, the sidecar's own.
    var pages: [Page] {
        var pages: [Page] = []
        if let scrape { pages.append(.metrics(port: scrape.port, path: scrape.path)) }
        for port: UInt16 in [15020, 15090] {
            let page = Page.metrics(port: port, path: "/stats/prometheus")
            if !pages.contains(page) { pages.append(page) }
        }
        return pages + [.clusters]
    }
}
