/// Names and passwords in addresses: `http://name:password@host`.
public enum URLCredentials {
    /// The text with `***` for them, wherever in it the addresses stand.
    public static func hidden(in text: String) -> String {
        let found = ranges(in: text.utf8)
        guard !found.isEmpty else { return text }
        var out = ""
        var kept = text.startIndex
        for range in found {
            out += text[kept..<range.lowerBound] + "***"
            kept = range.upperBound
        }
        return out + text[kept...]
    }

    /// What stands between `://` and `@` in each address.
    public static func all(in text: String) -> [String] { ranges(in: text.utf8).map { String(text[$0]) } }

    private static func ranges(in text: String.UTF8View) -> [Range<String.Index>] {
        guard text.contains(UInt8(ascii: "@")) else { return [] }
        var found: [Range<String.Index>] = []
        var slashes = 0
        var place = text.startIndex
        while place < text.endIndex {
            let byte = text[place]
            place = text.index(after: place)
            slashes = byte == UInt8(ascii: ":") ? 1 : byte == UInt8(ascii: "/") && slashes > 0 ? slashes + 1 : 0
            guard slashes == 3 else { continue }
            slashes = 0
            // A password may hold an @ that was not escaped: the last one before the path counts.
            let end = text[place...].firstIndex { $0 <= 0x20 || "/?#\"'<>\\".utf8.contains($0) } ?? text.endIndex
            if let at = text[place..<end].lastIndex(of: UInt8(ascii: "@")), at > place { found.append(place..<at) }
            place = end
        }
        return found
    }
}
