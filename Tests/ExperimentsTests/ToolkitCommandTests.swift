import Foundation
import TestKit
import Testing

@testable import Experiments
@testable import gameday

/// `gameday` called as `chaos` is.
@Suite(.timeLimit(.minutes(5))) struct ToolkitCommandTests {
    private static let experiment = """
        title: t
        description: d
        method:
          - {type: action, name: a, provider: {type: python, module: talking, func: act}}
        """
    private static let module = """
        import logging
        def act():
            logging.getLogger("chaostoolkit").debug("looking closely")
            logging.getLogger("chaostoolkit").warning("no pod matched")
            print("printed")
        """

    private static func bench() throws -> Bench { try Bench(["e.yaml": experiment, "talking.py": module]) }

    @Test(arguments: [
        (["--verbose", "run", "e.yaml"], ["run", "--verbose", "e.yaml"]),
        (["--log-file", "x", "--settings=s", "validate", "e"], ["validate", "--log-file", "x", "--settings=s", "e"]),
        (["--verbose"], ["--verbose"]), (["--verbose", "halt"], ["--verbose", "halt"]),
        (["--log-file"], ["--log-file"]),
        (["-f", "mesh.yaml"], ["-f", "mesh.yaml"]), (["run", "--verbose"], ["run", "--verbose"]), ([], []),
    ])
    func `global options may stand before the command`(given: [String], expected: [String]) {
        #expect(ToolkitArguments.reordered(given, commands: ["run", "validate"]) == expected)
    }

    @Test func `what extensions log and print is seen, and logged in a file as by the original`() async throws {
        let bench = try Self.bench()
        let end = await bench.gameday("--log-file", "my.log", "run", "e.yaml")
        #expect(end.status == 0 && end.out.contains("printed") && end.err.contains("WARNING] no pod matched"))
        #expect(!end.err.contains("looking closely"))
        let log = bench.text("my.log")
        #expect(
            log.contains("WARNING] [talking:4] no pod matched") && log.contains("DEBUG] [talking:3] looking closely"))
        let original = await bench.chaos("--log-file", "their.log", "run", "e.yaml")
        #expect(original.status == 0)
        // All that the original says of its own run, but for what it says of itself, stands in ours with its level.
        for words in [
            "INFO] Running experiment: t", "INFO] Playing your experiment's method now...", "INFO] Action: a",
            "INFO] Let's rollback...", "INFO] Experiment ended with status: completed",
        ] {
            let (level, text) = (words.prefix { $0 != " " }, words.drop { $0 != " " })
            #expect(original.err.contains(words), "\(words)")
            #expect(log.contains("\(level) [gameday:0]\(text)"), "\(words)")
        }
    }

    private static func words(_ log: String) -> [Substring] {
        log.split(separator: "\n").compactMap { line in
            line.firstIndex(of: "]").map { line[$0...].drop { "] ".contains($0) } }
        }
    }

    @Test(arguments: [
        "steady-state-hypothesis: {title: h, probes: [{type: probe, name: p, tolerance: 0, provider: {type: process, path: 'true'}}]}\n"
            + "method: []\nrollbacks: [{type: action, name: r, provider: {type: process, path: echo}}]",
        "method: [{type: action, name: a, provider: {type: process, path: echo}, pauses: {after: 0.01}}]",
    ])
    func `by the name of the original the log is on standard error, line by line`(parts: String) async throws {
        let bench = try Bench(["e.yaml": "title: t\ndescription: d\n" + parts])
        try FileManager.default.createSymbolicLink(
            atPath: bench.path("chaos"), withDestinationPath: BuiltProgram.path("gameday"))
        let ours = await bench.run(bench.path("chaos"), ["run", "--rollback-strategy", "always", "e.yaml"])
        let theirs = await bench.chaos("run", "--rollback-strategy", "always", "e.yaml")
        #expect(Self.words(ours.err) == Self.words(theirs.err))
        #expect(ours.status == theirs.status && ours.out.split(separator: "\n").count == 1)
        #expect(await bench.run(bench.path("chaos"), ["--version"]).out.hasPrefix("chaos, version 1.19.0"))
        #expect(await bench.run(bench.path("chaos"), ["run"]).status == 2)
        #expect(await bench.run(bench.path("chaos"), ["nothing"]).status == 2)
    }

    @Test func `the log is named as by the original, or not written`() async throws {
        let bench = try Self.bench()
        #expect(await bench.gameday("validate", "e.yaml").status == 0)
        #expect(bench.text("chaostoolkit.log").contains("experiment syntax and semantic look valid"))
        bench.remove("chaostoolkit.log")
        #expect(await bench.gameday("--no-log-file", "run", "e.yaml").status == 0)
        #expect(!bench.has("chaostoolkit.log"))
        #expect(await bench.gameday("--log-file", "no/such/folder.log", "run", "e.yaml").status == 64)
        #expect(await bench.gameday("--log-file-level", "error", "run", "e.yaml").status == 0)
        #expect(bench.text("chaostoolkit.log") == "")
    }

    @Test func `verbose shows debug messages, and json is for programs`() async throws {
        let bench = try Self.bench()
        let verbose = await bench.gameday("--verbose", "run", "e.yaml")
        #expect(verbose.err.contains("DEBUG] [talking:3] looking closely"))
        let json = await bench.gameday("--log-format", "json", "run", "e.yaml")
        let records = json.err.split(separator: "\n").compactMap { try? JSONReader.value(of: String($0)) }
        #expect(records.contains { $0["message"]?.text == "no pod matched" && $0["levelname"]?.text == "WARNING" })
        #expect(records.last?["message"]?.text == "Experiment ended with status: completed")
        let events = await bench.gameday("run", "--json", "e.yaml")
        let logged = events.out.split(separator: "\n").compactMap { try? JSONReader.value(of: String($0)) }
            .first { $0["event"]?.text == "logged" }
        #expect(logged?["text"]?.text == "no pod matched" && logged?["module"]?.text == "talking")
    }

    @Test func `a secret that an extension logs is nowhere`() async throws {
        let bench = try Bench([
            "e.yaml": """
            title: t
            description: d
            secrets: {g: {password: hunter2hunter2}}
            method:
              - type: action
                name: a
                provider: {type: python, module: m, func: act, secrets: [g]}
            """,
            "m.py": """
            import logging
            def act(secrets):
                logging.getLogger("chaostoolkit").error("I have " + secrets["password"])
            """,
        ])
        let end = await bench.gameday("run", "e.yaml")
        #expect(end.err.contains("I have ***"))
        let told = [end.out, end.err, bench.text("chaostoolkit.log")].joined()
        #expect(!told.contains("hunter2hunter2"))
    }

    @Test func `the directory is changed first, and the log stays where the command began`() async throws {
        let bench = try Self.bench()
        try bench.write("below/e.yaml", Self.experiment)
        #expect(await bench.gameday("--change-dir", "below", "run", "e.yaml").status == 0)
        #expect(bench.has("below/journal.json") && bench.has("chaostoolkit.log"))
        #expect(await bench.gameday("--change-dir", "nowhere", "run", "e.yaml").status == 64)
        #expect(await bench.gameday("--change-dir", "below", "report", "journal.json", "r.md").status == 0)
        #expect(bench.has("below/r.md"))
    }

    @Test func `a mistyped command is told its nearest`() async throws {
        let bench = try Bench()
        let end = await bench.gameday("vlidate", "e.yaml")
        #expect(end.status == 64 && end.err == "gameday: no command 'vlidate'. Did you mean `gameday validate`?\n")
    }

    private static let settings = """
        controls:
          a: {provider: {type: python, module: x}}
          list: [1, [2, 3], {a: b, c: [d]}, [], {}]
        auths:
          example.com: {type: basic, value: "XYZ: #1 'q'"}
          "localhost:8081": {type: bearer, value: '123'}
        runtime: {rollbacks: {strategy: always}, n: null, t: true, f: 1.5, e: 1e3, empty: '', s: ' lead', dash: '- x',
          star: '*a', excl: 'a!b', colon: 'a:', number: '5', 'on': 'on', tilde: '~', hash: 'a #b', comma: 'a, b', null_: 'null',
          long: the quick brown fox jumps over the lazy dog and the quick brown fox jumps over the lazy dog again}
        """

    @Test func `settings are shown and found as by the original`() async throws {
        let bench = try Bench(["s.yaml": Self.settings])
        for arguments in [
            ["show"], ["show", "--format", "json"], ["get", "auths.example\\.com"], ["get", "controls.list[2].c"],
            ["get", "runtime.t"], ["get", "--format", "string", "runtime.t"], ["get", "runtime.f", "--format=json"],
            ["get", "controls"], ["get", "nope"], ["get", "controls.list[9]"], ["get", "runtime.long"],
        ] {
            let ours = await bench.run(
                BuiltProgram.path("gameday"), ["--settings", "s.yaml", "settings"] + arguments)
            let theirs = await bench.run(
                Bench.chaos, ["--no-version-check", "--no-log-file", "--settings", "s.yaml", "settings"] + arguments)
            #expect(ours.out == theirs.out && ours.status == theirs.status, "\(arguments)")
        }
    }

    @Test func `settings are changed as by the original, and nothing is when it can't be`() async throws {
        let bench = try Bench()
        for arguments in [
            ["set", "runtime.t", "false"], ["set", "controls.list[1]", "[5]"],
            ["set", "auths.example\\.com.type", "\"x\""],
            ["remove", "auths"], ["remove", "controls.list[0]"], ["set", "runtime.zzz", "1"], ["remove", "nope"],
        ] {
            for name in ["ours", "theirs"] { try bench.write("\(name)/s.yaml", Self.settings) }
            let ours = await bench.run(
                BuiltProgram.path("gameday"), ["--settings", "ours/s.yaml", "settings"] + arguments)
            let theirs = await bench.run(
                Bench.chaos,
                ["--no-version-check", "--no-log-file", "--settings", "theirs/s.yaml", "settings"] + arguments)
            #expect(ours.status == theirs.status, "\(arguments)")
            #expect(bench.text("ours/s.yaml") == bench.text("theirs/s.yaml"), "\(arguments)")
        }
        try bench.write("s.yaml", Self.settings)
        #expect(await bench.gameday("settings", "--settings", "s.yaml", "set", "runtime.t", "no json").status != 0)
        #expect(bench.text("s.yaml") == Self.settings)
    }

    @Test func `info tells the Python, its extensions and the native ones`() async throws {
        let bench = try Bench(["s.yaml": "runtime: {}\n"])
        let core = await bench.gameday("info", "core")
        #expect(core.status == 0 && core.out.contains(Bench.python) && core.out.contains("1.44.0"))
        let extensions = await bench.gameday("info", "extensions")
        #expect(extensions.out.contains("chaostoolkit-istio") && extensions.out.contains("native"))
        #expect(await bench.gameday("--settings", "s.yaml", "info", "settings").out == "runtime: {}\n\n")
        #expect(await bench.gameday("info", "nothing").status == 64)
    }

    @Test func `a discovery is asked about by init, as by the original`() async throws {
        let bench = try Bench()
        let discovery = await bench.gameday(
            "discover", "--no-install", "chaostoolkit-istio", with: ["GAMEDAY_PYTHON": "/none"])
        #expect(discovery.status == 0, "\(discovery)")
        let answers = [
            "A fault", "y", "It holds", "1", "y", "200", "taps", "", "", "n", "y", "6", "y", "taps", "[]", "", "", "n",
            "n",
        ]
        let ours = await bench.run(
            BuiltProgram.path("gameday"),
            ["init", "--experiment-path", "ours.yaml", "--no-input"] + answers.flatMap { ["--answer", $0] })
        #expect(ours.status == 0, "\(ours.out)\n\(ours.err)")
        var reader = YAMLReader()
        let experiment = try reader.document(bench.text("ours.yaml"))
        #expect(experiment["steady-state-hypothesis"]?["probes"]?.list?.first?["tolerance"]?.double == 200)
        let method = experiment["method"]?.list?.first
        #expect(method?["provider"]?["func"]?.text == "unset_fault")
        #expect(method?["provider"]?["arguments"]?["routes"]?.list?.isEmpty == true)
        #expect(method?["provider"]?["arguments"]?["ns"]?.text == "default")
        // The original reads our discovery, and asks the same questions in the same order.
        try bench.write("answers", answers.map { $0 == "[]" ? "a" : $0 }.joined(separator: "\n") + "\n")
        let theirs = await bench.run(
            "/bin/sh", ["-c", "\"$0\" --no-version-check init --experiment-path theirs.yaml < answers", Bench.chaos])
        #expect(theirs.status == 0, "\(theirs.out)\n\(theirs.err)")
        var other = YAMLReader()
        let known = try other.document(bench.text("theirs.yaml"))
        #expect(known["method"]?.list?.first?["provider"]?["func"]?.text == "unset_fault")
    }

    @Test func `one report tells many journals, and nothing in them is markup`() async throws {
        let evil = "<b>t</b> | *x* `y`"
        let bench = try Bench([
            "e.yaml": """
            title: "\(evil)"
            description: d
            method:
              - {type: action, name: a, provider: {type: process, path: echo, arguments: "<script>"}}
            """
        ])
        #expect(await bench.gameday("run", "e.yaml", "--journal-path", "ours.json").status == 0)
        #expect(await bench.chaos("run", "e.yaml", "--journal-path", "theirs.json").status == 0)
        let html = await bench.gameday("report", "--export-format=html", "ours.json", "theirs.json", "r.html")
        #expect(html.status == 0 && html.out == "Report generated as 'r.html'\n")
        let page = bench.text("r.html")
        #expect(page.contains("2 experiments") && page.contains("&lt;b&gt;t&lt;/b&gt;"))
        #expect(!page.contains("<b>") && !page.contains("<script>"))
        #expect(await bench.gameday("report", "theirs.json", "r.md").status == 0)
        #expect(bench.text("r.md").hasPrefix("# &lt;b>t&lt;/b> \\| \\*x\\* \\`y\\`\n"))
        #expect(await bench.gameday("report", "e.yaml", "r.md").status == 65)
        #expect(await bench.gameday("report", "r.md").status == 64)
        let pdf = await bench.gameday("report", "--export-format", "pdf", "ours.json", "r.pdf", with: ["PATH": "/none"])
        #expect(pdf.status == 69 && pdf.err.contains("pandoc"))
    }
}
