import MeshModel
import TerminalCanvas
import Yams

/// One mistake in a file that a person wrote: where, what, and what to do about it.
struct SettingsMistake: Equatable {
    var line: Int
    var message: String
    var remedy: String?
    /// The file it is in, where that is another than the one that was asked for.
    var file: String?

    func text(file: String) -> String {
        "\(self.file ?? file):\(line): \(Text.clipped(message, to: 2000))" + (remedy.map { "\n    \($0)" } ?? "")
    }
}

/// A node of a settings file that remembers its line, so that every mistake can be told with its place.
/// Mistakes are collected, not thrown: all of a file are told at once.
struct SettingsNode {
    let node: Node
    let log: SettingsMistakes
    /// The file, where that is another than the one that was asked for.
    var file: String?

    var line: Int { node.mark?.line ?? 1 }

    func mistake(_ message: String, _ remedy: String? = nil) {
        log.add(SettingsMistake(line: line, message: message, remedy: remedy, file: file))
    }

    /// The members of a mapping; tells unknown and repeated keys. Nil when it is no mapping.
    func members(of what: String, keys: [String]) -> [String: SettingsNode]? {
        guard case .mapping(let mapping) = node else {
            mistake("\(what) must be a mapping with: \(keys.joined(separator: ", "))")
            return nil
        }
        var result: [String: SettingsNode] = [:]
        for (key, value) in mapping {
            let keyNode = SettingsNode(node: key, log: log, file: file)
            let name = key.scalar?.string ?? "?"
            if !keys.contains(name) {
                guard !log.isFull else { continue }
                let near = Quantity.nearest(to: name, among: keys)
                keyNode.mistake(
                    "\(what) has no key '\(Output.short(name, to: 60))'",
                    near.map { "Did you mean '\($0)'?" } ?? "Known keys: \(keys.joined(separator: ", ")).")
            } else {
                result[name] = SettingsNode(node: value, log: log, file: file)
            }
        }
        return result
    }

    /// The member of this name, whatever else is there; nil when there is none.
    subscript(name: String) -> SettingsNode? {
        guard case .mapping(let mapping) = node else { return nil }
        return mapping.first { $0.key.scalar?.string == name }.map {
            SettingsNode(node: $0.value, log: log, file: file)
        }
    }

    /// How many members a mapping has, known or not.
    var memberCount: Int {
        guard case .mapping(let mapping) = node else { return 0 }
        return mapping.count
    }

    /// The text, or nil when it is none; nothing is told.
    var scalar: String? { node.scalar?.string }

    /// The items of a list; tells when it is none.
    func items(of what: String) -> [SettingsNode] {
        guard case .sequence(let sequence) = node else {
            mistake("\(what) must be a list", "Begin each item with '- '.")
            return []
        }
        return sequence.map { SettingsNode(node: $0, log: log, file: file) }
    }

    func text(_ what: String) -> String? {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            mistake("\(what) must be a text")
            return nil
        }
        return scalar.string
    }

    func seconds(_ what: String, in range: ClosedRange<Double>) -> Double? {
        guard let text = text(what) else { return nil }
        guard let seconds = Quantity.seconds(text) else {
            mistake("\(what) '\(text)' is no duration", "Write a number with its unit, like 500ms, 2s or 5m.")
            return nil
        }
        guard range.contains(seconds) else {
            mistake("\(what) \(text) is out of bounds", "From \(range.lowerBound) to \(range.upperBound) seconds.")
            return nil
        }
        return seconds
    }

    /// A percentage strictly between 0 and 100, as a ratio.
    func ratio(_ what: String) -> Double? {
        guard let text = text(what) else { return nil }
        guard text.hasSuffix("%"), let ratio = Quantity.share(percent: text), ratio > 0, ratio < 1 else {
            mistake("\(what) '\(text)' is no percentage between 0 and 100", "Write it with its sign, like 99.5%.")
            return nil
        }
        return ratio
    }
}

/// The mistakes of one file, in the order of its lines.
final class SettingsMistakes {
    /// More than these nobody reads, and a file of nothing else would take its time.
    private static let most = 100
    private var found: [SettingsMistake] = []
    private(set) var isFull = false

    var all: [SettingsMistake] {
        found.sorted { ($0.file ?? "", $0.line) < ($1.file ?? "", $1.line) }
    }

    func add(_ mistake: SettingsMistake) {
        guard found.count < Self.most else {
            if !isFull { found.append(SettingsMistake(line: mistake.line, message: "and more mistakes from here on")) }
            isFull = true
            return
        }
        found.append(mistake)
    }
}
