internal import Glibc
internal import MeshClient

/// Folders that hold what is ours alone.
enum Folders {
    static func parent(of path: String) -> String { PrivateFolder.parent(of: path) }

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
}
