import Foundation
import MeshClient
import MeshModel
import Testing

@testable import gameday

/// The `prometheus` part of a settings file, and SLOs with queries.
@Suite struct PrometheusSettingsTests {
    private static func mistakes(_ text: String) -> String {
        do {
            _ = try Settings.parse(text, file: "gameday.yaml")
            return ""
        } catch {
            return error.description
        }
    }

    private func objectives(_ slos: String) throws -> [Objective] {
        try Settings.parse("prometheus: {url: 'http://127.0.0.1:9090'}\nslos:\n  - \(slos)", file: "gameday.yaml")
            .mesh.objectives
    }

    @Test func `a Prometheus is enough, and says what it is`() throws {
        let settings = try Settings.parse(
            "prometheus: {url: 'https://metrics.test/prom', kind: istio, tenant: shop, match: 'cluster=\"east\"'}",
            file: "gameday.yaml")
        #expect(settings.adapters.map(\.summary) == ["a Prometheus (istio)"])
        #expect(settings.adapters.first?.answersQueries == true)
    }

    @Test(arguments: [
        ("prometheus: {kind: istio}", "prometheus needs 'url'"), ("prometheus: {url: here}", "invalid URL for"),
        ("prometheus: {url: 'http://a:b@h'}", "must not contain a user name or password"),
        ("prometheus: {url: 'http://h', kind: consul}", "unknown kind 'consul'"),
        ("prometheus: {url: 'http://h', match: '{a=\"b\"}'}", "match must be a list of label matchers"),
        ("prometheus: {url: 'http://h', label: 'a)'}", "invalid label name"),
        ("prometheus: {url: 'http://h', tenant: 'a b'}", "tenant has characters that a header cannot have"),
        ("prometheus: {url: 'http://127.0.0.1:1', bearer-file: /nowhere/token}", "/nowhere/token cannot be read"),
        ("prometheus: {url: 'http://h.test', bearer-file: /dev/null}", "in clear text"),
        ("prometheus: {url: 'http://127.0.0.1:1', basic: {user: ana}}", "basic needs a user and a password-file"),
        (
            "prometheus: {url: 'http://127.0.0.1:1', basic: {user: a, password-file: /dev/null}, bearer-file: /dev/null}",
            "basic and bearer-file together"
        ),
        ("prometheus: {url: 'http://h', ca: /dev/null}", "'ca' needs an https page"),
        ("prometheus: {url: 'http://h', scrape: 15}", "invalid duration"),
        (
            "proxies: [{admin: 'http://h'}]\nslos: [{service: a, success: {query: x, target: 99%}}]",
            "needs a Prometheus"
        ),
    ])
    func `mistakes are told`(_ text: String, _ words: String) {
        #expect(Self.mistakes(text).contains(words))
    }

    @Test func `an SLO may be a query`() throws {
        let success = try objectives("{name: paid, service: shop, success: {query: 'a / b', target: 99%}}").first
        #expect(success?.indicator == .success(target: 0.99) && success?.query == .init("a / b"))
        let named = try objectives("{service: shop, latency: {query: 'x_seconds', p95: 300ms}}").first
        #expect(named?.indicator == .latency(quantile: 0.95, limit: 300) && named?.query?.factor == 1000)
        let told = try objectives("{service: shop, latency: {query: 'x', unit: ms, p99: 1s}}").first
        #expect(told?.query?.factor == 1)
    }

    @Test(arguments: [
        ("success: {query: x}", "success needs a query and its target"),
        ("latency: {query: x, p99: 1s}", "the unit of"),
        ("latency: {query: x, unit: h, p99: 1s}", "unknown unit 'h'"),
        ("latency: {query: x_seconds}", "exactly one quantile"),
        ("latency: {unit: s, p99: 1s}", "'unit' needs a query"),
    ])
    func `what is not clear in a query is asked for`(_ bound: String, _ words: String) {
        let text = "prometheus: {url: 'http://h'}\nslos: [{service: a, \(bound)}]"
        #expect(Self.mistakes(text).contains(words))
    }
}
