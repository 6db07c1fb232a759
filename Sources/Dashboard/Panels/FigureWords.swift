import MeshModel
import TerminalCanvas

/// The figures of a service or an edge. Each stands in a field of its own, so that none moves when another changes, and
/// has its own mark when it is off; the mark has its place in the field.
struct FigureWords {
    let reading: Reading
    let glyphs: Glyphs

    static let rateField = 5
    static let errorsField = 7
    static let latencyField = 7
    /// On a line that the words cut, with no more blanks than must be.
    static let tightErrorsField = 5

    var rate: [Span] { [Span(Format.rate(reading.rate))] }

    var errors: [Span] { marked(Format.failures(reading.errors, of: reading.requests), .success) }

    var p99: [Span] { marked(Format.latency(reading.p99), .p99) }

    var p50: [Span] { marked(Format.latency(reading.p50), .p50) }

    /// True when a figure is off.
    func isOff(_ measure: Difference.Measure) -> Bool { reading.marks[measure] != nil }

    /// The one figure to show where there is room for one: what is off, the worst first, else the rate.
    var foremost: [Span] {
        guard let errors = reading.marks[.success] else { return isOff(.p99) ? p99 : rate }
        return errors == .bad || reading.marks[.p99] != .bad ? self.errors : p99
    }

    /// At the right end of a field.
    static func field(_ spans: [Span], _ columns: Int) -> [Span] {
        [Span(String(repeating: " ", count: max(0, columns - spans.width)))] + spans
    }

    /// As many figures as have room, by the room alone: what a figure reads never decides where it stands. Those that
    /// are off stay longest.
    func line(to columns: Int, withLatency: Bool = true, isTight: Bool = false) -> [Span] {
        let errorsField = isTight ? Self.tightErrorsField : Self.errorsField
        let all = [(rate, Self.rateField), (errors, errorsField), (p99, Self.latencyField)]
        let isLate = withLatency && isOff(.p99)
        let chosen =
            switch columns {
            case (Self.rateField + errorsField + Self.latencyField)... where withLatency: all
            case (errorsField + Self.latencyField)... where isLate: Array(all[1...])
            case (Self.rateField + errorsField)... where !isLate: Array(all[..<2])
            case (Self.rateField + Self.latencyField)...: [(rate, Self.rateField), (foremost, Self.latencyField)]
            default: [(foremost, 0)]
            }
        var room = columns
        var result: [Span] = []
        for (spans, field) in chosen.reversed() where spans.width <= room {
            let width = min(room, max(field, spans.width))
            result = Self.field(spans, width) + result
            room -= width
        }
        return Array(result.drop { $0.text.allSatisfy { $0 == " " } })
    }

    private func marked(_ text: String, _ measure: Difference.Measure) -> [Span] {
        guard let mark = reading.marks[measure] else { return [Span(text)] }
        let style = Style(Look.role(mark), mark == .bad ? .bold : [])
        return [Span(Look.mark(mark, glyphs) + text, style)]
    }
}
