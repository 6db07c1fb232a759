extension MarkdownPage {
    /// The page in the language of man(7), below its title line; one section of another page where it is a part.
    func manual(isPart: Bool) -> String { blocks.map { Self.manual($0, sections: isPart ? 1 : 2) }.joined() }

    private static func manual(_ block: Block, sections: Int) -> String {
        switch block {
        case .heading(let level, let title):
            level <= sections ? ".SH \(ManPage.escaped(title.uppercased()))\n" : ".SS \(ManPage.escaped(title))\n"
        case .paragraph(let text): ".PP\n\(line(text))\n"
        case .code(let lines):
            ".PP\n.RS 4\n.nf\n" + lines.map { ManPage.escaped($0) + "\n" }.joined() + ".fi\n.RE\n"
        case .table(let rows):
            rows.dropFirst().map { row in
                let rest = row.dropFirst().filter { !$0.isEmpty }.map(line).joined(separator: "; ")
                return ".TP\n\(row.first.map(line) ?? "")\n\(rest)\n"
            }.joined()
        case .list(let items):
            items.map { ".IP \($0.sign == "-" ? "\\(bu" : $0.sign) 4\n\(line($0.text))\n" }.joined()
        }
    }

    /// A line of text with its emphasis.
    private static func line(_ text: String) -> String {
        let body = spans(text).map { span in
            switch span {
            case .text(let words): ManPage.escaped(words)
            case .strong(let words), .code(let words): "\\fB\(ManPage.escaped(words))\\fR"
            case .emphasis(let words): "\\fI\(ManPage.escaped(words))\\fR"
            case .link(let words, let address):
                ManPage.escaped(address.contains("://") ? "\(words) (\(address))" : words)
            }
        }.joined()
        return body.hasPrefix(".") || body.hasPrefix("'") ? "\\&" + body : body
    }
}
