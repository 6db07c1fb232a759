import Foundation
import MeshClient
import MeshModel
import Testing

@testable import gameday

/// What `gameday check` says of a settings file.
@Suite struct SettingsTests {
    private static func mistakes(_ text: String, file: String = "gameday.yaml") -> [String] {
        do {
            _ = try Settings.parse(text, file: file)
            return []
        } catch {
            return error.mistakes.map { $0.text(file: file) }
        }
    }

    @Test func `the manual's example is fine, and means what it says`() throws {
        let manual = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/gameday/Topics/yaml.md")
            .standardized
        let text = try String(contentsOf: manual, encoding: .utf8)
        let start = try #require(text.range(of: "```yaml\n# gameday.yaml\n")).upperBound
        let end = try #require(text.range(of: "```", range: start..<text.endIndex)).lowerBound
        // It names an OpenSLO file beside it.
        let folder = FileManager.default.temporaryDirectory.appending(path: "gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder.appending(path: "slo"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let slo = """
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: answered}
            spec:
              service: front
              budgetingMethod: Occurrences
              indicator: {metadata: {name: sli}, spec: {ratioMetric: {bad: {metricSource: {spec: {query: 'rate(requests{code=~"5.."}[5m])'}}}, total: {metricSource: {spec: {query: 'rate(requests[5m])'}}}}}}
              objectives: [{target: 0.999}]
            """
        try slo.write(to: folder.appending(path: "slo/front.yaml"), atomically: true, encoding: .utf8)
        let settings = try Settings.parse(
            String(text[start..<end]), file: folder.appending(path: "gameday.yaml").path)
        let mesh = settings.mesh
        #expect(settings.adapters.map(\.summary) == ["2 proxies"])
        #expect(mesh.protected == ["ledger"])
        #expect(mesh.objectives.map(\.name) == ["orders answered", "orders quick", "answered"])
    }

    @Test func `every mistake is told at once, with its line`() {
        let text = """
            name: x
            pol: 1s
            proxies:
              - {service: a, admin: "ftp://b"}
              - {service: a}
            slos:
              - {name: n, service: a, success: 120%}
            guards:
              - {broken: m, for: 1s}
            """
        let lines = Self.mistakes(text).map { $0.split(separator: ":")[1] }
        #expect(lines == ["2", "4", "5", "7", "9"])
    }

    @Test(arguments: ["", "- a", "name: [", "proxies: []", "name: x", "proxies: {a: b}", "\u{0}"])
    func `what is no description is refused with a line`(text: String) {
        #expect(Self.mistakes(text).first?.contains(/^gameday.yaml:[12]: ./) == true)
    }

    @Test(arguments: ["ftp://a", "http://", "http:///x", "a:1", "http://a b", "http://a?q", "http://a#f", "HTTP//a"])
    func `what nobody could ask is no admin page`(url: String) {
        #expect(Self.mistakes("proxies: [{admin: \"\(url)\"}]").count == 1)
    }

    @Test(arguments: ["http://a", "https://b:1/proxies/x", "http://[::1]:9901", "http://bücher.example:1/"])
    func `what can be asked is an admin page`(url: String) {
        #expect(Self.mistakes("proxies: [{admin: \"\(url)\"}]").isEmpty)
    }

    @Test func `certificates stand beside the settings, and are for https`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["ca.pem", "me.pem", "me.key"] { try Data().write(to: folder.appending(path: name)) }
        let file = folder.appending(path: "gameday.yaml").path
        let page = "proxies: [{service: a, admin: \"https://a\", ca: ca.pem, certificate: me.pem, key: me.key}]"
        #expect(try Settings.parse(page, file: file).adapters.count == 1)
        let missing = Self.mistakes("proxies: [{admin: \"https://a\", ca: no.pem}]", file: file)
        #expect(missing.first?.contains("no.pem cannot be read") == true)
        #expect(Self.mistakes("proxies: [{admin: \"http://a\", ca: ca.pem}]", file: file).count == 1)
        #expect(Self.mistakes("proxies: [{admin: \"https://a\", key: me.key}]", file: file).count == 1)
    }
}
