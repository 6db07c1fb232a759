internal import MeshModel

extension EnvoyOutline {
    /// A page that an outline is read from. What a proxy does not serve is left out.
    enum Page: String, CaseIterable, Sendable {
        case serverInfo = "/server_info"
        case bootstrap = "/config_dump?mask=bootstrap.layered_runtime,bootstrap.admin,bootstrap.stats_config"
        case staticClusters = "/config_dump?resource=static_clusters"
        case dynamicClusters = "/config_dump?resource=dynamic_active_clusters"
        case hosts = "/clusters?format=json"
        case routes = "/config_dump?resource=dynamic_route_configs"
        case staticListeners = "/config_dump?resource=static_listeners"
        case dynamicListeners = "/config_dump?resource=dynamic_listeners"
        case addresses = "/listeners?format=json"

        /// Without the query, for sentences.
        var name: String { String(rawValue.prefix { $0 != "?" }) }
    }

    /// Reads what the pages say, as Envoy 1.22 to 1.40 write them; a page that is missing or says nothing is no error.
    init(_ pages: [Page: JSON]) {
        if let info = pages[.serverInfo] { node = Node(serverInfo: info) }
        if let bootstrap = pages[.bootstrap].flatMap(Self.bootstrap) { read(bootstrap: bootstrap) }
        for page in [Page.staticClusters, .dynamicClusters] {
            for entry in pages[page]?["configs"]?.array ?? [] {
                if let cluster = entry["cluster"].flatMap(Cluster.init(config:)) { add(cluster) }
            }
        }
        for status in pages[.hosts]?["cluster_statuses"]?.array ?? [] { read(status: status) }
        var routes: [String: JSON] = [:]
        for entry in pages[.routes]?["configs"]?.array ?? [] {
            if let config = entry["route_config"], let name = config["name"]?.string { routes[name] = config }
        }
        for entry in pages[.staticListeners]?["configs"]?.array ?? [] {
            if let listener = entry["listener"] { add(listener: listener, routes) }
        }
        for entry in pages[.dynamicListeners]?["configs"]?.array ?? [] {
            if let listener = entry["active_state"]?["listener"] { add(listener: listener, routes) }
        }
        if let addresses = pages[.addresses] { read(addresses: addresses) }
    }

    private static func bootstrap(_ page: JSON) -> JSON? {
        page["configs"]?.array?.lazy.compactMap { $0["bootstrap"] }.first
    }

    private mutating func read(bootstrap: JSON) {
        let layers = bootstrap["layered_runtime"]?["layers"]?.array ?? []
        hasAdminLayer = layers.contains { $0["admin_layer"] != nil }
        admin = (bootstrap["admin"]?["address"]).flatMap { Host(address: $0) }
        hidesStatistics = bootstrap["stats_config"]?["stats_matcher"] != nil
    }

    private mutating func add(_ cluster: Cluster) {
        if !clusters.contains(where: { $0.name == cluster.name }) { clusters.append(cluster) }
    }

    private mutating func read(status: JSON) {
        guard let name = status["name"]?.string else { return }
        let hosts = (status["host_statuses"]?.array ?? []).compactMap { host -> Host? in
            var known = host["address"].flatMap { Host(address: $0) }
            known?.hostname = host["hostname"]?.string ?? ""
            return known
        }
        let place = clusters.firstIndex { $0.name == name }
        if let place {
            if !hosts.isEmpty { clusters[place].hosts = hosts }
        } else {
            let observed = status["observability_name"]?.string ?? name
            var cluster = Cluster(name: name, statName: Self.statName(observed))
            cluster.hosts = hosts
            clusters.append(cluster)
        }
    }

    /// Port 0 in a configuration is one that the system chose.
    private mutating func read(addresses: JSON) {
        for status in addresses["listener_statuses"]?.array ?? [] {
            guard let name = status["name"]?.string,
                let address = status["local_address"].flatMap({ Host(address: $0) })
            else { continue }
            for place in gates.indices where gates[place].listener == name { gates[place].address = address }
        }
    }
}

extension EnvoyOutline.Node {
    init(serverInfo: JSON) {
        let node = serverInfo["node"]
        id = node?["id"]?.string ?? ""
        cluster = node?["cluster"]?.string ?? ""
        if let zone = node?["locality"]?["zone"]?.string, !zone.isEmpty { self.zone = zone }
        // A build is `9e55…/1.40.0/Clean/RELEASE/BoringSSL`.
        if let build = serverInfo["version"]?.string {
            let parts = build.split(separator: "/")
            version = (parts.first { $0.first?.isNumber == true && $0.contains(".") } ?? parts.first).map(String.init)
        }
        let metadata = node?["metadata"]
        let labels = metadata?["LABELS"]
        let texts = [
            labels?["service.istio.io/canonical-revision"], labels?["version"], labels?["app.kubernetes.io/version"],
            metadata?["version"],
        ]
        serviceVersion = texts.compactMap { $0?.string }.first { !$0.isEmpty }
    }
}

extension EnvoyOutline.Node {
    /// The version of the service where its labels tell one, else that of the proxy.
    var shownVersion: String? { serviceVersion ?? version.map { "Envoy \($0)" } }
}

extension EnvoyOutline.Host {
    /// An address as Envoy writes it; nil for one that is none of a socket.
    init?(address: JSON) {
        if let socket = address["socket_address"], let text = socket["address"]?.string {
            self.init(address: text, port: Int(clamping: socket["port_value"]?.integer ?? 0))
        } else if let path = address["pipe"]?["path"]?.string {
            self.init(address: path, port: 0)
        } else {
            return nil
        }
    }
}

extension EnvoyOutline.Cluster {
    init?(config: JSON) {
        guard let name = config["name"]?.string else { return nil }
        let alternative = config["alt_stat_name"]?.string ?? ""
        self.init(name: name, statName: EnvoyOutline.statName(alternative.isEmpty ? name : alternative))
        type = config["type"]?.string ?? config["cluster_type"]?["name"]?.string ?? ""
        endpointsName = config["eds_cluster_config"]?["service_name"]?.string
        let options = config["typed_extension_protocol_options"]
        let http = options?["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
        speaksHTTP2 =
            config["http2_protocol_options"] != nil
            || http?["explicit_http_config"]?["http2_protocol_options"] != nil
        let groups = config["load_assignment"]?["endpoints"]?.array ?? []
        hosts = groups.flatMap { $0["lb_endpoints"]?.array ?? [] }.compactMap { entry in
            let endpoint = entry["endpoint"]
            var host = (endpoint?["address"]).flatMap { EnvoyOutline.Host(address: $0) }
            let named = endpoint?["hostname"]?.string ?? ""
            // Where names are looked up the address is one.
            if let address = host?.address {
                host?.hostname =
                    named.isEmpty && address.contains { $0.isLetter } && !address.contains(":")
                        && !address.hasPrefix("/") ? address : named
            }
            return host
        }
    }
}
