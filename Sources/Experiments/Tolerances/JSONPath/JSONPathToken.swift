/// A word of a path.
struct JSONPathToken: Equatable {
    enum Kind: Equatable {
        case symbol(String)
        case name(String)
        case text(String)
        case number(String)
    }

    var kind: Kind
    var position: Int

    private static let symbols = [
        "..", ">=", "<=", "!=", "@", "$", ".", "*", "=", ">", "<", "{", "}", "[", "]", ":", ",", "(", ")", "?",
    ]
    private static let words = ["and", "or", "not", "true", "false", "null"]

    static func tokens(of text: String) throws(JSONPathError) -> [JSONPathToken] {
        var scan = Scan(scalars: Array(text.unicodeScalars))
        var tokens: [JSONPathToken] = []
        while scan.place < scan.scalars.count {
            let start = scan.place
            if " \t\r\n".unicodeScalars.contains(scan.scalars[start]) {
                scan.place += 1
            } else if let kind = scan.next() {
                tokens.append(JSONPathToken(kind: kind, position: start))
            } else {
                throw JSONPathError(message: "unexpected character", position: start)
            }
        }
        return tokens
    }

    private struct Scan {
        let scalars: [Unicode.Scalar]
        var place = 0

        mutating func next() -> Kind? {
            if let text = text() { return .text(text) }
            if let number = number() { return .number(number) }
            let name = taken { $0 == "_" || ($0.isASCII && $0.properties.isAlphabetic) || Self.isDigit($0) }
            if let first = name.unicodeScalars.first, !Self.isDigit(first) {
                return words.contains(name) ? .symbol(name) : .name(name)
            }
            place -= name.unicodeScalars.count
            for symbol in symbols where scalars[place...].starts(with: symbol.unicodeScalars) {
                place += symbol.unicodeScalars.count
                return .symbol(symbol)
            }
            return nil
        }

        private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

        private mutating func taken(while isPart: (Unicode.Scalar) -> Bool) -> String {
            let found = scalars[place...].prefix(while: isPart)
            place = found.endIndex
            return String(String.UnicodeScalarView(found))
        }

        private mutating func text() -> String? {
            guard scalars[place] == "\"" else { return nil }
            var end = place + 1
            while end < scalars.count, scalars[end] != "\"" {
                guard scalars[end].value >= 0x20 else { return nil }
                guard scalars[end] == "\\" else {
                    end += 1
                    continue
                }
                guard let length = escapeLength(end + 1) else { return nil }
                end += 1 + length
            }
            guard end < scalars.count else { return nil }
            defer { place = end + 1 }
            return String(String.UnicodeScalarView(scalars[(place + 1)..<end]))
        }

        private func escapeLength(_ place: Int) -> Int? {
            guard place < scalars.count else { return nil }
            if "\"\\/bfnrt".unicodeScalars.contains(scalars[place]) { return 1 }
            guard scalars[place] == "u", place + 4 < scalars.count,
                scalars[(place + 1)...(place + 4)].allSatisfy({ $0.properties.isASCIIHexDigit })
            else { return nil }
            return 5
        }

        private mutating func number() -> String? {
            let start = place
            if scalars[place] == "-" { place += 1 }
            guard place < scalars.count, Self.isDigit(scalars[place]) else {
                place = start
                return nil
            }
            if scalars[place] == "0" { place += 1 } else { _ = taken(while: Self.isDigit) }
            takePart(".")
            takePart("e", "E")
            return String(String.UnicodeScalarView(scalars[start..<place]))
        }

        /// A fraction or an exponent, if it is whole.
        private mutating func takePart(_ marks: Unicode.Scalar...) {
            let start = place
            guard place < scalars.count, marks.contains(scalars[place]) else { return }
            place += 1
            let maySign = marks.first == "e"
            if maySign, place < scalars.count, scalars[place] == "+" || scalars[place] == "-" { place += 1 }
            if taken(while: Self.isDigit).isEmpty { place = start }
        }
    }
}
