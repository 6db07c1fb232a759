import MeshModel

/// The words and figures of a report, the same in every form of it.
enum ReportText {
    static func percent(_ ratio: Double?) -> String {
        guard let ratio, ratio.isFinite else { return "–" }
        let value = ratio * 100
        // 99.97 % must not read as 100 %.
        let digits = abs(value) >= 99 && value < 100 ? 1000.0 : 10.0
        let rounded = (value * digits).rounded() / digits
        return rounded.rounded() == rounded && abs(rounded) < 1e9 ? "\(Int64(rounded)) %" : "\(rounded) %"
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

    static func value(_ value: Double?, of objective: Objective) -> String {
        switch objective.indicator {
        case .success: percent(value)
        case .latency: milliseconds(value)
        }
    }

    /// The bound in words: `at least 99.5 % good`, `p99 at most 300 ms`.
    static func bound(_ objective: Objective) -> String {
        switch objective.indicator {
        case .success(let target): "at least \(percent(target)) good"
        case .latency(let quantile, let limit):
            "p\(percent(quantile).dropping(suffix: " %") ?? "?") at most \(milliseconds(limit))"
        }
    }

    static func verdict(_ isHeld: Bool?) -> String {
        switch isHeld {
        case true?: "HELD"
        case false?: "BROKEN"
        case nil: "NO DATA"
        }
    }

    static func seen(_ seen: SeenShare) -> String {
        guard let interval = seen.interval else { return "–" }
        let bounds = "\(percent(interval.lowerBound)) to \(percent(interval.upperBound))"
        return "\(percent(seen.ratio)) of \(seen.requests) (95 %: \(bounds))"
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
