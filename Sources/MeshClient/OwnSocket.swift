internal import CCurl
internal import Glibc

/// A Unix socket that must be ours: who owns its folder, the socket, and the process that listens is looked at before a
/// word is said, since what answers there is believed. Root's are as good as ours.
enum OwnSocket {
    /// Throws what is wrong with the place of the socket.
    static func check(path: String) throws(TransportError) {
        try PrivateFolder.check(PrivateFolder.parent(of: path))
        var status = stat()
        guard lstat(path, &status) == 0 else { throw failure(at: path) }
        // Closed to us is told before whose it is: nobody forges what they don't let us open.
        guard faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 else { throw failure(at: path) }
        guard SystemUser.isTrusted(status.st_uid) else {
            throw .foreign(path: path, owner: SystemUser.name(of: status.st_uid))
        }
    }

    /// Throws when somebody else listens at a socket that we are connected to.
    static func check(peerOf descriptor: Int32, at path: String) throws(TransportError) {
        var user = UInt32.max
        guard socket_peer_user(descriptor, &user) == 0 else { throw failure(at: path) }
        guard SystemUser.isTrusted(user) else { throw .foreign(path: path, owner: SystemUser.name(of: user)) }
    }

    private static func failure(at path: String) -> TransportError {
        switch errno {
        case EACCES, EPERM: .denied(path: path, owner: PrivateFolder.owner(near: path))
        case ENOENT, ENOTDIR: .refused(path)
        default: .other(String(cString: strerror(errno)))
        }
    }
}

/// Folders whose contents only we and root can have put there.
public enum PrivateFolder {
    /// The folder that holds this path.
    public static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Throws what is wrong with a folder: it is not there, closed to us, somebody else's, or others may write into it.
    /// One that is a link is judged as a link, and by where it leads.
    public static func check(_ path: String) throws(TransportError) {
        var status = stat()
        for followsLink in [false, true] {
            guard (followsLink ? stat(path, &status) : lstat(path, &status)) == 0 else {
                let isClosed = errno == EACCES
                throw isClosed ? .denied(path: path, owner: owner(near: path)) : .refused(path)
            }
            guard SystemUser.isTrusted(status.st_uid) else {
                throw .foreign(path: path, owner: SystemUser.name(of: status.st_uid))
            }
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .refused(path) }
        guard status.st_mode & 0o022 == 0 || status.st_mode & S_ISVTX != 0 else { throw .exposed(path: path) }
    }

    /// The owner of a path, or of the nearest folder above it that can be seen.
    public static func owner(near path: String) -> String {
        var status = stat()
        var place = path
        while lstat(place, &status) != 0, place != "/", place != "." { place = parent(of: place) }
        return SystemUser.name(of: status.st_uid)
    }
}

/// Users of this machine.
public enum SystemUser {
    /// True for ourselves and for root, who could do all that we can.
    public static func isTrusted(_ user: UInt32) -> Bool { user == geteuid() || user == 0 }

    /// The name of an account; its number when it has none.
    public static func name(of user: UInt32) -> String {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var room = [CChar](repeating: 0, count: 4096)
        guard getpwuid_r(user, &entry, &room, room.count, &found) == 0, found != nil, let name = entry.pw_name else {
            return "user \(user)"
        }
        return String(cString: name)
    }
}
