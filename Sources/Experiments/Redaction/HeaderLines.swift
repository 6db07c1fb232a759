internal import MeshModel

/// Headers of credentials in the middle of a text, as a program that was asked to tell all about a request prints them.
enum HeaderLines {
    private static let names = ["authorization", "cookie", "api-key", "auth-token", "access-token", "private-token"]
        .map { Array($0.utf8) }

    /// The text with `***` for what stands behind their colons: up to the quote that it began with, else to the end of
    /// the line.
    static func hidden(in text: String) -> String {
        // Most texts have no colon behind such a name; they are as they were.
        guard text.utf8.count >= 8, text.utf8.contains(UInt8(ascii: ":")) else { return text }
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        var kept = 0
        var place = 0
        while let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) {
            place = colon + 1
            guard let value = value(in: bytes, behind: colon) else { continue }
            out += bytes[kept..<value.lowerBound]
            out += Redaction.mark.utf8
            (kept, place) = (value.upperBound, value.upperBound)
        }
        return kept == 0 ? text : String(decoding: out + bytes[kept...], as: UTF8.self)
    }

    private static func value(in bytes: [UInt8], behind colon: Int) -> Range<Int>? {
        var end = colon
        // A name in quotes, which may be escaped in their turn.
        while end > 0, isQuote(bytes[end - 1]) { end -= 1 }
        guard names.contains(where: { ends(bytes[..<end], in: $0) }) else { return nil }
        var start = colon + 1
        while start < bytes.count, bytes[start] == 0x20 { start += 1 }
        var quote: UInt8?
        while start < bytes.count, isQuote(bytes[start]) {
            quote = bytes[start]
            start += 1
        }
        let stop = bytes[start...].firstIndex { byte in
            byte == 0x0A || byte == 0x0D || byte == quote || (quote != nil && byte == UInt8(ascii: "\\"))
        }
        let range = start..<(stop ?? bytes.count)
        // What only refers to a secret is none.
        return range.isEmpty || SecretSources.isReference(bytes[range]) ? nil : range
    }

    private static func isQuote(_ byte: UInt8) -> Bool { [0x22, 0x27, 0x5C].contains(byte) }

    private static func ends(_ bytes: ArraySlice<UInt8>, in name: [UInt8]) -> Bool {
        bytes.count >= name.count && bytes.suffix(name.count).elementsEqual(name) { $0 | 0x20 == $1 | 0x20 }
    }
}
