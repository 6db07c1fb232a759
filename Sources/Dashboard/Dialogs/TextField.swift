import TerminalCanvas

/// A line of text that a person types, with its cursor.
struct TextField: Equatable, Sendable {
    private(set) var characters: [Character] = []
    private(set) var cursor = 0
    let limit: Int

    init(_ text: String = "", limit: Int = 200) {
        self.limit = limit
        characters = Array(text.prefix(limit))
        cursor = characters.count
    }

    var text: String { String(characters) }
    var isEmpty: Bool { characters.isEmpty }

    /// The part of the text before the cursor.
    var head: String { String(characters[..<cursor]) }

    /// A pasted text as one line; what is no character of a text is left out.
    static func line(of text: String) -> some Sequence<Character> {
        text.split(whereSeparator: \.isNewline).joined(separator: " ").map { $0 == "\t" ? " " : $0 }
    }

    /// Takes a key; false when it means nothing to a text.
    mutating func receive(_ key: Key) -> Bool {
        switch key {
        case .character(let character):
            let text = String(character)
            guard characters.count < limit, Text.sanitised(text) == text else { return true }
            characters.insert(character, at: cursor)
            cursor += 1
        case .pasted(let text):
            for character in TextField.line(of: text) { _ = receive(.character(character)) }
        case .backspace:
            guard cursor > 0 else { return true }
            cursor -= 1
            characters.remove(at: cursor)
        case .delete:
            if cursor < characters.count { characters.remove(at: cursor) }
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home, .control("a"): cursor = 0
        case .end, .control("e"): cursor = characters.count
        case .control("u"):
            characters.removeFirst(cursor)
            cursor = 0
        default: return false
        }
        return true
    }
}
