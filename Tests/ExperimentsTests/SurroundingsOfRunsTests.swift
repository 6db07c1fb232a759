import Foundation
import MeshClient
import Synchronization
import TestKit
import Testing

@testable import Experiments

/// What stands around a run: notifications, handlers of its events, secrets of a Vault, and the Python of it all.
@Suite(.timeLimit(.minutes(5))) struct SurroundingsOfRunsTests {
    /// Every event of the original, with how many arguments it has.
    private static let listening = """
        import json
        from chaoslib.run import RunEventHandler

        class Handler(RunEventHandler):
            pass

        def note(name):
            def event(self, *arguments):
                with open("events.txt", "a") as file:
                    file.write("%s %d\\n" % (name, len(arguments)))
            return event

        for name in [n for n in dir(RunEventHandler) if not n.startswith("_") and n not in ("mro", "register")]:
            setattr(Handler, name, note(name))

        def configure_control(event_registry, **kw):
            event_registry.register(Handler())
        """

    private static func experiment(_ action: String, probe: String = "true") -> String {
        """
        {"title": "t", "description": "d",
         "steady-state-hypothesis": {"title": "h", "probes": [{"type": "probe", "name": "p", "tolerance": 0,
          "provider": {"type": "process", "path": "\(probe)"}}]},
         "method": [{"type": "action", "name": "a", "provider": {"type": "process", "path": "\(action)"}}],
         "rollbacks": [{"type": "action", "name": "u", "provider": {"type": "process", "path": "true"}}],
         "controls": [{"name": "c", "provider": {"type": "python", "module": "listening"}}]}
        """
    }

    @Test(arguments: [
        (["true"], ["run"]), (["false"], ["run"]), (["true", "false"], ["run"]),
        (["true"], ["run", "--hypothesis-strategy", "after-method-only", "--rollback-strategy", "never"]),
    ])
    func `handlers hear what those of the original hear`(programs: [String], command: [String]) async throws {
        let bench = try Bench([
            "listening.py": Self.listening, "e.json": Self.experiment(programs[0], probe: programs.last ?? "true"),
        ])
        _ = await bench.run(Bench.chaos, ["--no-version-check", "--no-log-file"] + command + ["e.json"])
        let theirs = bench.text("events.txt")
        #expect(theirs.contains("finish 1"))
        bench.remove("events.txt")
        _ = await bench.run(BuiltProgram.path("gameday"), command + ["--strict", "e.json"])
        #expect(bench.text("events.txt") == theirs)
    }

    @Test func `an interruption is heard of before the rollbacks`() async throws {
        let bench = try Bench([
            "listening.py": Self.listening + """


                def before_activity_control(context, **kw):
                    if context["name"] == "a":
                        from chaoslib.exceptions import InterruptExecution
                        raise InterruptExecution("enough")
                """,
            "e.json": Self.experiment("true"),
        ])
        _ = await bench.chaos("--no-log-file", "run", "--rollback-strategy", "always", "e.json")
        let theirs = bench.text("events.txt")
        bench.remove("events.txt")
        _ = await bench.gameday("run", "--strict", "--rollback-strategy", "always", "e.json")
        #expect(bench.text("events.txt") == theirs && theirs.contains("interrupted 2\n"))
    }

    private static let plugin = """
        import json
        def notify(channel, event):
            with open("notes.txt", "a") as file:
                status = event["payload"].get("status") if isinstance(event["payload"], dict) else None
                file.write("%s %s %s\\n" % (event["name"], event["phase"], status))
        """

    @Test(arguments: [["run", "e.json"], ["run", "bad.json"], ["validate", "e.json"], ["validate", "bad.json"]])
    func `plugins are told what the original tells them`(command: [String]) async throws {
        let bench = try Bench([
            "listening.py": "", "noting.py": Self.plugin, "e.json": Self.experiment("false"),
            "bad.json": #"{"title": "t"}"#,
            "s.yaml": """
            notifications:
            - {type: plugin, module: noting}
            - {type: plugin, module: absent}
            - {type: plugin, module: noting, events: [discovery-started]}
            """,
        ])
        _ = await bench.run(Bench.chaos, ["--no-version-check", "--settings", "s.yaml"] + command)
        let theirs = bench.text("notes.txt")
        bench.remove("notes.txt")
        let end = await bench.run(BuiltProgram.path("gameday"), ["--settings", "s.yaml"] + command)
        #expect(bench.text("notes.txt") == theirs && !theirs.isEmpty)
        #expect(end.err.contains("could not find Python plugin 'absent'"))
    }

    @Test func `addresses are told, without secrets`() async throws {
        let requests = Mutex<[StubRequest]>([])
        let server = try StubServer { request, connection in
            requests.withLock { $0.append(request) }
            return connection.respond(body: "")
        }
        let bench = try Bench([
            "e.json": """
            {"title": "t", "description": "d", "secrets": {"g": {"k": "hunter2hunter2"}}, "method": []}
            """,
            "s.yaml": """
            notifications:
            - {type: http, url: "\(server.url)/all", headers: {X-Team: bar}}
            - {type: http, url: "\(server.url)/bare", forward_event_payload: false, events: [run-completed]}
            """,
        ])
        #expect(await bench.gameday("--settings", "s.yaml", "run", "e.json").status == 0)
        let seen = requests.withLock { $0 }
        #expect(seen.map(\.line) == ["POST /all", "POST /all", "GET /bare"])
        let bodies = seen.map { String(decoding: $0.body, as: UTF8.self) }
        #expect(bodies[0].contains("run-started") && bodies[1].contains("run-completed") && bodies[2].isEmpty)
        #expect(!bodies.joined().contains("hunter2"))
    }

    /// A Vault as its API is documented: a store of each version, and a login with an AppRole.
    private static func vault() throws -> StubServer {
        try StubServer { request, connection in
            let token = request.headers.first { $0.hasPrefix("X-Vault-Token: ") }?.dropFirst(15)
            switch (request.line, token) {
            case ("POST /v1/auth/approle/login", nil):
                let body = String(decoding: request.body, as: UTF8.self)
                guard body == #"{"role_id": "r", "secret_id": "hidden-id"}"# else {
                    return connection.respond(400, body: #"{"errors": ["invalid role or secret ID"]}"#)
                }
                return connection.respond(body: #"{"auth": {"client_token": "root-token"}}"#)
            case ("GET /v1/secret/data/app/db", "root-token"):
                return connection.respond(body: #"{"data": {"data": {"password": "swordfish-1", "user": "jane"}}}"#)
            case ("GET /v1/kv/app/db", "root-token"):
                return connection.respond(body: #"{"data": {"password": "swordfish-1", "user": "jane"}}"#)
            case (_, "root-token"): return connection.respond(404, body: #"{"errors": []}"#)
            default: return connection.respond(403, body: #"{"errors": ["permission denied"]}"#)
            }
        }
    }

    private static func secretive(_ configuration: [String: String], path: String = "app/db") -> String {
        let lines = configuration.sorted { $0.key < $1.key }.map { "  \($0.key): \"\($0.value)\"" }
        return """
            title: t
            description: d
            configuration:
            \(lines.joined(separator: "\n"))
            secrets:
              db:
                password: {type: vault, path: \(path), key: password}
                all: {type: vault, path: \(path)}
              odd: {nothing: {type: vault, key: x}}
            method:
              - type: action
                name: a
                provider: {type: python, module: m, func: act, secrets: [db]}
            """
    }

    private static let using = """
        def act(secrets):
            return [len(secrets["password"]), sorted(secrets["all"]), "it is " + secrets["password"]]
        """

    @Test(arguments: [
        ["vault_token": "root-token"], ["vault_role_id": "r", "vault_role_secret": "hidden-id"],
        ["vault_token": "root-token", "vault_kv_version": "1", "vault_secrets_mount_point": "kv"],
    ])
    func `a Vault's secrets are used and shown to nobody`(configuration: [String: String]) async throws {
        let server = try Self.vault()
        let bench = try Bench([
            "e.yaml": Self.secretive(configuration.merging(["vault_addr": server.url]) { $1 }), "m.py": Self.using,
        ])
        let end = await bench.gameday("run", "e.yaml")
        #expect(end.status == 0, "\(end)")
        let journal = try JSONReader.value(of: bench.text("journal.json"))
        let output = try #require(journal["run"]?.list?.first?["output"]?.list)
        #expect(output[0].double == 11 && output[1].list?.compactMap(\.text) == ["password", "user"])
        let told = [end.out, end.err, bench.text("journal.json"), bench.text("chaostoolkit.log")].joined()
        #expect(!told.contains("swordfish-1") && !told.contains("hidden-id"))
    }

    @Test func `a Vault that gives nothing ends the run before it begins`() async throws {
        let server = try Self.vault()
        let bench = try Bench(["m.py": Self.using])
        let cases: [([String: String], String, String)] = [
            (["vault_token": "wrong"], "app/db", "403, permission denied"),
            (["vault_token": "root-token"], "app/none", "404"),
            (["vault_role_id": "r", "vault_role_secret": "x"], "app/db", "invalid role or secret ID"),
        ]
        for (configuration, path, words) in cases {
            try bench.write(
                "e.yaml", Self.secretive(configuration.merging(["vault_addr": server.url]) { $1 }, path: path))
            let end = await bench.gameday("run", "e.yaml")
            #expect(end.status == 65 && end.err.contains(words), "\(end)")
        }
        // Where nothing says where Vault is nobody is asked, as in the original without its client.
        try bench.write("e.yaml", Self.secretive(["a": "b"]))
        try bench.write("m.py", "def act(secrets): return secrets")
        #expect(await bench.gameday("run", "e.yaml").status == 0)
    }

    @Test func `the Python is the one of chaos, also behind a link`() async throws {
        let exec = "'''exec' \"\(Bench.python)\" \"$0\" \"$@\""
        let bench = try Bench([
            "real/chaos": "#!\(Bench.python)\nprint(1)\n", "far/chaos": "#!/bin/sh\n\(exec)\n' '''\n",
            "other/chaos": "#!/bin/sh\necho\n", "env/chaos": "#!/usr/bin/env python3\n",
            "gone/chaos": "#!/no/such/python\n", "venv/bin/python": "#!/bin/sh\n",
        ])
        for file in ["real/chaos", "far/chaos", "other/chaos", "env/chaos", "gone/chaos", "venv/bin/python"] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bench.path(file))
        }
        try FileManager.default.createDirectory(atPath: bench.path("bin"), withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: bench.path("bin/chaos"), withDestinationPath: bench.path("real/chaos"))
        func python(_ folders: [String], _ more: [String: String] = [:]) -> String? {
            let path = folders.map(bench.path).joined(separator: ":") + ":/usr/bin:/bin"
            return PythonSearch(environment: ["PATH": path].merging(more) { $1 }).python
        }
        #expect(python(["bin"]) == Bench.python && python(["far"]) == Bench.python)
        #expect(python(["other", "gone", "bin"]) == Bench.python)
        // A virtual environment without a `chaos` of its own is not the one that runs experiments.
        #expect(python(["bin"], ["VIRTUAL_ENV": bench.path("venv")]) == Bench.python)
        #expect(python(["other"], ["VIRTUAL_ENV": bench.path("venv")]) == bench.path("venv/bin/python"))
        #expect(python(["bin"], ["GAMEDAY_PYTHON": "/bin/sh"]) == "/bin/sh")
    }

    @Test func `a wrong argument is remedied by the ones that there are`() async throws {
        let bench = try Bench([
            "m.py": "def act(percentage, ns='x'): pass\ndef other(): pass\n",
            "argument.json": Self.calling("act", #""percentag": 5"#), "missing.json": Self.calling("act", ""),
            "function.json": Self.calling("otter", ""), "module.json": Self.calling("act", "", of: "chaosaws.ec2"),
        ])
        let argument = await bench.gameday("validate", "argument.json")
        #expect(argument.err.contains("Did you mean 'percentage'? `act` takes percentage, ns"), "\(argument)")
        #expect(!argument.err.contains("pip"))
        #expect(await bench.gameday("validate", "missing.json").err.contains("`act` takes percentage, ns"))
        let function = await bench.gameday("validate", "function.json")
        #expect(function.err.contains("Did you mean 'other'? The module has act, other."))
        let module = await bench.gameday("validate", "module.json")
        #expect(module.err.contains("Run `\(Bench.python) -m pip install chaostoolkit-aws`"))
    }

    private static func calling(_ function: String, _ arguments: String, of module: String = "m") -> String {
        """
        {"title": "t", "description": "d", "method": [{"type": "action", "name": "a",
         "provider": {"type": "python", "module": "\(module)", "func": "\(function)", "arguments": {\(arguments)}}}]}
        """
    }

    @Test func `cookies go with redirects as in requests`() async throws {
        let seen = Mutex<[String]>([])
        let server = try StubServer { request, connection in
            let cookie = request.headers.first { $0.lowercased().hasPrefix("cookie: ") } ?? ""
            seen.withLock { $0.append("\(request.line) \(cookie.lowercased())") }
            switch request.line {
            case "GET /a/start":
                return connection.respond(
                    302,
                    headers: [
                        "Location: /a/b/next", "Set-Cookie: plain=1", "Set-Cookie: all=2; Path=/; HttpOnly",
                        "Set-Cookie: tls=3; Secure", "Set-Cookie: below=4; Path=/a/b",
                        "Set-Cookie: other=5; Domain=x.test",
                        "Set-Cookie: gone=6; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "Set-Cookie: old=7; Max-Age=0",
                        "Set-Cookie: later=8; Expires=Fri, 01 Jan 2100 00:00:00 GMT", "Set-Cookie: nothing",
                    ], body: "")
            case "GET /a/b/next":
                return connection.respond(
                    303, headers: ["Location: /end", "Set-Cookie: plain=9; Path=/a", "Set-Cookie: all=10; Path=/"],
                    body: "")
            default: return connection.respond(body: "ok")
            }
        }
        let bench = try Bench([
            "e.json": """
            {"title": "t", "description": "d", "method": [{"type": "probe", "name": "p", "provider":
             {"type": "http", "url": "\(server.url)/a/start", "headers": {"Cookie": "mine=0"}}}]}
            """
        ])
        #expect(await bench.chaos("--no-log-file", "run", "e.json").status == 0)
        let theirs = seen.withLock { seen in
            defer { seen = [] }
            return seen
        }
        #expect(theirs.count == 3)
        #expect(await bench.gameday("run", "e.json").status == 0)
        #expect(seen.withLock { $0 } == theirs)
    }

    @Test func `native extensions are described as they are installed`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let python = try #require(
            environment["GAMEDAY_EXTENSIONS"], "the Python with the extensions; .ci/test names it")
        let bench = try Bench([
            "signatures.py": """
            import json, sys
            from importlib import metadata
            from chaoslib.discovery.discover import discover_activities
            found = {}
            for package, modules in json.loads(sys.argv[1]).items():
                functions = []
                for module in modules:
                    kind = "probe" if module.endswith("probes") else "action"
                    functions += discover_activities(module, kind)
                found[package] = {"version": metadata.version(package), "functions": functions}
            print(json.dumps(found))
            """
        ])
        let modules = Value.mapping(
            Fields(NativeExtension.all.map { ($0.package, .list($0.modules.map { .text($0) })) }))
        let end = await bench.run(python, ["signatures.py", JSONWriter.text(modules)])
        let installed = try JSONReader.value(of: end.out)
        for one in NativeExtension.all {
            let known = installed[one.package]
            #expect(known?["version"]?.text == one.version)
            for function in one.discovery["activities"]?.list ?? [] {
                let theirs = known?["functions"]?.list?.first {
                    $0["name"]?.text == function["name"]?.text && $0["mod"]?.text == function["mod"]?.text
                }
                for field in ["type", "arguments", "return_type"] {
                    let (ours, other) = (function[field] ?? .null, theirs?[field] ?? .null)
                    #expect(JSONWriter.text(ours) == JSONWriter.text(other), "\(one.package) \(function["name"] ?? "")")
                }
            }
        }
    }
}
