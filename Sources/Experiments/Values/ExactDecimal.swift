/// A number in decimal digits, exact however large or small, as Python's `Decimal` holds it. It only compares.
enum ExactDecimal: Equatable {
    /// The digits, most significant first and without zeros at either end, and the power of ten of the place after the
    /// last one. Zero has no digits.
    case finite(isNegative: Bool, digits: [UInt8], exponent: Int)
    case infinite(isNegative: Bool)
    case notANumber

    /// A text as `Decimal("…")` takes it, or nil when it is no number.
    init?(_ text: String) {
        var rest = Self.trimmed(text.utf8.filter { $0 != UInt8(ascii: "_") })[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        switch String(decoding: rest, as: UTF8.self).lowercased() {
        case "inf", "infinity": self = .infinite(isNegative: isNegative)
        case let word where word.hasPrefix("nan") || word.hasPrefix("snan"):
            let diagnostic = word.drop { $0 == "s" }.dropFirst(3)
            guard diagnostic.allSatisfy(\.isNumber) else { return nil }
            self = .notANumber
        default:
            guard let number = Self.finite(rest, isNegative: isNegative) else { return nil }
            self = number
        }
    }

    init(_ value: Int) {
        let digits = String(value.magnitude).utf8.map { $0 - UInt8(ascii: "0") }
        self = Self.normal(isNegative: value < 0, digits: digits, exponent: 0)
    }

    /// Exactly what the binary number is, which for 0.3 is a little less.
    init(_ value: Double) {
        if value.isNaN {
            self = .notANumber
        } else if value.isInfinite {
            self = .infinite(isNegative: value < 0)
        } else if value == 0 {
            self = .finite(isNegative: false, digits: [], exponent: 0)
        } else {
            let power = Int(value.exponent) - 52
            var whole = WholeNumber(UInt64((value.magnitude.significand * 0x1p52).rounded()))
            // m·2^-k is m·5^k·10^-k.
            whole.multiply(by: power < 0 ? 5 : 2, times: abs(power))
            self = Self.normal(isNegative: value < 0, digits: whole.digits, exponent: min(power, 0))
        }
    }

    private static func finite(_ text: ArraySlice<UInt8>, isNegative: Bool) -> ExactDecimal? {
        let isDigit = { (byte: UInt8) in (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
        let whole = text.prefix(while: isDigit)
        var rest = text[whole.endIndex...]
        var fraction = rest.prefix(0)
        if rest.first == UInt8(ascii: ".") {
            fraction = rest.dropFirst().prefix(while: isDigit)
            rest = rest[fraction.endIndex...]
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = 0
        if let mark = rest.first {
            let power = String(decoding: rest.dropFirst(), as: UTF8.self)
            guard mark | 0x20 == UInt8(ascii: "e"), !power.isEmpty,
                power.drop(while: { $0 == "+" || $0 == "-" }).allSatisfy({ $0.isASCII && $0.isNumber })
            else { return nil }
            guard let value = Int(power) else { return nil }
            exponent = max(min(value, 1 << 50), -(1 << 50))
        }
        let digits = (Array(whole) + Array(fraction)).map { $0 - UInt8(ascii: "0") }
        return normal(isNegative: isNegative, digits: digits, exponent: exponent - fraction.count)
    }

    private static func normal(isNegative: Bool, digits: [UInt8], exponent: Int) -> ExactDecimal {
        let first = digits.firstIndex { $0 != 0 } ?? digits.endIndex
        guard let last = digits.lastIndex(where: { $0 != 0 }) else {
            return .finite(isNegative: false, digits: [], exponent: 0)
        }
        let zeros = digits.count - 1 - last
        return .finite(isNegative: isNegative, digits: Array(digits[first...last]), exponent: exponent + zeros)
    }

    private static func trimmed(_ bytes: [UInt8]) -> [UInt8] {
        let isSpace = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        return Array(bytes.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }

    /// Whether this number is at most the other; nil when one of them is none.
    func isAtMost(_ other: ExactDecimal) -> Bool? {
        switch (self, other) {
        case (.notANumber, _), (_, .notANumber): nil
        case (.infinite(let isNegative), _): isNegative || self == other
        case (_, .infinite(let isNegative)): !isNegative
        case (.finite(let isNegative, let digits, let exponent), .finite(let otherIsNegative, let others, let power)):
            if isNegative != otherIsNegative {
                isNegative || (digits.isEmpty && others.isEmpty)
            } else if isNegative {
                !Self.isSmaller(digits, exponent, others, power)
            } else {
                !Self.isSmaller(others, power, digits, exponent)
            }
        }
    }

    private static func isSmaller(_ left: [UInt8], _ leftExponent: Int, _ right: [UInt8], _ rightExponent: Int) -> Bool
    {
        if left.isEmpty || right.isEmpty { return left.isEmpty && !right.isEmpty }
        let sizes = (left.count + leftExponent, right.count + rightExponent)
        return sizes.0 == sizes.1 ? left.lexicographicallyPrecedes(right) : sizes.0 < sizes.1
    }
}

/// A whole number as long as it needs to be, for writing out a binary fraction.
private struct WholeNumber {
    private static let base: UInt64 = 1_000_000_000
    /// Nine decimal digits each, least significant first.
    private var limbs: [UInt64]

    init(_ value: UInt64) {
        limbs = [value % Self.base, value / Self.base % Self.base, value / Self.base / Self.base]
    }

    mutating func multiply(by factor: UInt64, times: Int) {
        var left = times
        while left > 0 {
            let step = min(left, 12)
            let power = (0..<step).reduce(UInt64(1)) { product, _ in product * factor }
            var carry: UInt64 = 0
            for place in limbs.indices {
                let product = limbs[place] * power + carry
                limbs[place] = product % Self.base
                carry = product / Self.base
            }
            if carry > 0 { limbs.append(carry) }
            left -= step
        }
    }

    var digits: [UInt8] {
        limbs.reversed().flatMap { limb in
            let text = Array(String(limb).utf8)
            return [UInt8](repeating: 0, count: 9 - text.count) + text.map { $0 - UInt8(ascii: "0") }
        }
    }
}
