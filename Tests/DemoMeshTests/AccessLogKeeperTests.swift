import Foundation
import Testing

@testable import DemoMesh

/// The access logs of the bar stay short.
struct AccessLogKeeperTests {
    @Test func `a log that grew is cut to its last whole lines, and its writer goes on behind them`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "gameday-log-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(FileManager.default.createFile(atPath: path, contents: nil))
        // As Envoy writes: to the end, wherever that is.
        let writer = open(path, O_WRONLY | O_APPEND)
        defer { close(writer) }
        func append(_ text: String) { _ = write(writer, text, text.utf8.count) }
        for number in 100..<200 { append("line \(number)\n") }
        AccessLogKeeper.trim(path, most: 10_000, kept: 100)
        #expect(try String(contentsOfFile: path, encoding: .utf8).count == 900)
        AccessLogKeeper.trim(path, most: 500, kept: 100)
        append("line 200\n")
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        #expect(lines == (189...200).map { "line \($0)" })
        AccessLogKeeper.trim(path + "-none", most: 1, kept: 1)
    }
}
