/// Texts and outputs of a run as others may see them: on one line, short, and without control characters.
public struct Excerpt: Sendable {
    /// More of an output than this is not even looked at.
    private static let mostLooked = 4096
    public init() {}

    /// A text on one line.
    public static func line(_ text: String, to columns: Int = 200) -> String {
        var scalars = String.UnicodeScalarView()
        var hasSpace = true
        for scalar in text.unicodeScalars {
            guard scalars.count <= columns else { break }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator, .spaceSeparator:
                if !hasSpace { scalars.append(" ") }
                hasSpace = true
            default:
                scalars.append(scalar)
                hasSpace = false
            }
        }
        if scalars.count > columns {
            scalars.replaceSubrange(scalars.index(scalars.startIndex, offsetBy: columns - 1)..., with: ["…"])
        }
        if scalars.last == " " { scalars.removeLast() }
        return String(scalars)
    }

    public func text(_ text: String, to columns: Int = 200) -> String {
        Self.line(String(text.unicodeScalars.prefix(Self.mostLooked)), to: columns)
    }

    /// What an activity put out: a program's first words, a server's status and answer, or the value as JSON.
    public func output(_ value: Value, to columns: Int = 200) -> String? {
        if value.isNull { return nil }
        if let status = value["status"], let body = value["body"] {
            // An answer that has a word for people is told by it.
            if let summary = body["summary"]?.text { return text(summary, to: columns) }
            return text("\(PythonText.string(status)) \(Self.plain(body))", to: columns)
        }
        if let status = value["status"], let out = value["stdout"]?.text {
            let err = value["stderr"]?.text ?? ""
            let said = out.isEmpty ? err : out
            let failure = status.equals(0) ? "" : "exit \(PythonText.string(status)): "
            return text(failure + String(said.unicodeScalars.prefix(Self.mostLooked)), to: columns)
        }
        return text(Self.plain(value), to: columns)
    }

    /// A value as a text, of which only the beginning is made.
    private static func plain(_ value: Value) -> String {
        if let text = value.text { return String(text.unicodeScalars.prefix(mostLooked)) }
        return JSONWriter.text(shortened(value, depth: 0))
    }

    private static func shortened(_ value: Value, depth: Int) -> Value {
        switch value {
        case .text(let text): return .text(String(text.unicodeScalars.prefix(mostLooked)))
        case .list(let items):
            guard depth < 8 else { return "…" }
            return .list(items.prefix(50).map { shortened($0, depth: depth + 1) })
        case .mapping(let fields):
            guard depth < 8 else { return "…" }
            return .mapping(Fields(fields.entries.prefix(50).map { ($0, shortened($1, depth: depth + 1)) }))
        default: return value
        }
    }
}
