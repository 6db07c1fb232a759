internal import Glibc

/// Folders that hold what is ours alone.
enum Folders {
    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes the folder and those above it, mode 0700 where they are new. Each new name is synced into its parent.
    static func make(_ path: String) -> Bool {
        if access(path, F_OK) == 0 { return true }
        let above = parent(of: path)
        guard above != path, make(above) else { return false }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { return false }
        sync(above)
        return true
    }

    static func sync(_ path: String) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// True when nobody but us and root can put something else in place of what is ours there.
    static func isSafe(_ path: String) -> Bool {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return false }
        guard status.st_uid == geteuid() || status.st_uid == 0 else { return false }
        return status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0
    }
}
