internal import MeshModel

/// Asks the proxies of a caller what protects an edge, and which hosts of the callee they leave out.
struct EnvoyGuide: Sendable {
    /// Proxies of one service are made alike; more of them tell nothing new.
    private static let most = 3

    let directory: EnvoyDirectory
    let transport: any HTTPTransport
    let deadline: Duration

    /// A report of each proxy that answers.
    func reports(of edge: Edge) async -> [EdgeReport] {
        let proxies = Array(directory.sidecars(of: edge.from).prefix(Self.most))
        return await each(proxies) { await report(of: edge, from: $0) }.compactMap(\.self)
    }

    /// The proxies of the callers, to be asked what changes by itself.
    func callers(of edges: [Edge]) -> [EnvoyStandings.Proxy] {
        Dictionary(grouping: edges, by: \.from).sorted { $0.key < $1.key }.flatMap { caller, edges in
            directory.sidecars(of: caller).prefix(Self.most).map { proxy in
                EnvoyStandings.Proxy(source: proxy.source, edges: edges.sorted()) { path in
                    try? await transport.send(proxy.endpoint.request("GET", path, deadline: deadline))
                } leads: { edge, cluster in
                    directory.leads(from: proxy, to: edge.to)(cluster)
                }
            }
        }
    }

    private func report(of edge: Edge, from proxy: EnvoyDirectory.Entry) async -> EdgeReport? {
        let paths = EnvoyProtection.pages.map { "/config_dump?resource=\($0)" } + ["/clusters?format=json"]
        let answers = await each(paths) { path in
            try? await transport.send(proxy.endpoint.request("GET", path, deadline: deadline))
        }
        let pages = answers.jsonPages
        guard !pages.isEmpty else { return nil }
        let leads = directory.leads(from: proxy, to: edge.to)
        var report = EdgeReport(source: proxy.source, edge: edge)
        report.protection = EnvoyProtection(pages, leads: leads).protection
        report.ejected = Self.ejected(pages, leads)
        return report
    }

    /// The hosts that outlier detection leaves out; nil where no page tells.
    static func ejected(_ pages: [JSON], _ leads: (String) -> Bool) -> [String]? {
        statuses(pages, leads)?.filter { $0["health_status"]?["failed_outlier_check"]?.bool == true }
            .compactMap(address).sorted()
    }

    /// The addresses of all hosts of the callee.
    static func hosts(_ pages: [JSON], _ leads: (String) -> Bool) -> Set<String> {
        Set((statuses(pages, leads) ?? []).compactMap(address))
    }

    /// What `/clusters` tells of each host of the callee; nil where no page tells.
    static func statuses(_ pages: [JSON], _ leads: (String) -> Bool) -> [JSON]? {
        let clusters = pages.compactMap { $0["cluster_statuses"]?.array }.flatMap(\.self)
        guard !clusters.isEmpty else { return nil }
        return clusters.filter { $0["name"]?.string.map(leads) ?? false }.flatMap { $0["host_statuses"]?.array ?? [] }
    }

    private static func address(_ host: JSON) -> String? {
        host["address"].flatMap { EnvoyOutline.Host(address: $0) }.map {
            $0.port > 0 ? "\($0.address):\($0.port)" : $0.address
        }
    }
}

extension EnvoyDirectory {
    /// Says of a cluster's name whether it leads from a proxy to a callee.
    func leads(from proxy: Entry, to callee: ServiceName) -> @Sendable (String) -> Bool {
        let outgoing = shape(of: proxy.source)?.outgoing.first { $0.to == callee }
        let clusters = outgoing.map { Set($0.clusters.map(\.cluster)) }
        return { clusters?.contains($0) ?? ($0 == callee.text || EnvoyClusterName($0).service == callee.text) }
    }
}
