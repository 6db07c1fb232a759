import FoundationEssentials
import Testing

/// Compares the text with a file beside the tests; with GAMEDAY_UPDATE_FRAMES=1 the file is written instead.
func expectGolden(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Goldens/\(name)").path
    if ProcessInfo.processInfo.environment["GAMEDAY_UPDATE_FRAMES"] == "1" {
        try Data(text.utf8).write(to: URL(filePath: file))
        return
    }
    let golden = try String(contentsOfFile: file, encoding: .utf8)
    let difference = zip(text.split(separator: "\n"), golden.split(separator: "\n")).first { $0 != $1 }
    #expect(
        text == golden, "first difference: \(difference.map { "\($0.0) != \($0.1)" } ?? "the length")",
        sourceLocation: sourceLocation)
}
