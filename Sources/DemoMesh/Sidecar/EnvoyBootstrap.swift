import MeshModel

/// The configuration that a sidecar begins with: who it is, its admin page, and where the mesh's control plane is, which
/// tells it everything else.
public struct EnvoyBootstrap {
    /// The rate limits that can be injected, in KiB/s.
    static let rateSteps = [8, 16, 32, 64, 128, 256, 512, 1_024]
    /// The cluster of the control plane. Its name begins as those do that are no services.
    private static let cluster = "local_xds"

    var place: MeshLayout.Place
    /// The socket of the control plane.
    var control: String

    /// The whole document, for a sidecar that asks the control plane.
    var document: JSON {
        let cluster: JSON = [
            "name": .string(Self.cluster), "type": "STATIC", "connect_timeout": "0.5s",
            "load_assignment": SidecarResources.assignment(
                Self.cluster,
                groups: [["lb_endpoints": [["endpoint": ["address": ["pipe": ["path": .string(control)]]]]]]]),
        ]
        return .object(
            head + [
                .init("dynamic_resources", ["lds_config": Self.served, "cds_config": Self.served]),
                .init("static_resources", ["clusters": [cluster]]),
            ])
    }

    /// The same with all that the control plane would tell it, as one text to read.
    func whole(_ resources: SidecarResources) -> JSON {
        .object(
            head + [
                .init(
                    "static_resources",
                    ["listeners": .array(resources.listeners), "clusters": .array(resources.clusters)])
            ])
    }

    private var head: [JSON.Member] {
        var node: [JSON.Member] = [
            .init("id", .string(place.node)), .init("cluster", .string(place.service)),
        ]
        if let zone = place.plan.zone { node.append(.init("locality", ["zone": .string(zone)])) }
        return [
            .init("node", .object(node)), .init("admin", ["address": Self.address(place.admin)]),
            // The latency histograms move only when they are flushed.
            .init("stats_flush_interval", "1s"),
            .init(
                "layered_runtime",
                [
                    "layers": [
                        ["name": "base", "static_layer": [:]],
                        ["name": "admin", "admin_layer": [:]],
                    ]
                ]),
        ]
    }

    /// Where to ask for resources. A poll is held until there is something new, so the pause between two polls matters
    /// only while nobody answers; then all sidecars ask again and again.
    static let served: JSON = [
        "resource_api_version": "V3",
        "api_config_source": [
            "api_type": "REST", "transport_api_version": "V3", "cluster_names": [.string(cluster)],
            "refresh_delay": "0.5s", "request_timeout": "60s",
        ],
    ]

    static func address(_ port: Int) -> JSON {
        ["socket_address": ["address": "127.0.0.1", "port_value": JSON(port)]]
    }
}
