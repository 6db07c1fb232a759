import MeshModel

/// Numbers as the screen shows them: short, of a steady width, and a dash for what is not known.
enum Format {
    static let unknown = "-"

    /// Requests a second: `0.4/s`, `12/s`, `1.2k/s`.
    static func rate(_ value: Double?) -> String {
        guard let value, value.isFinite else { return unknown }
        switch abs(value) {
        case ..<0.05: return "0/s"
        case ..<9.95: return decimal(value, places: 1) + "/s"
        case ..<9999.5: return decimal(value, places: 0) + "/s"
        case ..<99_950: return decimal(value / 1000, places: 1) + "k/s"
        default: return decimal(value / 1000, places: 0) + "k/s"
        }
    }

    /// A share of errors: `0%`, `0.3%`, `12%`. What is not zero never reads as zero.
    static func share(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return unknown }
        let percent = ratio * 100
        switch percent {
        case ...0: return "0%"
        case ..<0.1: return "<0.1%"
        case ..<9.95: return decimal(percent, places: 1) + "%"
        case 99.5..<100: return "99%"
        default: return decimal(percent, places: 0) + "%"
        }
    }

    /// The failures among so many requests: where those are few, the counts, for a share of few claims too much.
    static func failures(_ ratio: Double?, of requests: UInt64, between words: String = "/") -> String {
        guard let ratio, ratio > 0, requests < 20 else { return share(ratio) }
        return "\(UInt64((ratio * Double(requests)).rounded()))\(words)\(requests)"
    }

    /// The percentage somebody asked for: `30%`, `0.5%`.
    static func asked(_ ratio: Double) -> String {
        let hundredths = Int64(clamping: ratio * 10_000)
        if hundredths % 100 == 0 { return "\(hundredths / 100)%" }
        return decimal(ratio * 100, places: hundredths % 10 == 0 ? 1 : 2) + "%"
    }

    /// A number of things: `999`, `1,000`.
    static func count(_ value: Int) -> String {
        let digits = Array("\(value)")
        return digits.enumerated().reduce(into: "") { text, digit in
            if digit.offset > 0, (digits.count - digit.offset).isMultiple(of: 3), text != "-" { text += "," }
            text.append(digit.element)
        }
    }

    /// The size of a file: `12 kB`, `3.4 MB`.
    static func bytes(_ count: UInt64) -> String {
        switch Double(count) {
        case ..<999_500: decimal(Double(count) / 1000, places: 0) + " kB"
        case ..<99_950_000: decimal(Double(count) / 1_000_000, places: 1) + " MB"
        default: decimal(Double(count) / 1_000_000, places: 0) + " MB"
        }
    }

    /// Bytes a second: `870 B/s`, `12 kB/s`, `3.4 MB/s`.
    static func throughput(_ bytes: Double) -> String {
        bytes < 999.5 ? "\(Int(max(0, bytes).rounded())) B/s" : self.bytes(UInt64(min(bytes, 1e18))) + "/s"
    }

    /// A success ratio, with as many digits as an objective is told by: `97.94%`. Only a real 1 reads as 100.
    static func success(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return unknown }
        if ratio >= 1 { return "100%" }
        return decimal(min(ratio * 100, 99.99), places: 2) + "%"
    }

    /// Percentage points without their sign: `4.1`, `0.03`. What is not zero never reads as zero.
    static func points(_ value: Double) -> String {
        switch value {
        case ..<0.005: value > 0 ? "<0.01" : "0"
        case ..<0.095: decimal(value, places: 2)
        case ..<99.95: decimal(value, places: 1)
        default: decimal(value, places: 0)
        }
    }

    /// A latency given in milliseconds: `0.4ms`, `12ms`, `1.2s`.
    static func latency(_ milliseconds: Double?) -> String {
        guard let milliseconds, milliseconds.isFinite else { return unknown }
        switch abs(milliseconds) {
        case ..<0.95: return decimal(milliseconds, places: 1) + "ms"
        case ..<999.5: return decimal(milliseconds, places: 0) + "ms"
        case ..<9950: return decimal(milliseconds / 1000, places: 1) + "s"
        default: return decimal(milliseconds / 1000, places: 0) + "s"
        }
    }

    /// Time left or gone by, given in seconds: `0:22`, `1:48`, `1:02:11`.
    static func countdown(_ seconds: Double) -> String {
        let whole = max(0, Int64(clamping: seconds.rounded(.up)))
        let rest = padded(whole % 60)
        return whole < 3600 ? "\(whole / 60):\(rest)" : "\(whole / 3600):\(padded(whole / 60 % 60)):\(rest)"
    }

    /// The clock of the day: `00:14:32` since its start.
    static func clock(_ seconds: Double) -> String {
        let whole = max(0, Int64(clamping: seconds.rounded(.down)))
        return "\(padded(whole / 3600)):\(padded(whole / 60 % 60)):\(padded(whole % 60))"
    }

    /// How old something is, given in seconds: `1.2s`, `14s`, `3m`, `2h`.
    static func age(_ seconds: Double?) -> String {
        guard let seconds, seconds.isFinite else { return unknown }
        return PlainWords.wait(seconds, .cell)
    }

    /// A length of time in words of a form: `45 s`, `2 min`, `1 min 30 s`.
    static func span(_ seconds: Double) -> String {
        let whole = max(0, Int64(clamping: seconds))
        let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")].filter { $0.0 > 0 }
        return parts.isEmpty ? "0 s" : parts.map { "\($0.0) \($0.1)" }.joined(separator: " ")
    }

    /// A number with that many places after the point, without the help of Foundation.
    static func decimal(_ value: Double, places: Int) -> String {
        let scale = places == 0 ? 1.0 : places == 1 ? 10.0 : 100.0
        let scaled = Int64(clamping: value * scale)
        guard places > 0 else { return "\(scaled)" }
        let whole = scaled.magnitude / UInt64(scale)
        let digits = "\(scaled.magnitude % UInt64(scale))"
        let zeros = String(repeating: "0", count: (places == 1 ? 1 : 2) - digits.count)
        return "\(scaled < 0 ? "-" : "")\(whole).\(zeros)\(digits)"
    }

    private static func padded(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
