import Foundation
import TerminalCanvas
import Testing

@testable import Dashboard

/// The README's key table comes from the action table, its picture from a golden frame; `make frames` writes both anew.
struct ReadmeTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../README.md").standardizedFileURL

    private static var table: String {
        let rows = Action.all.map { action in
            "| \(action.keys.map { "`\($0.description)`" }.joined(separator: " ")) | \(action.name) | \(action.title) |"
        }
        return (["| keys | action | what it does |", "| --- | --- | --- |"] + rows).joined(separator: "\n")
    }

    /// The picture of a golden frame, without what tells its styles.
    private static func picture(of frame: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Frames/\(frame).frame")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
        let rows = lines.prefix(24)
        return "```text\n" + rows.map { String($0.dropFirst().dropLast()) }.joined(separator: "\n") + "\n```"
    }

    private func check(_ wanted: String, between first: String, and last: String) throws {
        let text = try String(contentsOf: Self.file, encoding: .utf8)
        let begin = try #require(text.range(of: "<!-- \(first) -->\n"))
        let end = try #require(text.range(of: "\n<!-- \(last) -->"))
        if ProcessInfo.processInfo.environment["GAMEDAY_UPDATE_FRAMES"] == "1" {
            let renewed = text.replacingCharacters(in: begin.upperBound..<end.lowerBound, with: wanted)
            try Data(renewed.utf8).write(to: Self.file)
        } else {
            #expect(text[begin.upperBound..<end.lowerBound] == wanted, "make frames writes it anew")
        }
    }

    @Test func `the README lists the keys that the program has, and shows a screen as it is drawn`() throws {
        try check(Self.table, between: "keys", and: "end of keys")
        try check(Self.picture(of: "run-overview-80x24"), between: "screen", and: "end of screen")
    }
}
