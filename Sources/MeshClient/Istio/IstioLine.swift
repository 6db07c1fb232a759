internal import Glibc

/// One sample of Prometheus' text format behind its name and bracket: `a="b",c="d"} 12`.
struct IstioLine {
    /// What stands between the brackets.
    var labels: UnsafeRawBufferPointer
    var value: UInt64

    /// Nil for what is no sample. A number that is none, or less than nothing, is nothing; fractions are cut.
    init?(_ rest: UnsafeRawBufferPointer) {
        // Neither a number nor a time holds a bracket, while labels may hold anything.
        guard let close = rest.lastIndex(of: 0x7D) else { return nil }
        labels = UnsafeRawBufferPointer(rebasing: rest[..<close])
        var number = rest[(close + 1)...]
        while let first = number.first, first == 0x20 || first == 0x09 { number.removeFirst() }
        if let end = number.firstIndex(where: { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) {
            number = number[..<end]
        }
        guard let value = Self.count(number) else { return nil }
        self.value = value
    }

    private static func count(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt64? {
        guard (1...32).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        if digits.count < 19, digits.allSatisfy({ $0 &- 0x30 < 10 }) {
            for digit in digits { value = value &* 10 &+ UInt64(digit &- 0x30) }
            return value
        }
        guard let double = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
        return double >= 18_446_744_073_709_551_616 ? .max : double >= 1 ? UInt64(double) : 0
    }

    /// The labels without the bound of a bucket, and the bound, where it is the last label, as Envoy writes it.
    var bound: (labels: UnsafeRawBufferPointer?, bound: Double)? {
        guard labels.count > 6, labels[labels.count - 1] == 0x22,
            let quote = labels.dropLast().lastIndex(of: 0x22), quote >= 4,
            UnsafeRawBufferPointer(rebasing: labels[(quote - 4)..<quote]).hasPrefix(",le="),
            let bound = Self.bound(String(decoding: labels[(quote + 1)..<(labels.count - 1)], as: UTF8.self))
        else { return nil }
        return (UnsafeRawBufferPointer(rebasing: labels[..<(quote - 4)]), bound)
    }

    /// The same wherever the bound stands. The labels without it are then written out.
    func boundAnywhere(_ rest: inout [UInt8]) -> (labels: UnsafeRawBufferPointer?, bound: Double)? {
        guard let members = Self.members(of: labels), let text = members.first(where: { $0.name == "le" })?.value,
            let bound = Self.bound(text)
        else { return nil }
        let others = members.filter { $0.name != "le" }.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        rest = Array(others.joined(separator: ",").utf8)
        return (nil, bound)
    }

    private static func bound(_ text: String) -> Double? { text == "+Inf" ? .infinity : Double(text) }

    private static func escaped(_ value: String) -> String {
        value.flatMap { character -> String in
            switch character {
            case "\\": "\\\\"
            case "\"": "\\\""
            case "\n": "\\n"
            default: String(character)
            }
        }
        .reduce(into: "") { $0.append($1) }
    }

    /// The labels one by one; nil for what are none.
    static func members(of labels: UnsafeRawBufferPointer) -> [(name: String, value: String)]? {
        var members: [(name: String, value: String)] = []
        var at = 0
        while at < labels.count {
            guard let equals = labels[at...].firstIndex(of: 0x3D), equals > at, equals + 1 < labels.count,
                labels[equals + 1] == 0x22
            else { return nil }
            let name = String(decoding: labels[at..<equals], as: UTF8.self)
            at = equals + 2
            guard let value = text(in: labels, &at) else { return nil }
            members.append((name.filter { $0 != " " }, value))
            guard at < labels.count else { break }
            guard labels[at] == 0x2C else { return nil }
            at += 1
        }
        return members
    }

    /// A value up to its closing quote, behind which it leaves `at`.
    private static func text(in labels: UnsafeRawBufferPointer, _ at: inout Int) -> String? {
        var value: [UInt8] = []
        while at < labels.count {
            switch labels[at] {
            case 0x22:
                at += 1
                return String(decoding: value, as: UTF8.self)
            case 0x5C:
                guard at + 1 < labels.count else { return nil }
                value.append(labels[at + 1] == 0x6E ? 0x0A : labels[at + 1])
                at += 2
            default:
                value.append(labels[at])
                at += 1
            }
        }
        return nil
    }
}

extension UnsafeRawBufferPointer {
    func hasPrefix(_ text: StaticString) -> Bool {
        guard let baseAddress, count >= text.utf8CodeUnitCount else { return text.utf8CodeUnitCount == 0 }
        return memcmp(baseAddress, text.utf8Start, text.utf8CodeUnitCount) == 0
    }

    func isSame(as other: UnsafeRawBufferPointer) -> Bool {
        guard count == other.count else { return false }
        guard let baseAddress, let start = other.baseAddress else { return count == 0 }
        return memcmp(baseAddress, start, count) == 0
    }

    /// Eight bytes at a time, each folded in by a wide product, as wyhash does.
    func hash(seed: UInt64) -> UInt64 {
        func mix(_ left: UInt64, _ right: UInt64) -> UInt64 {
            let product = left.multipliedFullWidth(by: right)
            return product.high ^ product.low
        }
        var (state, at) = (seed ^ UInt64(truncatingIfNeeded: count), 0)
        while at + 8 <= count {
            state = mix(state ^ loadUnaligned(fromByteOffset: at, as: UInt64.self), 0x9E37_79B9_7F4A_7C15)
            at += 8
        }
        var rest: UInt64 = 1
        while at < count {
            rest = rest << 8 | UInt64(self[at])
            at += 1
        }
        return mix(state ^ rest, 0xD1B5_4A32_D192_ED03)
    }
}

extension [UInt8] {
    /// Lends the bytes; a typed throw passes.
    func withRawBytes<Answer, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Answer
    ) throws(Failure) -> Answer {
        let outcome = withUnsafeBytes { bytes in
            do throws(Failure) { return Result<Answer, Failure>.success(try body(bytes)) } catch {
                return .failure(error)
            }
        }
        return try outcome.get()
    }
}
