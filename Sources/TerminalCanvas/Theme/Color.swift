/// A colour as a screen mixes it.
public struct Color: Hashable, Sendable {
    public var red: UInt8
    public var green: UInt8
    public var blue: UInt8

    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
        self.red = red
        self.green = green
        self.blue = blue
    }

    /// From `0xRRGGBB`.
    public init(rgb: UInt32) {
        self.init(UInt8(rgb >> 16 & 0xFF), UInt8(rgb >> 8 & 0xFF), UInt8(rgb & 0xFF))
    }

    public var rgb: UInt32 { UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue) }

    /// The relative luminance of WCAG 2.2, from 0 (black) to 1 (white).
    public var luminance: Double {
        let linear = linear
        return 0.2126 * linear.red + 0.7152 * linear.green + 0.0722 * linear.blue
    }

    /// The contrast ratio of WCAG 2.2 between two colours, from 1 (none) to 21.
    public func contrast(with other: Color) -> Double {
        let (one, two) = (luminance, other.luminance)
        return (max(one, two) + 0.05) / (min(one, two) + 0.05)
    }

    /// How different two colours look: the distance in CIE Lab, where about 2 is just noticeable.
    public func distance(to other: Color) -> Double {
        let (one, two) = (lab, other.lab)
        let (light, a, b) = (one.0 - two.0, one.1 - two.1, one.2 - two.2)
        return (light * light + a * a + b * b).squareRoot()
    }

    typealias Linear = (red: Double, green: Double, blue: Double)

    var linear: Linear { (Color.linear(red), Color.linear(green), Color.linear(blue)) }

    init(linear: Linear) {
        self.init(Color.encoded(linear.red), Color.encoded(linear.green), Color.encoded(linear.blue))
    }

    /// sRGB's transfer function, with WCAG's threshold.
    private static func linear(_ part: UInt8) -> Double {
        let share = Double(part) / 255
        if share <= 0.04045 { return share / 12.92 }
        let base = (share + 0.055) / 1.055
        return base * base * root(base * base, 5)
    }

    private static func encoded(_ part: Double) -> UInt8 {
        let linear = min(1, max(0, part))
        // x^(1/2.4) is the twelfth root of x^5.
        let share =
            linear <= 0.0031308 ? linear * 12.92 : 1.055 * root(linear * linear * linear * linear * linear, 12) - 0.055
        return UInt8((share * 255).rounded())
    }

    private var lab: (Double, Double, Double) {
        let linear = linear
        // To CIE XYZ, as a share of the white of D65.
        let x = (0.4124 * linear.red + 0.3576 * linear.green + 0.1805 * linear.blue) / 0.9505
        let y = 0.2126 * linear.red + 0.7152 * linear.green + 0.0722 * linear.blue
        let z = (0.0193 * linear.red + 0.1192 * linear.green + 0.9505 * linear.blue) / 1.089
        func curve(_ share: Double) -> Double {
            share > 216.0 / 24389 ? Color.root(share, 3) : (24389.0 / 27 * share + 16) / 116
        }
        return (116 * curve(y) - 16, 500 * (curve(x) - curve(y)), 200 * (curve(y) - curve(z)))
    }

    /// The root of a number between 0 and about 1, by Newton: the standard library alone has no `pow`.
    private static func root(_ number: Double, _ degree: Int) -> Double {
        guard number > 0 else { return 0 }
        var guess = 1.0
        for _ in 0..<200 {
            let power = (1..<degree).reduce(1.0) { product, _ in product * guess }
            let next = guess - (guess * power - number) / (Double(degree) * power)
            if abs(next - guess) < 1e-12 { return next }
            guess = next
        }
        return guess
    }
}
