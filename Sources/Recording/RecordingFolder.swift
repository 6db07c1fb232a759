internal import Glibc
public import MeshModel

/// How long recordings are kept.
public struct Retention: Equatable, Sendable {
    /// A recording in the folder.
    public struct Item: Equatable, Sendable {
        public var path: String
        public var bytes: Int
        public var changed: Timestamp

        public init(path: String, bytes: Int, changed: Timestamp) {
            self.path = path
            self.bytes = bytes
            self.changed = changed
        }
    }

    /// At most so many recordings are kept.
    public var count: Int
    /// All of them together take at most so many bytes.
    public var bytes: Int

    /// A file that changed within so many seconds is being written, by this control plane or by another.
    static let writing = 60.0

    public init(count: Int = 100, bytes: Int = 1 << 30) {
        self.count = count
        self.bytes = bytes
    }

    /// Which of these are to go, the oldest. The newest always stays, and so does what is being written.
    public func removals(from items: [Item], now: Timestamp) -> [Item] {
        let newestFirst = items.sorted { ($0.changed, $0.path) > ($1.changed, $1.path) }
        var sum = 0
        var removals: [Item] = []
        for (place, item) in newestFirst.enumerated() {
            let (more, isTooLarge) = sum.addingReportingOverflow(item.bytes)
            let isCurrent = place == 0 || abs(now.seconds(since: item.changed)) < Self.writing
            if !isCurrent, isTooLarge || more > bytes || place - removals.count >= count {
                removals.append(item)
            } else {
                sum = isTooLarge ? .max : more
            }
        }
        return removals
    }
}

/// Where recordings are kept, one file a session.
public struct RecordingFolder: Equatable, Sendable {
    public var path: String

    public init(path: String) {
        self.path = path
    }

    /// `$XDG_DATA_HOME/gameday/recordings`, or the place under `$HOME` that the XDG specification names for want of it.
    public static func standard(_ variable: (String) -> String?) -> RecordingFolder {
        let data = variable("XDG_DATA_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        let base = data ?? "\(variable("HOME") ?? "/tmp")/.local/share"
        return RecordingFolder(path: "\(base)/gameday/recordings")
    }

    /// Makes the folder and those above it, readable by their owner only.
    public func prepare() throws(RecordingTrouble) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/\(part)"
            guard mkdir(made, 0o700) == 0 || errno == EEXIST else { throw RecordingTrouble(path: made, code: errno) }
        }
    }

    /// A name for a new recording: when it begins and of what, in characters that every shell takes as they are.
    public func newPath(name: String, at: Timestamp) -> String {
        let letters = name.lowercased().unicodeScalars.map { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
                ? Character(scalar) : "-"
        }
        let word = String(letters.prefix(40)).split(separator: "-").joined(separator: "-")
        let time = at.iso8601.filter { $0 != ":" && $0 != "." }
        return "\(path)/\(time)\(word.isEmpty ? "" : "-\(word)")\(RecordingFormat.suffix)"
    }

    /// The recordings in the folder, in no order; none where there is no folder. One that is written, or whose writer
    /// died, may be two files: it has the name of the packed one.
    public func items() -> [Retention.Item] {
        var items: [String: Retention.Item] = [:]
        for file in files(ending: RecordingFormat.suffixes) {
            let stem = RecordingFormat.stem(of: file.path)
            guard let other = items[stem] else {
                items[stem] = file
                continue
            }
            items[stem] = Retention.Item(
                path: max(file.path, other.path), bytes: file.bytes + other.bytes,
                changed: max(file.changed, other.changed))
        }
        return Array(items.values)
    }

    func files(ending suffixes: [String]) -> [Retention.Item] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var items: [Retention.Item] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard suffixes.contains(where: name.hasSuffix) else { continue }
            var status = stat()
            guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            let changed = Timestamp(milliseconds: Int64(status.st_mtim.tv_sec) * 1000)
            items.append(Retention.Item(path: "\(path)/\(name)", bytes: Int(status.st_size), changed: changed))
        }
        return items
    }

    /// Removes what is no longer to be kept, and answers what went.
    @discardableResult
    public func prune(_ retention: Retention = Retention(), now: Timestamp) -> [String] {
        retention.removals(from: items(), now: now).map(\.path).filter { path in
            let files = RecordingFormat.suffixes.map { RecordingFormat.stem(of: path) + $0 }
            return files.filter { unlink($0) == 0 }.count > 0
        }
    }
}
