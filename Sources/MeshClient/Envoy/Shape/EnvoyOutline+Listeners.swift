internal import MeshModel

extension EnvoyOutline {
    /// Adds the gates of a listener: each connection manager and each filter that leads to clusters.
    mutating func add(listener: JSON, _ routes: [String: JSON]) {
        let address = listener["address"].flatMap { Host(address: $0) }
        let named = listener["name"]?.string ?? ""
        var gate = EnvoyGate(
            listener: named.isEmpty ? address.map { "\($0.address):\($0.port)" } ?? "a listener" : named,
            address: address, prefix: "")
        switch listener["traffic_direction"]?.string {
        case "INBOUND": gate.direction = .inbound
        case "OUTBOUND": gate.direction = .outbound
        default: break
        }
        var chains = listener["filter_chains"]?.array ?? []
        if let fallback = listener["default_filter_chain"] { chains.append(fallback) }
        for filter in chains.flatMap({ $0["filters"]?.array ?? [] }) {
            guard let settings = filter["typed_config"] else { continue }
            var own = gate
            if settings.type.hasSuffix(".HttpConnectionManager") {
                read(manager: settings, routes, into: &own)
            } else if !Self.read(network: settings, into: &own) {
                continue
            }
            if !gates.contains(own) { gates.append(own) }
        }
    }

    private mutating func read(manager: JSON, _ routes: [String: JSON], into gate: inout EnvoyGate) {
        gate.prefix = Self.statName(manager["stat_prefix"]?.string ?? "")
        gate.namesCaller = manager["add_user_agent"]?.bool ?? false
        let caller = gate.namesCaller && !node.cluster.isEmpty ? node.cluster : nil
        for filter in manager["http_filters"]?.array ?? [] where filter["disabled"]?.bool != true {
            let settings = filter["typed_config"] ?? .null
            let name = filter["name"]?.string ?? ""
            if settings.type.hasSuffix(".HTTPFault") {
                gate.faults.append(EnvoyFaultSettings(settings, filter: name, caller: caller))
            }
            if settings.type.hasSuffix("grpc_stats.v3.FilterConfig") || settings.type.contains(".grpc_http1_bridge.") {
                gate.countsGRPC = true
            }
        }
        guard let config = manager["route_config"] ?? routeConfig(of: manager, routes) else { return }
        for host in config["virtual_hosts"]?.array ?? [] {
            for route in host["routes"]?.array ?? [] {
                add(route: route, of: host, config, caller, to: &gate)
            }
        }
    }

    private mutating func routeConfig(of manager: JSON, _ routes: [String: JSON]) -> JSON? {
        guard let name = manager["rds"]?["route_config_name"]?.string else {
            if manager["scoped_routes"] != nil { missingRoutes.append("scoped routes") }
            return nil
        }
        if routes[name] == nil { missingRoutes.append(name) }
        return routes[name]
    }

    private func add(route: JSON, of host: JSON, _ config: JSON, _ caller: String?, to gate: inout EnvoyGate) {
        guard let action = route["route"] else {
            gate.answersItself = true
            return
        }
        let weighted = action["weighted_clusters"]?["clusters"]?.array ?? []
        var base = EnvoyGate.Route()
        base.choosesByHeader =
            action["cluster_header"] != nil || action["cluster_specifier_plugin"] != nil
            || action["inline_cluster_specifier_plugin"] != nil || weighted.contains { $0["cluster_header"] != nil }
        base.mirrors = ([action, host, config].lazy.compactMap { $0["request_mirror_policies"]?.array }.first ?? [])
            .compactMap { $0["cluster"]?.string }
        base.isGRPC = route["match"]?["grpc"] != nil
        // The settings nearest to the request count.
        base.faults =
            [route, host, config].lazy.map { Self.faults($0["typed_per_filter_config"], caller) }
            .first { !$0.isEmpty } ?? []
        base.clusters = [action["cluster"]?.string].compactMap(\.self)
        if weighted.isEmpty { gate.routes.append(base) }
        for part in weighted {
            var result = base
            result.clusters = [part["name"]?.string].compactMap(\.self)
            let own = Self.faults(part["typed_per_filter_config"], caller)
            if !own.isEmpty { result.faults = own }
            gate.routes.append(result)
        }
    }

    private static func faults(_ overrides: JSON?, _ caller: String?) -> [EnvoyFaultSettings] {
        guard case .object(let members)? = overrides else { return [] }
        return members.compactMap { member in
            let settings = member.value.type.hasSuffix(".FilterConfig") ? member.value["config"] : member.value
            guard let settings, settings.type.hasSuffix(".HTTPFault") else { return nil }
            return EnvoyFaultSettings(settings, filter: member.name, caller: caller)
        }
    }

    /// A filter of another protocol leads wherever a member named like a cluster says so; false when it leads nowhere.
    private static func read(network settings: JSON, into gate: inout EnvoyGate) -> Bool {
        var clusters: [String] = []
        collect(settings, &clusters, depth: 0)
        guard !clusters.isEmpty else { return false }
        gate.isHTTP = false
        gate.prefix = statName(settings["stat_prefix"]?.string ?? "")
        gate.routes = [EnvoyGate.Route(clusters: clusters)]
        return true
    }

    private static func collect(_ json: JSON, _ clusters: inout [String], depth: Int) {
        guard depth < 20 else { return }
        switch json {
        case .array(let items): for item in items { collect(item, &clusters, depth: depth + 1) }
        case .object(let members):
            for member in members {
                switch (member.name, member.value) {
                case ("cluster", .string(let name)), ("cluster_name", .string(let name)):
                    if !name.isEmpty, !clusters.contains(name) { clusters.append(name) }
                case ("weighted_clusters", let weighted):
                    for item in weighted["clusters"]?.array ?? [] {
                        if let name = item["name"]?.string, !clusters.contains(name) { clusters.append(name) }
                    }
                // What it logs to, asks or counts is no way of its traffic.
                case ("access_log", _), ("grpc_service", _), ("rate_limit_service", _): break
                default: collect(member.value, &clusters, depth: depth + 1)
                }
            }
        default: break
        }
    }
}

extension JSON {
    /// What `@type` of a message says.
    fileprivate var type: String { self["@type"]?.string ?? "" }
}
