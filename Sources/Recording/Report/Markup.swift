/// Writes HTML and SVG. Text goes in by `escaped` only, so that nothing from outside is ever markup.
public enum Markup {
    /// Text from outside as text: markup characters are named, and control and direction characters, which could hide
    /// or turn what follows, are shown as U+FFFD.
    public static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "&": result += "&amp;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\r", "\t": result += " "
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{FFFE}"..."\u{FFFF}": result += "\u{FFFD}"
            case _ where scalar.properties.generalCategory == .control: result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
    }

    /// An element with text in it.
    public static func element(_ name: String, _ attributes: String = "", _ text: String) -> String {
        "<\(name)\(attributes.isEmpty ? "" : " " + attributes)>\(escaped(text))</\(name)>"
    }

    /// A coordinate: two decimals are finer than any screen.
    static func number(_ value: Double) -> String {
        let rounded = (value * 100).rounded() / 100
        guard rounded.isFinite, abs(rounded) < 1e9 else { return "0" }
        return rounded.rounded() == rounded ? "\(Int64(rounded))" : "\(rounded)"
    }

    /// 0xRRGGBB as `#rrggbb`.
    static func colour(_ value: UInt32) -> String {
        let digits = String(value & 0xFFFFFF, radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// At most so many characters, with a mark where something is missing.
    static func clipped(_ text: String, _ length: Int) -> String {
        text.count > length ? text.prefix(length - 1) + "…" : text
    }
}
