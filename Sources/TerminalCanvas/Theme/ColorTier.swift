/// How many colours a terminal shows.
public enum ColorTier: String, CaseIterable, Comparable, Hashable, Sendable {
    case mono, sixteen, indexed, trueColor

    public static func < (left: ColorTier, right: ColorTier) -> Bool { left.order < right.order }

    private var order: Int { ColorTier.allCases.firstIndex(of: self) ?? 0 }

    /// What the environment and the terminal's description say.
    ///
    /// `NO_COLOR` wins when it is there and not empty (no-color.org). `COLORTERM` tells of true colour, which terminfo
    /// seldom does.
    public static func detected(
        in environment: [String: String], maxColors: Int, hasDirectColor: Bool = false
    ) -> ColorTier {
        if let setting = environment["NO_COLOR"], !setting.isEmpty { return .mono }
        if hasDirectColor { return .trueColor }
        if maxColors >= 256 {
            let isTrue = ["truecolor", "24bit"].contains(environment["COLORTERM"]?.lowercased() ?? "")
            return isTrue ? .trueColor : .indexed
        }
        return maxColors >= 8 ? .sixteen : .mono
    }
}
