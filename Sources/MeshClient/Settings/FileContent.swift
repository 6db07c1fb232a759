internal import Glibc

/// Why the content of a file can't be had, in words that follow its name.
public struct UnreadableFile: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
    /// There is no such file.
    public let isMissing: Bool

    public init(_ description: String, isMissing: Bool = false) {
        self.description = description
        self.isMissing = isMissing
    }

    /// The trouble that `errno` tells.
    static var ofSystem: UnreadableFile {
        switch errno {
        case ENOENT, ENOTDIR: UnreadableFile("the file does not exist", isMissing: true)
        case EISDIR: UnreadableFile("it is a folder")
        case let code: UnreadableFile("it cannot be read: \(String(cString: strerror(code)))")
        }
    }
}

/// The content of files, whatever lies under their names: no more than a bound is read, and nobody is waited for long.
public enum FileContent {
    /// No document that a person writes is larger.
    public static let largest = 4 << 20
    /// A list of so many bytes of YAML becomes a hundred times as many in memory.
    public static let largestYAML = 1 << 20
    /// How long a pipe may say nothing, and how long it may have no writer at all.
    private static let silence: Int32 = 10_000
    private static let loneliness: Int32 = 1000

    /// All bytes of a file.
    public static func read(_ path: String, upTo limit: Int = largest) throws(UnreadableFile) -> [UInt8] {
        // Without a writer to a pipe the usual way to open it would wait for one.
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { throw .ofSystem }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .ofSystem }
        let kind = status.st_mode & S_IFMT
        if kind == S_IFDIR { throw UnreadableFile("it is a folder") }
        if isatty(file) == 1 { throw UnreadableFile("it is a terminal") }
        if kind == S_IFREG, status.st_size > limit { throw tooLarge(limit) }
        return try read(file, upTo: limit, isPipe: kind == S_IFIFO)
    }

    private static func read(_ file: Int32, upTo limit: Int, isPipe: Bool) throws(UnreadableFile) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var waited: Int32 = 0
        while content.count <= limit {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count > 0 {
                content += buffer.prefix(count)
            } else if count < 0, errno == EAGAIN {
                var wait = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
                guard poll(&wait, 1, silence) != 0 else { throw UnreadableFile("it is a pipe without data") }
            } else if count == 0, isPipe, content.isEmpty, waited < loneliness {
                // A pipe without a writer is at its end from the beginning. One may be about to come.
                usleep(20_000)
                waited += 20
            } else if count == 0 {
                if isPipe, content.isEmpty { throw UnreadableFile("it is a pipe without a writer") }
                return content
            } else if errno != EINTR {
                throw .ofSystem
            }
        }
        throw tooLarge(limit)
    }

    private static func tooLarge(_ limit: Int) -> UnreadableFile {
        UnreadableFile("it is larger than \(limit >> 20) MiB")
    }

    /// A file as a text.
    public static func readText(_ path: String, upTo limit: Int = largest) throws(UnreadableFile) -> String {
        guard let text = String(validating: try read(path, upTo: limit), as: UTF8.self) else {
            throw UnreadableFile("it is not UTF-8 text")
        }
        return text
    }

    /// The same where it does not matter why there is none.
    public static func bytes(of path: String, upTo limit: Int = largest) -> [UInt8]? { try? read(path, upTo: limit) }

    public static func text(of path: String, upTo limit: Int = largest) -> String? { try? readText(path, upTo: limit) }
}
