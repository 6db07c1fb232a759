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
        // Nobody must guess a name, so the word of the state gives way to it and stands among the numbers.
        let words = [(word, margin), (bareWord, 0)]
        let beside = words.first { word, margin in
            columns >= 14 && nameRoom(columns, Text.width(word.text) + 1 + margin) >= Text.width(name.text)
        }
        let title = title(columns: columns, beside: beside)
        let numbers = numbers(columns: columns, rows: rows - 1, hasWord: beside != nil)
        return ([title] + numbers).prefix(max(1, rows)).map { $0 }
    }

    private var isNew: Bool { state.isNew(name) }
    private var isLoud: Bool { reading.health == .bad && !isNew && blast == nil }
    private var role: StyleRole { Look.role(reading.health) }

    private var word: Span {
        switch blast {
        case .felt, .target: return Span("hit", Style(.lease, .bold))
        case .behind: return Span("drop", Style(.lease))
        case nil: break
        }
        if isNew { return Span("new", Style(.fresh, .bold)) }
        let word = Look.word(reading)
        return Span(isLoud ? " \(word) " : word, Style(role, isLoud ? .bold : []))
    }

    private var bareWord: Span {
        let word = word
        return Span(String(word.text.drop { $0 == " " }.prefix { $0 != " " || !isLoud }), word.style)
    }
    private var margin: Int { isLoud ? 0 : 1 }
    private var mark: String { isNew ? glyphs.pick("◇", "*", "*") : Look.mark(reading.health, glyphs) }
    private var loop: String { isSelfCaller ? glyphs.pick("↺", "@", "@") : "" }

    private func nameRoom(_ columns: Int, _ besideName: Int) -> Int {
        columns - Text.width(mark) - Text.width(loop) - 2 - besideName
    }

    private func title(columns: Int, beside: (word: Span, margin: Int)?) -> [Span] {
        let taken = beside.map { Text.width($0.word.text) + $0.margin }
        let room = max(1, nameRoom(columns, taken.map { $0 + 1 } ?? 0))
        let head = [
            Span(" \(mark)", Style(isNew ? .accent : role, .bold)),
            Span(" \(Look.name(name, to: room, glyphs))", Style(.text, .bold)), Span(loop, Style(.muted)),
        ]
        guard let beside, let taken else { return head }
        return head + [Span(String(repeating: " ", count: max(1, columns - head.width - taken))), beside.word]
    }

    private func numbers(columns: Int, rows: Int, hasWord: Bool) -> [[Span]] {
        guard rows > 0 else { return [] }
        if reading.health == .stale {
            let age = Format.age(reading.age)
            let words = EdgeWords.fitting(["updated \(age) ago", "stale \(age)", age], columns - 2)
            return [[Span(" \(words)", Style(.stale))]]
        }
        if reading.absence != nil, reading.requests == 0 {
            return [
                hasWord
                    ? [] : [Span(" \(EdgeWords.fitting([Look.word(reading), "no data"], columns - 2))", Style(.stale))]
            ]
        }
        if state.showsDifferences { return differences(columns: columns, rows: rows, hasWord: hasWord) }
        let figures = FigureWords(reading: reading, glyphs: glyphs)
        if rows == 1 {
            let line = figures.line(to: columns - 2)
            return [ends(Array(line.prefix(1)), Array(line.dropFirst()), columns)]
        }
        let first = ends(figures.rate, figures.errors, columns)
        // The word that found no room beside the name takes the place that the latency's name has.
        let late = ends(hasWord ? [Span("p99")] : [bareWord], figures.p99, columns)
        guard rows > 2 else { return [first, late] }
        let quantiles = hasWord ? ends([Span("p50 ")] + figures.p50, [Span("p99 ")] + figures.p99, columns) : late
        let fits = figures.p50.width + figures.p99.width + 11 <= columns
        return [first, fits ? quantiles : late] + selfCalls(columns) + [history(columns)]
    }

    /// The calls to itself, for which the graph has no line.
    private func selfCalls(_ columns: Int) -> [[Span]] {
        guard isSelfCaller else { return [] }
        let own = FigureWords(reading: state.shownReadings[Edge(from: name, to: name)], glyphs: glyphs)
        return [[Span(" \(loop) ", Style(.muted))] + own.line(to: columns - 4)]
    }

    /// One at the left end of the box and one at its right end, so that neither moves the other.
    private func ends(_ left: [Span], _ right: [Span], _ columns: Int) -> [Span] {
        let gap = columns - 2 - left.width - right.width
        guard gap > 0 || left.isEmpty else { return [Span(" ")] + (right.width > columns - 2 ? left : right) }
        return [Span(" ")] + left + [Span(String(repeating: " ", count: max(0, gap)))] + right
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
                reading.silence.map { ["idle \(Format.age($0))", "idle"] } ?? [
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
        let last = hasWord ? [Span(" ")] + late : ends([word], late, columns)
        return [line([.success, .rate], to: room), last] + (rows > 2 ? [history(columns)] : [])
    }

    /// The requests of the last polls as little columns.
    private func history(_ columns: Int) -> [Span] {
        let strip = HistoryStrip(state.shown.services[name], columns: columns - 2, until: state.shownAt, glyphs)
        return [Span(" ")] + strip.rates
    }
}
