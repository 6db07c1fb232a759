import MeshModel
import TerminalCanvas

/// What stands in a service's box: its mark and name, its state as a word, and its numbers, as far as there is room.
struct BoxWords {
    let name: ServiceName
    let reading: Reading
    let state: DashboardState
    let glyphs: Glyphs

    func lines(columns: Int, rows: Int) -> [[Span]] {
        let word = word
        let hasWord = columns >= 14
        let role = Look.role(reading.health)
        let mark = Look.mark(reading.health, glyphs)
        let isLoud = reading.health == .bad
        let room = columns - Text.width(mark) - 2 - (hasWord ? Text.width(word) + (isLoud ? 2 : 1) : 0)
        let title = Look.name(name, to: max(1, room), glyphs)
        let head = [
            Span(isLoud ? " \(mark)" : " \(mark)", Style(role, .bold)), Span(" \(title)", Style(.text, .bold)),
        ]
        let wordSpan = Span(isLoud ? " \(word) " : word, Style(state.isNew(name) ? .fresh : role, isLoud ? .bold : []))
        let spare = columns - head.width - Text.width(wordSpan.text)
        let gap = String(repeating: " ", count: isLoud ? max(0, spare) : max(1, spare - 1))
        let first = hasWord ? head + [Span(gap), wordSpan] : head
        return [first] + numbers(columns: columns, rows: rows - 1, word: hasWord ? nil : wordSpan)
    }

    private var word: String {
        return state.isNew(name) ? "new" : Look.word(reading.health)
    }

    private func numbers(columns: Int, rows: Int, word: Span?) -> [[Span]] {
        guard rows > 0 else { return [] }
        let rate = Format.rate(reading.rate)
        let errors = Format.share(reading.errors)
        let p99 = Format.latency(reading.p99)
        let errorRole: StyleRole = reading.health == .bad ? .bad : reading.health == .warn ? .warn : .text
        if reading.health == .stale {
            let age = Format.age(reading.age)
            return [
                [Span(" \(EdgeWords.fitting(["heard \(age) ago", "gone \(age)", age], columns - 1))", Style(.stale))]
            ]
        }
        let style = Style(.text)
        guard rows > 1 else {
            let short = Text.width("\(rate) \(errors) \(p99)") < columns
            return [[Span(" \(rate) ", style), Span(errors, Style(errorRole)), Span(short ? " \(p99)" : "", style)]]
        }
        let second = [Span(" \(rate)", style), Span("  "), Span(errors, Style(errorRole))]
        let third = [Span(" p99 \(p99)", style)]
        guard let word else { return [second, third] }
        // In a narrow box the word takes the place that the latency's name has.
        return [second, [Span(" "), word, Span(" \(p99)", style)]]
    }
}
