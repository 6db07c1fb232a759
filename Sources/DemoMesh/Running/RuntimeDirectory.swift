import Glibc

/// The directory of this demo for sockets, configurations and logs; only the user can look into it.
struct RuntimeDirectory: Equatable, Sendable {
    let path: String

    /// Makes `demo-<process id>` under `$XDG_RUNTIME_DIR/gameday`, or under `/tmp/gameday-<user id>` where that is not
    /// set, and sweeps those of demos that are dead.
    init(environment: [String: String], process: Int32 = getpid()) throws(DemoFailure) {
        let parent = Self.parent(environment)
        try Self.make(parent)
        Self.sweep(parent)
        path = "\(parent)/demo-\(process)"
        try Self.make(path)
    }

    func file(_ name: String) -> String {
        path + "/" + name
    }

    /// Makes a directory in it.
    func make(_ name: String) throws(DemoFailure) {
        try Self.make(file(name))
    }

    /// Writes a file which only the user can read.
    func write(_ bytes: [UInt8], to name: String) throws(DemoFailure) {
        let file = open(self.file(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Self.failure(path) }
        defer { close(file) }
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    func remove() {
        Self.remove(path)
    }

    /// The directories of the demos that are running.
    static func living(environment: [String: String]) -> [String] {
        let parent = parent(environment)
        return names(in: parent).sorted().compactMap { name in
            guard name.hasPrefix("demo-"), let process = Int32(name.dropFirst(5)), process > 0 else { return nil }
            return kill(process, 0) == 0 ? "\(parent)/\(name)" : nil
        }
    }

    private static func parent(_ environment: [String: String]) -> String {
        environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 + "/gameday" } ?? "/tmp/gameday-\(getuid())"
    }

    /// What the last call of the system complained of: descriptors are not the directory's fault.
    private static func failure(_ path: String) -> DemoFailure {
        errno == EMFILE || errno == ENFILE
            ? .noDescriptors : .noDirectory(path: path, reason: String(cString: strerror(errno)))
    }

    private static func make(_ path: String) throws(DemoFailure) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw failure(path) }
        // In /tmp somebody else may have made it first, or a link by its name.
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(),
            chmod(path, 0o700) == 0
        else { throw .noDirectory(path: path, reason: "it is not a directory of this user") }
    }

    private static func sweep(_ parent: String) {
        for name in names(in: parent) {
            guard name.hasPrefix("demo-"), let process = Int32(name.dropFirst(5)), process > 0 else { continue }
            if kill(process, 0) != 0, errno == ESRCH { remove("\(parent)/\(name)") }
        }
    }

    /// Removes what is in the directory, and then itself. Links are removed, never followed.
    private static func remove(_ path: String) {
        for name in names(in: path) where unlink("\(path)/\(name)") != 0 { remove("\(path)/\(name)") }
        rmdir(path)
    }
}
