import TerminalCanvas
import TestKit
import Testing

@Suite struct CanvasTests {
    @Test func `a cell takes eight bytes`() {
        #expect(MemoryLayout<Cell>.stride == 8)
    }

    @Test func `text is cut at the border of its rect`() {
        var canvas = Canvas(Size(10, 2))
        let end = canvas.put("checkout", at: Point(-2, 0), in: Rect(0, 0, 4, 1))
        #expect(CanvasText.glyphs(canvas) == "|ecko      |\n|          |")
        #expect(end == 6)
    }

    @Test func `half of a wide glyph never stands alone`() {
        var canvas = Canvas(Size(6, 1))
        canvas.put("漢字漢", at: Point(0, 0))
        canvas.put("x", at: Point(1, 0))
        #expect(CanvasText.glyphs(canvas) == "| x字漢|")
        canvas.put("y", at: Point(4, 0))
        #expect(CanvasText.glyphs(canvas) == "| x字y |")
        canvas.fill(Rect(3, 0, 1, 1), with: "#")
        #expect(CanvasText.glyphs(canvas) == "| x #y |")
        canvas.put("字", at: Point(5, 0))
        #expect(CanvasText.glyphs(canvas) == "| x #y |")
    }

    @Test func `text keeps the ground which it is written on`() {
        var canvas = Canvas(Size(4, 1))
        canvas.fill(Rect(0, 0, 2, 1), on: .raised)
        canvas.put("abc", Style(.ok), at: Point(0, 0))
        #expect(canvas[0, 0].style == Style(.ok, on: .raised))
        #expect(canvas[2, 0].style == Style(.ok))
        canvas.put("x", Style(.bad, on: .selected), at: Point(0, 0))
        #expect(canvas[0, 0].style.ground == .selected)
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `hostile text never leaves its rect`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var canvas = Canvas(Size(generator.int(in: 0...30), generator.int(in: 0...6)))
        let clip = Rect(
            generator.int(in: -3...20), generator.int(in: -3...6), generator.int(in: -1...20), generator.int(in: -1...4)
        )
        for _ in 0..<5 {
            canvas.put(
                generator.hostileText(), Style(.bad),
                at: Point(generator.int(in: -40...40), generator.int(in: -2...7)), in: clip)
        }
        expectBlank(canvas, outside: clip)
        expectWholeGlyphs(canvas)
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `whatever is drawn over wide glyphs leaves whole glyphs`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var canvas = Canvas(Size(12, 3))
        for _ in 0..<30 {
            let rect = Rect(
                generator.int(in: -2...12), generator.int(in: 0...3), generator.int(in: 0...6), generator.int(in: 0...2)
            )
            switch generator.int(in: 0...3) {
            case 0: canvas.fill(rect, on: .shaded)
            case 1: canvas.lay(.selected, behind: rect)
            case 2: canvas.put("漢字🍺", at: rect.origin, in: rect)
            default: canvas.put("a漢", at: rect.origin)
            }
            expectWholeGlyphs(canvas)
        }
    }
}

/// Everything outside of the rect is as a new canvas has it.
func expectBlank(_ canvas: Canvas, outside rect: Rect, sourceLocation: SourceLocation = #_sourceLocation) {
    for row in 0..<canvas.size.rows {
        for column in 0..<canvas.size.columns where !rect.contains(Point(column, row)) {
            guard canvas[column, row] != .blank else { continue }
            Issue.record("\(column),\(row) is outside of \(rect) and was drawn on", sourceLocation: sourceLocation)
            return
        }
    }
}

/// Every wide glyph has its right half, and every right half its glyph.
func expectWholeGlyphs(_ canvas: Canvas, sourceLocation: SourceLocation = #_sourceLocation) {
    for row in 0..<canvas.size.rows {
        for column in 0..<canvas.size.columns {
            let isWide = canvas[column, row].glyph.width == 2
            let hasHalf = column + 1 < canvas.size.columns && canvas[column + 1, row].glyph.width == 0
            #expect(isWide == hasHalf, sourceLocation: sourceLocation)
        }
    }
}
