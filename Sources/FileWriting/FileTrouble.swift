internal import Glibc

/// Why something can't be written where it should be, and what to do about it.
public struct FileTrouble: Error, Equatable, Sendable {
    public var path: String
    /// The `errno`.
    public var code: Int32

    public init(path: String, code: Int32) {
        self.path = path
        self.code = code
    }

    /// The cause, in words.
    public var cause: String {
        switch code {
        case ENXIO: "nobody reads what is written into it"
        case ENOTBLK: "it is a whole disk"
        case ETIMEDOUT: "nobody took what was written into it"
        default: String(cString: strerror(code))
        }
    }

    public var remedy: String? {
        switch code {
        case ENOENT: "Make its folder first, or name another file."
        case EACCES, EPERM, EROFS: "Name a file in a folder that you may write into."
        case EISDIR: "Name a file in it."
        case ENXIO, ETIMEDOUT: "Start its reader first, or name a file."
        case ENOSPC, EDQUOT: "Make room, or name a file elsewhere."
        case ENOTBLK, ELOOP: "Name a file."
        default: nil
        }
    }
}
