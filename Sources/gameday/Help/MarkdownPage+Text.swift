import TerminalCanvas

extension MarkdownPage {
    /// The page for a terminal, in lines of at most so many columns; code keeps its own.
    func text(columns: Int = 80) -> String {
        blocks.map { Self.lines($0, columns).joined(separator: "\n") + "\n" }.joined(separator: "\n")
    }

    private static func lines(_ block: Block, _ columns: Int) -> [String] {
        switch block {
        case .heading(let level, let title): [level < 3 ? title.uppercased() : title]
        case .paragraph(let text): Text.wrapped(plain(text), to: columns)
        case .code(let lines): lines.map { $0.isEmpty ? "" : "    " + $0 }
        case .table(let rows): rows.dropFirst().flatMap { row($0, rows[0], columns) }
        case .list(let items): items.flatMap { hanging($0.sign + " ", plain($0.text), columns) }
        }
    }

    /// A row as its first cell with the others below it: cells of whole sentences fit no columns.
    private static func row(_ cells: [String], _ heads: [String], _ columns: Int) -> [String] {
        guard let first = cells.first else { return [] }
        let rest = cells.dropFirst().map(plain).filter { !$0.isEmpty }.joined(separator: "; ")
        return Text.wrapped(plain(first), to: columns) + Text.wrapped(rest, to: columns - 6).map { "      " + $0 }
    }

    private static func hanging(_ sign: String, _ text: String, _ columns: Int) -> [String] {
        let indent = String(repeating: " ", count: sign.count)
        return Text.wrapped(text, to: columns - sign.count).enumerated().map { ($0 == 0 ? sign : indent) + $1 }
    }

    /// Without the signs of emphasis, which a terminal shows as they are; those of code stay.
    private static func plain(_ text: String) -> String {
        spans(text).map { span in
            switch span {
            case .text(let words), .strong(let words), .emphasis(let words): words
            case .code(let words): "`\(words)`"
            case .link(let words, let address): address.contains("://") ? "\(words) (\(address))" : words
            }
        }.joined()
    }

    enum Span: Equatable {
        case text(String), strong(String), emphasis(String), code(String)
        case link(String, address: String)
    }

    /// The parts of a line of text.
    static func spans(_ text: String) -> [Span] {
        var spans: [Span] = []
        var rest = text[...]
        var plain = ""
        func end() {
            if !plain.isEmpty { spans.append(.text(plain)) }
            plain = ""
        }
        while let character = rest.first {
            if let (span, length) = marked(rest) {
                end()
                spans.append(span)
                rest = rest.dropFirst(length)
            } else {
                plain.append(character)
                rest = rest.dropFirst()
            }
        }
        end()
        return spans
    }

    private static func marked(_ text: Substring) -> (Span, length: Int)? {
        func inside(_ sign: String) -> String? {
            guard text.hasPrefix(sign) else { return nil }
            let rest = text.dropFirst(sign.count)
            guard let end = rest.firstRange(of: sign), end.lowerBound > rest.startIndex else { return nil }
            return String(rest[..<end.lowerBound])
        }
        if let words = inside("`") { return (.code(words), words.count + 2) }
        if let words = inside("**") { return (.strong(words), words.count + 4) }
        if let words = inside("*"), !words.hasPrefix(" ") { return (.emphasis(words), words.count + 2) }
        if text.hasPrefix("["), let middle = text.firstRange(of: "]("),
            let end = text[middle.upperBound...].firstIndex(of: ")")
        {
            let words = String(text[text.index(after: text.startIndex)..<middle.lowerBound])
            let address = String(text[middle.upperBound..<end])
            return (.link(words, address: address), words.count + address.count + 4)
        }
        return nil
    }
}
