import Foundation

/// The programs of this package, as built beside the tests.
public enum BuiltProgram {
    /// The path of an executable; the test's target must depend on it.
    public static func path(_ name: String) -> String {
        let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(filePath: tests).deletingLastPathComponent().appending(path: name).path()
    }
}
