/// Numbers as a sentence has them: `99.5%`, `half`, `1 minute 5 seconds`.
public enum PlainWords {
    /// A ratio as a percentage with at most two places: `99.5%`.
    public static func percent(_ ratio: Double) -> String { "\(number(ratio * 100))%" }

    /// A share of requests or connections: `all requests`, `half of the requests`, `30% of requests`.
    public static func share(_ ratio: Double, of subject: String) -> String {
        switch ratio {
        case 1...: "all \(subject)"
        case 0.5: "half of the \(subject)"
        default: "\(percent(ratio)) of \(subject)"
        }
    }

    /// A latency given in milliseconds: `300 ms`, `1.2 s`.
    public static func latency(_ milliseconds: Double) -> String {
        milliseconds < 1000 ? "\(number(milliseconds, places: 1)) ms" : "\(number(milliseconds / 1000, places: 1)) s"
    }

    /// A length of time given in seconds, as people say it: `41 seconds`, `1 minute 5 seconds`, `2 hours`.
    public static func time(_ seconds: Double) -> String {
        let whole = max(0, Int64(clamping: seconds))
        func words(_ count: Int64, _ unit: String) -> String { "\(count) \(unit)\(count == 1 ? "" : "s")" }
        let parts = [(whole / 3600, "hour"), (whole / 60 % 60, "minute"), (whole % 60, "second")]
        let said = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }.map { words($0.0, $0.1) }
        return said.isEmpty ? "0 seconds" : said.joined(separator: " ")
    }

    /// How a time that somebody waited is written: `4.2s` in a cell, `4.2 s` in a text, `4.2 seconds` in a sentence.
    public enum WaitStyle: Sendable {
        case cell, text, sentence
    }

    /// A time that somebody waited, given in seconds, with the same figure wherever it is told: tenths below ten seconds,
    /// whole seconds below two minutes, then minutes and hours.
    public static func wait(_ seconds: Double, _ style: WaitStyle) -> String {
        let (figure, units): (String, [String])
        switch seconds {
        case ..<9.95:
            let tenths = Int64(clamping: max(0, seconds) * 10)
            (figure, units) = ("\(tenths / 10).\(tenths % 10)", ["s", "s", "seconds"])
        case ..<119.5: (figure, units) = ("\(Int64(clamping: seconds))", ["s", "s", "seconds"])
        case ..<7200: (figure, units) = ("\(Int64(clamping: (seconds / 60).rounded(.down)))", ["m", "min", "minutes"])
        default: (figure, units) = ("\(Int64(clamping: (seconds / 3600).rounded(.down)))", ["h", "h", "hours"])
        }
        return switch style {
        case .cell: figure + units[0]
        case .text: figure + " " + units[1]
        case .sentence: figure + " " + (figure == "1" ? String(units[2].dropLast()) : units[2])
        }
    }

    /// The time since a beginning, given in seconds: `0:41`, `14:32`, `1:02:11`.
    public static func clock(_ seconds: Double) -> String {
        let whole = max(0, Int64(clamping: seconds.rounded(.down)))
        func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let tail = "\(padded(whole % 60))"
        return whole < 3600 ? "\(whole / 60):\(tail)" : "\(whole / 3600):\(padded(whole / 60 % 60)):\(tail)"
    }

    /// What is left of an error budget, the same wherever it is told: `98.8%`; what is overspent has its sign.
    /// A budget that was touched never reads as whole, nor one that is not yet gone as gone.
    public static func budgetLeft(_ share: Double) -> String {
        let percent = max(-999, min(100, share * 100))
        if share < 1, percent > 99.9 { return "99.9%" }
        if share > 0, percent < 0.1 { return "<0.1%" }
        let tenths = Int64(clamping: percent * 10)
        guard tenths != 0, abs(tenths) < 1000 else { return "\(tenths / 10)%" }
        return "\(tenths < 0 ? "-" : "")\(tenths.magnitude / 10).\(tenths.magnitude % 10)%"
    }

    /// A number without needless places: `99.5`, `100`, `0.25`.
    public static func number(_ value: Double, places: Int = 2) -> String {
        let scale: Int64 = places == 1 ? 10 : 100
        let scaled = Int64(clamping: value * Double(scale))
        let rest = scaled.magnitude % scale.magnitude
        let sign = scaled < 0 ? "-" : ""
        let whole = "\(sign)\(scaled.magnitude / scale.magnitude)"
        guard rest > 0 else { return whole }
        let digits = places == 1 || rest >= 10 ? "\(rest)" : "0\(rest)"
        return "\(whole).\(digits.hasSuffix("0") ? String(digits.dropLast()) : digits)"
    }
}
