import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Proxies that come and go while a fleet polls them.
@Suite(.timeLimit(.minutes(2))) struct EnvoyRosterTests {
    @Test func `Who stays keeps its number, each address counts once, and only late comers are new`() {
        let roster = EnvoyRoster([EnvoyEndpoint(admin: "http://a")], mayChange: true)
        roster.put([EnvoyEndpoint(admin: "http://b"), EnvoyEndpoint(admin: "http://a")], of: 0)
        roster.put([EnvoyEndpoint(admin: "http://c"), EnvoyEndpoint(admin: "http://b")], of: 0)
        let entries = roster.entries(otherThan: nil)?.entries ?? []
        #expect(entries.map(\.target.admin) == ["http://a", "http://c", "http://b"])
        #expect(entries.map(\.number) == [0, 2, 1])
        #expect(entries.map(\.isNew) == [false, true, false])
        #expect(roster.entries(otherThan: 2) == nil)
        // What is said of it otherwise makes another of it.
        roster.put([EnvoyEndpoint(admin: "http://b", service: "s")], of: 0)
        #expect(roster.entries(otherThan: 2)?.entries.map(\.number) == [0, 3])
    }

    @Test func `A list brings proxies and takes them away, and those that stay go on counting`() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "envoys-\(UUID().uuidString).yaml").path
        defer { try? FileManager.default.removeItem(atPath: file) }
        let envoys = try (1...3).map { _ in try StubEnvoy(service: "cart", callees: ["redis"]) }
        func write(_ envoys: some Sequence<StubEnvoy>) throws {
            let targets = envoys.map { "\"\($0.url.dropFirst(7))\"" }.joined(separator: ", ")
            try "- targets: [\(targets)]\n  labels: {service: cart, zone: a}".write(
                toFile: file, atomically: true, encoding: .utf8)
        }
        try write(envoys[..<2])
        let log = SettingsMistakes()
        let root = try #require(SettingsNode(yaml: "proxies: [{file_sd: \(file), refresh: 200ms}]", log: log))
        let members = try #require(root.members(of: "it", keys: ["proxies"]))
        let part = try #require(EnvoyAdapter.read(members, in: ""))
        #expect(log.all.isEmpty)
        let adapter = part.make(
            AdapterSurroundings(transport: try CurlTransport(), pollInterval: .milliseconds(200)))
        var state = MeshState()
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { await adapter.observe { told.yield($0) } }
        defer { observing.cancel() }
        var step = 0
        var first = ""
        for await turn in turns {
            let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
            for observation in turn.observations {
                state.apply(Event(number: state.lastNumber + 1, at: now, observation: observation))
            }
            let heard = state.sources.values.filter { $0.report.service == "cart" && $0.heardAt != nil }
            switch step {
            case 0 where heard.count == 2:
                #expect(heard.allSatisfy { $0.report.zone == "a" && $0.report.health == nil })
                first = heard.first { $0.report.endpoint == envoys[0].url }?.report.name ?? "?"
                try write(envoys)
                step = 1
            case 1 where heard.count == 3:
                #expect(state.sources["cart 3"]?.report.health == SourceReport.new)
                #expect(state.timeline.contains { $0.text == "cart 3 joined" })
                try write(envoys[1...])
                step = 2
            case 2 where heard.count == 2:
                #expect(state.sources[first] == nil)
                #expect(state.timeline.contains { $0.text.hasPrefix("\(first) left") })
                #expect(!state.timeline.contains { $0.text.contains("restarted") })
                step = 3
            default: break
            }
            if step == 3 { break }
        }
        #expect(step == 3)
        #expect(state.sources["file_sd " + (file as NSString).lastPathComponent]?.report.state == .fresh)
    }

    @Test(arguments: [
        ("{file_sd: /no/such/file}", "cannot be read"), ("{dns: cart}", "must be a name with a port"),
        ("{dns: \"a b:1\"}", "must be a name with a port"), ("{dns: \"cart:9901\", port: 1}", "'port' needs 'file_sd'"),
        ("{dns: \"cart:9901\", file_sd: /dev/null}", "in one item"), ("{dns: \"cart:9901\", scheme: ftp}", "scheme"),
        ("{dns: \"cart:9901\", admin: \"http://a\"}", "the addresses of its proxies"),
        ("{admin: \"http://a\", refresh: 5s}", "'refresh' needs"),
        ("{dns: \"cart:9901\", ca: x.pem}", "https"), ("{file_sd: /dev/null}", "it is empty"),
    ])
    func `A list that can't be followed is told`(item: String, words: String) throws {
        let log = SettingsMistakes()
        let root = try #require(SettingsNode(yaml: "proxies:\n  - \(item)", log: log))
        _ = EnvoyAdapter.read(try #require(root.members(of: "it", keys: ["proxies"])), in: "")
        #expect(log.all.contains { $0.message.contains(words) }, "\(log.all)")
    }
}
