/// A piece of text in one style; a line of them is what a table's cell or a caption holds.
public struct Span: Hashable, Sendable {
    public var text: String
    public var style: Style

    public init(_ text: String, _ style: Style = .plain) {
        self.text = text
        self.style = style
    }
}

extension [Span] {
    /// Columns that the spans take together.
    public var width: Int { reduce(0) { $0 + Text.width($1.text) } }

    /// The spans cut to that many columns, the last of them ending in the ellipsis when something is missing.
    public func clipped(to columns: Int, _ glyphs: Glyphs) -> [Span] {
        guard width > columns else { return self }
        var left = columns
        var result: [Span] = []
        for span in self {
            let width = Text.width(span.text)
            // The last column before the cut is the ellipsis's: this span may fill it only if nothing follows.
            if width < left {
                result.append(span)
                left -= width
            } else {
                let cut = Text.clipped(span.text + " ", to: left, glyphs)
                return result + [Span(cut, span.style)]
            }
        }
        return result
    }
}
