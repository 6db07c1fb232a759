import MeshModel

@testable import MeshClient

/// The admin pages of an Envoy with a static configuration, made in few words.
struct EnvoyPages {
    var listeners: [JSON] = []
    var clusters: [JSON] = []
    var node: JSON = [:]
    var bootstrap: JSON = [:]

    static func http(
        _ prefix: String, to clusters: [String], direction: String? = nil, name: String? = nil, port: Int64 = 10_000,
        filters: [JSON] = [], routes more: [JSON] = [], plus manager: [JSON.Member] = []
    ) -> JSON {
        let routes = clusters.map { ["match": ["prefix": "/"], "route": ["cluster": .string($0)]] as JSON }
        let members: [JSON.Member] =
            [
                JSON.Member("@type", .string(types + "network.http_connection_manager.v3.HttpConnectionManager")),
                JSON.Member("stat_prefix", .string(prefix)),
                JSON.Member("http_filters", .array(filters)),
                JSON.Member(
                    "route_config",
                    ["virtual_hosts": [["name": "all", "domains": ["*"], "routes": .array(routes + more)]]]),
            ] + manager
        return listener(.object(members), direction, name, port)
    }

    static func tcp(
        _ prefix: String, to cluster: String, direction: String? = nil, name: String? = nil, port: Int64 = 10_000
    ) -> JSON {
        listener(
            [
                "@type": .string(types + "network.tcp_proxy.v3.TcpProxy"), "stat_prefix": .string(prefix),
                "cluster": .string(cluster),
            ], direction, name, port)
    }

    private static let types = "type.googleapis.com/envoy.extensions.filters."

    private static func listener(_ filter: JSON, _ direction: String?, _ name: String?, _ port: Int64) -> JSON {
        [
            "name": JSON(name), "traffic_direction": JSON(direction),
            "address": ["socket_address": ["address": "0.0.0.0", "port_value": .integer(port)]],
            "filter_chains": [["filters": [["name": "it", "typed_config": filter]]]],
        ]
    }

    static func fault(_ settings: [JSON.Member]) -> JSON {
        let type = JSON.Member("@type", .string(types + "http.fault.v3.HTTPFault"))
        return ["name": "envoy.filters.http.fault", "typed_config": .object([type] + settings)]
    }

    static func cluster(
        _ name: String, _ address: String = "10.0.0.9", _ port: Int64 = 80, hostname: String = "",
        also others: [String] = [], plus members: [JSON.Member] = []
    ) -> JSON {
        let hosts = ([address] + others).map { host -> JSON in
            let place: JSON = ["socket_address": ["address": .string(host), "port_value": .integer(port)]]
            return ["endpoint": ["address": place, "hostname": .string(hostname)]]
        }
        return .object(
            [
                JSON.Member("name", .string(name)),
                JSON.Member(
                    "load_assignment",
                    ["endpoints": [["lb_endpoints": .array(hosts)]]]),
            ] + members)
    }

    var all: [EnvoyOutline.Page: JSON] {
        [
            .serverInfo: ["node": node, "version": "9e55/1.40.0/Clean/RELEASE/BoringSSL"],
            .bootstrap: ["configs": [["bootstrap": bootstrap]]],
            .staticListeners: ["configs": .array(listeners.map { ["listener": $0] })],
            .staticClusters: ["configs": .array(clusters.map { ["cluster": $0] })],
        ]
    }

    var outline: EnvoyOutline { EnvoyOutline(all) }

    func shape(rules: [EnvoyNameRule] = [], neighbours: EnvoyNeighbours = EnvoyNeighbours()) -> EnvoyShape {
        EnvoyShape(outline, given: nil, address: "10.1.1.1:9901", rules: rules, neighbours: neighbours)
    }
}

extension EnvoyShape {
    /// Callees, with a mark for those that are TCP or a mirror.
    var callees: [String] {
        outgoing.map { $0.to.text + ($0.isTCP ? " tcp" : "") + ($0.isMirror ? " mirror" : "") }
    }
}
