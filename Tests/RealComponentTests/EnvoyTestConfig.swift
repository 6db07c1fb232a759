import Foundation
import MeshModel

/// The configuration of the Envoy of these tests: the filters of a mesh's sidecar, with ports that the system chooses.
enum EnvoyTestConfig {
    private static let types = "type.googleapis.com/envoy.extensions."

    static func json(upstream: UInt16, tls: URL?, adminLayer: Bool) -> JSON {
        var layers: [JSON] = [["name": "base", "static_layer": [:]]]
        if adminLayer { layers.append(["name": "admin", "admin_layer": [:]]) }
        var listeners = [listener("to_taps", filters: faults("edge.taps."), tls: nil)]
        if let tls { listeners.append(listener("tls", filters: [compressor], tls: tls)) }
        return [
            "node": ["id": "bar-1", "cluster": "bar"],
            "admin": ["address": address(0)],
            "stats_flush_interval": "0.1s",
            "layered_runtime": ["layers": .array(layers)],
            "static_resources": [
                "listeners": .array(listeners),
                "clusters": [
                    [
                        "name": "taps", "type": "STATIC", "connect_timeout": "1s",
                        "load_assignment": [
                            "cluster_name": "taps",
                            "endpoints": [["lb_endpoints": [["endpoint": ["address": address(upstream)]]]]],
                        ],
                    ]
                ],
            ],
        ]
    }

    private static func address(_ port: UInt16) -> JSON {
        ["socket_address": ["address": "127.0.0.1", "port_value": .integer(Int64(port))]]
    }

    private static func listener(_ name: String, filters: [JSON], tls: URL?) -> JSON {
        let router = filter("envoy.filters.http.router", "filters.http.router.v3.Router", [:])
        let manager: JSON = [
            "@type": .string(types + "filters.network.http_connection_manager.v3.HttpConnectionManager"),
            "stat_prefix": .string(name),
            "http_filters": .array(filters + [router]),
            "route_config": [
                "response_headers_to_add": [["header": ["key": "x-protocol", "value": "%PROTOCOL%"]]],
                "virtual_hosts": [
                    [
                        "name": "taps", "domains": ["*"],
                        "routes": [["match": ["prefix": "/"], "route": ["cluster": "taps"]]],
                    ]
                ],
            ],
        ]
        var chain: [JSON.Member] = [
            JSON.Member(
                "filters", [["name": "envoy.filters.network.http_connection_manager", "typed_config": manager]])
        ]
        if let tls { chain.append(JSON.Member("transport_socket", socket(tls))) }
        return ["name": .string(name), "address": address(0), "filter_chains": [.object(chain)]]
    }

    private static func socket(_ folder: URL) -> JSON {
        func file(_ name: String) -> JSON { ["filename": .string(folder.appending(path: name).path)] }
        return [
            "name": "envoy.transport_sockets.tls",
            "typed_config": [
                "@type": .string(types + "transport_sockets.tls.v3.DownstreamTlsContext"),
                "require_client_certificate": true,
                "common_tls_context": [
                    "alpn_protocols": ["h2", "http/1.1"],
                    "tls_certificates": [
                        ["certificate_chain": file("server.pem"), "private_key": file("server.key.pem")]
                    ],
                    "validation_context": ["trusted_ca": file("authority.pem")],
                ],
            ],
        ]
    }

    /// A chain of fault filters, as in a sidecar of the demo: the rate of a limit is configuration.
    private static func faults(_ prefix: String) -> [JSON] {
        let none: JSON = ["numerator": 0]
        func key(_ name: String) -> JSON { .string(prefix + name) }
        let first: JSON = [
            "delay": ["fixed_delay": "0.1s", "percentage": none],
            "abort": ["http_status": 503, "percentage": none],
            "delay_percent_runtime": key("delay_pct"), "delay_duration_runtime": key("delay_ms"),
            "abort_percent_runtime": key("abort_pct"), "abort_http_status_runtime": key("abort_status"),
        ]
        let limit: JSON = [
            "response_rate_limit": ["fixed_limit": ["limit_kbps": 64], "percentage": none],
            "response_rate_limit_percent_runtime": key("rl_64_pct"),
        ]
        return [first, limit].map { filter("envoy.filters.http.fault", "filters.http.fault.v3.HTTPFault", $0) }
    }

    private static var compressor: JSON {
        let gzip: JSON = ["@type": .string(types + "compression.gzip.compressor.v3.Gzip")]
        return filter(
            "envoy.filters.http.compressor", "filters.http.compressor.v3.Compressor",
            ["compressor_library": ["name": "gzip", "typed_config": gzip]])
    }

    private static func filter(_ name: String, _ type: String, _ settings: JSON) -> JSON {
        guard case .object(let members) = settings else { return .null }
        return [
            "name": .string(name), "typed_config": .object([JSON.Member("@type", .string(types + type))] + members),
        ]
    }
}
