/// Values as Python's `str()` and `repr()` write them: that is what substitution puts into a text.
enum PythonText {
    static func string(_ value: Value) -> String {
        if case .text(let text) = value { return text }
        if case .moment(let moment) = value { return moment.spoken }
        return representation(value)
    }

    static func representation(_ value: Value) -> String {
        switch value {
        case .null: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): String(value)
        case .bigInteger(let digits): digits
        case .number(let value): float(value)
        case .text(let text): quoted(text)
        case .list(let items): "[" + items.map(representation).joined(separator: ", ") + "]"
        case .mapping(let fields):
            "{" + fields.entries.map { quoted($0) + ": " + representation($1) }.joined(separator: ", ") + "}"
        case .moment(let moment): quoted(moment.standard)
        }
    }

    /// The shortest digits that read back as the same number, as both languages write it, in Python's layout.
    static func float(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let swift = value.description
        // Swift turns to an exponent at 2^53, Python at 10^16.
        guard abs(value) >= 0x1p53, abs(value) < 1e16 else { return swift }
        return String(Int(value)) + ".0"
    }

    private static func quoted(_ text: String) -> String {
        let quote: Unicode.Scalar =
            text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
        var out = String.UnicodeScalarView()
        out.append(quote)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": out.append(contentsOf: "\\n".unicodeScalars)
            case "\r": out.append(contentsOf: "\\r".unicodeScalars)
            case "\t": out.append(contentsOf: "\\t".unicodeScalars)
            case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
            case quote: out.append(contentsOf: ["\\", quote])
            case _ where isPrintable(scalar): out.append(scalar)
            default: out.append(contentsOf: escape(scalar).unicodeScalars)
            }
        }
        out.append(quote)
        return String(out)
    }

    private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == " " { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default: return true
        }
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        return switch scalar.value {
        case ..<0x100: "\\x" + String(repeating: "0", count: 2 - digits.count) + digits
        case ..<0x10000: "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        default: "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
    }
}
