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

    /// Two states that somebody could not tell apart by their colours.
    public struct SimilarPair: Hashable, Sendable, CustomStringConvertible {
        public var one: StyleRole
        public var other: StyleRole
        public var vision: ColorVision
        public var distance: Double
        public var least: Double

        public var description: String {
            let tenths = (distance * 10).rounded(.down) / 10
            return "\(one.name) and \(other.name) look alike to \(vision.words): a distance of \(tenths),"
                + " and \(least) is needed"
        }
    }

    /// The states that are too near to each other, in Lab, for some kind of colour vision. Without colours it is the
    /// emphasis that must differ. A fault and old data may be nearer to others: their strokes and words differ too.
    public func similarStates(_ tier: ColorTier) -> [SimilarPair] {
        let states: [(role: StyleRole, least: Double)] = [
            (.ok, 20), (.warn, 20), (.bad, 20), (.fault, 8), (.stale, 8),
        ]
        return states.indices.flatMap { first in
            states[(first + 1)...].flatMap { other -> [SimilarPair] in
                let least = min(states[first].least, other.least)
                let (one, two) = (paint(Style(states[first].role), tier), paint(Style(other.role), tier))
                guard tier > .mono else {
                    let isSame = one.emphasis == two.emphasis
                    return isSame
                        ? [
                            SimilarPair(
                                one: states[first].role, other: other.role, vision: .usual, distance: 0, least: 1)
                        ]
                        : []
                }
                return ColorVision.allCases.compactMap { vision in
                    guard let distance = Self.distance(one, two, vision), distance < least else { return nil }
                    return SimilarPair(
                        one: states[first].role, other: other.role, vision: vision, distance: distance, least: least)
                }
            }
        }
    }

    /// How far apart two paints look, by ink or paper; nil where the terminal's own colours are in it.
    private static func distance(_ one: Paint, _ other: Paint, _ vision: ColorVision) -> Double? {
        guard let ink = one.foreground.color, let paper = one.background.color,
            let otherInk = other.foreground.color, let otherPaper = other.background.color
        else { return nil }
        return max(
            vision.seen(ink).distance(to: vision.seen(otherInk)),
            vision.seen(paper).distance(to: vision.seen(otherPaper)))
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
