import Dashboard
import FileWriting
import FoundationEssentials
import MeshModel
import Recording
import TerminalCanvas

/// A picture of the screen in three files: text, text with colours for a terminal, and SVG.
struct Screenshot: Sendable {
    let canvas: Canvas
    let theme: Theme

    /// Writes the files and returns, in words, where they are or why they are not.
    func write(at now: Timestamp, environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let folder = Self.folder(environment)
        let path = "\(folder)/gameday-\(Self.name(of: now))"
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            for (ending, text) in files { try WritingPlace(path + ending).write(Array(text.utf8)) }
            return "Saved \(path).txt, .ansi and .svg"
        } catch {
            return "Cannot save the screenshot: \(folder) cannot be written"
        }
    }

    var files: [(ending: String, text: String)] {
        [
            (".txt", canvas.lines.joined(separator: "\n") + "\n"),
            (".ansi", canvas.painted(theme, .trueColor).joined(separator: "\n") + "\n"),
            (".svg", ScreenRendering.image(of: canvas, theme).svg),
        ]
    }

    static func folder(_ environment: [String: String]) -> String {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        let data = value("XDG_DATA_HOME") ?? value("HOME").map { $0 + "/.local/share" } ?? "/tmp"
        return data + "/gameday/screenshots"
    }

    /// The time in UTC, with its milliseconds, so that two pictures of a second have two names.
    private static func name(of now: Timestamp) -> String { now.iso8601.filter { $0 != ":" } }
}
