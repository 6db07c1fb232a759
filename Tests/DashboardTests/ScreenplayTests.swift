import Foundation
import TestKit
import Testing

/// Plays every file of the Screenplays folder.
struct ScreenplayTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Screenplays")
    static let names =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).filter { $0.hasSuffix(".play") }
        .sorted()

    @Test(arguments: names)
    func `every screenplay goes as it is written`(name: String) throws {
        var play = Screenplay(try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8))
        do { try play.play() } catch { Issue.record("\(name), \(error)") }
        for frame in play.frames { Golden.check(frame.text, "\(frame.name).frame") }
    }

    @Test func `there are screenplays to play`() {
        #expect(Self.names.count >= 6)
    }
}
