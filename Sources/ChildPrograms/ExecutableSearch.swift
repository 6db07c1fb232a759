internal import Glibc

/// Finds programs as Python's `shutil.which` does.
public struct ExecutableSearch {
    let environment: [String: String]

    public init(environment: [String: String]) {
        self.environment = environment
    }

    /// The path of the program, or nil when there is none that may be run. A name with a slash is taken as it is.
    public func find(_ name: String) -> String? {
        if name.utf8.contains(UInt8(ascii: "/")) { return Self.isExecutable(name) ? name : nil }
        guard !name.isEmpty else { return nil }
        let folders = environment["PATH"] ?? "/bin:/usr/bin"
        for folder in folders.split(separator: ":", omittingEmptySubsequences: false) {
            let path = (folder.isEmpty ? "." : folder) + "/" + name
            if Self.isExecutable(String(path)) { return String(path) }
        }
        return nil
    }

    /// A path with a leading `~` replaced by the home folder.
    public func expanded(_ path: String) -> String {
        guard path == "~" || path.hasPrefix("~/"), let home = environment["HOME"] else { return path }
        return home + path.dropFirst()
    }

    private static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else { return false }
        return access(path, X_OK) == 0
    }
}
