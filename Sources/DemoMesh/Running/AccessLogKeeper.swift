import Glibc

/// Keeps the access logs of the bar's sidecars short: they lie in memory on most machines, and nobody reads far back.
struct AccessLogKeeper: Sendable {
    /// A longer file is cut to its end.
    private static let most = 1 << 20
    private static let kept = 256 << 10

    var files: [String]

    static func file(of place: MeshLayout.Place, in directory: String) -> String {
        "\(directory)/\(place.name)-access.log"
    }

    init(layout: MeshLayout, directory: String) {
        files = layout.places.map { Self.file(of: $0, in: directory) }
    }

    init(files: [String]) { self.files = files }

    /// Looks at all of them every two seconds, until the task is cancelled.
    func run() async {
        while (try? await Task.sleep(for: .seconds(2))) != nil {
            for file in files { Self.trim(file) }
        }
    }

    /// An Envoy appends, so it goes on behind what is left.
    static func trim(_ path: String, most: Int = most, kept: Int = kept) {
        let file = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > most else { return }
        let end = [UInt8](unsafeUninitializedCapacity: kept) { buffer, count in
            count = max(0, pread(file, buffer.baseAddress, buffer.count, status.st_size - kept))
        }
        let whole = end.drop { $0 != UInt8(ascii: "\n") }.dropFirst()
        guard ftruncate(file, 0) == 0 else { return }
        // What does not fit is gone: these are the last lines, and others follow.
        _ = whole.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
    }
}
