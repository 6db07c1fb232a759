import MeshModel
import TerminalCanvas

/// How an objective, its budget and its stopwatch are told; the same words on every screen.
enum ObjectiveWords {
    /// `HOLDS 3:10` or `BROKEN 1:03`, always with its mark.
    static func verdict(
        _ objective: Objective, _ reading: ObjectiveReading, _ state: DashboardState, _ glyphs: Glyphs
    ) -> [Span] {
        // Nothing is told of a time in which nothing was heard.
        let track = state.shown.watch.tracks[objective]
        let isKnown = state.shown.verdicts[objective] == reading.isMet
        let since = isKnown ? track?.since : nil
        let word = since.map { " " + Format.countdown(state.shownAt.seconds(since: $0)) } ?? ""
        return switch reading.isMet {
        case true?: [Span(" \(glyphs.mark(.ok) ?? "") MET\(word)", Style(.ok))]
        case false?: [Span(" "), Span(" \(glyphs.mark(.bad) ?? "") BROKEN\(word) ", Style(.bad, .bold))]
        case nil: [Span(" \(glyphs.mark(.stale) ?? "") NO DATA", Style(.stale))]
        }
    }

    static func bound(_ objective: Objective) -> String {
        switch objective.indicator {
        case .success(let target): ">= \(Format.asked(target))"
        case .latency(let quantile, let limit): "\(quantileName(quantile)) <= \(Format.latency(limit))"
        }
    }

    static func quantileName(_ quantile: Double) -> String {
        let tenths = Int64(clamping: quantile * 1000)
        return tenths % 10 == 0 ? "p\(tenths / 10)" : "p\(tenths / 10).\(tenths % 10)"
    }

    /// A value of the objective's indicator.
    static func value(_ objective: Objective, _ value: Double?) -> String {
        switch objective.indicator {
        case .success: Format.success(value)
        case .latency: Format.latency(value)
        }
    }

    /// How far that value is from where it lay before the faults.
    static func difference(
        _ objective: Objective, _ value: Double?, _ state: DashboardState, _ glyphs: Glyphs
    ) -> Span {
        let baseline = state.shown.watch.spell?.baselines[.service(objective.scope)]
        let figure = Difference.figure(of: objective, value, since: baseline?.band(of: objective.indicator))
        if case .success = objective.indicator { return DifferenceWords.cell(figure, .success, glyphs) }
        return DifferenceWords.cell(figure, .p99, glyphs)
    }

    /// A quantile, as the bounds of its bin where that is wider than a tenth of it: `500-750ms`.
    static func quantile(_ q: Double, of sample: TrafficSample?) -> String {
        guard let latency = sample?.latency, let value = latency.quantile(q) else { return Format.unknown }
        guard let bounds = latency.bounds(at: q), bounds.upperBound - bounds.lowerBound > value / 10 else {
            return Format.latency(value)
        }
        return range(Format.latency(bounds.lowerBound), Format.latency(bounds.upperBound))
    }

    /// The lowest and the highest of a band, or the one value that both are written as.
    static func band(_ band: Band, _ label: (Double) -> String) -> String {
        range(label(band.low), label(band.high))
    }

    /// `18-22ms`: the unit once where both have the same.
    private static func range(_ low: String, _ high: String) -> String {
        if low == high { return low }
        let number = low.prefix { $0.isNumber || $0 == "." }
        let isSameUnit = low.dropFirst(number.count) == high.drop { $0.isNumber || $0 == "." }
        return "\(isSameUnit ? String(number) : low)-\(high)"
    }

    static func times(_ burn: Double?) -> String {
        guard let burn else { return Format.unknown }
        return Format.decimal(burn, places: burn < 9.95 ? 1 : 0) + "x"
    }

    /// What is left of a budget; what is overspent is told with its sign.
    static func left(_ share: Double?) -> String {
        guard let share, share.isFinite else { return Format.unknown }
        return PlainWords.budgetLeft(share)
    }

    /// A long time in its two largest units: `14 h 10 min`, `3 d 2 h`.
    static func long(_ seconds: Double) -> String {
        guard seconds >= 86_400 else {
            return Format.span(seconds >= 3600 ? seconds - seconds.truncatingRemainder(dividingBy: 60) : seconds)
        }
        let hours = Int64(clamping: min(seconds / 3600, 1e9))
        return hours % 24 == 0 ? "\(hours / 24) d" : "\(hours / 24) d \(hours % 24) h"
    }

    /// The burn of the last minute and what is left, for the end of a line.
    static func short(_ budget: BudgetReading) -> [Span] {
        var spans: [Span] = []
        if let burn = budget.burns[1].rate, burn > 0 {
            spans.append(Span("burn \(times(burn))  ", Style(budget.alarm == nil ? .muted : .warn)))
        }
        if let left = budget.left {
            spans.append(Span("budget \(self.left(left))", Style(left <= 0 ? .warn : .muted)))
        }
        return spans
    }

    static func alarm(_ budget: BudgetReading) -> [Span] {
        switch budget.alarm {
        case .fast?:
            [Span("  "), Span(" BURNING FAST ", Style(.bad, .bold)), Span(" 10s, 1m > 14.4x", Style(.muted))]
        case .slow?: [Span("  BURNING", Style(.warn, .bold)), Span("  1m, 5m > 6x", Style(.muted))]
        case nil: []
        }
    }

    /// How long the faults took to be seen in the objective; a dash when they broke nothing.
    static func detection(_ stopwatch: Stopwatch?) -> String {
        switch stopwatch?.detection {
        case .found(let fault, let seconds)?: "\(Format.age(seconds)) after \(fault)"
        case .alreadyBroken?: "already broken"
        case .awaited(let seconds)?: "not crossed for \(Format.countdown(seconds))"
        case .nothing?: Format.unknown
        case nil: "no fault yet"
        }
    }

    /// How long it took to be back where it was, once the faults were gone; a dash when they broke nothing.
    static func recovery(_ stopwatch: Stopwatch?) -> String {
        switch stopwatch?.recovery {
        case .done(let seconds)?: Format.age(seconds)
        case .awaited(let seconds)?: "running \(Format.countdown(seconds))"
        case .nothing?, nil: Format.unknown
        }
    }
}
