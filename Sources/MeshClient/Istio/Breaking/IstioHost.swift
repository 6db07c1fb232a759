internal import MeshModel

/// The names that Istio knows services by.
enum IstioHost {
    /// The whole name of a service of Kubernetes.
    static func name(of service: String, in namespace: String, domain: String = "cluster.local") -> String {
        "\(service).\(namespace).svc.\(domain)"
    }

    /// As Istio reads a host in an object of a namespace: it completes a name without a dot, and no other.
    static func resolved(_ host: String, in namespace: String, domain: String = "cluster.local") -> String {
        host.contains(".") || host == "*" || host.isEmpty ? host : name(of: host, in: namespace, domain: domain)
    }

    /// `*` and `*.bookinfo.svc.cluster.local`.
    static func isWildcard(_ pattern: String, covering host: String) -> Bool {
        guard pattern.hasPrefix("*") else { return false }
        return host.hasSuffix(pattern.dropFirst())
    }
}
