extension RegexParser {
    /// What a backslash outside of brackets begins.
    mutating func escape() throws(RegexError) -> RegexNode {
        let start = place - 1
        guard let letter = takeAny() else { throw failure("bad escape (end of pattern)", at: start) }
        switch letter {
        case "A": return .position(.start)
        case "Z": return .position(.end)
        case "b": return .position(.wordBoundary(ascii: flags.ascii))
        case "B": return .position(.noWordBoundary(ascii: flags.ascii))
        case "0":
            return single(try scalar(octal: "0" + takeDigits(upTo: 2, "01234567"), from: start))
        case "1"..."9": return try numbered(letter, from: start)
        default: break
        }
        if let item = Self.category(letter) {
            return .set(RegexSet(items: [item], ignoresCase: false, ascii: flags.ascii))
        }
        return single(try character(letter, from: start))
    }

    private mutating func numbered(_ first: Unicode.Scalar, from start: Int) throws(RegexError) -> RegexNode {
        var digits = String(first) + takeDigits(upTo: 1)
        let octal = "01234567".unicodeScalars
        if digits.count == 2, digits.unicodeScalars.allSatisfy(octal.contains),
            first.value <= 0x33 || first.value <= 0x37,
            let third = next, octal.contains(third)
        {
            place += 1
            digits.unicodeScalars.append(third)
            guard let value = Int(digits, radix: 8), value <= 0o377 else {
                throw failure("octal escape value \\\(digits) outside of range 0-0o377", at: start)
            }
            return single(try scalar(octal: digits, from: start))
        }
        return try reference(to: Int(digits) ?? 0, from: start)
    }

    private func scalar(octal digits: String, from start: Int) throws(RegexError) -> Unicode.Scalar {
        guard let value = UInt32(digits, radix: 8), let scalar = Unicode.Scalar(value) else {
            throw failure("bad escape", at: start)
        }
        return scalar
    }

    private static func category(_ letter: Unicode.Scalar) -> RegexSet.Item? {
        switch letter {
        case "d": .category(.digit, isNegative: false)
        case "D": .category(.digit, isNegative: true)
        case "s": .category(.space, isNegative: false)
        case "S": .category(.space, isNegative: true)
        case "w": .category(.word, isNegative: false)
        case "W": .category(.word, isNegative: true)
        default: nil
        }
    }

    /// The one character which an escape names, in brackets or outside.
    private mutating func character(_ letter: Unicode.Scalar, from start: Int) throws(RegexError) -> Unicode.Scalar {
        switch letter {
        case "a": return "\u{7}"
        case "f": return "\u{c}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{b}"
        case "x": return try hexadecimal(2, from: start)
        case "u": return try hexadecimal(4, from: start)
        case "U": return try hexadecimal(8, from: start)
        case "a"..."z", "A"..."Z", "0"..."9": throw failure("bad escape \\\(letter)", at: start)
        default: return letter
        }
    }

    private mutating func hexadecimal(_ count: Int, from start: Int) throws(RegexError) -> Unicode.Scalar {
        let digits = takeDigits(upTo: count, "0123456789abcdefABCDEF")
        guard digits.count == count, let value = UInt32(digits, radix: 16), let scalar = Unicode.Scalar(value) else {
            throw failure("incomplete escape", at: start)
        }
        return scalar
    }

    /// What an opening bracket begins.
    mutating func set() throws(RegexError) -> RegexSet {
        let start = place - 1
        var set = RegexSet(items: [], ignoresCase: flags.ignoresCase, ascii: flags.ascii)
        set.isNegative = take("^")
        let first = place
        while true {
            if place > first, take("]") { return set }
            let low = try setItem(start)
            guard next == "-" else {
                set.items.append(low)
                continue
            }
            place += 1
            if take("]") {
                set.items += [low, .range(0x2D...0x2D)]
                return set
            }
            let high = try setItem(start)
            guard case .range(let from) = low, case .range(let to) = high, from.lowerBound <= to.lowerBound else {
                throw failure("bad character range", at: start)
            }
            set.items.append(.range(from.lowerBound...to.lowerBound))
        }
    }

    private mutating func setItem(_ start: Int) throws(RegexError) -> RegexSet.Item {
        guard let scalar = takeAny() else { throw failure("unterminated character set", at: start) }
        guard scalar == "\\" else { return .range(scalar.value...scalar.value) }
        let escapeStart = place - 1
        guard let letter = takeAny() else { throw failure("bad escape (end of pattern)", at: escapeStart) }
        if let item = Self.category(letter) { return item }
        let found: Unicode.Scalar
        switch letter {
        case "b": found = "\u{8}"
        case "0"..."7":
            let digits = String(letter) + takeDigits(upTo: 2, "01234567")
            guard let value = Int(digits, radix: 8), value <= 0o377 else {
                throw failure("octal escape value outside of range 0-0o377", at: escapeStart)
            }
            found = try self.scalar(octal: digits, from: escapeStart)
        default: found = try character(letter, from: escapeStart)
        }
        return .range(found.value...found.value)
    }
}
