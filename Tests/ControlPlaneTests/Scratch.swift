import Glibc

/// A folder of a test's own, gone with the test.
final class Scratch: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/gameday-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(code: errno) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        Self.remove(path)
    }

    struct Failure: Error {
        var code: Int32
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }

    func bytes(_ name: String) -> [UInt8] {
        guard let file = fopen(self.file(name), "r") else { return [] }
        defer { fclose(file) }
        var result: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return result }
            result += chunk[..<count]
        }
    }

    func write(_ bytes: [UInt8], to name: String) {
        guard let file = fopen(self.file(name), "w") else { return }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }

    /// The names in a folder of ours.
    func names(in folder: String) -> [String] { Self.names(in: "\(path)/\(folder)") }

    private static func remove(_ path: String) {
        for name in names(in: path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }

    private static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            names.append(
                withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return names.filter { $0 != "." && $0 != ".." }
    }
}
