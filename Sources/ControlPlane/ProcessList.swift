internal import Glibc

/// The processes of this machine, as /proc tells of them.
enum ProcessList {
    /// All that are alive now, but not this one.
    static var others: [pid_t] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        var found: [pid_t] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // A zombie has no environment any more, but the file may still be there.
            if let process = pid_t(name), process != getpid(), kill(process, 0) == 0 { found.append(process) }
        }
        return found
    }

    /// The texts in `environ` or `cmdline` of a process; none when it may not be read.
    static func words(in name: String, of process: pid_t) -> [ArraySlice<UInt8>] {
        let file = open("/proc/\(process)/\(name)", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while all.count < 4 << 20 {
            let count = read(file, &chunk, chunk.count)
            guard count > 0 else { break }
            all += chunk.prefix(count)
        }
        return all.split(separator: 0)
    }
}
