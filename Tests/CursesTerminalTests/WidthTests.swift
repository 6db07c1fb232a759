import CNCurses
import TerminalCanvas
import Testing

@Suite struct WidthTests {
    /// ncurses asks the C library; where both know a character they must agree, or columns would shift. Scripts beyond
    /// the basic plane still change from one version of Unicode to the next; emoji no more.
    @Test func `widths agree with the C library's`() {
        gameday_use_locale(1)
        let differing = (Array(0x20...0xFFFF) + Array(0x1F000...0x1FFFF)).compactMap { (value: UInt32) -> String? in
            guard let scalar = Unicode.Scalar(value), Glyph(scalar).scalar == scalar else { return nil }
            let (known, ours) = (gameday_width(value), Int32(Glyph(scalar).width))
            return known < 0 || known == ours ? nil : "U+\(String(value, radix: 16)): \(known), ours \(ours)"
        }
        #expect(differing == [])
    }
}
