internal import ChildPrograms
internal import Glibc
internal import MeshClient

/// Finds the Python that has the extensions: the one that the user's own `chaos` runs in.
struct PythonSearch {
    let environment: [String: String]

    /// That of `GAMEDAY_PYTHON`; the one that `chaos` names in its first line, in the active virtual environment or in
    /// the path; the Python of that environment; the first in the path.
    var python: String? {
        let search = ExecutableSearch(environment: environment)
        if let named = environment["GAMEDAY_PYTHON"], !named.isEmpty, let found = search.find(named) { return found }
        let active = environment["VIRTUAL_ENV"].flatMap { $0.isEmpty ? nil : $0 + "/bin" }
        let folders =
            [active].compactMap(\.self)
            + (environment["PATH"] ?? "/bin:/usr/bin").split(separator: ":").map(String.init)
        for folder in folders {
            guard let python = Self.interpreter(of: folder + "/chaos"), search.find(python) != nil else { continue }
            return python
        }
        return [active.map { $0 + "/python" }, "python3", "python"].lazy.compactMap(\.self).compactMap(search.find)
            .first
    }

    /// The Python in the first lines of a program, which may be a link to it: pipx and uv make such ones.
    static func interpreter(of program: String) -> String? {
        guard access(program, X_OK) == 0, let bytes = head(of: program), bytes.starts(with: Array("#!".utf8)) else {
            return nil
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 2)
        let words = lines.first.map { $0.dropFirst(2).split(separator: " ") } ?? []
        guard let first = words.first.map(String.init) else { return nil }
        if isPython(first) { return first }
        if first.hasSuffix("/env"), let named = words.dropFirst().first.map(String.init), isPython(named) {
            return named
        }
        // Where the path is too long for a first line, a shell begins, and its second line names the Python.
        guard first.hasSuffix("/sh"), lines.count > 1, lines[1].hasPrefix("'''exec' ") else { return nil }
        let rest = lines[1].dropFirst(9)
        let path = rest.hasPrefix("\"") ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != " " }
        return isPython(String(path)) ? String(path) : nil
    }

    private static func isPython(_ path: String) -> Bool {
        path.split(separator: "/").last?.hasPrefix("python") ?? false
    }

    private static func head(of path: String) -> [UInt8]? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        return count > 0 ? Array(bytes[..<count]) : nil
    }
}
