extension Theme {
    /// A pair of colours that is hard to read.
    public struct WeakPair: Hashable, Sendable, CustomStringConvertible {
        public var role: StyleRole
        public var ground: Ground
        public var ratio: Double
        public var least: Double

        public var description: String {
            let tenths = (ratio * 10).rounded(.down) / 10
            return "\(role.name) on \(ground.name) has a contrast of \(tenths):1, and needs \(least):1"
        }
    }

    /// The pairs whose contrast is below WCAG's: `text` for words (4.5 is level AA, 7 is AAA), 3 for lines and bars.
    ///
    /// The terminal's own colours are not known and not judged.
    public func weakPairs(_ tier: ColorTier, text: Double = 4.5, graphics: Double = 3) -> [WeakPair] {
        StyleRole.allCases.flatMap { role in
            Ground.allCases.compactMap { ground -> WeakPair? in
                let paint = paint(Style(role, on: ground), tier)
                guard let ink = paint.foreground.color, let paper = paint.background.color else { return nil }
                let least = role.isGraphic ? graphics : text
                let ratio = ink.contrast(with: paper)
                return ratio < least ? WeakPair(role: role, ground: ground, ratio: ratio, least: least) : nil
            }
        }
    }
}

extension StyleRole {
    /// Whether only lines and bars are drawn with it, never words.
    fileprivate var isGraphic: Bool {
        switch self {
        case .border, .focusBorder, .band, .limit, .chart1, .chart2, .chart3, .chart4: true
        case .text, .muted, .accent, .title, .key, .ok, .warn, .bad, .fault, .stale, .banner, .lease, .input, .fresh:
            false
        }
    }
}
