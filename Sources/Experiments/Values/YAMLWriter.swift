internal import Glibc

/// Writes values as YAML the way PyYAML's `dump` does in block style, so that files of both can be compared.
struct YAMLWriter {
    private let indent: Int
    private let sortsKeys: Bool
    private var out = ""

    init(indent: Int = 2, sortsKeys: Bool = true) {
        self.indent = indent
        self.sortsKeys = sortsKeys
    }

    /// A whole document, which ends with a line's end.
    mutating func document(_ value: Value) -> String {
        out = ""
        switch value {
        case .mapping(let fields) where !fields.isEmpty: write(fields, at: 0)
        case .list(let items) where !items.isEmpty: write(items, at: 0)
        case .mapping, .list: out += flow(value) + "\n"
        default:
            let text = folded(scalar(value), at: indent)
            // A plain scalar at the top has no other end.
            out += text + (text.hasPrefix("'") || text.hasPrefix("\"") ? "\n" : "\n...\n")
        }
        return out
    }

    private mutating func write(_ fields: Fields, at depth: Int, startsLine: Bool = true) {
        let names =
            sortsKeys
            ? fields.keys.sorted { $0.unicodeScalars.lexicographicallyPrecedes($1.unicodeScalars) } : fields.keys
        for (place, name) in names.enumerated() {
            if place > 0 || startsLine { pad(depth) }
            out += scalar(.text(name)) + ":"
            writeValue(fields[name] ?? .null, at: depth)
        }
    }

    private mutating func writeValue(_ value: Value, at depth: Int) {
        switch value {
        case .mapping(let fields) where !fields.isEmpty:
            out += "\n"
            write(fields, at: depth + indent)
        case .list(let items) where !items.isEmpty:
            out += "\n"
            // PyYAML does not indent a list below its key.
            write(items, at: depth)
        case .mapping, .list: out += " " + flow(value) + "\n"
        default:
            out += " "
            out += folded(scalar(value), at: depth + indent) + "\n"
        }
    }

    private mutating func write(_ items: [Value], at depth: Int, startsLine: Bool = true) {
        let dash = "-" + String(repeating: " ", count: max(1, indent - 1))
        for (place, item) in items.enumerated() {
            if place > 0 || startsLine { pad(depth) }
            switch item {
            case .mapping(let fields) where !fields.isEmpty:
                out += dash
                write(fields, at: depth + indent, startsLine: false)
            case .list(let inner) where !inner.isEmpty:
                out += dash
                write(inner, at: depth + indent, startsLine: false)
            case .mapping, .list: out += dash + flow(item) + "\n"
            default:
                out += dash
                out += folded(scalar(item), at: depth + indent) + "\n"
            }
        }
    }

    private mutating func pad(_ depth: Int) { out += String(repeating: " ", count: depth) }

    private func flow(_ value: Value) -> String { value.list == nil ? "{}" : "[]" }

    /// A long text goes on in the next line, from the first single space that stands behind the width.
    private func folded(_ text: String, at depth: Int) -> String {
        guard !text.hasPrefix("\""), text.contains(" ") else { return text }
        var column = out.utf8.reversed().prefix { $0 != 0x0A }.count
        var result = ""
        var last: Character = " "
        let characters = Array(text)
        for (place, character) in characters.enumerated() {
            let next = place + 1 < characters.count ? characters[place + 1] : " "
            if character == " ", last != " ", next != " ", column > 80, place > 1, place + 2 < characters.count {
                result += "\n" + String(repeating: " ", count: depth)
                column = depth
            } else {
                result.append(character)
                column += 1
            }
            last = character
        }
        return result
    }

    private func scalar(_ value: Value) -> String {
        switch value {
        case .null: return "null"
        case .bool(let bool): return bool ? "true" : "false"
        case .number(let number):
            if number.isNaN { return ".nan" }
            if number.isInfinite { return number < 0 ? "-.inf" : ".inf" }
            return PythonText.float(number)
        case .text(let text): return quoted(text)
        case .moment(let moment): return PythonText.string(.moment(moment))
        default: return PythonText.string(value)
        }
    }

    private func quoted(_ text: String) -> String {
        let isPrintable = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F && $0.value < 0x80 }
        guard isPrintable else { return doubleQuoted(text) }
        return isPlain(text) ? text : "'" + text.replacing("'", by: "''") + "'"
    }

    /// Whether a text may stand without quotes and is read back as itself.
    private func isPlain(_ text: String) -> Bool {
        guard let first = text.first, let last = text.last, first != " ", last != " ", last != ":" else { return false }
        if "#,[]{}&*!|>'\"%@`".contains(first) { return false }
        if text == "=" || text == "<<" || text == "-" || text == "?" { return false }
        if "-?:".contains(first), text.dropFirst().first.map({ $0 == " " }) ?? true { return false }
        if text.hasPrefix("---") || text.hasPrefix("...") { return false }
        if text.contains(": ") || text.contains(" #") { return false }
        if case .text(let same) = YAMLScalar.value(of: text) { return same == text }
        return false
    }

    private func doubleQuoted(_ text: String) -> String {
        var out = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\r": out += "\\r"
            case _ where scalar.value >= 0x20 && scalar.value < 0x7F: out.unicodeScalars.append(scalar)
            default:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                let (mark, width) = scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
                out += "\\\(mark)" + String(repeating: "0", count: width - digits.count) + digits
            }
        }
        return out + "\""
    }
}

extension String {
    fileprivate func replacing(_ part: String, by other: String) -> String {
        split(separator: part, omittingEmptySubsequences: false).joined(separator: other)
    }
}
