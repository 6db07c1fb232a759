import Foundation

@testable import Experiments

/// Files beside the tests.
enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()

    static func text(_ name: String) throws -> String {
        try String(contentsOf: folder.appendingPathComponent("Fixtures/\(name)"), encoding: .utf8)
    }

    static func json(_ name: String) throws -> Value {
        try JSONReader.value(of: text(name))
    }
}
