internal import MeshModel

/// Which VirtualService steers the requests for a host.
struct VirtualServiceChoice {
    /// Nil where the host has none.
    var object: KubeObject?
    /// What must be said of it.
    var note: String?

    /// The one that acts at the sidecars of a namespace, or of all. Of several the oldest acts, and no other.
    init(
        for host: String, calledFrom namespace: String?, among objects: [KubeObject], domain: String
    ) throws(VirtualServiceRefusal) {
        let applicable = objects.filter { object in
            !object.isGoing && Self.isForSidecars(object) && Self.isVisible(object, from: namespace)
        }
        let exact = applicable.filter { object in
            (object.spec?["hosts"]?.array ?? []).contains {
                IstioHost.resolved($0.string ?? "", in: object.namespace, domain: domain) == host
            }
        }
        let oldest = exact.min { Self.age($0) < Self.age($1) }
        if let oldest {
            object = oldest
            let others = exact.filter { $0.uid != oldest.uid || $0.name != oldest.name }.map {
                "\($0.namespace)/\($0.name)"
            }
            if !others.isEmpty {
                note =
                    "\(oldest.namespace)/\(oldest.name) is the oldest for that host, so "
                    + "\(others.sorted().joined(separator: ", ")) has no effect"
            }
            return
        }
        let wide = applicable.filter { object in
            (object.spec?["hosts"]?.array ?? []).contains { IstioHost.isWildcard($0.string ?? "", covering: host) }
        }
        guard let first = wide.min(by: { Self.age($0) < Self.age($1) }) else { return }
        throw VirtualServiceRefusal(
            "\(first.namespace)/\(first.name) covers that host and others with a wildcard",
            remedy: "Create a separate VirtualService for \(host), or use the sidecar's runtime for this edge.")
    }

    private static func isForSidecars(_ object: KubeObject) -> Bool {
        let gateways = object.spec?["gateways"]?.array ?? []
        return gateways.isEmpty || gateways.contains("mesh")
    }

    private static func isVisible(_ object: KubeObject, from namespace: String?) -> Bool {
        let exports = (object.spec?["exportTo"]?.array ?? []).compactMap(\.string)
        guard let namespace, !exports.isEmpty else { return true }
        return exports.contains { $0 == "*" || $0 == namespace || ($0 == "." && object.namespace == namespace) }
    }

    private static func age(_ object: KubeObject) -> (String, String) {
        (object.metadata?["creationTimestamp"]?.string ?? "", "\(object.namespace)/\(object.name)")
    }
}
