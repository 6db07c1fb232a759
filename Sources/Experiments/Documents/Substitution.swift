/// Puts the values of the configuration and of the secrets where a document says `${name}` or `$name`.
///
/// Configuration wins over secrets, keys stay as they are, nothing is replaced twice, and an unknown name is left alone.
public struct Substitution: Sendable {
    public var configuration: Fields
    public var secrets: Fields

    public init(configuration: Fields = Fields(), secrets: Fields = Fields()) {
        self.configuration = configuration
        self.secrets = secrets
    }

    /// Whether there is nothing at all that could be put anywhere.
    var isEmpty: Bool { configuration.isEmpty && secrets.isEmpty }

    func callAsFunction(_ value: Value) throws(Crash) -> Value {
        switch value {
        case .text(let text): return try substitute(text)
        case .list(let items):
            var out: [Value] = []
            for item in items { out.append(try self(item)) }
            return .list(out)
        case .mapping(let fields):
            var out = Fields()
            for (name, value) in fields.entries { out[name] = try self(value) }
            return .mapping(out)
        default: return value
        }
    }

    /// A text that is one `${name}` and nothing else takes on the value with its type.
    func substitute(_ text: String) throws(Crash) -> Value {
        guard text.utf8.contains(UInt8(ascii: "$")) else { return .text(text) }
        let bytes = Array(text.utf8)
        if let whole = Self.reference(in: bytes, at: 0), whole.end == bytes.count, whole.isBraced,
            let value = try value(named: whole.name)
        {
            return value
        }
        var out: [UInt8] = []
        var place = 0
        while place < bytes.count {
            if bytes[place] != UInt8(ascii: "$") {
                out.append(bytes[place])
                place += 1
            } else if bytes[place...].dropFirst().first == UInt8(ascii: "$") {
                out.append(bytes[place])
                place += 2
            } else if let reference = Self.reference(in: bytes, at: place) {
                let value = try value(named: reference.name)
                out += value.map { Array(PythonText.string($0).utf8) } ?? Array(bytes[place..<reference.end])
                place = reference.end
            } else {
                out.append(bytes[place])
                place += 1
            }
        }
        return .text(String(decoding: out, as: UTF8.self))
    }

    private func value(named name: String) throws(Crash) -> Value? {
        if let value = configuration[name] { return value }
        for (_, group) in secrets.entries {
            guard let fields = group.fields else {
                // A secret outside of any group: Python then asks a text for a field.
                throw Crash("TypeError", "string indices must be integers, not 'str'")
            }
            if let value = fields[name] { return value }
        }
        return nil
    }

    private struct Reference {
        var name: String
        var isBraced: Bool
        var end: Int
    }

    private static func reference(in bytes: [UInt8], at start: Int) -> Reference? {
        guard start + 1 < bytes.count, bytes[start] == UInt8(ascii: "$") else { return nil }
        let isBraced = bytes[start + 1] == UInt8(ascii: "{")
        let first = start + (isBraced ? 2 : 1)
        let name = bytes[first...].prefix(while: isNamePart)
        guard let letter = name.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(letter) else { return nil }
        var end = name.endIndex
        if isBraced {
            guard end < bytes.count, bytes[end] == UInt8(ascii: "}") else { return nil }
            end += 1
        }
        return Reference(name: String(decoding: name, as: UTF8.self), isBraced: isBraced, end: end)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
