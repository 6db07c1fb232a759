internal import Glibc
internal import MeshModel
internal import Yams

/// A node of a file that a person wrote, which remembers its line, so that every mistake can be told with its place.
/// Mistakes are collected, not thrown: all of a file are told at once.
public struct SettingsNode {
    private let node: Node
    public let log: SettingsMistakes
    /// The file, where that is another than the one that was asked for.
    public let file: String?

    init(_ node: Node, log: SettingsMistakes, file: String? = nil) {
        self.node = node
        self.log = log
        self.file = file
    }

    /// A text that stands in no file.
    public init(_ text: String, log: SettingsMistakes) {
        self.init(Node(text), log: log)
    }

    /// The same, which tells its mistakes elsewhere.
    public func telling(_ log: SettingsMistakes) -> SettingsNode { SettingsNode(node, log: log, file: file) }

    public var line: Int { node.mark?.line ?? 1 }

    public func mistake(_ message: String, _ remedy: String? = nil) {
        log.add(SettingsMistake(line: line, message: message, remedy: remedy, file: file))
    }

    private func with(_ node: Node) -> SettingsNode { SettingsNode(node, log: log, file: file) }

    /// The members of a mapping; tells unknown and repeated keys. Nil when it is no mapping.
    public func members(of what: String, keys: [String]) -> [String: SettingsNode]? {
        guard case .mapping(let mapping) = node else {
            mistake("\(what) must be a mapping with: \(keys.joined(separator: ", "))")
            return nil
        }
        var result: [String: SettingsNode] = [:]
        for (key, value) in mapping {
            let name = key.scalar?.string ?? "?"
            if !keys.contains(name) {
                guard !log.isFull else { continue }
                let near = Quantity.nearest(to: name, among: keys)
                with(key).mistake(
                    "unknown key '\(Self.short(name, to: 60))' in \(what)",
                    near.map { "Did you mean '\($0)'?" } ?? "Known keys: \(keys.joined(separator: ", ")).")
            } else {
                result[name] = with(value)
            }
        }
        return result
    }

    /// The member of this name, whatever else is there; nil when there is none.
    public subscript(name: String) -> SettingsNode? {
        guard case .mapping(let mapping) = node else { return nil }
        return mapping.first { $0.key.scalar?.string == name }.map { with($0.value) }
    }

    /// How many members a mapping has, known or not.
    public var memberCount: Int {
        guard case .mapping(let mapping) = node else { return 0 }
        return mapping.count
    }

    public var isList: Bool { if case .sequence = node { true } else { false } }

    /// The text, or nil when it is none; nothing is told.
    public var scalar: String? { node.scalar?.string }

    /// Every text in it, however deep; the keys of mappings are none.
    public var scalars: [String] {
        switch node {
        case .scalar(let scalar): [scalar.string]
        case .sequence(let items): items.flatMap { with($0).scalars }
        case .mapping(let members): members.flatMap { with($0.value).scalars }
        case .alias: []
        }
    }

    /// The members of a mapping whatever they are called; tells when it is none.
    func mapping(of what: String) -> [String: SettingsNode] {
        guard case .mapping(let mapping) = node else {
            mistake("\(what) must be a mapping")
            return [:]
        }
        return mapping.reduce(into: [:]) { members, member in
            if let name = member.key.scalar?.string { members[name] = with(member.value) }
        }
    }

    /// The items of a list; tells when it is none.
    public func items(of what: String) -> [SettingsNode] {
        guard case .sequence(let sequence) = node else {
            mistake("\(what) must be a list", "Begin each item with '- '.")
            return []
        }
        return sequence.map { with($0) }
    }

    public func text(_ what: String) -> String? {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            mistake("\(what) must be a string")
            return nil
        }
        return scalar.string
    }

    public func seconds(_ what: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = text(what) else { return nil }
        guard let seconds = Quantity.seconds(text) else {
            mistake("invalid duration '\(text)' for \(what)", "Use a number with its unit, such as 500ms, 2s or 5m.")
            return nil
        }
        guard range.contains(seconds) else {
            mistake("\(what) \(text) is out of range", "Use \(range.lowerBound) to \(range.upperBound) seconds.")
            return nil
        }
        return seconds
    }

    /// A percentage strictly between 0 and 100, as a ratio.
    public func ratio(_ what: String) -> Double? {
        guard let text = text(what) else { return nil }
        guard text.hasSuffix("%"), let ratio = Quantity.share(percent: text), ratio > 0, ratio < 1 else {
            mistake("invalid percentage '\(text)' for \(what)", "Use 0% to 100% with its sign, such as 99.5%.")
            return nil
        }
        return ratio
    }

    /// The URL of a server, without a slash at its end; tells one that nobody could ask. What a name of a host may be is
    /// left to who asks it.
    public func url(_ what: String, like example: String) -> String? {
        guard let text = text(what), let url = Self.url(text) else {
            mistake("invalid URL for \(what): not http or https", "Use a URL such as \(example).")
            return nil
        }
        return url
    }

    static func url(_ text: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix), text.count > scheme.count,
            !text.dropFirst(scheme.count).hasPrefix("/"), !text.contains(where: { "?# \t\\\"<>".contains($0) })
        else { return nil }
        return String(text.reversed().drop { $0 == "/" }.reversed())
    }

    /// The whole path of a file that can be read; a relative one begins in `folder`.
    public func path(_ what: String, in folder: String) -> String? {
        guard let text = text(what) else { return nil }
        let path = Self.whole(text, in: folder)
        guard access(path, R_OK) == 0 else {
            mistake("\(what) \(path) cannot be read: \(String(cString: strerror(errno)))")
            return nil
        }
        return path
    }

    private static func whole(_ text: String, in folder: String) -> String {
        let path = text.hasPrefix("/") ? text : folder + text
        guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return path }
        defer { free(current) }
        return String(cString: current) + "/" + path
    }

    /// Text of a file in a sentence.
    static func short(_ text: String, to length: Int) -> String {
        text.count > length ? text.prefix(length - 1) + "…" : text
    }
}
