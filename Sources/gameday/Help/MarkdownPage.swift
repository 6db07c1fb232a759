/// A page of documentation in the part of Markdown that the topics are written in, as blocks.
struct MarkdownPage {
    enum Block: Equatable {
        case heading(level: Int, String)
        case paragraph(String)
        /// Shown as it is.
        case code([String])
        /// Its first row has the names of the columns.
        case table([[String]])
        case list([Item])
    }

    struct Item: Equatable {
        /// A bullet, or a number with its point.
        var sign: String
        var text: String
    }

    private(set) var blocks: [Block] = []

    init(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)[...]
        while let line = lines.first {
            if line.isEmpty || line.hasPrefix("<!--") {
                lines.removeFirst()
            } else if line.hasPrefix("```") {
                blocks.append(.code(Self.fenced(&lines)))
            } else if line.hasPrefix("#") {
                let level = line.prefix { $0 == "#" }.count
                blocks.append(.heading(level: level, String(line.dropFirst(level + 1))))
                lines.removeFirst()
            } else if line.hasPrefix("|") {
                let rows = lines.prefix { $0.hasPrefix("|") }
                lines = lines.dropFirst(rows.count)
                blocks.append(.table(rows.filter { !$0.hasPrefix("| ---") }.map(Self.cells)))
            } else if let first = Self.item(line) {
                lines.removeFirst()
                add(first, Self.continuation(&lines))
            } else {
                blocks.append(.paragraph(Self.continuation(&lines)))
            }
        }
    }

    private mutating func add(_ first: Item, _ rest: String) {
        let item = Item(sign: first.sign, text: rest.isEmpty ? first.text : "\(first.text) \(rest)")
        if case .list(let items)? = blocks.last {
            blocks[blocks.count - 1] = .list(items + [item])
        } else {
            blocks.append(.list([item]))
        }
    }

    private static func fenced(_ lines: inout ArraySlice<String>) -> [String] {
        lines.removeFirst()
        let code = lines.prefix { !$0.hasPrefix("```") }
        lines = lines.dropFirst(code.count + 1)
        return Array(code)
    }

    /// The lines that belong to one paragraph or item, as one.
    private static func continuation(_ lines: inout ArraySlice<String>) -> String {
        let body = lines.prefix {
            !$0.isEmpty && !$0.hasPrefix("```") && !$0.hasPrefix("#") && !$0.hasPrefix("|") && item($0) == nil
        }
        lines = lines.dropFirst(body.count)
        return body.map { String($0.drop { $0 == " " }) }.joined(separator: " ")
    }

    private static func item(_ line: String) -> Item? {
        if line.hasPrefix("- ") { return Item(sign: "-", text: String(line.dropFirst(2))) }
        let number = line.prefix { $0.isASCII && $0.isNumber }
        guard !number.isEmpty, line.dropFirst(number.count).hasPrefix(". ") else { return nil }
        return Item(sign: "\(number).", text: String(line.dropFirst(number.count + 2)))
    }

    /// A bar inside code is written `\|`.
    private static func cells(_ row: String) -> [String] {
        var cells = [""]
        var isEscaped = false
        for character in row.dropFirst() {
            switch (character, isEscaped) {
            case ("\\", false): isEscaped = true
            case ("|", false): cells.append("")
            default:
                if isEscaped, character != "|" { cells[cells.count - 1].append("\\") }
                cells[cells.count - 1].append(character)
                isEscaped = false
            }
        }
        return cells.dropLast().map { $0.trimmed }
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
}
