import TerminalCanvas
import TestKit
import Testing

@Suite struct StrokeTests {
    /// Draws a cross of the four strokes, with its middle at 1,1.
    private func joint(_ up: Stroke?, _ down: Stroke?, _ left: Stroke?, _ right: Stroke?, _ glyphs: Glyphs) -> Character
    {
        var graph = Graph(window: Rect(0, 0, 3, 3), roundCorners: true)
        let middle = Point(1, 1)
        for (stroke, end) in [(up, Point(1, 0)), (down, Point(1, 2)), (left, Point(0, 1)), (right, Point(2, 1))] {
            if let stroke { graph.add(line: [middle, end], stroke, .plain) }
        }
        var canvas = Canvas(Size(3, 3), glyphs: glyphs)
        graph.draw(in: canvas.area, on: &canvas)
        return Character(canvas[1, 1].glyph.scalar)
    }

    @Test func `lines join as Unicode has it`() {
        #expect(joint(nil, .light, nil, .light, .full) == "╭")
        #expect(joint(.heavy, nil, .light, nil, .full) == "┚")
        #expect(joint(.light, .light, nil, .heavy, .full) == "┝")
        #expect(joint(.double, .double, .light, .light, .full) == "╫")
        #expect(joint(.light, .light, .light, .light, .full) == "┼")
        #expect(joint(nil, nil, .heavy, .light, .full) == "╾")
        #expect(joint(nil, nil, .dashed, .dashed, .full) == "╌")
        #expect(joint(.dashed, .dashed, .dotted, nil, .full) == "┤")
        #expect(joint(.light, .light, nil, .broken, .full) == "┝")
        #expect(joint(.light, .light, nil, .wavy, .full) == "├")
        #expect(joint(nil, nil, nil, .light, .full) == "╶")
        #expect(joint(nil, nil, .letter(0x52), .letter(0x52), .full) == "R")
        #expect(joint(.light, .light, nil, .letter(0x52), .full) == "┝")
        #expect(joint(.light, .light, nil, .light, .ascii) == "+")
        #expect(joint(.light, nil, nil, nil, .ascii) == "|")
        #expect(joint(nil, .heavy, nil, .heavy, .console) == "╔")
    }

    @Test(arguments: Glyphs.allCases)
    func `strokes that go straight through can be told apart`(glyphs: Glyphs) {
        let strokes = Stroke.allCases + "RBCT/D0?".utf8.map { .letter($0) }
        for isHorizontal in [true, false] {
            #expect(Set(strokes.map { glyphs.line($0, isHorizontal: isHorizontal) }).count == strokes.count)
        }
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `every mixture of strokes has a glyph of one column`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        func any() -> Stroke? {
            let place = generator.int(in: 0...Stroke.allCases.count + 1)
            if place > Stroke.allCases.count { return .letter(UInt8(generator.int(in: 0x21...0x7E))) }
            return place == 0 ? nil : Stroke.allCases[place - 1]
        }
        let strokes = (any(), any(), any(), any())
        for glyphs in Glyphs.allCases {
            let character = joint(strokes.0, strokes.1, strokes.2, strokes.3, glyphs)
            let isEmpty = strokes.0 == nil && strokes.1 == nil && strokes.2 == nil && strokes.3 == nil
            #expect((character == " ") == isEmpty)
            #expect(Text.width(String(character)) == 1)
        }
    }

    @Test func `only the window of a plane is drawn`() {
        var graph = Graph(window: Rect(1_000_000, 5, 4, 1))
        graph.add(line: [Point(0, 5), Point(1_000_002, 5)], .light, .plain)
        var canvas = Canvas(Size(6, 1))
        graph.draw(in: Rect(1, 0, 4, 1), on: &canvas)
        #expect(CanvasText.glyphs(canvas) == "| ──╴  |")
    }
}
