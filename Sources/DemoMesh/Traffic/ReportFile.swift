import Glibc

/// A file of lines that starts anew when it is large, keeping the one before; a game day may last for weeks.
struct ReportFile: Sendable {
    var path: String
    var largest = 4 << 20

    /// Appends the line. A full disk loses lines and nothing else.
    func append(_ line: [UInt8]) {
        var status = stat()
        if stat(path, &status) == 0, status.st_size + line.count > largest { rename(path, path + ".1") }
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { return }
        _ = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
        close(file)
    }
}
