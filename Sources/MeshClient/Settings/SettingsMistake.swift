/// One mistake in a file that a person wrote: where, what, and what to do about it.
public struct SettingsMistake: Equatable, Sendable {
    public var line: Int
    public var message: String
    public var remedy: String?
    /// The file it is in, where that is another than the one that was asked for.
    public var file: String?

    public init(line: Int, message: String, remedy: String? = nil, file: String? = nil) {
        self.line = line
        self.message = message
        self.remedy = remedy
        self.file = file
    }
}

/// The mistakes of one file, in the order of its lines.
public final class SettingsMistakes {
    /// More than these nobody reads, and a file of nothing else would take its time.
    private static let most = 100
    private var found: [SettingsMistake] = []
    public private(set) var isFull = false

    public init() {}

    public var all: [SettingsMistake] {
        found.sorted { ($0.file ?? "", $0.line) < ($1.file ?? "", $1.line) }
    }

    public func add(_ mistake: SettingsMistake) {
        guard found.count < Self.most else {
            if !isFull { found.append(SettingsMistake(line: mistake.line, message: "and more problems after this")) }
            isFull = true
            return
        }
        found.append(mistake)
    }
}
