import Foundation
import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// Secrets are planted wherever an experiment can have them, and told by whatever can tell them: servers that echo and
/// refuse, connections that fail, programs and Python that print. Nothing that leaves the run may hold one.
@Suite(.timeLimit(.minutes(4))) struct PlantedSecretsTests {
    private let home: GamedayHome
    private let variables = [
        "PLANT_ENV": "envpl4nt-\"q'uote/+\u{E9}&<x>",
        "PLANT_KEY": "-----BEGIN\nMIIEpl4ntline1\nMIIEpl4ntline2\n-----END",
        "DB_PASSWORD": "confpl4nt-of-environment", "SOME_API_KEY": "undeclaredpl4nt",
        "STORE_URL": "db://u:storepl4nt@h/x",
    ]

    init() throws {
        home = try GamedayHome()
        home.write(Self.module, to: "leaky.py")
        try #require(mkdir(home.folder + "/experiments", 0o700) == 0)
    }

    /// Echoes what it is sent: with 200, with 500, in a redirection, or after so long that nobody waits.
    private static let server = """
        import http.server, json, os, sys, threading, time
        # It ends with whoever started it, whatever stands between the two.
        threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
        class Echo(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                if "/slow" in self.path: time.sleep(5)
                if "/moved" in self.path:
                    self.send_response(302)
                    self.send_header("Location", "http://u:movedpl4nt@127.0.0.1:1/?token=movedpl4nt2")
                    return self.end_headers()
                text = json.dumps({"headers": dict(self.headers), "path": self.path, "body": body}).encode()
                self.send_response(500 if "/fails" in self.path else 200)
                self.send_header("Content-Type", "application/json" if "/json" in self.path else "text/plain")
                self.send_header("Set-Cookie", "session=serverpl4nt; HttpOnly")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            do_GET = do_POST = answer
            def log_message(self, *_): pass
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        open(sys.argv[1], "w").write(str(server.server_address[1]))
        server.serve_forever()
        """

    private static let module = """
        import sys
        def leak(api_key, secrets=None, configuration=None):
            print(api_key, secrets)
            print(secrets, file=sys.stderr)
            return {"key": api_key, "secrets": secrets, "configuration": configuration}
        def fail(api_key, secrets=None):
            raise ValueError("can't use %r with %r" % (api_key, secrets))
        def die(api_key, secrets=None):
            print(api_key, secrets, file=sys.stderr, flush=True)
            import os; os._exit(3)
        """

    /// Each provider with the secrets it is given; none of them is right for what it asks.
    private func providers(_ port: String) -> [String] {
        let at = "127.0.0.1:\(port)"
        let headers = """
            {"Authorization": "Bearer authpl4nt", "X-Api-Key": "${env}", "Cookie": "sid=cookiepl4nt", "X-Mine": "${inline}"}
            """
        func http(_ url: String, _ more: String = "") -> String {
            "{\"type\": \"http\", \"url\": \"\(url)\", \"headers\": \(headers), \"timeout\": 1, \"secrets\": [\"g\"]\(more)}"
        }
        let body =
            ", \"method\": \"POST\", \"arguments\": {\"password\": \"bodypl4nt\", \"note\": \"${inline} ${env}\"}"
        let json = """
            {"type": "http", "url": "http://\(at)/json", "method": "POST", "timeout": 2, "arguments":
             {"token": "jsonpl4nt", "pin": "${pin}", "all": "${env} ${key}"}, "headers": {"Content-Type": "application/json"}}
            """
        let urls = [
            "http://u:userpl4nt@\(at)/json?token=querypl4nt&x=${inline}",
            "http://u:userpl4nt@\(at)/fails?api_key=${env}",
            "http://u:userpl4nt@\(at)/slow?a=${env}", "http://u:userpl4nt@127.0.0.1:1/?token=querypl4nt&y=${env}",
            "https://u:userpl4nt@\(at)/?token=querypl4nt", "http://u:userpl4nt@\(at)/moved",
            "http://u:userpl4nt@nowhere.invalid/${inline}",
        ]
        func program(_ arguments: String, _ path: String = "sh") -> String {
            "{\"type\": \"process\", \"path\": \"\(path)\", \"arguments\": \(arguments), \"secrets\": [\"g\"], \"timeout\": 5}"
        }
        let prints = """
            env; echo \\"$0\\" $1 $2; echo \\"$0\\" | base64; printf %s \\"user:$0\\" | base64 >&2; \
            echo Authorization: Basic $(printf 'me:%s' undeclaredpl4nt | base64) >&2; echo $GAMEDAY_TOKEN; \
            echo \\"$PLANT_KEY\\" | sed -n 2p; exit 3
            """
        func python(_ function: String) -> String {
            """
            {"type": "python", "module": "leaky", "func": "\(function)", "arguments": {"api_key": "pypl4nt"}, "secrets": ["g"]}
            """
        }
        return urls.map { http($0) } + [
            http("http://\(at)/json", body), http("http://\(at)/fails", body), json,
            program("[\"-c\", \"\(prints)\", \"${env}\", \"--token\", \"argpl4nt\"]"),
            program("\"-c 'echo --password=linepl4nt ${inline}; echo ${conf} >&2'\""),
            program("[\"${env}\"]", "/nowhere/${inline}/x"), python("leak"), python("fail"), python("die"),
        ]
    }

    private func document(_ activities: [String]) -> String {
        """
        {"title": "leaks ${inline}", "description": "d", "configuration":
         {"conf": {"type": "env", "key": "DB_PASSWORD"}, "password": {"type": "env", "key": "DB_PASSWORD"}},
         "secrets": {"g": {"env": {"type": "env", "key": "PLANT_ENV"}, "key": {"type": "env", "key": "PLANT_KEY"},
         "inline": "inlinepl4nt&x=1", "pin": 8642097531}}, "method": [\(activities.joined(separator: ",\n"))]}
        """
    }

    private func activity(_ provider: String, _ number: Int) -> String {
        "{\"type\": \"action\", \"name\": \"a\(number)\", \"provider\": \(provider)}"
    }

    /// Where a planted value stands, in one of its forms.
    private func leaks(in text: String) -> [String] {
        var forms = [
            "pl4nt", "pl4nT", "8642097531", "q'uote", "q\\u0027uote", "%22q%27uote", "&quot;q", "q\\\"q", "MIIE",
        ]
        forms += (Array(variables.values) + ["inlinepl4nt&x=1", "userpl4nt"]).flatMap { secret in
            ["", "u", "us", "user:", "u:", "me:"].map { before in
                // What stands before the secret, and the digits that it shares with it, are no secret.
                let packed = Data((before + secret).utf8).base64EncodedString().filter { $0 != "=" }
                return String(packed.dropFirst((before.utf8.count * 8 + 5) / 6).dropLast())
            }
        }
        return text.split(separator: "\n").flatMap { line in
            forms.filter { line.contains($0) }.map { "\($0) in \(line.prefix(2000))" }
        }
    }

    private func expectNone(in text: String, _ where: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(!text.isEmpty, "\(`where`) says nothing", sourceLocation: sourceLocation)
        let found = leaks(in: text)
        #expect(found.isEmpty, "\(`where`): \(found.prefix(5).joined(separator: "\n"))", sourceLocation: sourceLocation)
    }

    private func gameday(_ arguments: [String]) async throws -> GamedayHome.Outcome {
        try await home.run(
            program: GamedayHome.program, arguments,
            environment: variables.map { "\($0.key)=\($0.value)" } + [
                "PYTHONPATH=\(home.folder)", "HOME=\(home.folder)",
            ])
    }

    private func withServer(_ body: (String) async throws -> Void) async throws {
        let port = home.folder + "/port"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", Self.server, port]
        let line = Pipe()
        process.standardInput = line
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { try? line.fileHandleForWriting.close() }
        while home.text(of: port).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
        try await body(home.text(of: port))
    }

    /// A journal. To the letter of the original, its copy of the document says what the document does.
    private func told(by journal: String, isStrict: Bool) -> String {
        let text = home.text(of: journal)
        guard isStrict else { return text }
        return text.replacing("\"inline\": \"inlinepl4nt&x=1\",\n", with: "").replacing("8642097531\n", with: "\n")
    }

    @Test func `a run on the command line tells none`() async throws {
        try await withServer { port in
            let all = providers(port)
            home.write(document(all.enumerated().map { activity($1, $0) }), to: "all.json")
            let journal = home.folder + "/journal.json"
            for options in [[], ["--json"], ["--strict"]] {
                let outcome = try await gameday(
                    ["run", home.folder + "/all.json", "--journal-path", journal, "--no-validation"] + options)
                expectNone(in: outcome.output, "the report \(options)")
                let told = told(by: journal, isStrict: options.contains("--strict"))
                expectNone(in: told, "the journal \(options)")
                var status = stat()
                #expect(stat(journal, &status) == 0 && status.st_mode & 0o777 == 0o600)
            }
            let validation = try await gameday(["validate", home.folder + "/all.json"])
            expectNone(in: validation.output, "the validation")
        }
    }

    @Test(arguments: [
        #"{"type": "http", "url": "u:userpl4nt@x/?token=querypl4nt"}"#,
        #"{"type": "http", "url": "htp://u:userpl4nt@x/${inline}"}"#,
        #"{"type": "http", "url": "http://x", "headers": {"X-Api-Key": ["${env}"]}}"#,
        #"{"type": "http", "url": "http://x", "headers": {"X-Mine": "a\n${env}"}}"#,
        #"{"type": "http", "url": "http://x", "timeout": "${inline}"}"#,
        #"{"type": "process", "path": "true", "timeout": "${env}", "arguments": 5}"#,
        #"{"type": "${inline}", "url": "http://x"}"#,
        #"{"type": "python", "module": "leaky", "func": "fail", "arguments": ["${env}"], "secrets": ["g"]}"#,
    ])
    func `an experiment that crashes tells none`(provider: String) async throws {
        home.write(document([activity(provider, 1)]), to: "crash.json")
        let journal = home.folder + "/journal.json"
        for options in [["--no-validation"], [], ["--strict", "--no-validation"]] {
            let outcome = try await gameday(
                ["run", home.folder + "/crash.json", "--journal-path", journal] + options)
            expectNone(in: outcome.output, "the report")
            let found = leaks(in: told(by: journal, isStrict: options.contains("--strict")))
            #expect(found.isEmpty, "\(found)")
        }
    }

    @Test func `a day with such runs tells none, in no file and on no screen`() async throws {
        let bar = try StubEnvoy(service: "bar", callees: ["taps"])
        try await withServer { port in
            home.write(
                document(providers(port).enumerated().map { activity($1, $0) }), to: "experiments/all.json")
            home.write(
                document([activity(#"{"type": "http", "url": "u:userpl4nt@x/?token=querypl4nt${inline}"}"#, 1)]),
                to: "experiments/crash.json")
            home.write(
                "name: m\npoll: 200ms\nproxies: [{service: bar, admin: \"\(bar.url)\"}]\n", to: "gameday.yaml")
            let up = try await gameday(["up", "-f", home.folder + "/gameday.yaml"])
            try #require(up.code == 0, "\(up.output)")
            expectNone(in: try await gameday(["experiments", "--json"]).output, "the catalogue")
            for name in ["all", "crash"] {
                let run = try await gameday(["experiment", "start", name, "--wait", "--json"])
                expectNone(in: run.output, "the run \(name)")
            }
            for command in [
                ["experiment", "journal", "E1"], ["experiments"], ["status"], ["--once", "--size", "200x60"],
                ["faults"],
            ] {
                let found = leaks(in: try await gameday(command).output)
                #expect(found.isEmpty, "\(command): \(found.prefix(3))")
            }
            let client = ControlPlaneClient(socket: home.socket, transport: try CurlTransport())
            try await home.wait(client) { state in
                #expect(leaks(in: "\(state)").isEmpty)
                return true
            }
            #expect(try await gameday(["down"]).code == 0)
        }
        for format in ["recording", "html", "markdown", "journal", "csv", "asciicast"] {
            let outcome = try await gameday(["export", "last", "--to", format, "-o", "-"])
            expectNone(in: outcome.output, format)
        }
        let files = try #require(FileManager.default.enumerator(atPath: home.folder))
        for case let name as String in files where name.hasPrefix("state") || name.hasPrefix("data") {
            let path = home.folder + "/" + name
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o077 == 0, "\(name) is for others too")
            let found = leaks(in: home.text(of: path))
            #expect(found.isEmpty, "\(name): \(found.prefix(3))")
        }
    }
}
