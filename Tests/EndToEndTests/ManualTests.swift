import Foundation
import TestKit
import Testing

@testable import gameday

/// The manual: topics, manual pages and the README, which leads to them.
@Suite(.timeLimit(.minutes(5))) struct ManualTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..")
        .standardizedFileURL

    private static func readme() throws -> String {
        try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
    }

    @Test func `the README is short, names every topic, and its links lead somewhere`() throws {
        let text = try Self.readme()
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 200)
        for topic in Topic.all { #expect(text.contains("`gameday help \(topic.name)`"), "\(topic.name)") }
        for link in text.matches(of: /\]\(([^)]+)\)/).map({ String($0.output.1) }) where !link.contains("://") {
            #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: link).path), "\(link)")
        }
    }

    @Test func `the README's picture is the screen of a shipped recording`() async throws {
        let recording = Self.root.appending(path: "recordings/one-tap-is-slow.jsonl.bz3").path
        let size = ["--at", "24s", "--columns", "100", "--rows", "30"]
        let told = try await GamedayHome().run(["export", recording, "--to", "svg", "-o", "-"] + size)
        #expect(told.code == 0 && told.output.utf8.count < 64 << 10)
        Golden.check(told.output, "screen.svg", in: "Goldens")
    }

    @Test func `every topic and every command has its help, and other words are refused`() async throws {
        let home = try GamedayHome()
        for topic in Topic.all {
            let told = try await home.run(["help", topic.name])
            #expect(told.code == 0 && told.output.split(separator: "\n").count > 20, "\(topic.name)")
            #expect(!told.output.contains("]("), "\(topic.name)")
        }
        #expect(try await home.run(["help", "fault", "start"]).output.contains("--percent"))
        #expect(try await home.run(["help"]).output.contains("gameday help TOPIC"))
        let unknown = try await home.run(["help", "yml"])
        #expect(unknown.code == 64 && unknown.output.contains("Unknown topic or command 'yml'"))
    }

    @Test(arguments: ManPage.names)
    func `groff finds nothing wrong with a manual page`(name: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gameday-manual-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: name)
        try Data(try #require(ManPage.text(of: name)).utf8).write(to: file)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["groff", "-K", "utf8", "-man", "-T", "utf8", "-w", "w", "-W", "break", "-z", file.path]
        let errors = Pipe()
        process.standardError = errors
        try process.run()
        let told = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && told.isEmpty, "\(String(decoding: told, as: UTF8.self))")
    }

    @Test func `a page of Markdown keeps what it says in a terminal and in a manual`() {
        let page = MarkdownPage(
            "# A page\n\nTwo `words` of\n**one** *line*, [there](https://a/b).\n\n| a | b |\n| --- | --- |\n| `x\\|y` | z |\n\n"
                + "- one\n  more\n- two\n\n```\n.code -x\n```\n")
        #expect(
            page.blocks == [
                .heading(level: 1, "A page"), .paragraph("Two `words` of **one** *line*, [there](https://a/b)."),
                .table([["a", "b"], ["`x|y`", "z"]]),
                .list([.init(sign: "-", text: "one more"), .init(sign: "-", text: "two")]), .code([".code -x"]),
            ])
        #expect(
            page.text()
                == "A PAGE\n\nTwo `words` of one line, there (https://a/b).\n\n`x|y`\n      z\n\n- one more\n- two\n\n    .code -x\n"
        )
        #expect(
            page.manual(isPart: false).contains("\\&.code \\-x\n")
                && page.manual(isPart: false).contains("\\fIline\\fR"))
    }
}
