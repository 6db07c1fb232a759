import Foundation
import MeshModel
import Testing

@testable import Recording

/// The recordings that come with the program: recorded from the real demo, never written by hand.
struct ShippedRecordingsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../recordings").standardizedFileURL

    static var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".jsonl.bz3") }
                .sorted()
        }
    }

    @Test func `each is sound, small, and shows a whole day`() throws {
        let files = try Self.files
        #expect(!files.isEmpty)
        for file in files {
            let path = Self.folder.appending(path: file).path()
            let size = try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
            #expect(size < 1 << 20, "\(file)")
            let reader = try RecordingReader(path: path)
            #expect(reader.isComplete && reader.findings.isEmpty, "\(file)")
            #expect(reader.verified().isSound, "\(file)")
            let end = reader.state(at: reader.end).state
            #expect(end.session?.mode == .live, "\(file)")
            #expect(!end.faults.isEmpty && end.activeFaults.isEmpty, "\(file)")
        }
    }
}
