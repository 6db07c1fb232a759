import ChildPrograms
import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// What the environment says about requests, against the real `requests`.
@Suite(.timeLimit(.minutes(5))) struct RequestSurroundingsTests {
    /// Asks the library for each environment and address: the proxy, and the login.
    private static let script = """
        import json, os, sys
        from requests.sessions import Session
        from requests.utils import get_netrc_auth, select_proxy
        from requests.auth import _basic_auth_str

        answers = []
        for case in json.load(sys.stdin):
            for name in [n for n in os.environ if n.lower().endswith("_proxy") or n in ("NETRC", "REQUEST_METHOD")]:
                del os.environ[name]
            os.environ.update(case["environment"])
            merged = Session().merge_environment_settings(case["url"], {}, None, None, None)
            login = get_netrc_auth(case["url"])
            answers.append([select_proxy(case["url"], merged["proxies"]), login and _basic_auth_str(*login)])
        json.dump(answers, sys.stdout)
        """

    private static let environments: [[String: String]] = [
        [:], ["http_proxy": "http://small:1"], ["HTTP_PROXY": "http://large:1"], ["Http_Proxy": "http://mixed:1"],
        ["HTTP_PROXY": "http://large:1", "http_proxy": "http://small:1"],
        ["HTTP_PROXY": "http://large:1", "http_proxy": ""],
        ["HTTPS_PROXY": "http://secure:1"], ["https_proxy": "https://user:s%40cret@secure:1"],
        ["ALL_PROXY": "http://all:1"], ["all_proxy": "socks5h://all:1", "http_proxy": "plain:3128"],
        ["HTTP_PROXY": "http://cgi:1", "REQUEST_METHOD": "GET"],
        ["http_proxy": "http://cgi:1", "REQUEST_METHOD": "GET"],
    ]

    private static let exceptions: [[String: String]] = [
        [:], ["no_proxy": "*"], ["NO_PROXY": "example.com"], ["no_proxy": ".example.com"], ["no_proxy": "ample.com"],
        ["no_proxy": "example.com:8080, other.test"], ["no_proxy": "10.0.0.0/8"], ["no_proxy": "10.1.2.3"],
        ["no_proxy": "10.1.2.0/24,192.168.0.0/0"], ["no_proxy": "10.1.2.3/33"], ["no_proxy": "10.1.2.0"],
        ["no_proxy": "EXAMPLE.com"], ["NO_PROXY": "example.com", "no_proxy": "other.test"],
        ["NO_PROXY": "example.com", "no_proxy": ""], ["no_proxy": "2001:db8::1"], ["no_proxy": ", ,"],
        ["no_proxy": "*,x"],
    ]

    private static let urls = [
        "http://example.com/", "https://example.com/x?y", "http://EXAMPLE.COM:8080/", "http://a.example.com",
        "http://notexample.com", "http://10.1.2.3/", "http://10.1.2.3:8080/", "http://10.2/",
        "https://[2001:db8::1]:8443/",
        "http://user:pw@example.com/", "http://192.168.7.7/",
    ]

    private struct Case: Encodable {
        var environment: [String: String]
        var url: String
    }

    private static func ask(_ cases: [Case]) async throws -> [Value] {
        let python = ProcessInfo.processInfo.environment["GAMEDAY_PYTHON"] ?? "/usr/bin/python3"
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let input = folder.appendingPathComponent("cases.json").path
        try JSONEncoder().encode(cases).write(to: URL(fileURLWithPath: input))
        let command = ChildCommand(
            path: "/bin/sh", arguments: ["sh", "-c", "exec \"$0\" -c \"$1\" < \"$2\"", python, script, input],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
        guard case .finished(0, let out, let err) = await ChildProcesses().run(command) else {
            throw CocoaError(.executableLoad)
        }
        #expect(err.isEmpty, "\(String(decoding: err, as: UTF8.self))")
        return try #require(JSONReader.value(of: String(decoding: out, as: UTF8.self)).list)
    }

    @Test func `the same proxy is chosen as by the real library, of every environment for every address`() async throws
    {
        var cases: [Case] = []
        for proxies in Self.environments {
            for exceptions in Self.exceptions {
                let environment = proxies.merging(exceptions) { $1 }
                cases += Self.urls.map { Case(environment: environment, url: $0) }
            }
        }
        let answers = try await Self.ask(cases)
        #expect(answers.count == cases.count && cases.count > 2_000)
        for (one, answer) in zip(cases, answers) {
            let chosen = RequestSurroundings(environment: one.environment, isStrict: true).proxy(for: one.url)
            #expect(chosen == answer.list?.first?.text, "\(one)")
        }
    }

    @Test func `this machine itself is never asked through a proxy, nor told a login`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        try "default login me password secret".write(to: folder, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: folder) }
        let surroundings = RequestSurroundings(
            environment: ["http_proxy": "http://p:1", "all_proxy": "http://p:1", "NETRC": folder.path], isStrict: true)
        for url in [
            "http://127.0.0.1:8080/", "http://127.1/", "http://localhost/", "http://LOCALHOST:1", "http://[::1]:1/",
            "http://api.localhost/", "http://2130706433/",
        ] {
            var request = HTTPRequest("GET", url, headers: [HTTPHeader("Authorization", "Bearer t")])
            try surroundings.apply(to: &request)
            #expect(request.proxy == nil && request.headers == [HTTPHeader("Authorization", "Bearer t")], "\(url)")
        }
        var outside = HTTPRequest("GET", "http://127.0.0.1.example.com/")
        try surroundings.apply(to: &outside)
        #expect(outside.proxy == "http://p:1" && outside.headers.map(\.value) == ["Basic bWU6c2VjcmV0"])
    }

    @Test func `logins are read from netrc files as by the real library`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let texts = [
            "machine example.com login me password secret", "machine example.com\n\tlogin me\n\tpassword se\\ cret\n",
            "machine other.test login a password b\ndefault login d password e", "default password only",
            "# a comment\nmachine example.com login me # not me\npassword secret",
            "machine example.com account acc password p",
            "machine example.com login \"me too\" password \"quo\\\"ted\"", "machine example.com user me password é",
            "macdef init\ncd /\nls\n\nmachine example.com login me password secret", "machine example.com login",
            "machine example.com login me password secret nonsense", "nonsense", "", "machine", "macdef x\nnever ends",
            "#machine example.com login me password secret\nmachine example.com login you password too",
            "machine example.com login me password #pass", "machine example.com\n#comment here\nlogin me password x",
            "machine EXAMPLE.com login me password secret", "machine example.com login \"\" password \"\"",
        ]
        var cases: [Case] = []
        for (index, text) in texts.enumerated() {
            let file = folder.appendingPathComponent("\(index)").path
            try text.write(toFile: file, atomically: true, encoding: .utf8)
            for url in ["http://example.com/", "https://EXAMPLE.com:8443/x", "http://nobody.test/"] {
                cases.append(Case(environment: ["NETRC": file], url: url))
            }
        }
        cases.append(Case(environment: ["NETRC": folder.path + "/missing"], url: "http://example.com/"))
        for (one, answer) in zip(cases, try await Self.ask(cases)) {
            let surroundings = RequestSurroundings(environment: one.environment, isStrict: true)
            let file = FileContent.text(of: one.environment["NETRC"] ?? "") ?? "-"
            let login = surroundings.credentials(for: RequestAddress(one.url).host)
            #expect(login == answer.list?.last?.text, "\(one.url) with \(file)")
        }
    }

    @Test func `an http activity goes through the proxy of its environment, and its password is not told`() async throws
    {
        let proxy = try StubServer { request, connection in connection.respond(body: request.line) }
        let provider: Value = ["type": "http", "url": "http://mesh.test/x"]
        let call = ActivityCall(["type": "probe", "name": "p", "provider": provider], Substitution())
        func run(_ environment: [String: String]) async throws(ActivityEnd) -> Value {
            let transport: CurlTransport
            do { transport = try CurlTransport() } catch { throw .failed("\(error)") }
            let surroundings = RequestSurroundings(environment: environment, isStrict: false)
            return try await HTTPProvider(transport: transport, surroundings: surroundings, isStrict: false).run(call)
        }
        let authority = proxy.url.dropFirst("http://".count)
        let through = try await run(["HTTP_PROXY": "http://user:s3cret@\(authority)", "NO_PROXY": "x.test"])
        #expect(through["body"]?.text == "GET http://mesh.test/x")
        await #expect {
            try await run(["http_proxy": "http://user:s3cret@127.0.0.1:9"])
        } throws: { error in
            !"\(error)".contains("s3cret")
        }
    }

    @Test func `authorities come from the same variables in the same order`() throws {
        func authority(_ environment: [String: String], strict: Bool = false) throws -> TLSOptions {
            var request = HTTPRequest("GET", "https://mesh.test/")
            try RequestSurroundings(environment: environment, isStrict: strict).apply(to: &request)
            return request.tls
        }
        let all = ["REQUESTS_CA_BUNDLE": "/etc/passwd", "CURL_CA_BUNDLE": "/etc", "SSL_CERT_FILE": "/etc/group"]
        #expect(try authority(all).authorityFile == "/etc/passwd")
        #expect(try authority(all.filter { $0.key != "REQUESTS_CA_BUNDLE" }).authorityFolder == "/etc")
        #expect(try authority(["SSL_CERT_FILE": "/etc/group"]).authorityFile == "/etc/group")
        #expect(try authority(["SSL_CERT_FILE": "/etc/group"], strict: true) == TLSOptions())
        #expect(throws: Crash.self) { try authority(["REQUESTS_CA_BUNDLE": "/no/such"]) }
    }
}
