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
        case ENXIO: "it has no reader"
        case ENOTBLK: "it is a whole disk"
        case ETIMEDOUT: "its reader does not read"
        default: String(cString: strerror(code))
        }
    }

    public var remedy: String? {
        switch code {
        case ENOENT: "Create its folder first, or choose another file."
        case EACCES, EPERM, EROFS: "Choose a file in a folder that you can write to."
        case EISDIR: "Choose a file in it."
        case ENXIO, ETIMEDOUT: "Start its reader first, or choose a file."
        case ENOSPC, EDQUOT: "Free space, or choose a file elsewhere."
        case ENOTBLK, ELOOP: "Choose a file."
        default: nil
        }
    }
}
