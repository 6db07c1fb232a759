import MeshModel
import TerminalCanvas

/// The last polls of a service or an edge as little columns in one line of text, the newest at the right end.
struct HistoryStrip {
    private let points: [ScopeState.Point?]
    private let glyphs: Glyphs

    /// So many columns, a poll each. A poll that is missing is a blank.
    init(_ scope: ScopeState?, columns: Int, until now: Timestamp, _ glyphs: Glyphs) {
        self.glyphs = glyphs
        points =
            scope.map { SeriesWindow($0.series, interval: $0.pace, until: now, columns: columns).points }
            ?? [ScopeState.Point?](repeating: nil, count: max(0, columns))
    }

    /// Requests, from none to the most of the time shown.
    var rates: [Span] {
        let highest = points.compactMap { $0?.rate }.max() ?? 0
        return strip { point in
            point.rate.map { (highest > 0 ? $0 / highest : 0, Style(.chart1)) }
        }
    }

    /// Failed answers; a quarter of all is a full column, so that a few of a hundred are seen.
    var errors: [Span] {
        strip { point in
            guard let success = point.successRatio else { return nil }
            let share = 1 - success
            guard share > 0 else { return (nil, Style(.muted)) }
            return (share * 4, Style(share >= Health.badErrors ? .bad : .warn))
        }
    }

    /// Each column's height from 0 to 1, where nil is nothing at all, and its look.
    private func strip(_ column: (ScopeState.Point) -> (height: Double?, style: Style)?) -> [Span] {
        let levels = glyphs.sparkline
        var spans: [Span] = []
        for point in points {
            var cell = (text: " ", style: Style(.muted))
            if let (height, style) = point.flatMap(column) {
                let level = height.map {
                    max(0, min(levels.count - 1, Int(($0 * Double(levels.count)).rounded(.up)) - 1))
                }
                cell = (level.map { levels[$0] } ?? glyphs.pick("·", "·", "."), style)
            }
            if let last = spans.last, last.style == cell.style {
                spans[spans.count - 1].text += cell.text
            } else {
                spans.append(Span(cell.text, cell.style))
            }
        }
        return spans
    }
}

extension Glyphs {
    /// From low to high; the highest still leaves a gap to the row above.
    fileprivate var sparkline: [String] {
        pick(["▁", "▂", "▃", "▄", "▅", "▆", "▇"], ["_", "▄"], ["_", ".", "-", "=", "+", "#"])
    }
}
