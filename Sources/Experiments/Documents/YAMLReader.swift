internal import MeshClient
internal import Yams

/// Why a text is no YAML, and where.
struct YAMLError: Error, Equatable {
    var message: String
    var position: SourcePosition?
}

/// Reads YAML 1.1 as PyYAML's safe loader does: `yes` is true, `0777` is octal, `1:30` is 90, merge keys work, and the
/// last of several equal keys wins. It notes where each value begins.
struct YAMLReader {
    /// More values than this come only from a document whose aliases multiply.
    private static let mostValues = 100_000
    /// What marks a key that a later one of the same name replaces; see `composed`.
    private static let shadow = "gameday-shadowed-"

    private(set) var map = SourceMap()
    private var count = 0

    /// The one document of the text; nothing at all is null.
    mutating func document(_ text: String) throws(YAMLError) -> Value {
        guard let root = try Self.composed(text) else { return .null }
        return try value(of: root, at: DocumentPath())
    }

    /// Yams refuses equal keys where PyYAML keeps the last. So the earlier one is renamed in the text, out of the way.
    private static func composed(_ text: String) throws(YAMLError) -> Node? {
        if let line = YAMLBounds.lineOfHugeKey(in: text) {
            throw YAMLError(message: "found unhashable key", position: SourcePosition(line: line, column: 1))
        }
        var text = text
        var shadows = 0
        // Each is another reading of the whole.
        let most = min(1000, 3 + (2 << 20) / max(1, text.utf8.count))
        while true {
            do {
                return try Parser(yaml: text, resolver: .basic).singleRoot()
            } catch let YamlError.duplicatedKeysInMapping(keys, context) where shadows < most {
                shadows += 1
                guard let renamed = rename(in: text, at: context.mark, prefix: "\(shadow)\(shadows)-") else {
                    throw YAMLError(
                        message: "the key \(keys.first ?? "") is there twice", position: context.mark.position)
                }
                text = renamed
            } catch let error as YamlError {
                throw YAMLError(error)
            } catch {
                throw YAMLError(message: "\(error)", position: nil)
            }
        }
    }

    private static func rename(in text: String, at mark: Mark, prefix: String) -> String? {
        let bytes = Array(text.utf8)
        let lines = bytes.split(separator: 0x0A, maxSplits: mark.line - 1, omittingEmptySubsequences: false)
        guard mark.line >= 1, let line = lines.last, lines.count == mark.line else { return nil }
        let before = String(decoding: line, as: UTF8.self).unicodeScalars.prefix(mark.column - 1)
        var place = line.startIndex + String(before).utf8.count
        guard place < bytes.count, !"&*!?[{|>".utf8.contains(bytes[place]) else { return nil }
        if bytes[place] == UInt8(ascii: "\"") || bytes[place] == UInt8(ascii: "'") { place += 1 }
        return String(decoding: bytes[..<place] + Array(prefix.utf8) + bytes[place...], as: UTF8.self)
    }

    private mutating func value(of node: Node, at path: DocumentPath) throws(YAMLError) -> Value {
        count += 1
        guard count <= Self.mostValues else {
            throw YAMLError(message: "more than \(Self.mostValues) values", position: node.mark?.position)
        }
        if let position = node.mark?.position { map.note(position, at: path) }
        switch node {
        case .scalar(let scalar): return try YAMLScalar.value(of: scalar)
        case .sequence(let sequence):
            try Self.require(sequence.tag, isNear: ["", "!", "tag:yaml.org,2002:seq"], at: sequence.mark)
            var items: [Value] = []
            for (index, item) in sequence.enumerated() { items.append(try value(of: item, at: path.item(index))) }
            return .list(items)
        case .mapping(let mapping):
            try Self.require(mapping.tag, isNear: ["", "!", "tag:yaml.org,2002:map"], at: mapping.mark)
            var fields = Fields()
            for (key, node) in try flattened(mapping) {
                let name = try Self.name(of: key)
                guard !name.hasPrefix(Self.shadow) else { continue }
                fields[name] = try value(of: node, at: path.field(name))
            }
            return .mapping(fields)
        case .alias: throw YAMLError(message: "an alias to nothing", position: node.mark?.position)
        }
    }

    private static func require(_ tag: Tag, isNear names: [String], at mark: Mark?) throws(YAMLError) {
        guard !names.contains(tag.rawValue) else { return }
        throw YAMLError(
            message: "could not determine a constructor for the tag '\(tag.rawValue)'", position: mark?.position)
    }

    /// The pairs of a mapping after its merge keys: merged pairs first, so that its own ones win.
    private mutating func flattened(_ mapping: Node.Mapping) throws(YAMLError) -> [(Node, Node)] {
        count += mapping.count + 1
        guard count <= Self.mostValues else {
            throw YAMLError(message: "more than \(Self.mostValues) values", position: mapping.mark?.position)
        }
        var merged: [(Node, Node)] = []
        var own: [(Node, Node)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key, scalar.string == "<<", scalar.style == .plain else {
                own.append((key, value))
                continue
            }
            switch value {
            case .mapping(let other): merged += try flattened(other)
            case .sequence(let others):
                for other in others.reversed() {
                    guard case .mapping(let other) = other else { throw Self.notMergeable(other) }
                    merged += try flattened(other)
                }
            default: throw Self.notMergeable(value)
            }
        }
        return merged + own
    }

    private static func notMergeable(_ node: Node) -> YAMLError {
        YAMLError(message: "expected a mapping or list of mappings for merging", position: node.mark?.position)
    }

    /// JSON has only texts as names; other keys are written as JSON would write them.
    private static func name(of key: Node) throws(YAMLError) -> String {
        guard case .scalar(let scalar) = key else {
            throw YAMLError(message: "found unhashable key", position: key.mark?.position)
        }
        // Yams marks every plain key as a text when it compares keys, so what it is must be found from its style.
        let value = try YAMLScalar.value(of: Node.Scalar(scalar.string, .implicit, scalar.style, scalar.mark))
        return value.text ?? JSONWriter.text(value)
    }
}

extension Mark {
    fileprivate var position: SourcePosition { SourcePosition(line: line, column: column) }
}

extension Node.Scalar {
    var position: SourcePosition? { mark?.position }
}

extension YAMLError {
    fileprivate init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(message: problem, position: mark.position)
        case .reader(let problem, _, _, _): self.init(message: problem, position: nil)
        case .duplicatedKeysInMapping(let keys, let context):
            self.init(
                message: "the key \(keys.first?.prefix(100) ?? "") is there twice", position: context.mark.position)
        default: self.init(message: String("\(error)".prefix(400)), position: nil)
        }
    }
}
