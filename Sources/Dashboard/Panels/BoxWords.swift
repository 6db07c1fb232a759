import MeshModel
import TerminalCanvas

/// What stands in a service's box: its mark and name, its state as a word, and its numbers, as far as there is room.
struct BoxWords {
    let name: ServiceName
    let reading: Reading
    let state: DashboardState
    let glyphs: Glyphs
    /// Whether it also calls itself, for which a graph has no line.
    var isSelfCaller = false
    /// How a fault in question would touch it.
    var blast: BlastMap.Part?

    func lines(columns: Int, rows: Int) -> [[Span]] {
        let hasWord = columns >= 14
        return [title(columns: columns, hasWord: hasWord)] + numbers(columns: columns, rows: rows - 1, hasWord: hasWord)
    }

    private var isNew: Bool { state.isNew(name) }
    private var isLoud: Bool { reading.health == .bad && !isNew && blast == nil }
    private var role: StyleRole { Look.role(reading.health) }

    private var word: Span {
        switch blast {
        case .felt, .target: return Span("hit", Style(.lease, .bold))
        case .behind: return Span("less", Style(.lease))
        case nil: break
        }
        if isNew { return Span("new", Style(.fresh, .bold)) }
        let word = Look.word(reading)
        return Span(isLoud ? " \(word) " : word, Style(role, isLoud ? .bold : []))
    }

    private func title(columns: Int, hasWord: Bool) -> [Span] {
        let mark = isNew ? glyphs.pick("◇", "*", "*") : Look.mark(reading.health, glyphs)
        let loop = isSelfCaller ? glyphs.pick("↺", "@", "@") : ""
        let tail = hasWord ? word.text : ""
        let margin = isLoud ? 0 : 1
        let room = columns - Text.width(mark) - Text.width(loop) - 2 - (hasWord ? Text.width(tail) + 1 + margin : 0)
        let head = [
            Span(" \(mark)", Style(isNew ? .accent : role, .bold)),
            Span(" \(Look.name(name, to: max(1, room), glyphs))", Style(.text, .bold)), Span(loop, Style(.muted)),
        ]
        guard hasWord else { return head }
        let gap = max(1, columns - head.width - Text.width(tail) - margin)
        return head + [Span(String(repeating: " ", count: gap)), word]
    }

    private func numbers(columns: Int, rows: Int, hasWord: Bool) -> [[Span]] {
        guard rows > 0 else { return [] }
        if reading.health == .stale {
            let age = Format.age(reading.age)
            let words = EdgeWords.fitting(["heard \(age) ago", "gone \(age)", age], columns - 2)
            return [[Span(" \(words)", Style(.stale))]]
        }
        if state.showsDifferences { return differences(columns: columns, rows: rows, hasWord: hasWord) }
        let isMarked = reading.health == .bad || reading.health == .warn
        let rate = Span(Format.rate(reading.rate))
        let errors = Span(Format.share(reading.errors), Style(isMarked ? role : .text))
        let p99 = Span(Format.latency(reading.p99))
        switch rows {
        case 1: return [spread([rate, errors, p99], columns) ?? spread([rate, errors], columns) ?? [Span(" "), rate]]
        case 2 where !hasWord:
            // In a narrow box the word takes the place that the latency's name has.
            return [spread([rate, errors], columns) ?? [Span(" "), rate], spread([word, p99], columns) ?? [word]]
        case 2:
            return [
                spread([rate, errors], columns) ?? [Span(" "), rate], spread([Span("p99"), p99], columns) ?? [p99],
            ]
        default:
            let quantiles = [Span("p50 \(Format.latency(reading.p50))"), Span("p99 \(p99.text)")]
            return [
                spread([rate, errors], columns) ?? [Span(" "), rate],
                spread(quantiles, columns) ?? spread([Span("p99"), p99], columns) ?? [p99],
                history(columns),
            ]
        }
    }

    /// What changed since before the faults, in place of the numbers.
    private func differences(columns: Int, rows: Int, hasWord: Bool) -> [[Span]] {
        let difference = state.difference(of: .service(name))
        func line(_ measures: [Difference.Measure], to room: Int) -> [Span] {
            [Span(" ")] + DifferenceWords.changes(difference, measures, to: room, glyphs)
        }
        let room = columns - 2
        func isChanged(_ measure: Difference.Measure) -> Bool {
            difference?[measure].map { $0.tendency != .same } ?? false
        }
        // Of few requests a poll without one is nothing new, but none at all is not as before.
        let isSilent = reading.requests == 0 && !isChanged(.rate)
        if rows == 1 || isSilent || !isChanged(.success) && !isChanged(.rate) {
            let silence =
                reading.silence.map { ["silent \(Format.age($0))", "silent"] } ?? [
                    reading.absence == nil ? "idle" : Look.word(reading)
                ]
            let only =
                isSilent
                ? [Span(" \(EdgeWords.fitting(silence, room))", Style(.stale))]
                : line([.success, .p99, .rate, .p50], to: room)
            let health = hasWord ? [] : [Span(" "), word]
            return ([only, health] + (rows > 2 ? [history(columns)] : [])).prefix(rows).map { $0 }
        }
        let late =
            isChanged(.p99)
            ? DifferenceWords.changes(difference, [.p99], to: hasWord ? room : room - Text.width(word.text) - 1, glyphs)
            : [Span(hasWord ? "p99 =" : "=", Style(.muted))]
        let last = hasWord ? [Span(" ")] + late : spread([word] + late, columns)
        return [line([.success, .rate], to: room), last ?? [word]] + (rows > 2 ? [history(columns)] : [])
    }

    /// The pieces from edge to edge of the box with a blank at both sides; nil where they would touch.
    private func spread(_ spans: [Span], _ columns: Int) -> [Span]? {
        let room = columns - 2 - spans.width
        let gaps = spans.count - 1
        guard gaps > 0, room >= gaps else { return nil }
        var result = [Span(" ")]
        for (index, span) in spans.enumerated() {
            // The last piece ends at the right edge; what is between stands where its share of the room puts it.
            if index > 0 {
                let before = room * (index - 1) / gaps
                result.append(Span(String(repeating: " ", count: room * index / gaps - before)))
            }
            result.append(span)
        }
        return result
    }

    /// The requests of the last minute as little columns.
    private func history(_ columns: Int) -> [Span] {
        let points = (state.shown.services[name]?.series ?? []).suffix(columns - 2).map(\.rate)
        let highest = points.compactMap { $0 }.max() ?? 0
        let levels = Array(glyphs.pick("▁▂▃▄▅▆▇█", "_▄█", "_.-=+#"))
        let columns = points.map { rate -> Character in
            guard let rate, highest > 0 else { return " " }
            return levels[min(levels.count - 1, Int(rate / highest * Double(levels.count)))]
        }
        return [Span(" " + String(columns), Style(.chart1))]
    }
}
