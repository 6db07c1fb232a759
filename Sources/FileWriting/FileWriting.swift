// FileWriting: the one place that puts whole files on a disk. What stands at a path already decides how: a plain file is
// replaced in one step and keeps its mode and its owner; a device, a pipe or our own output is written into; a link leads
// to one of them and stays. It knows nothing of what is written.

internal import Glibc

/// A place that something is to be written to, looked at before it is.
public struct WritingPlace: Sendable {
    enum Kind: Sendable {
        /// A plain file, or none yet, by the path that links lead to.
        case file(FileOutline)
        case stream(OpenStream)
    }

    /// The path as it was given.
    public let path: String
    let kind: Kind

    /// Looks at what is there; `mode` is that of a new file. A pipe is opened, and stays open as long as this lives.
    public init(_ path: String, mode: UInt32 = 0o600) throws(FileTrouble) {
        self.path = path
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw FileTrouble(path: path, code: errno) }
            kind = .file(FileOutline(path: try Self.end(of: path), mode: mode))
            return
        }
        if let own = OpenStream(ownOutput: status) {
            kind = .stream(own)
            return
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let real = try Self.end(of: path)
            kind = .file(
                FileOutline(path: real, mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid))
        case S_IFDIR: throw FileTrouble(path: path, code: EISDIR)
        case S_IFBLK: throw FileTrouble(path: path, code: ENOTBLK)
        default:
            // Waiting for the reader of a pipe could last for ever.
            let descriptor = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            guard descriptor >= 0 else { throw FileTrouble(path: path, code: errno) }
            kind = .stream(OpenStream(descriptor))
        }
    }

    /// Whether what is written takes the place of what was there, so that it may be written again and again.
    public var isReplaced: Bool {
        if case .file = kind { true } else { false }
    }

    /// What a crash in the middle of writing could do that it does not do elsewhere; nil when nothing.
    public var caveat: String? {
        guard case .file(let file) = kind, file.mustStayInPlace else { return nil }
        return "\(path) cannot be replaced in one step: its folder or its owner does not allow it. "
            + "It is written in place, and a crash in the middle would leave half of it."
    }

    /// Writes all of it: the file has it whole or not at all.
    public func write(_ bytes: [UInt8]) throws(FileTrouble) {
        let writing = try FileInWriting(self)
        try writing.write(bytes)
        try writing.finish()
    }

    /// Tries whether there is permission and room, and leaves nothing behind.
    public func check() throws(FileTrouble) {
        guard case .file(let file) = kind else { return }
        if file.mustStayInPlace {
            guard access(file.path, W_OK) == 0 else { throw FileTrouble(path: path, code: errno) }
            return
        }
        let writing = try FileInWriting(self)
        try writing.write([UInt8](repeating: 0x20, count: 64 << 10))
    }

    /// The path that links lead to, whether anything is there or not.
    private static func end(of path: String) throws(FileTrouble) -> String {
        var place = path
        for _ in 0..<40 {
            guard let target = link(at: place) else { return place }
            place = target.hasPrefix("/") ? target : folder(of: place) + target
        }
        throw FileTrouble(path: path, code: ELOOP)
    }

    private static func link(at path: String) -> String? {
        var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = buffer.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { chars in
                chars.baseAddress.map { readlink(path, $0, chars.count) } ?? -1
            }
        }
        return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }

    /// The folder with a slash at its end, or nothing for the current one.
    static func folder(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[...$0]) } ?? ""
    }
}

/// A plain file as it was when it was looked at.
struct FileOutline: Sendable {
    var path: String
    var mode: mode_t
    /// Nil when there is none yet.
    var owner: uid_t?
    var group: gid_t?

    var folder: String { WritingPlace.folder(of: path) }

    /// Whether there is a file which we can't put another one in the place of.
    var mustStayInPlace: Bool {
        guard let owner else { return false }
        let canMake = access(folder.isEmpty ? "." : folder, W_OK) == 0
        return !canMake || (owner != geteuid() && geteuid() != 0)
    }
}
