import Foundation
import TerminalCanvas
import Testing

@testable import Dashboard

/// The README's key table comes from the action table; `make frames` writes it anew.
struct ReadmeTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../README.md").standardizedFileURL

    private static var table: String {
        let rows = Action.all.map { action in
            "| \(action.keys.map { "`\($0.description)`" }.joined(separator: " ")) | \(action.name) | \(action.title) |"
        }
        return (["| keys | action | what it does |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
    }

    @Test func `the README lists the keys that the program has`() throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- keys -->\n"))
        let end = try #require(text.range(of: "\n<!-- end of keys -->"))
        if ProcessInfo.processInfo.environment["GAMEDAY_UPDATE_FRAMES"] == "1" {
            let renewed = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: Self.table)
            try Data(renewed.utf8).write(to: Self.file)
        } else {
            #expect(text[begin.upperBound..<end.lowerBound] == Self.table, "make frames writes the table anew")
        }
    }
}
