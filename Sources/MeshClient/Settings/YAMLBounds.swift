/// What a YAML text must not do to its reader.
public enum YAMLBounds {
    /// The line of a key that is itself a list, a mapping or an alias, in a text with anchors; nil when there is none.
    ///
    /// Yams compares the keys of a mapping as soon as it has them, and an alias to a list of aliases to lists may stand
    /// for more values than any time is enough for. No document of ours has such a key.
    public static func lineOfHugeKey(in text: String) -> Int? {
        let bytes = Array(text.utf8)
        let anchors = Set(names(in: bytes[...], after: UInt8(ascii: "&")))
        guard !anchors.isEmpty else { return nil }
        for (number, line) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            let start = line.first { $0 != 0x20 && $0 != UInt8(ascii: "-") }
            let isExplicit = start == UInt8(ascii: "?") || contains(line, "{?") || contains(line, ", ?")
            if isExplicit { return number + 1 }
            guard names(in: line, after: UInt8(ascii: "*")).contains(where: anchors.contains) else { continue }
            if endsKey(in: line) { return number + 1 }
        }
        return nil
    }

    /// Names right after a mark, as anchors and aliases have them: the mark begins a word (YAML 1.2.2, 6.9.2 and 7.1), so
    /// one within a URL or right after a quote is text.
    private static func names(in bytes: ArraySlice<UInt8>, after mark: UInt8) -> [ArraySlice<UInt8>] {
        bytes.indices.compactMap { place in
            guard bytes[place] == mark else { return nil }
            if place > bytes.startIndex, bytes[place - 1] > 0x20, !"[{,:-?".utf8.contains(bytes[place - 1]) {
                return nil
            }
            let name = bytes[(place + 1)...].prefix { $0 > 0x20 && !",[]{}:".utf8.contains($0) }
            return name.isEmpty ? nil : name
        }
    }

    /// Whether a list, a mapping or an alias on the line is followed by the colon of a key.
    private static func endsKey(in line: ArraySlice<UInt8>) -> Bool {
        for place in line.indices where line[place] == UInt8(ascii: ":") {
            let next = place + 1
            guard next == line.endIndex || line[next] <= 0x20 || line[next] == UInt8(ascii: ",") else { continue }
            let key = line[..<place].reversed().drop { $0 == 0x20 }
            if key.first == UInt8(ascii: "]") || key.first == UInt8(ascii: "}") { return true }
            if key.prefix(while: { $0 > 0x20 && !",[]{}".utf8.contains($0) }).last == UInt8(ascii: "*") { return true }
        }
        return false
    }

    private static func contains(_ line: ArraySlice<UInt8>, _ words: StaticString) -> Bool {
        let wanted = words.withUTF8Buffer { Array($0) }
        return line.indices.contains { line[$0...].starts(with: wanted) }
    }
}
