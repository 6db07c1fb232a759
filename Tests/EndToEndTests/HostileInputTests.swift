import Foundation
import Glibc
import MeshModel
import TerminalCanvas
import TestKit
import Testing

/// Whatever a command is given, and wherever: nothing that a terminal would obey comes out of it.
///
/// The commands are those of the program itself, with all their arguments and options, so that a new one is among them.
@Suite(.timeLimit(.minutes(8))) struct HostileInputTests {
    private let home: GamedayHome

    init() throws {
        home = try GamedayHome()
        for folder in ["files", "themes", "config", "state", "data"] {
            try #require(mkdir(home.folder + "/" + folder, 0o700) == 0)
        }
    }

    /// Runs every command with every hostile input, and prints what came out that a terminal would obey.
    private static let driver = #"""
        import concurrent.futures, json, os, re, subprocess, sys, threading, http.server, socketserver, unicodedata
        program, home, seconds = sys.argv[1], sys.argv[2], 20
        evil = "h\x1b]0;title\x07\x1b[2J\x1b[5mX\x9b31m\x85\x7f\x08\r\u202etxt\u200b\u2066\ufeff\t\x1bPq\x1b\\e"
        escaped = evil.translate({c: "\\u%04x" % c for c in list(range(32)) + list(range(127, 160)) + [0x202e, 0x2066]})
        escaped = escaped.replace("\x5ce", "e")
        files = home + "/files/"

        def write(name, text):
            path = os.path.join(home, name)
            with open(path, "wb") as file: file.write(text if isinstance(text, bytes) else text.encode())
            return path

        yaml = '"' + escaped + '"'
        mesh = f"""name: {yaml}
        entrance: {yaml}
        poll: {yaml}
        {yaml}: {yaml}
        proxies:
          - {{service: {yaml}, admin: "http://127.0.0.1:1", {yaml}: 1}}
          - {{service: a, admin: {yaml}}}
        slos:
          - {{name: {yaml}, service: {yaml}, success: {yaml}}}
          - {{openslo: {yaml}}}
        guards: [{{broken: {yaml}, for: {yaml}}}, {{budget: {yaml}, below: {yaml}}}, {yaml}]
        protected: [{yaml}, {{}}]
        longest-lease: {yaml}
        recording: {{keep: {yaml}, size: {yaml}}}
        experiments: {yaml}
        """.replace("\n        ", "\n")
        probe = {"type": evil, "name": evil, "tolerance": {"type": evil, evil: evil}, evil: evil,
                 "provider": {"type": "process", "path": evil, "arguments": [evil], "timeout": evil}}
        wrong = {"title": evil, "description": [evil], "tags": evil, evil: evil, "secrets": {evil: evil}, "method": [
            probe, {"ref": evil}, {"type": "action", "name": evil, "provider": {"type": evil}},
            {"type": "action", "name": evil, "provider": {"type": "http", "url": evil, "headers": {evil: evil}}},
            {"type": "action", "name": evil, "provider": {"type": "python", "module": evil, "func": evil}}],
            "controls": [{"name": evil, "provider": {"type": "python", "module": evil}}],
            "steady-state-hypothesis": {"title": evil, "probes": [probe]}, "rollbacks": [probe]}
        runs = {"title": evil, "description": evil, "method": [
            {"type": "action", "name": evil, "provider":
             {"type": "process", "path": "printf", "arguments": ["%s", evil]}},
            {"type": "action", "name": evil, "provider": {"type": "process", "path": evil}},
            {"type": "action", "name": evil, "provider": {"type": "http", "url": "http://127.0.0.1:1/" + evil}}]}
        recording = "\n".join(json.dumps(line) for line in [
            ["gameday", 1, "gameday", 0], [evil], ["note", {"text": evil}], {evil: evil}])
        slo = f"""apiVersion: openslo/v1
        kind: {yaml}
        metadata: {{name: {yaml}}}
        spec: {{service: {yaml}, indicator: {{metadata: {{name: {yaml}}}, spec: {{ratioMetric: {{counter: {yaml},
          good: {{metricSource: {{type: {yaml}, spec: {{query: {yaml}}}}}}}}}}}}}, objectives: [{{target: {yaml}}}],
          {yaml}: {yaml}}}
        """.replace("\n        ", "\n")
        inputs = [
            write("files/mesh.yaml", mesh), write("files/raw.yaml", "name: " + evil + "\n" + evil + ": [" + evil),
            write("files/binary.yaml", b"name: \x9b31m\xff\x1b[2J\x00: {\n"), write("files/wrong.json", json.dumps(wrong)),
            write("files/runs.json", json.dumps(runs)), write("files/raw.json", '{"title": "' + evil + '"'),
            write("files/day.jsonl", recording), write("files/raw.jsonl", evil * 3), write("files/slo.yaml", slo),
            write("files/" + evil.replace("/", "") + ".yaml", mesh), write("files/" + evil.replace("/", "") + ".json", ""),
            files + evil + ".yaml", files + evil + ".json", files + evil, evil, "--" + evil, "", "last", "E1",
        ]
        write("themes/" + evil + ".yaml", "name: " + yaml + "\n" + yaml + ": " + yaml)
        write("themes/bad.yaml", mesh)
        os.makedirs(home + "/config/gameday/themes", exist_ok=True)
        write("config/gameday/keys.yaml", f"{yaml}: [{yaml}]\nfault: {yaml}\nhalt: [{yaml}, x]\n")
        write("config/gameday/themes/" + evil + ".yaml", evil)

        class Hostile(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def address_string(self): return ""
            def log_message(self, *_): pass
            def answer(self):
                problem = {"type": "not-found", "title": evil, "status": 404, "detail": evil, "remedy": evil}
                status = {"name": evil, "mode": evil, "halted": evil, "sources": [{"name": evil, "state": evil,
                          "explanation": evil}], "services": [{"service": evil}], "edges": [{"from": evil, "to": evil}],
                          "slos": [{"name": evil}], "faults": [], "experiments": [], "process": 1, "title": evil}
                isProblem = type(self).wrong
                body = json.dumps(problem if isProblem else status).encode()
                self.rfile.read(int(self.headers.get("content-length") or 0))
                self.send_response(404 if isProblem else 200)
                self.send_header("Content-Type", "application/problem+json" if isProblem else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer
        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True
            def get_request(self):
                connection, _ = super().get_request()
                return connection, ("", 0)
        def serve(name, wrong):
            server = Server(home + "/" + name, type("Handler", (Hostile,), {"wrong": wrong}))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return home + "/" + name
        servers = [serve("problem.sock", True), serve("status.sock", False)]

        environment = dict(os.environ, XDG_STATE_HOME=home + "/state", XDG_DATA_HOME=home + "/data", HOME=home,
            XDG_CONFIG_HOME=home + "/config", XDG_RUNTIME_DIR=home, GAMEDAY_THEMES=home + "/themes",
            GAMEDAY_SOCKET=home + "/none.sock", LC_ALL="C.UTF-8", TERM="xterm", PATH="/usr/bin:/bin")
        evils = {name: evil for name in ["USER", "GAMEDAY_TOKEN", "GAMEDAY_PYTHON", "GAMEDAY_ENVOY", "COLORFGBG", "TERM",
                                         "GAMEDAY_THEME", "VIRTUAL_ENV"]}
        places = {name: home + "/" + evil for name in ["GAMEDAY_SOCKET", "GAMEDAY_THEMES", "GAMEDAY_CONFIG_DIR",
                                                       "XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"]}

        def bad(output):
            text = re.sub(r"\x1b\[(0|1|2|4|7|[34][0-9]|9[0-7]|10[0-7]|[34]8;5;[0-9]+|[34]8;2;[0-9;]+|;)*m", "",
                          output.decode("utf-8", "surrogateescape"))
            return sorted({hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")})

        def run(arguments, more={}):
            words = [word.encode() if isinstance(word, str) else word for word in arguments]
            words = [word.replace(b"\0", b"") for word in words]
            process = subprocess.Popen([program] + words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, env=dict(environment, **more), cwd=files, start_new_session=True)
            try: output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                output = process.communicate()[0]
            found = bad(output)
            if found: print(found, arguments, more.keys(), output[:300])
            elif process.returncode < 0 and process.returncode != -9: print("died", process.returncode, arguments)
            return len(output)

        tree = json.loads(subprocess.check_output([program, "--experimental-dump-help"], env=environment))
        def leaves(command, path):
            for sub in command.get("subcommands", []):
                if sub["commandName"] != "help": yield from leaves(sub, path + [sub["commandName"]])
            if path: yield path, command.get("arguments", [])
        # These would go on for ever once nothing is wrong with what they are given.
        spoiled = {"demo": ["--services", "0"], "demo-service": ["--port", evil], "demo-traffic": ["--port", evil],
                   "demo-simulator": ["--port", evil], "up": ["-f", inputs[0]], "dash": ["-f", inputs[0]]}
        jobs = []
        commands = list(leaves(tree["command"], []))
        for path, arguments in commands:
            extra = spoiled.get(path[0], [])
            count = sum(a["kind"] == "positional" and not a["isOptional"] for a in arguments)
            count = count or sum(a["kind"] == "positional" for a in arguments)
            for word in inputs + [b"\x9b31m\xff"]:
                jobs.append((path + extra + ([word] * count if count else [word]), {}))
            for argument in arguments:
                for name in argument.get("names") or []:
                    dashes = "--" if name["kind"] == "long" else "-"
                    value = [evil] if argument["kind"] == "option" else []
                    for position in [inputs[4], inputs[6]] if count else [None]:
                        jobs.append((path + [position] * (count if position else 0) + [dashes + name["name"]] + value
                                     + extra, {}))
            for server in servers:
                for word in [evil] if count else [None]:
                    jobs.append((path + extra + ([word] * count if word else []), {"GAMEDAY_SOCKET": server}))
            for more in [evils, places]: jobs.append((path + extra + [inputs[4]] * count, more))
        jobs += [(["themes", "--color", "always"], {}), (["run", inputs[4], "--json"], {}),
                 (["export", inputs[6], "--to", "html", "-o", "-"], {}), (["judge", inputs[6], "--slo", inputs[8]], {})]
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            total = sum(pool.map(lambda job: run(*job), jobs))
        print(len(commands), "commands", len(jobs), "inputs", "silent" if total < 10000 else "")
        """#

    @Test func `no command tells a terminal anything by what it is given`() async throws {
        let outcome = try await home.run(
            program: "/usr/bin/env", ["python3", "-c", Self.driver, GamedayHome.program, home.folder])
        let lines = outcome.output.split(separator: "\n")
        let summary = try #require(lines.last)
        #expect(summary.contains(" commands ") && !summary.contains("silent"), "\(outcome.output.suffix(3000))")
        #expect(lines.count == 1, "\(lines.prefix(30).joined(separator: "\n"))")
    }

    @Test(arguments: [
        ["check", "bad.yaml"], ["validate", "bad.json"], ["run", "runs.json"], ["themes"], ["\u{1B}]0;evil\u{07}"],
    ])
    func `no command does so on a terminal either`(arguments: [String]) async throws {
        let evil = #"\u001b]0;title\u0007\u001b[2J\u001b[5mX\u009b31m\u0085\u007f\u202e"#
        home.write("\"\(evil)\": \"\(evil)\"\nproxies: [{admin: \"\(evil)\"}]\n", to: "bad.yaml")
        home.write(#"{"title": "\#(evil)", "method": [{"type": "\#(evil)"}], "\#(evil)": 1}"#, to: "bad.json")
        home.write(
            #"{"title": "\#(evil)", "description": "d", "method": [{"type": "action", "name": "\#(evil)", "provider": "#
                + #"{"type": "process", "path": "no\#(evil)"}}]}"#, to: "runs.json")
        let words = arguments.map { $0.contains(".") ? home.folder + "/" + $0 : $0 }
        let extra = arguments[0] == "run" ? ["--no-validation", "--journal-path", home.folder + "/j"] : []
        let terminal = try PtySession(
            GamedayHome.program, words + extra, environment: home.terminalEnvironment, size: Size(200, 50))
        _ = try await terminal.waitForEnd()
        let output = String(decoding: await terminal.output, as: UTF8.self)
        #expect(!output.isEmpty)
        let plain = output.replacing(/\u{1B}\[[0-9;]*m/, with: "").replacing("\r\n", with: "\n")
        let obeyed = plain.unicodeScalars.filter { scalar in
            scalar != "\n" && [.control, .format].contains(scalar.properties.generalCategory)
        }
        #expect(obeyed.isEmpty, "\(obeyed.map(\.value)) in \(plain.debugDescription)")
        #expect(!output.contains("\u{1B}[5m"))
    }
}
