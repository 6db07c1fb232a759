/// The dates of YAML 1.1, as PyYAML reads them and as Python then writes them.
enum YAMLMoment {
    /// The date that the text is, or nil when it is not written as one.
    static func value(of text: String, at position: SourcePosition?) throws(YAMLError) -> Value? {
        var scan = Scanner(rest: Array(text.utf8)[...])
        guard let year = scan.digits(4...4), scan.take("-"), let month = scan.digits(1...2), scan.take("-"),
            let day = scan.digits(1...2)
        else { return nil }
        let date = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
        let isDate = (1...12).contains(month) && (1...days(in: month, of: year)).contains(day) && year > 0
        if scan.rest.isEmpty {
            guard text.utf8.count == 10 else { return nil }
            guard isDate else { throw YAMLError(message: "'\(text)' is no date", position: position) }
            return .moment(Moment(standard: date, hasTime: false))
        }
        guard let time = time(&scan), scan.rest.isEmpty else { return nil }
        guard isDate, time.isValid else { throw YAMLError(message: "'\(text)' is no time", position: position) }
        return .moment(Moment(standard: date + "T" + time.text, hasTime: true))
    }

    private struct Scanner {
        var rest: ArraySlice<UInt8>

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: character) else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func text() -> String {
            let found = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            rest = rest[found.endIndex...]
            return String(decoding: found, as: UTF8.self)
        }

        mutating func digits(_ count: ClosedRange<Int>) -> Int? {
            let before = rest
            let found = text()
            if count.contains(found.count), let number = Int(found) { return number }
            rest = before
            return nil
        }

        mutating func skipSpace() -> Bool {
            let before = rest.count
            rest = rest.drop { $0 == 0x20 || $0 == 0x09 }
            return rest.count < before
        }
    }

    private static func time(_ scan: inout Scanner) -> (text: String, isValid: Bool)? {
        guard scan.take("T") || scan.take("t") || scan.skipSpace(), let hour = scan.digits(1...2), scan.take(":"),
            let minute = scan.digits(2...2), scan.take(":"), let second = scan.digits(2...2)
        else { return nil }
        var text = "\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2))"
        if scan.take(".") {
            let fraction = (scan.text() + "000000").prefix(6)
            if fraction != "000000" { text += "." + fraction }
        }
        guard let zone = zone(&scan) else { return nil }
        return (text + zone, hour < 24 && minute < 60 && second < 60)
    }

    private static func zone(_ scan: inout Scanner) -> String? {
        _ = scan.skipSpace()
        if scan.rest.isEmpty { return "" }
        if scan.take("Z") { return "+00:00" }
        let isNegative = scan.take("-")
        guard isNegative || scan.take("+"), let hour = scan.digits(1...2) else { return nil }
        var minute = 0
        if scan.take(":") {
            guard let found = scan.digits(2...2) else { return nil }
            minute = found
        }
        let sign = isNegative && hour + minute > 0 ? "-" : "+"
        return "\(sign)\(padded(hour, 2)):\(padded(minute, 2))"
    }

    private static func days(in month: Int, of year: Int) -> Int {
        let isLeap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
        return [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][max(0, min(11, month - 1))]
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
