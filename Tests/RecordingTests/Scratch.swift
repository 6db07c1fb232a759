import Foundation

/// A folder of a test's own, gone when it ends.
final class Scratch {
    let path = FileManager.default.temporaryDirectory.path() + "/gameday-recording-\(UUID().uuidString)"
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
}
