/// Amounts as people write them, in settings and on the command line.
public enum Quantity {
    /// Seconds out of `200ms`, `2s`, `1.5m`, `1h`, `30d`, `4w` or several of them in a row (`1m30s`); nil for anything else.
    /// A bare number has no unit, so it is refused: 5 could be seconds or milliseconds.
    public static func seconds(_ text: String) -> Double? {
        let units: [(String, Double)] = [
            ("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600), ("d", 86_400), ("w", 604_800),
        ]
        var rest = Substring(text)
        var sum = 0.0
        guard !rest.isEmpty else { return nil }
        while !rest.isEmpty {
            let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
            rest = rest.dropFirst(digits.count)
            let letters = rest.prefix { $0.isASCII && $0.isLetter }
            rest = rest.dropFirst(letters.count)
            guard let amount = Double(digits), let unit = units.first(where: { $0.0 == letters }) else { return nil }
            sum += amount * unit.1
        }
        return sum.isFinite ? sum : nil
    }

    /// A share 0...1 out of a percentage like `99.5%` or `99.5`; nil for anything else.
    public static func share(percent text: String) -> Double? {
        let digits = text.hasSuffix("%") ? String(text.dropLast()) : text
        // Double also reads hexadecimal, exponents and signs, which nobody means by a percentage.
        guard digits.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ".") }), let value = Double(digits), value <= 100
        else { return nil }
        return value / 100
    }

    /// Bytes out of `500MB` or `2GB`, in powers of 1024; nil for anything else.
    public static func bytes(_ text: String) -> Int? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        let units = ["KB": 10, "MB": 20, "GB": 30]
        guard let amount = Int(digits), amount < 1 << 30, let shift = units[text.dropFirst(digits.count).uppercased()]
        else { return nil }
        return amount << shift
    }

    /// The known word nearest to a mistyped one, if one is near enough to be meant.
    public static func nearest(to word: String, among known: [String]) -> String? {
        let ranked = known.map { (distance(word, $0), $0) }.sorted { $0 < $1 }
        guard let best = ranked.first, best.0 <= max(1, min(3, word.count / 2)) else { return nil }
        return best.1
    }

    /// Edits from one text to another (Levenshtein); long texts are compared by their first 64 characters.
    static func distance(_ left: String, _ right: String) -> Int {
        let a = Array(left.prefix(64))
        let b = Array(right.prefix(64))
        var row = Array(0...b.count)
        for i in 0..<a.count {
            var diagonal = row[0]
            row[0] = i + 1
            for j in 0..<b.count {
                let cost = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(cost, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}
