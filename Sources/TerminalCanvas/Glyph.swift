/// What stands in a cell: a printable character, perhaps with one combining mark, or the right half of a wide one.
///
/// It can't hold anything that a terminal would obey: whatever is not printable becomes visible when a glyph is made.
public struct Glyph: Hashable, Sendable {
    /// The scalar in the low 21 bits, the width above.
    private let bits: UInt32
    private let markBits: UInt16

    public static let space = Glyph(" ")
    public static let replacement = Glyph("\u{FFFD}")

    /// The right half of the wide glyph in the cell before.
    public static let continuation = Glyph(unchecked: " ", mark: 0, width: 0)

    /// The glyph of a scalar; a visible stand-in when it is not printable by itself.
    public init(_ scalar: Unicode.Scalar) {
        switch scalar.screenWidth {
        case .columns(let width): self.init(unchecked: scalar, mark: 0, width: width)
        case .mark, .joiner, .hidden: self.init(unchecked: scalar.visibleStandIn, mark: 0, width: 1)
        }
    }

    private init(unchecked scalar: Unicode.Scalar, mark: UInt16, width: Int) {
        bits = scalar.value | UInt32(width) << 21
        markBits = mark
    }

    /// The character itself.
    public var scalar: Unicode.Scalar { Unicode.Scalar(bits & 0x1F_FFFF) ?? " " }

    /// The mark on the character, if any.
    public var mark: Unicode.Scalar? { markBits == 0 ? nil : Unicode.Scalar(markBits) }

    /// Columns it takes: 1, 2, or 0 for the right half of a wide one.
    public var width: Int { Int(bits >> 21) }

    /// The same character with a mark. A second mark is left out: a cell has room for one, of the basic plane.
    func with(mark: Unicode.Scalar) -> Glyph {
        guard markBits == 0, let short = UInt16(exactly: mark.value) else { return self }
        return Glyph(unchecked: scalar, mark: short, width: width)
    }
}

/// The glyphs of a text from outside, one after the other, each safe to show.
public struct GlyphSequence<Text: StringProtocol>: Sequence, IteratorProtocol {
    private var scalars: Text.UnicodeScalarView.Iterator
    private var pending: Unicode.Scalar?

    public init(_ text: Text) { scalars = text.unicodeScalars.makeIterator() }

    public mutating func next() -> Glyph? {
        guard let scalar = pending ?? scalars.next() else { return nil }
        pending = scalars.next()
        if let letter = scalar.flagLetter { return Glyph(letter) }
        var glyph = Glyph(scalar)
        guard case .columns = scalar.screenWidth else { return glyph }
        let isEmoji = scalar.isPictograph
        while let follower = pending {
            switch follower.screenWidth {
            case .mark: glyph = glyph.with(mark: follower)
            case .joiner:
                // Terminals disagree on joined emoji, so only the first is shown: its width is sure.
                pending = scalars.next()
                if isEmoji, let joined = pending, joined.isPictograph { pending = scalars.next() }
                continue
            // A second one would be taken for the emoji's own once the first is gone.
            case .columns where isEmoji && follower.properties.isEmojiModifier: break
            case .columns, .hidden: return glyph
            }
            pending = scalars.next()
        }
        return glyph
    }
}
