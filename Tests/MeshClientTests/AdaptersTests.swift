import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

@Suite struct AdaptersTests {
    private func proxies(_ yaml: String, in folder: String = "") throws -> (found: [EnvoyEndpoint], mistakes: [Int]) {
        let log = SettingsMistakes()
        let list = try #require(SettingsNode(yaml: yaml, log: log)?["proxies"])
        return (EnvoyProxies(list, in: folder).fixed, log.all.map(\.line))
    }

    @Test func `no two adapters read the same key, and each undo has one injector`() throws {
        #expect(Set(Adapters.keys).count == Adapters.keys.count)
        #expect(Adapters.all.allSatisfy { !$0.keys.isEmpty })
        let transport = ScriptedTransport { _ in .failure(.timedOut) }
        let names = Adapters.all.flatMap { $0.injectors(transport).map(\.name) }
        #expect(Set(names).count == names.count && names.contains("envoy"))
    }

    @Test func `proxies are read with their names, and the last slash means nothing`() throws {
        let (found, mistakes) = try proxies(
            "proxies: [{service: front, admin: 'http://127.0.0.1:9901/'}, {admin: 'http://b'}]")
        #expect(found.map(\.admin) == ["http://127.0.0.1:9901", "http://b"])
        #expect(found.map(\.service) == ["front", nil])
        #expect(mistakes == [])
    }

    @Test func `certificates stand beside the settings, and secrets in an address are refused`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in ["ca.pem", "me.pem", "me.key"] { try Data().write(to: folder.appending(path: name)) }
        let page = "proxies: [{admin: 'https://a', ca: ca.pem, certificate: me.pem, key: me.key}]"
        let tls = try #require(try proxies(page, in: folder.path + "/").found.first).tls
        #expect(tls.authorityFile == folder.path + "/ca.pem")
        #expect(tls.certificateFile == folder.path + "/me.pem" && tls.keyFile == folder.path + "/me.key")
        #expect(try proxies("proxies:\n- admin: 'http://me:secret@a'").mistakes == [2])
    }

    @Test func `names of sources are unique across adapters`() {
        let surroundings = AdapterSurroundings(transport: ScriptedTransport { _ in .failure(.timedOut) })
        let one = EnvoyDirectory(names: surroundings.names)
        #expect([one.unique("bar"), surroundings.names.unique("bar"), one.unique("bar")] == ["bar", "bar 2", "bar 3"])
    }
}
