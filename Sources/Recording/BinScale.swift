import MeshModel

/// The scale of Envoy's latency bins: ninety to a decade, two significant digits each. A step is a whole number, so a
/// recording carries a step where a histogram carries two fractions.
enum BinScale {
    /// Steps beyond 10^9 milliseconds are nobody's latency.
    static let last = 2 + 90 * 10

    private static let powers: [Double] = [1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

    /// The bounds of a step; nil outside of the scale.
    static func bounds(of step: Int) -> (lower: Double, width: Double)? {
        step > 0 && step < last ? table[step] : nil
    }

    /// By step. Divisions round once, so the bounds equal the decimals that Envoy writes.
    static let table: [(lower: Double, width: Double)] = (0..<last).map { step in
        guard step > 1 else { return (0, 0) }
        let mantissa = Double(10 + (step - 2) % 90)
        let exponent = (step - 2) / 90 - 2
        return exponent < 0
            ? (mantissa / powers[-exponent], 1 / powers[-exponent])
            : (mantissa * powers[exponent], powers[exponent])
    }

    /// The step of a bin, if the scale has exactly this bin.
    static func step(lower: Double, width: Double) -> Int? {
        if lower == 0 && width == 0 { return 1 }
        guard lower >= 0.1, lower < 1e9 else { return nil }
        var exponent = -2
        while exponent < 7, lower >= powers[exponent + 2] { exponent += 1 }
        let mantissa = exponent < 0 ? lower * powers[-exponent] : lower / powers[exponent]
        let step = 2 + 90 * (exponent + 2) + Int(mantissa.rounded()) - 10
        guard let bounds = bounds(of: step), bounds.lower == lower, bounds.width == width else { return nil }
        return step
    }
}
