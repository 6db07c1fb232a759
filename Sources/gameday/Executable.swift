import Glibc

/// Where this program is, and where it was started.
enum Executable {
    /// The absolute path of this program.
    static var path: String {
        link("/proc/self/exe") ?? CommandLine.arguments.first ?? "gameday"
    }

    /// The directory of this program.
    static var directory: String {
        path.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
    }

    static var currentDirectory: String {
        link("/proc/self/cwd") ?? "/"
    }

    private static func link(_ path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink(path, $0, chars.count) } ?? -1
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
}
