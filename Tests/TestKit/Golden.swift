import Foundation
public import Testing

/// Compares a text with one that a person has looked at, kept in a file beside the test.
///
/// `GAMEDAY_UPDATE_FRAMES=1` writes the files instead of comparing; `git diff` then is the review.
public enum Golden {
    /// Records an issue with the lines that differ unless the file `name` in `folder`, beside the test, holds `text`.
    public static func check(
        _ text: String, _ name: String, in folder: String = "Frames", filePath: String = #filePath,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let file = URL(filePath: filePath).deletingLastPathComponent().appending(path: "\(folder)/\(name)")
        if ProcessInfo.processInfo.environment["GAMEDAY_UPDATE_FRAMES"] == "1" {
            do {
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            } catch {
                Issue.record("\(name) can't be written: \(error)", sourceLocation: sourceLocation)
            }
            return
        }
        guard let expected = try? String(contentsOf: file, encoding: .utf8) else {
            Issue.record("\(folder)/\(name) is missing: make frames writes it", sourceLocation: sourceLocation)
            return
        }
        if expected != text {
            let lines = difference(from: expected, to: text).joined(separator: "\n")
            Issue.record("\(folder)/\(name) differs (- expected, + found)\n\(lines)", sourceLocation: sourceLocation)
        }
    }

    /// The lines that were taken away and that came, with their numbers, in the order of the text.
    static func difference(from old: String, to new: String) -> [String] {
        let oldLines = old.split(separator: "\n", omittingEmptySubsequences: false)
        let newLines = new.split(separator: "\n", omittingEmptySubsequences: false)
        let changes = newLines.difference(from: oldLines).map { change -> (Int, Int, String) in
            switch change {
            case .remove(let offset, let line, _): (offset, 0, "-\(offset + 1): \(line)")
            case .insert(let offset, let line, _): (offset, 1, "+\(offset + 1): \(line)")
            }
        }
        return changes.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
    }
}
