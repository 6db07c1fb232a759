import Foundation
import Testing

/// What fuzzing found once stays found: each input of the corpus goes through its decoder again, without guidance.
struct CorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

    @Test(arguments: FuzzTarget.all)
    func `every input that was kept for a decoder is taken or refused`(_ target: FuzzTarget) throws {
        let folder = Self.folder.appending(path: target.name)
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files.sorted(by: { $0.path < $1.path }) {
            let bytes = [UInt8](try Data(contentsOf: file))
            do { try target.run(bytes) } catch { Issue.record("\(target.name)/\(file.lastPathComponent): \(error)") }
        }
    }

    @Test func `every corpus belongs to a decoder`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
    }
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { name }
}
