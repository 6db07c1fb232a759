import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// What a real Envoy says of how it protects an edge.
@Suite(.timeLimit(.minutes(2)))
struct EnvoyProtectionTests {
    private static func config(_ port: UInt16) -> String {
        """
        admin: {address: {socket_address: {address: 127.0.0.1, port_value: 0}}}
        node: {id: a, cluster: web}
        static_resources:
          listeners:
          - name: out
            address: {socket_address: {address: 127.0.0.1, port_value: 0}}
            filter_chains:
            - filters:
              - name: envoy.filters.network.http_connection_manager
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                  stat_prefix: egress
                  route_config:
                    virtual_hosts:
                    - name: all
                      domains: ["*"]
                      routes:
                      - match: {prefix: "/plain"}
                        route: {cluster: plain}
                      - match: {prefix: "/"}
                        route:
                          timeout: 2s
                          retry_policy: {retry_on: "5xx", num_retries: 2, per_try_timeout: 0.3s}
                          weighted_clusters: {clusters: [{name: stock, weight: 90}, {name: stock_canary, weight: 10}]}
                  http_filters:
                  - {name: envoy.filters.http.router, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}}
          clusters:
          - name: stock
            type: STATIC
            connect_timeout: 1s
            circuit_breakers: {thresholds: [{max_connections: 50, max_pending_requests: 10}]}
            outlier_detection: {consecutive_5xx: 2, interval: 0.1s, base_ejection_time: 60s, max_ejection_percent: 100}
            load_assignment:
              cluster_name: stock
              endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: \(port)}}}}]}]
          - {name: stock_canary, type: STATIC, connect_timeout: 1s}
          - {name: plain, type: STATIC, connect_timeout: 1s}
        """
    }

    @Test func `its timeouts, retries, breakers, ejections and shares are read from it`() async throws {
        let transport = try CurlTransport()
        let failing = try StubServer { request, connection in connection.respond(500, body: "no") }
        let envoy = try await EnvoyProcess(config: Self.config(failing.port), transport: transport)
        let directory = EnvoyDirectory([
            .init(source: "web", service: "web", endpoint: EnvoyEndpoint(admin: envoy.admin))
        ])
        let guide = EnvoyGuide(directory: directory, transport: transport, deadline: .seconds(5))
        let edge = Edge(from: "web", to: "stock")
        let report = try #require(await guide.reports(of: edge).first as EdgeReport?)
        let protection = try #require(report.protection)
        #expect(protection.timeout == 2000)
        #expect(protection.retries == .init(count: 2, on: "5xx", tryTimeout: 300))
        #expect(protection.breaker?.connections == 50)
        #expect(protection.breaker?.pending == 10)
        #expect(protection.outliers == .init(failures: 2, ejection: 60_000, mostPercent: 100))
        #expect(protection.security == .plain)
        #expect(protection.split.map(\.weight) == [90, 10])
        #expect(report.ejected == [])

        let url = try await envoy.url(of: "out")
        let clock = ContinuousClock()
        let end = clock.now + .seconds(30)
        var ejected: [String]? = []
        while ejected != ["127.0.0.1:\(failing.port)"], clock.now < end {
            _ = try? await transport.send(HTTPRequest("GET", url + "/", deadline: .seconds(5)))
            ejected = await guide.reports(of: edge).first?.ejected
        }
        #expect(ejected == ["127.0.0.1:\(failing.port)"])

        let other = try #require(await guide.reports(of: Edge(from: "web", to: "plain")).first?.protection)
        #expect(other.timeout == 15_000)
        #expect(other.retries == nil)
        #expect(other.outliers == nil)
    }
}
