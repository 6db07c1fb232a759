internal import MeshModel

/// The forms in which a secret may stand somewhere.
enum SecretForms {
    /// As it is and in its parts, each as addresses, forms, JSON, Python, shells and web pages write it.
    static func plain(of secret: String) -> Set<String> {
        // Whoever takes UTF-8 for Latin-1, as servers do with headers, tells it in other letters.
        let misread = String(String.UnicodeScalarView(secret.utf8.map { Unicode.Scalar($0) }))
        return Set([secret, misread].flatMap { [$0] + parts(of: $0) }.flatMap(spellings))
    }

    /// Its lines and words, without those that are no more than a word of a language.
    private static func parts(of secret: String) -> [String] {
        let lines = secret.split(whereSeparator: \.isNewline).map { Conversion.trimmed(String($0)) }
            .filter { $0.utf8.count >= Redaction.shortestPart }
        let words = secret.split { $0.isWhitespace || "\"',;{}[]".contains($0) }.map(String.init)
        return lines
            + words.filter { part in
                part.utf8.count >= Redaction.shortestPart && (part.utf8.count >= 16 || !part.allSatisfy(\.isLetter))
            }
    }

    private static func spellings(of text: String) -> [String] {
        let json = inner(JSONWriter.text(.text(text)))
        // JSON is often told in a text of JSON.
        let twice = [json, ascii(json)].map { inner(JSONWriter.text(.text($0))) }
        let form = PercentCoding.form(text)
        var all = [
            text, json, ascii(json), twice[0], twice[1], ascii(twice[0]), json.replacing("/", with: "\\/"),
            inner(PythonText.representation(.text(text))), form, form.replacing("+", with: "%20"),
            PercentCoding.requoted(text), form.replacing("+", with: "%20").replacing("%2F", with: "/"),
            text.replacing("'", with: "'\\''"), text.replacing("'", with: "'\"'\"'"),
        ]
        all += all.filter { $0.utf8.contains(UInt8(ascii: "%")) }.map(lowerDigits)
        let page = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        let quoted = page.replacing("\"", with: "&quot;")
        all += [page, quoted, quoted.replacing("'", with: "&#x27;"), quoted.replacing("'", with: "&#39;")]
        return all
    }

    private static func inner(_ quoted: String) -> String { String(quoted.dropFirst().dropLast()) }

    /// With what is not ASCII as `\u00e9`, as Python's JSON has it.
    private static func ascii(_ json: String) -> String {
        json.utf16.reduce(into: "") { out, unit in
            if unit < 0x80 {
                out.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            } else {
                let digits = String(unit, radix: 16)
                out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
    }

    /// `%2f` for `%2F`.
    private static func lowerDigits(_ text: String) -> String {
        var left = 0
        return String(
            text.map { character -> Character in
                if character == "%" {
                    left = 2
                    return character
                }
                guard left > 0 else { return character }
                left -= 1
                return Character(character.lowercased())
            })
    }

    /// In Base64 with whatever before and behind it, as in `Basic`: what it makes of the digits that are its alone.
    static func packed(of secret: String) -> Set<[UInt8]> {
        let bytes = Array(secret.utf8)
        return Set(
            (0..<3).flatMap { shift -> [[UInt8]] in
                let all = Base64.encoded([UInt8](repeating: 0, count: shift) + bytes)
                let first = (shift * 8 + 5) / 6
                let last = (shift + bytes.count) * 8 / 6
                // Fewer digits stand in other texts by chance.
                guard last - first >= 6 else { return [] }
                let own = Array(all[first..<last])
                return [
                    own,
                    own.map {
                        $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0
                    },
                ]
            })
    }
}
