import CNCurses
import TerminalCanvas

/// Colours and attributes as ncurses numbers them, made on demand for the styles that are seen.
struct Palette {
    /// What a cell is put with.
    struct Entry {
        var attributes: attr_t
        /// Of a blank.
        var blank: attr_t
        var pair: Int32
    }

    /// How a mixed colour reaches the terminal.
    enum Mixing {
        /// Not at all: the nearest of the palette.
        case nearest
        /// ncurses takes its three bytes as a colour's number.
        case direct
        /// ncurses is given a free number from 16 on, and the number is replaced on the way out.
        case slots
    }

    private struct Pair: Hashable {
        var foreground: Int32
        var background: Int32
    }

    let tier: ColorTier
    private(set) var theme: Theme
    /// The colour that stands for each number on the way out.
    private(set) var slots: [UInt8: Color] = [:]
    private let mixing: Mixing
    private let colors: Int32
    private var entries: [Style: Entry] = [:]
    private var pairs: [Pair: Int32] = [:]
    private var slotNumbers: [Color: UInt8] = [:]

    init(theme: Theme, tier: ColorTier, mixing: Mixing) {
        self.theme = theme
        self.tier = tier
        self.mixing = mixing
        colors = gameday_max_colors()
    }

    /// Starts again with another theme; every cell must be put anew.
    mutating func use(_ theme: Theme) {
        self = Palette(theme: theme, tier: tier, mixing: mixing)
        if tier > .mono { reset_color_pairs() }
    }

    mutating func entry(for style: Style) -> Entry {
        if let entry = entries[style] { return entry }
        let paint = theme.paint(style, tier)
        var attributes = Palette.attributes(paint.emphasis)
        var blank = Palette.attributes(style.ofBlank(paint.emphasis))
        var pair = Pair(foreground: number(of: paint.foreground), background: number(of: paint.background))
        if colors < 16 {
            // Eight colours and bold make the bright ones.
            if pair.foreground >= 8 {
                attributes |= gameday_bold
                blank |= gameday_bold
            }
            pair = Pair(foreground: Palette.dull(pair.foreground), background: Palette.dull(pair.background))
        }
        let entry = Entry(attributes: attributes, blank: blank, pair: tier > .mono ? self.pair(pair) : 0)
        entries[style] = entry
        return entry
    }

    private mutating func number(of ink: Ink) -> Int32 {
        switch (ink, mixing) {
        case (.standard, _): return -1
        case (.indexed(let index), .nearest),
            (.indexed(let index), .slots) where index < 16:
            return Int32(index)
        // A direct terminal still has the eight named colours under their numbers.
        case (.indexed(let index), .direct) where index < 8: return Int32(index)
        case (.indexed(let index), _): return number(of: .mixed(Ink.palette(index)))
        case (.mixed, .nearest): return number(of: ink.reduced(to: .indexed))
        case (.mixed(let color), .direct): return Int32(max(8, color.rgb))
        case (.mixed(let color), .slots): return Int32(slot(of: color))
        }
    }

    private mutating func slot(of color: Color) -> UInt8 {
        if let slot = slotNumbers[color] { return slot }
        guard slots.count < 240, case .indexed(let nearest) = Ink.mixed(color).reduced(to: .indexed) else { return 15 }
        // Its nearest number, where that is free, looks almost right even if the number should ever get through.
        let free = (0..<240).lazy.map { UInt8(16 + (Int(nearest) - 16 + $0) % 240) }.first { slots[$0] == nil }
        let slot = free ?? nearest
        slots[slot] = color
        slotNumbers[color] = slot
        return slot
    }

    private mutating func pair(_ colors: Pair) -> Int32 {
        if let known = pairs[colors] { return known }
        let next = Int32(pairs.count + 1)
        guard next < gameday_max_pairs(), init_extended_pair(next, colors.foreground, colors.background) == OK else {
            return 0
        }
        pairs[colors] = next
        return next
    }

    private static func dull(_ color: Int32) -> Int32 { color >= 8 ? color & 7 : color }

    private static func attributes(_ emphasis: Emphasis) -> attr_t {
        var result: attr_t = 0
        if emphasis.contains(.bold) { result |= gameday_bold }
        if emphasis.contains(.underline) { result |= gameday_underline }
        if emphasis.contains(.reverse) { result |= gameday_reverse }
        if emphasis.contains(.dim) { result |= gameday_dim }
        return result
    }
}
