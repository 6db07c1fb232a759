/// Configurations of Envoys that nobody prepared, in the hands of different authors. `{port}` and `{port2}` are those of
/// what is behind them.
enum PlainEnvoyConfigs {
    private static let manager =
        "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
    private static let router =
        "{name: envoy.filters.http.router, typed_config: {\"@type\": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}"

    private static func head(_ more: String = "") -> String {
        "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}\nstats_flush_interval: 0.1s\n" + more
    }

    private static func cluster(_ name: String, _ port: String = "{port}", more: String = "") -> String {
        """
          - name: "\(name)"
            connect_timeout: 1s
            type: STRICT_DNS
            \(more)
            load_assignment:
              cluster_name: "\(name)"
              endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: \(port)}}}}]}]

        """
    }

    private static func listener(
        _ prefix: String, _ routes: [(String, String)], more: String = "", filters: String = ""
    ) -> String {
        let routes = routes.map { "{match: {prefix: \"\($0.0)\"}, route: {cluster: \"\($0.1)\"}}" }
        return """
              - address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            \(more.isEmpty ? "" : "    " + more)
                filter_chains:
                - filters:
                  - name: envoy.filters.network.http_connection_manager
                    typed_config:
                      "@type": \(manager)
                      stat_prefix: \(prefix)
                      route_config: {virtual_hosts: [{name: all, domains: ["*"], routes: [\(routes.joined(separator: ", "))]}]}
                      http_filters:
            \(filters)          - \(router)

            """
    }

    private static func config(_ more: String, _ listeners: [String], _ clusters: [String]) -> String {
        head(more) + "static_resources:\n  listeners:\n" + listeners.joined() + "  clusters:\n" + clusters.joined()
    }

    /// A front proxy as in tutorials: no node, no names, one listener for all.
    static func front(_ more: String = "", filters: String = "") -> String {
        config(
            more, [listener("ingress_http", [("/1", "service1"), ("/2", "service2_cluster")], filters: filters)],
            [cluster("service1"), cluster("service2_cluster"), cluster("xds_cluster")])
    }

    /// Started with `--service-cluster`, both listeners called alike.
    static let compose = config(
        "", [listener("ingress_http", [("/", "local_service")]), listener("ingress_http", [("/", "stock_service")])],
        [cluster("local_service"), cluster("stock_service", "{port2}")])

    /// Clusters as istiod names them, of which one has two subsets.
    static let istio = config(
        "node: {id: sidecar~10.0.0.1~front-x.shop~shop.svc.cluster.local, cluster: front.shop}\n",
        [
            listener(
                "outbound_0.0.0.0_80",
                [
                    ("/1", "outbound|80|v1|cart.shop.svc.cluster.local"),
                    ("/2", "outbound|80|v2|cart.shop.svc.cluster.local"),
                ])
        ],
        [
            cluster("outbound|80|v1|cart.shop.svc.cluster.local"),
            cluster("outbound|80|v2|cart.shop.svc.cluster.local", "{port2}"),
            cluster("outbound|80||cart.shop.svc.cluster.local"), cluster("outbound|80||pay.shop.svc.cluster.local"),
        ])

    static let consul = config(
        "node: {id: web-sidecar-proxy, cluster: web}\n",
        [
            listener(
                "public_listener", [("/", "local_app")],
                more: "name: \"public_listener:127.0.0.1:20000\"\n    traffic_direction: INBOUND"),
            listener(
                "upstream.db.default.default.dc1", [("/", "db.default.dc1.internal.0ee3.consul")],
                more: "name: \"db:127.0.0.1:9191\"\n    traffic_direction: OUTBOUND"),
        ], [cluster("local_app"), cluster("db.default.dc1.internal.0ee3.consul", "{port2}"), cluster("local_agent")])

    static let tcp =
        head("node: {id: ledger-1, cluster: ledger}\n") + """
            static_resources:
              listeners:
              - address: {socket_address: {address: 127.0.0.1, port_value: 0}}
                filter_chains:
                - filters:
                  - name: envoy.filters.network.tcp_proxy
                    typed_config:
                      "@type": type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy
                      stat_prefix: postgres
                      cluster: postgres_cluster
              clusters:

            """ + cluster("postgres_cluster")

    /// A standard fault filter with the keys that it has by itself, for one callee.
    static let faulty = config(
        "node: {id: shop-1, cluster: shop}\nlayered_runtime: {layers: [{name: any, admin_layer: {}}]}\n",
        [
            listener(
                "egress_http", [("/", "till")],
                filters: """
                              - name: envoy.filters.http.fault
                                typed_config:
                                  "@type": type.googleapis.com/envoy.extensions.filters.http.fault.v3.HTTPFault
                                  abort: {http_status: 503, percentage: {numerator: 0}}
                                  delay: {fixed_delay: 0.1s, percentage: {numerator: 0}}

                    """)
        ], [cluster("till")])

    /// A replica of one service, on ports of its own.
    static func replica(_ id: String) -> String {
        config(
            "node: {id: \(id), cluster: web, locality: {zone: zone-a}}\n",
            [listener("ingress_http", [("/", "local_app")])],
            [cluster("local_app")])
    }
}
