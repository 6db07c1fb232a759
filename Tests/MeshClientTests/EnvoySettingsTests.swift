import Glibc
import MeshModel
import Testing

@testable import MeshClient

/// What gameday.yaml may say of an Envoy.
struct EnvoySettingsTests {
    private func read(
        _ text: String, in folder: String = "/"
    ) throws -> (endpoints: [EnvoyEndpoint], mistakes: [String]) {
        let log = SettingsMistakes()
        let root = try #require(SettingsNode(yaml: text, log: log))
        let list = try #require(root["proxies"])
        let endpoints = EnvoyProxies(list, names: root["names"], in: folder).fixed
        return (endpoints, log.all.map(\.message))
    }

    @Test func `a socket, an IPv6 address and a path are addresses`() throws {
        let (endpoints, mistakes) = try read(
            """
            proxies:
            - admin: unix:/run/envoy/web.sock
            - admin: http://[::1]:9901
            - admin: https://mesh.example/envoys/web
            """)
        #expect(mistakes.isEmpty)
        #expect(endpoints[0].unixSocket == "/run/envoy/web.sock")
        #expect(endpoints[0].shown == "unix:/run/envoy/web.sock")
        #expect(endpoints[0].authority == "web")
        #expect(endpoints[1].authority == "[::1]:9901")
        #expect(endpoints[1].host == "::1")
        let request = endpoints[2].request("GET", "/stats?x", deadline: .seconds(1))
        #expect(request.url == "https://mesh.example/envoys/web/stats?x")
    }

    @Test func `one of several may have a version and a zone, which of a list only the list tells`() throws {
        let (endpoints, mistakes) = try read(
            """
            proxies:
            - {service: taps, admin: "http://a:1", version: v2, zone: west}
            - {service: taps, admin: "http://a:2"}
            """)
        #expect(mistakes.isEmpty)
        #expect(endpoints.map(\.version) == ["v2", nil] && endpoints.map(\.zone) == ["west", nil])
        let wrong = try read("proxies: [{file_sd: /dev/null, version: v2, zone: west}]")
        #expect(wrong.mistakes.count { $0.hasPrefix("a list already has the") } == 2)
    }

    @Test func `names are for all proxies and for one`() throws {
        let (endpoints, mistakes) = try read(
            """
            names: [{match: "be-*", service: backend}]
            proxies:
            - {admin: "http://a:1", names: [{match: "/^x(.)$/", service: "y$1"}]}
            - admin: http://b:1
            """)
        #expect(mistakes.isEmpty)
        #expect(endpoints.map(\.names.count) == [2, 1])
        #expect(endpoints[0].names.service(for: ["x7"]) == "y7")
        #expect(endpoints[1].names.service(for: ["be-cart"]) == "backend")
        let wrong = try read("proxies: [{admin: 'http://a:1', names: [{match: '/(/', service: x}, {match: a}]}]")
        #expect(wrong.mistakes.count == 2)
    }

    @Test func `a login is a file, whose secret is in the request and nowhere else`() throws {
        var template = Array("/tmp/gameday-login-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer {
            unlink(folder + "/token")
            rmdir(folder)
        }
        try write("s3cret-token\n", to: folder + "/token")
        let (endpoints, mistakes) = try read(
            "proxies: [{admin: 'http://127.0.0.1:9901', bearer-file: token}]", in: folder + "/")
        #expect(mistakes.isEmpty)
        let endpoint = try #require(endpoints.first)
        func header() -> String? { endpoint.request("GET", "/", deadline: .seconds(1)).headers.first?.value }
        #expect(header() == "Bearer s3cret-token")
        try write("another\n", to: folder + "/token")
        #expect(header() == "Bearer another")
        let part = FaultUndo.Part(.init(source: "web", service: "web", endpoint: endpoint), keys: ["k"])
        let undo = FaultUndo(parts: [part])
        #expect(!undo.json.text.contains("another"))
        let read = try FaultUndo(WireFields(undo.json, page: "ledger"))
        let again = try EnvoyEndpoint(undoing: try #require(read.parts.first).fields)
        #expect(again.login == endpoint.login)
        try write("", to: folder + "/token")
        #expect(header() == nil)
        #expect(endpoint.loginTrouble?.contains("empty") == true)
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        #expect(fputs(text, file) >= 0)
    }
}
