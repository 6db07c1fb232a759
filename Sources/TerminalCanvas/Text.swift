/// What a text takes on the screen, and how it is cut to fit. All of it takes texts from outside.
public enum Text {
    /// Where a text stands in a field that is wider.
    public enum Alignment: Hashable, Sendable { case left, centre, right }

    /// Columns that the text takes on the screen once it is made safe.
    public static func width(_ text: some StringProtocol) -> Int {
        if let plain = plainLength(text) { return plain }
        return GlyphSequence(text).reduce(0) { $0 + $1.width }
    }

    /// The text with everything a terminal could obey, or that would mislead a reader, replaced visibly.
    ///
    /// Writing on a canvas does this by itself; use it for what goes elsewhere, such as a pipe or a log.
    public static func sanitised(_ text: some StringProtocol) -> String {
        if plainLength(text) != nil { return String(text) }
        var result = String.UnicodeScalarView()
        for glyph in GlyphSequence(text) {
            result.append(glyph.scalar)
            if let mark = glyph.mark { result.append(mark) }
        }
        return String(result)
    }

    /// The text cut to that many columns, its end replaced by the ellipsis when something is missing.
    public static func clipped(_ text: some StringProtocol, to columns: Int, _ glyphs: Glyphs = .full) -> String {
        guard width(text) > columns else { return sanitised(text) }
        let ellipsis = glyphs.ellipsis
        guard columns > width(ellipsis) else { return head(of: ellipsis, columns: columns) }
        return head(of: text, columns: columns - width(ellipsis)) + ellipsis
    }

    /// The text cut in its middle: for names whose beginning and end both tell something.
    public static func clippedInside(_ text: some StringProtocol, to columns: Int, _ glyphs: Glyphs = .full) -> String {
        let total = width(text)
        let ellipsis = glyphs.ellipsis
        guard total > columns else { return sanitised(text) }
        guard columns > width(ellipsis) + 1 else { return clipped(text, to: columns, glyphs) }
        let room = columns - width(ellipsis)
        return head(of: text, columns: room - room / 2) + ellipsis + tail(of: text, columns: room / 2, total: total)
    }

    /// The text in a field of exactly that many columns, cut or filled with blanks.
    public static func fitted(
        _ text: some StringProtocol, to columns: Int, _ alignment: Alignment = .left, _ glyphs: Glyphs = .full
    ) -> String {
        let cut = clipped(text, to: columns, glyphs)
        let room = max(0, columns - width(cut))
        let before =
            switch alignment {
            case .left: 0
            case .centre: room / 2
            case .right: room
            }
        return String(repeating: " ", count: before) + cut + String(repeating: " ", count: room - before)
    }

    /// The text in lines of at most that many columns, broken at blanks where it can be. A newline starts a new line.
    public static func wrapped(_ text: some StringProtocol, to columns: Int) -> [String] {
        guard columns > 0 else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph -> [String] in
            var lines: [String] = []
            var line = ""
            for word in paragraph.split(separator: " ") {
                let word = sanitised(word)
                if !line.isEmpty, width(line) + 1 + width(word) <= columns {
                    line += " " + word
                    continue
                }
                if !line.isEmpty { lines.append(line) }
                let pieces = cut(word, to: columns)
                lines += pieces.dropLast()
                // A wide glyph in a single column can't be shown at all.
                guard let last = pieces.last, width(last) <= columns else { return lines }
                line = last
            }
            return lines + [line]
        }
    }

    /// The text in pieces that are as wide as fits; one that can't fit is the last.
    private static func cut(_ text: String, to columns: Int) -> [String] {
        var pieces: [String] = []
        var piece = String.UnicodeScalarView()
        var width = 0
        for glyph in GlyphSequence(text) {
            if width + glyph.width > columns, !piece.isEmpty {
                pieces.append(String(piece))
                (piece, width) = (String.UnicodeScalarView(), 0)
            }
            piece.append(glyph.scalar)
            if let mark = glyph.mark { piece.append(mark) }
            width += glyph.width
            guard width <= columns else { break }
        }
        return pieces + [String(piece)]
    }

    /// As many glyphs from the beginning as fit.
    static func head(of text: some StringProtocol, columns: Int) -> String {
        var left = columns
        var result = String.UnicodeScalarView()
        for glyph in GlyphSequence(text) {
            left -= glyph.width
            guard left >= 0 else { break }
            result.append(glyph.scalar)
            if let mark = glyph.mark { result.append(mark) }
        }
        return String(result)
    }

    private static func tail(of text: some StringProtocol, columns: Int, total: Int) -> String {
        var skip = total - columns
        var result = String.UnicodeScalarView()
        for glyph in GlyphSequence(text) {
            guard skip <= 0 else {
                skip -= glyph.width
                continue
            }
            result.append(glyph.scalar)
            if let mark = glyph.mark { result.append(mark) }
        }
        return String(result)
    }

    /// The length of a text of printable ASCII only, which most are; nil for others.
    private static func plainLength(_ text: some StringProtocol) -> Int? {
        var count = 0
        for byte in text.utf8 {
            guard byte >= 0x20, byte < 0x7F else { return nil }
            count += 1
        }
        return count
    }
}
