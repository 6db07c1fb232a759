internal import Yams

/// What a scalar of YAML 1.1 means, by the rules of PyYAML's resolver.
enum YAMLScalar {
    static func value(of scalar: Node.Scalar) throws(YAMLError) -> Value {
        switch scalar.tag.rawValue {
        case "": return scalar.style == .plain ? try plain(scalar.string, scalar.position) : .text(scalar.string)
        case "!" where scalar.string.isEmpty && scalar.style == .plain: return .null
        case "!", "tag:yaml.org,2002:str": return .text(scalar.string)
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null",
            "tag:yaml.org,2002:timestamp":
            return try tagged(scalar)
        case let tag:
            throw YAMLError(
                message: "could not determine a constructor for the tag '\(tag)'", position: scalar.position)
        }
    }

    /// What a text means without quotes and without a tag; nil when it can't stand so.
    static func value(of text: String) -> Value? { try? plain(text, nil) }

    private static func tagged(_ scalar: Node.Scalar) throws(YAMLError) -> Value {
        let value = try plain(scalar.string, scalar.position)
        switch (scalar.tag.rawValue.split(separator: ":").last, value) {
        case ("null", _): return .null
        case ("float", .integer(let whole)): return .number(Double(whole))
        case ("int", .integer), ("int", .bigInteger), ("float", .number), ("bool", .bool), ("timestamp", .moment):
            return value
        default:
            guard scalar.tag.rawValue.hasSuffix("float"), let number = Double(scalar.string) else {
                throw YAMLError(message: "'\(scalar.string)' is not what its tag says", position: scalar.position)
            }
            return .number(number)
        }
    }

    private static func plain(_ text: String, _ position: SourcePosition?) throws(YAMLError) -> Value {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": return true
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": return false
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF": return .number(.infinity)
        case "-.inf", "-.Inf", "-.INF": return .number(-.infinity)
        case ".nan", ".NaN", ".NAN": return .number(.nan)
        case "=", "<<":
            let kind = text == "=" ? "value" : "merge"
            throw YAMLError(
                message: "could not determine a constructor for the tag 'tag:yaml.org,2002:\(kind)'",
                position: position)
        default: break
        }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return .text(text) }
        if let number = float(text) ?? whole(text) { return number }
        return try YAMLMoment.value(of: text, at: position) ?? .text(text)
    }

    private static func whole(_ text: String) -> Value? {
        let isNegative = text.hasPrefix("-")
        let body = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        let digits = body.filter { $0 != "_" }
        if body.hasPrefix("0b"), consists(body.dropFirst(2), of: "01_") {
            return integer(digits.dropFirst(2), radix: 2, isNegative)
        }
        if body.hasPrefix("0x"), consists(body.dropFirst(2), of: "0123456789abcdefABCDEF_") {
            return integer(digits.dropFirst(2), radix: 16, isNegative)
        }
        if body.hasPrefix("0"), consists(body.dropFirst(), of: "01234567_") {
            return integer(digits.dropFirst(), radix: 8, isNegative)
        }
        if body == "0" { return 0 }
        guard let first = body.utf8.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first) else { return nil }
        if consists(body, of: "0123456789_") { return integer(digits[...], radix: 10, isNegative) }
        guard let total = sexagesimal(digits[...]), total.magnitude < 9e15 else { return nil }
        return .integer(Int(isNegative ? -total : total))
    }

    private static func integer(_ digits: Substring, radix: Int, _ isNegative: Bool) -> Value? {
        guard !digits.isEmpty else { return nil }
        if let value = Int((isNegative ? "-" : "") + digits, radix: radix) { return .integer(value) }
        return radix == 10 ? .bigInteger((isNegative ? "-" : "") + digits) : nil
    }

    private static func float(_ text: String) -> Value? {
        let isNegative = text.hasPrefix("-")
        let isSigned = isNegative || text.hasPrefix("+")
        let body = isSigned ? text.dropFirst() : text[...]
        let parts = body.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let wholeIsNumber = parts[0].first?.isASCIIDigit == true && consists(parts[0], of: "0123456789_")
        let plain = body.filter { $0 != "_" }
        if wholeIsNumber || (parts[0].isEmpty && !isSigned && parts[1].first?.isASCIIDigit == true) {
            guard isFraction(parts[1]) else { return nil }
            return Double((plain.hasSuffix(".") ? plain + "0" : plain).replacingPoint).map {
                .number(isNegative ? -$0 : $0)
            }
        }
        guard consists(parts[1], of: "0123456789_") || parts[1].isEmpty,
            let minutes = sexagesimal(parts[0].filter { $0 != "_" }[...]),
            let fraction = Double("0." + parts[1].filter { $0 != "_" } + "0")
        else { return nil }
        return .number((isNegative ? -1 : 1) * (minutes + fraction))
    }

    /// What may follow the point: digits, then perhaps an exponent, which must have a sign.
    private static func isFraction(_ text: Substring) -> Bool {
        let rest = text.drop { $0.isASCIIDigit || $0 == "_" }
        guard let mark = rest.first else { return true }
        let power = rest.dropFirst()
        guard mark == "e" || mark == "E", power.first == "+" || power.first == "-" else { return false }
        return consists(power.dropFirst(), of: "0123456789")
    }

    private static func sexagesimal(_ text: Substring) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 1, consists(parts[0], of: "0123456789") else { return nil }
        var total = 0.0
        for (index, part) in parts.enumerated() {
            guard let number = Int(part), consists(part, of: "0123456789"),
                index == 0 || (part.count < 3 && number < 60)
            else { return nil }
            total = total * 60 + Double(number)
        }
        return total
    }

    private static func consists(_ text: Substring, of characters: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(characters.utf8.contains)
    }
}

extension Character {
    fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
}

extension String {
    /// Swift reads no `1.e+5`.
    fileprivate var replacingPoint: String {
        guard let point = firstIndex(of: "."), let next = self[point...].dropFirst().first, !next.isNumber else {
            return hasPrefix(".") ? "0" + self : self
        }
        return self[...point] + "0" + self[index(after: point)...]
    }
}
