import MeshModel
import TerminalCanvas

/// How differences read: an arrow and a sign tell the way, bold words what is worse, and colour only repeats it.
enum DifferenceWords {
    typealias Figure = Difference.Figure

    static let noBaseline = ["no baseline", "no base", "?"]

    /// `↓-4.1`, `↑+212ms`, `=` for what is as it was, a dash for what is not known.
    static func cell(_ figure: Figure?, _ measure: Difference.Measure, _ glyphs: Glyphs) -> Span {
        guard let figure else { return Span(Format.unknown, Style(.muted)) }
        guard figure.tendency != .same else { return Span("=", Style(.muted)) }
        return Span(arrow(figure, glyphs) + amount(figure, measure), style(figure))
    }

    /// The same for a field of so many columns, without its arrow where that has no room.
    static func cell(
        _ figure: Figure?, _ measure: Difference.Measure, field columns: Int, _ glyphs: Glyphs
    ) -> [Span] {
        var span = cell(figure, measure, glyphs)
        if Text.width(span.text) >= columns, let figure { span.text = amount(figure, measure) }
        return [Span(String(repeating: " ", count: max(0, columns - Text.width(span.text)))), span]
    }

    /// What changed, each with its name, the most telling first and as much as fits: `↓ok -4.1 ↑p99 +212ms`.
    static func changes(
        _ difference: Difference?, _ measures: [Difference.Measure], to columns: Int, _ glyphs: Glyphs
    ) -> [Span] {
        guard let difference else {
            return [Span(EdgeWords.fitting(noBaseline, columns), Style(.muted))]
        }
        let known = measures.filter { difference[$0] != nil }
        let changed = known.filter { difference[$0]?.tendency != .same }
        guard !changed.isEmpty else {
            return known.isEmpty ? [] : [Span(EdgeWords.fitting(["= unchanged", "="], columns), Style(.muted))]
        }
        for count in stride(from: changed.count, to: 0, by: -1) {
            for form in Form.allCases {
                let pieces = changed.prefix(count).compactMap { measure in
                    difference[measure].map { Span(words($0, measure, form, glyphs), style($0)) }
                }
                let spans = Array(pieces.map { [$0] }.joined(separator: [Span(" ")]))
                if spans.width <= columns { return spans }
            }
        }
        return []
    }

    private enum Form: CaseIterable {
        case all, withoutArrow, bare
    }

    private static func words(
        _ figure: Figure, _ measure: Difference.Measure, _ form: Form, _ glyphs: Glyphs
    ) -> String {
        let amount = amount(figure, measure)
        // A unit says what a latency or a rate is; points have none.
        let named = name(measure).isEmpty ? amount : "\(name(measure)) \(amount)"
        return switch form {
        case .all: arrow(figure, glyphs) + named
        case .withoutArrow: named
        case .bare: measure == .success ? named : amount
        }
    }

    static func name(_ measure: Difference.Measure) -> String {
        switch measure {
        case .success: "ok"
        case .p99: "p99"
        case .p50: "p50"
        case .rate: ""
        }
    }

    static func amount(_ figure: Figure, _ measure: Difference.Measure) -> String {
        let size = abs(figure.amount)
        let words =
            switch measure {
            case .success: Format.points(size)
            case .p99, .p50: Format.latency(size)
            case .rate: Format.rate(size)
            }
        return (figure.amount < 0 ? "-" : "+") + words
    }

    private static func arrow(_ figure: Figure, _ glyphs: Glyphs) -> String {
        figure.amount < 0 ? glyphs.pick("↓", "↓", "v") : glyphs.pick("↑", "↑", "^")
    }

    static func style(_ figure: Figure) -> Style {
        switch figure.tendency {
        case .same: Style(.muted)
        case .better: Style(.ok)
        case .worse: Style(.warn, .bold)
        case .other: Style(.text)
        }
    }
}
