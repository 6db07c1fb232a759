/// Long inputs out of short ones: what takes the square of its length, or a step of the stack for each byte, shows in
/// them and in nothing that chance makes up.
enum Stretching {
    static let length = 1 << 16

    /// An input with each of its parts told over and over, and with each line told with other words.
    static func inputs(from seed: [UInt8]) -> [[UInt8]] {
        guard !seed.isEmpty else { return [] }
        var inputs = [repeated(seed)]
        let halves = seed.split(separator: 0, maxSplits: 1, omittingEmptySubsequences: false).map(Array.init)
        if halves.count == 2 {
            inputs += [repeated(halves[0]) + [0] + halves[1], halves[0] + [0] + repeated(halves[1])]
        }
        let lines = seed.split(separator: 0x0A, omittingEmptySubsequences: false)
        for place in some(lines.indices, 6) where !lines[place].isEmpty {
            let before = Array(lines[..<place].joined(separator: [0x0A]))
            let after = Array(lines[(place + 1)...].joined(separator: [0x0A]))
            let line = Array(lines[place]) + [0x0A]
            inputs.append(before + [0x0A] + repeated(line) + after)
            inputs.append(before + [0x0A] + numbered(line) + after)
        }
        for word in some(words(of: seed), 24) {
            inputs.append(seed[..<word.lowerBound] + repeated(Array(seed[word])) + seed[word.upperBound...])
        }
        return inputs
    }

    private static func repeated(_ part: [UInt8]) -> [UInt8] {
        part.isEmpty ? [] : Array(repeatElement(part, count: max(1, length / part.count)).joined())
    }

    /// Each time with another number behind the first word.
    private static func numbered(_ line: [UInt8]) -> [UInt8] {
        let start = line.firstIndex { isOfWord($0) } ?? 0
        let end = line[start...].firstIndex { !isOfWord($0) } ?? line.endIndex
        var result: [UInt8] = []
        var number = 0
        while result.count < length {
            result += line[..<end] + Array("\(number)".utf8) + line[end...]
            number += 1
        }
        return result
    }

    private static func words(of bytes: [UInt8]) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var start = 0
        while start < bytes.count {
            let end = isOfWord(bytes[start]) ? bytes[start...].firstIndex { !isOfWord($0) } ?? bytes.count : start + 1
            words.append(start..<end)
            start = end
        }
        return words
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        byte >= 0x80 || (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A || byte >= 0x30 && byte <= 0x39
    }

    private static func some<Items: Collection>(_ items: Items, _ most: Int) -> [Items.Element] {
        let step = max(1, items.count / most)
        return items.enumerated().filter { $0.offset % step == 0 }.prefix(most).map(\.element)
    }
}
