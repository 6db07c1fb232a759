import Foundation
import TestKit
import Testing

/// Files that are no documents, or would eat whoever reads them: a word, soon, and no trap.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BadFileTests {
    /// Texts that cost more than they should.
    static let texts: [(name: String, text: String)] = [
        ("empty", ""), ("brackets", "a: " + String(repeating: "[", count: 100_000)),
        ("dashes", "a:\n  " + String(repeating: "- ", count: 100_000)),
        ("unknown", (0..<40_000).map { "key\($0): 1\n" }.joined()),
        ("twice", String(repeating: "key: 1\n", count: 20_000)),
        ("number", "poll: " + String(repeating: "9", count: 400_000) + "s\n"),
        ("long", "name: " + String(repeating: "x", count: 900_000)),
        ("large", String(repeating: "x: 1\n", count: 400_000)),
        ("nothing", "name: a\u{0}b\n"), ("bomb", bomb), ("key", bomb + "? *a9\n: 1\n"), ("inline", bomb + "*a9 : 1\n"),
        ("flow", bomb + "x: {[*a9]: 1}\n"), ("merge", merges),
    ]

    private static let bomb =
        "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
        + (1...9).map { "a\($0): &a\($0) [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]\n" }
        .joined()

    private static let merges =
        "a0: &a0 {}\n"
        + (1...9).map {
            "a\($0): &a\($0) {<<: [" + Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ",") + "]}\n"
        }
        .joined()

    @Test(arguments: texts.map(\.name))
    func `a text that costs too much is refused as settings, objectives, keys, theme and experiment`(
        name: String
    ) async throws {
        let home = try GamedayHome()
        let text = try #require(Self.texts.first { $0.name == name }).text
        home.write("", to: "bad.yaml")
        try Data(text.utf8).write(to: URL(filePath: home.folder + "/bad.yaml"))
        try await expectRefused(home, "bad.yaml")
    }

    @Test func `what is no file is refused with a word`() async throws {
        let home = try GamedayHome()
        try FileManager.default.createDirectory(atPath: home.folder + "/folder.yaml", withIntermediateDirectories: true)
        mkfifo(home.folder + "/pipe.yaml", 0o600)
        symlink("/dev/zero", home.folder + "/zero.yaml")
        let huge = open(home.folder + "/huge.yaml", O_CREAT | O_WRONLY, 0o600)
        ftruncate(huge, 200 << 20)
        close(huge)
        for (name, word) in [
            ("folder.yaml", "it is a folder"), ("pipe.yaml", "without a writer"), ("zero.yaml", "larger than"),
            ("huge.yaml", "larger than"), ("missing.yaml", "the file does not exist"),
        ] {
            let outcome = try await home.run("check", home.folder + "/" + name)
            #expect(outcome.code == 65 && outcome.output.contains("\(name):1: ") && outcome.output.contains(word))
            if name != "missing.yaml" { try await expectRefused(home, name) }
        }
    }

    @Test func `a pipe that somebody writes to is read`() async throws {
        let home = try GamedayHome()
        home.write("proxies: [{admin: \"http://127.0.0.1:9\"}]\n", to: "good.yaml")
        let script = "\(GamedayHome.program) check <(cat \(home.folder)/good.yaml)"
        let outcome = try await home.run(program: "/bin/bash", ["-c", script])
        #expect(outcome.code == 0 && outcome.output.contains("1 proxies"))
    }

    @Test func `nesting without an end is refused as an experiment in JSON`() async throws {
        let home = try GamedayHome()
        for text in [String(repeating: "[", count: 100_000), String(repeating: "{\"a\":", count: 100_000)] {
            try Data(text.utf8).write(to: URL(filePath: home.folder + "/deep.json"))
            let outcome = try await home.run("validate", home.folder + "/deep.json")
            #expect(outcome.code == 65 && outcome.output.contains("Nested too deeply"), "\(outcome.output.prefix(300))")
        }
    }

    /// Every command that reads such a file says something and ends by itself. The bound is that of a busy machine.
    private func expectRefused(_ home: GamedayHome, _ name: String) async throws {
        let path = home.folder + "/" + name
        let config = home.folder + "/config"
        try FileManager.default.createDirectory(atPath: config, withIntermediateDirectories: true)
        try? FileManager.default.removeItem(atPath: config + "/keys.yaml")
        symlink(path, config + "/keys.yaml")
        try? FileManager.default.removeItem(atPath: config + "/bad.yaml")
        symlink(path, config + "/bad.yaml")
        home.write("proxies: [{admin: \"http://127.0.0.1:9\"}]\nslos: [{openslo: \(name)}]\n", to: "slo.yaml")
        for command in [
            ["check", path], ["check", home.folder + "/slo.yaml"], ["keys"], ["themes"], ["validate", path],
        ] {
            let start = ContinuousClock.now
            let outcome = try await home.run(
                program: GamedayHome.program, command,
                environment: ["GAMEDAY_CONFIG_DIR=\(config)", "GAMEDAY_THEMES=\(config)"])
            // Keys may be as they are where a file says nothing of them; a theme that is refused is one of several.
            #expect(outcome.code > 0 || command.count == 1, "\(command): \(outcome)")
            #expect(command != ["themes"] || outcome.output.contains("refused: "))
            #expect(!outcome.output.isEmpty && outcome.code >= 0 && outcome.output.utf8.count < 200_000, "\(command)")
            #expect(ContinuousClock.now - start < .seconds(20), "\(command)")
        }
    }
}
