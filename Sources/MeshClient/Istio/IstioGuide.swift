internal import MeshModel

/// Asks sidecars of a caller what protects an edge, by their admin pages.
struct IstioGuide: Sendable {
    /// Sidecars of one service get the same configuration.
    private static let most = 2
    /// Any of them may have had the requests that are looked for.
    private static let mostLogs = 6
    /// So many of the last lines of each log are read.
    private static let tail = 500

    let directory: IstioDirectory
    let reach: IstioReach

    private var domain: String { directory.cluster.domain }

    /// An edge, as its caller's sidecars know it.
    private struct Way: Sendable {
        var pods: [IstioDirectory.Pod]
        /// The full name of the callee.
        var host: String
        /// Says of a cluster's name whether it leads to the callee.
        var leads: @Sendable (String) -> Bool
    }

    private func way(of edge: Edge) -> Way? {
        guard let caller = directory.service(edge.from), let callee = directory.service(edge.to),
            let host = callee.host.map({ IstioHost.name(of: $0, in: callee.namespace, domain: domain) })
        else { return nil }
        let service = EnvoyClusterName.kubernetes(host)
        return Way(pods: Array(caller.pods.filter(\.hasSidecar)), host: host) { name in
            let cluster = EnvoyClusterName(name)
            return cluster.maker == .istio && !cluster.isLocal && cluster.service == service
        }
    }

    func reports(of edge: Edge) async -> [EdgeReport] {
        guard let admin = reach.glance ?? reach.admin, let way = way(of: edge) else { return [] }
        let leads = way.leads
        return await each(Array(way.pods.prefix(Self.most))) { pod in
            let paths = Self.paths(way.host)
            let answers = await each(paths) { path in try? await admin(pod, "GET", path) }
            let pages = answers.jsonPages
            guard !pages.isEmpty else { return nil }
            var report = EdgeReport(source: pod.source, edge: edge)
            report.protection = EnvoyProtection(pages, leads: leads).protection
            report.ejected = EnvoyGuide.ejected(pages, leads)
            return report
        }.compactMap(\.self)
    }

    /// One sidecar of each caller, to be asked for its certificate: istiod gives the same life to all.
    func callers(of edges: [Edge]) -> [EnvoyStandings.Proxy] {
        guard let admin = reach.glance ?? reach.admin else { return [] }
        return Dictionary(grouping: edges, by: \.from).sorted { $0.key < $1.key }.compactMap { caller, edges in
            guard let pod = directory.service(caller)?.pods.first(where: \.hasSidecar) else { return nil }
            var proxy = EnvoyStandings.Proxy(source: pod.source, edges: edges.sorted()) { path in
                try? await admin(pod, "GET", path)
            } leads: { edge, cluster in
                way(of: edge)?.leads(cluster) ?? false
            }
            // Each page comes through the API server, and that of the hosts tells all of the mesh.
            (proxy.hasSecrets, proxy.hasZones, proxy.pause) = (false, false, .seconds(30))
            return proxy
        }
    }

    /// What the pods of the caller logged of the edge, by the API server; sidecars write it to their containers' logs.
    func logs(of edge: Edge) async -> [ProxyLog] {
        guard let way = way(of: edge) else { return [] }
        return await each(Array(way.pods.prefix(Self.mostLogs))) { pod in
            var request = KubeRequest.get(.pods, pod.name, in: pod.namespace)
            request.path += "/log"
            request.query = [
                ("container", "istio-proxy"), ("tailLines", "\(Self.tail)"), ("limitBytes", "\(LogTail.most)"),
            ]
            request.deadline = .seconds(4)
            do throws(KubeError) {
                return Self.log(of: pod.source, try await reach.cluster.ask(request).body, leads: way.leads)
            } catch {
                let isForbidden = error.refusal?.isForbidden ?? false
                let right = isForbidden ? "; the right `get pods/log` is needed in \(pod.namespace)" : ""
                return ProxyLog(source: pod.source, problem: error.summary + right)
            }
        }
    }

    /// Envoy's own words stand between the lines.
    static func log(of source: String, _ bytes: [UInt8], leads: (String) -> Bool) -> ProxyLog {
        let formats = [AccessLogFormat.istioJSON, .istioText]
        let lines = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            formats.lazy.compactMap { $0.line(line) }.first
        }
        var log = ProxyLog(source: source, lines: lines.filter { $0.cluster.map(leads) ?? false })
        if lines.isEmpty {
            log.problem =
                "no access log in its last \(tail) lines; Istio writes it with `meshConfig.accessLogFile: /dev/stdout`"
        }
        return log
    }

    /// A sidecar knows all of its mesh: it is asked for the clusters of the callee alone. Routes have no such filter.
    private static func paths(_ host: String) -> [String] {
        let expression = KubeRequest.escaped("outbound.*" + host.replacing(".", with: "[.]") + "$")
        return [
            "/config_dump?resource=dynamic_active_clusters&name_regex=\(expression)",
            "/config_dump?resource=dynamic_route_configs", "/clusters?format=json&filter=\(expression)",
        ]
    }
}
