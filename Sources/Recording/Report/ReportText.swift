import MeshModel

/// The words and figures of a report, the same in every form of it.
enum ReportText {
    static func percent(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return "–" }
        let value = ratio * 100
        // 99.97% must not read as 100%.
        let digits = abs(value) >= 99 && value < 100 ? 100.0 : 10.0
        let rounded = value < 100 ? min(99.99, (value * digits).rounded() / digits) : (value * 10).rounded() / 10
        return rounded.rounded() == rounded && abs(rounded) < 1e9 ? "\(Int64(rounded))%" : "\(rounded)%"
    }

    static func milliseconds(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        return "\(figure(value)) ms"
    }

    static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return "–" }
        return "\(figure(value))/s"
    }

    /// Two digits at least where there are two.
    private static func figure(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        return value < 10 && tenths.truncatingRemainder(dividingBy: 10) != 0
            ? "\(tenths / 10)" : "\(Int64(clamping: value))"
    }

    static func seconds(_ value: Double?) -> String { value.map { SpanText.text($0) } ?? "–" }

    /// A success ratio with as many digits as an objective has: only a real 1 reads as 100.
    static func success(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return "–" }
        return ratio >= 1 ? "100%" : decimal(min(ratio * 100, 99.99), places: 2) + "%"
    }

    /// What is left of a budget; what is overspent is told with its sign.
    static func left(_ share: Double?) -> String {
        guard let share, share.isFinite else { return "–" }
        let percent = max(-999, min(100, share * 100))
        // A budget that was touched never reads as whole, nor one that is not yet gone as gone.
        if share < 1, percent > 99.9 { return "99.9%" }
        if share > 0, percent < 0.1 { return "<0.1%" }
        return decimal(percent, places: abs(percent) < 99.95 && abs(percent) >= 0.05 ? 1 : 0) + "%"
    }

    /// A share of a budget that was spent: `0%`, `<0.1%`, `3.2%`, `41%`.
    static func spent(_ share: Double) -> String {
        let percent = share * 100
        if percent <= 0 { return "0%" }
        return percent < 0.1 ? "<0.1%" : decimal(percent, places: percent < 9.95 ? 1 : 0) + "%"
    }

    /// A window in its two largest units: `30 d`, `14 h 10 min`.
    static func long(_ seconds: Double) -> String {
        let whole = max(0, Int64(clamping: seconds))
        let parts = [(whole / 86_400, "d"), (whole / 3600 % 24, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")]
        let told = parts.drop { $0.0 == 0 }.prefix(2).filter { $0.0 > 0 }
        return told.isEmpty ? "0 s" : told.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }

    /// A length that somebody waited: `4.2 s`, `14 s`, `3 min`.
    static func wait(_ seconds: Double) -> String { PlainWords.wait(seconds, .text) }

    private static func decimal(_ value: Double, places: Int) -> String {
        let scale: Int64 = places == 0 ? 1 : places == 1 ? 10 : 100
        let scaled = Int64(clamping: value * Double(scale))
        let digits = "\(scaled.magnitude % scale.magnitude)"
        let zeros = String(repeating: "0", count: max(0, places - digits.count))
        let fraction = places == 0 ? "" : "." + zeros + digits
        return "\(scaled < 0 ? "-" : "")\(scaled.magnitude / scale.magnitude)\(fraction)"
    }

    static func value(_ value: Double?, of objective: Objective) -> String {
        switch objective.indicator {
        case .success: success(value)
        case .latency: milliseconds(value)
        }
    }

    /// The bound in words: `at least 99.5 % good`, `p99 at most 300 ms`.
    static func bound(_ objective: Objective) -> String {
        switch objective.indicator {
        case .success(let target): "at least \(percent(target)) success"
        case .latency(let quantile, let limit):
            "p\(percent(quantile).dropping(suffix: "%") ?? "?") at most \(milliseconds(limit))"
        }
    }

    /// A number of things: `1 fault`, `12 faults`.
    static func count(_ number: Int, _ unit: String) -> String { "\(number) \(unit)\(number == 1 ? "" : "s")" }

    /// A fault in a line: `F1 DELAY 300 ms 50% on bar>taps`.
    static func fault(_ fault: Fault) -> String {
        "\(fault.id) \(fault.kind.label) \(percent(fault.share)) on \(fault.edge)"
    }

    static func verdict(_ isHeld: Bool?) -> String {
        switch isHeld {
        case true?: "MET"
        case false?: "BROKEN"
        case nil: "NO DATA"
        }
    }

    static func seen(_ seen: SeenShare) -> String {
        guard let interval = seen.interval else { return "–" }
        let bounds = "\(percent(interval.lowerBound)) to \(percent(interval.upperBound))"
        return "\(percent(seen.ratio)) of \(seen.requests) (95%: \(bounds))"
    }

    /// Which columns of a table have nothing but figures.
    static func numberColumns(_ rows: [[String]], count: Int) -> [Bool] {
        (0..<count).map { column in rows.allSatisfy { $0.count > column && isNumber($0[column]) } }
    }

    /// `3`, `2.4 %`, `1:05`, `+0:00:25`, and the dash of what is not known.
    private static func isNumber(_ text: String) -> Bool {
        text == "–" || (text.count < 12 && text.first.map { $0.isNumber || $0 == "+" || $0 == "<" } ?? false)
    }

    /// From when to when: `2025-11-24 16:00:00 to 16:09:33 UTC`.
    static func period(_ start: Timestamp, _ end: Timestamp) -> String {
        let (from, to) = (start.iso8601, end.iso8601)
        let (day, lastDay) = (from.prefix(10), to.prefix(10))
        return "\(day) \(from.dropFirst(11).prefix(8)) to \(day == lastDay ? "" : lastDay + " ")"
            + "\(to.dropFirst(11).prefix(8)) UTC"
    }

    /// Time since the day began.
    static func offset(_ at: Timestamp, since start: Timestamp) -> String {
        let seconds = at.seconds(since: start)
        guard seconds.isFinite, abs(seconds) < 1e9 else { return "?" }
        let whole = Int(seconds.rounded(.down))
        func two(_ number: Int) -> String { abs(number) < 10 ? "0\(abs(number))" : "\(abs(number))" }
        return "\(whole < 0 ? "-" : "+")\(abs(whole) / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    }
}
