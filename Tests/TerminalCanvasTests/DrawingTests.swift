import TerminalCanvas
import TestKit
import Testing

/// One drawing of each primitive, in the rect it is given.
enum Drawing: CaseIterable {
    case box, focusedBox, bar, unknownBar, sparkline, braille, table, scroll, blocks, graph

    func draw(in area: Rect, on canvas: inout Canvas) {
        switch self {
        case .box: Box("Services of the bar", note: "9 of 9").draw(in: area, on: &canvas)
        case .focusedBox: Box("\u{1B}[2J漢字", isFocused: true).draw(in: area, on: &canvas)
        case .bar: Bar(0.66, limit: 0.9, Style(.ok)).draw(in: area, on: &canvas)
        case .unknownBar: Bar(nil, limit: .nan, Style(.ok)).draw(in: area, on: &canvas)
        case .sparkline:
            let values = [0, 1, 2, nil, 4, 8, .infinity, .nan, 16, 3, 7, 12]
            Sparkline(values) { Style($0 > 10 ? .bad : .chart1) }.draw(in: area, on: &canvas)
        case .braille:
            var braille = Braille(area.size)
            let size = braille.dotSize
            braille.line(from: (0, size.rows - 1), to: (size.columns - 1, 0), Style(.chart1))
            braille.line(from: (-5, 2), to: (size.columns + 5, 2), Style(.limit))
            braille.draw(in: area, on: &canvas)
        case .table: Drawing.sampleTable.draw(in: area, on: &canvas)
        case .scroll: Scroll(offset: 7).drawBar(of: 40, in: area, on: &canvas)
        case .blocks:
            BlockText("9.7% 漢 ms", Style(.bad), fitting: area.size, canvas.glyphs, mostLines: 3)?
                .draw(isCentred: true, in: area, on: &canvas)
        case .graph: Drawing.sampleGraph(window: Rect(area.size)).draw(in: area, on: &canvas)
        }
    }

    static var sampleTable: Table {
        let columns = [
            Table.Column("service", .share(1, atLeast: 6), importance: 9), Table.Column("rps", .fixed(5), .right),
            Table.Column("p99", .fixed(7), .right, importance: 5),
        ]
        let rows = (1...9).map { number in
            [
                [Span("● ", Style(.ok)), Span(number == 2 ? "taps-with-a-long-name" : "bar\(number)")],
                [Span("\(number * 40)")], [Span("\(number)00 ms", Style(.warn))],
            ]
        }
        return Table(columns, rows: rows, selected: 2, scroll: Scroll(offset: 1))
    }

    static func sampleGraph(window: Rect) -> Graph {
        var graph = Graph(window: window)
        graph.add(box: Rect(0, 0, 7, 3), .light, Style(.border))
        graph.add(box: Rect(16, 0, 7, 3), .heavy, Style(.focusBorder))
        graph.add(box: Rect(16, 4, 7, 3), .double, Style(.border))
        graph.add(line: [Point(6, 1), Point(15, 1)], .heavy, Style(.bad))
        graph.add(head: .right, at: Point(15, 1), Style(.bad))
        graph.add(line: [Point(10, 1), Point(10, 5), Point(15, 5)], .dashed, Style(.fault))
        graph.add(line: [Point(2, 2), Point(2, 6), Point(12, 6), Point(12, 3), Point(8, 3)], .dotted, Style(.stale))
        return graph
    }
}

@Suite struct DrawingTests {
    @Test(arguments: Drawing.allCases, Glyphs.allCases)
    func `a drawing never leaves its rect, whatever its size`(drawing: Drawing, glyphs: Glyphs) {
        for columns in [0, 1, 2, 3, 4, 5, 8, 13, 40] {
            for rows in 0...8 {
                for origin in [Point(2, 1), Point(-3, -2), Point(40, 9)] {
                    let area = Rect(origin.column, origin.row, columns, rows)
                    var canvas = Canvas(Size(44, 11), glyphs: glyphs)
                    drawing.draw(in: area, on: &canvas)
                    expectBlank(canvas, outside: area)
                }
            }
        }
    }

    @Test(arguments: Drawing.allCases)
    func `in ASCII nothing else is drawn`(drawing: Drawing) {
        var canvas = Canvas(Size(44, 11), glyphs: .ascii)
        drawing.draw(in: canvas.area, on: &canvas)
        let ours = canvas.cells.filter { !"漢字␛●".unicodeScalars.contains($0.glyph.scalar) }
        #expect(ours.allSatisfy { $0.glyph.scalar.isASCII })
    }

    @Test(arguments: Drawing.allCases, Glyphs.allCases)
    func `a drawing looks as in its picture`(drawing: Drawing, glyphs: Glyphs) {
        var canvas = Canvas(Size(36, 8), glyphs: glyphs)
        drawing.draw(in: Rect(1, 0, 34, 8), on: &canvas)
        Golden.check(CanvasText.describe(canvas), "\(drawing)-\(glyphs).frame", in: "Pictures")
    }
}

@Suite struct TableTests {
    @Test func `the least important columns go first, whole`() {
        var canvas = Canvas(Size(16, 2))
        Drawing.sampleTable.draw(in: canvas.area, on: &canvas)
        #expect(CanvasText.glyphs(canvas).hasPrefix("|servi…     p99  |"))
    }

    @Test func `a row with fewer cells than columns is drawn as far as it goes`() {
        var canvas = Canvas(Size(20, 2))
        Table([.init("a", .rest), .init("b", .rest)], rows: [[[Span("x")]]]).draw(in: canvas.area, on: &canvas)
        #expect(CanvasText.glyphs(canvas).contains("|x "))
    }
}

@Suite struct ScrollTests {
    @Test(arguments: SeededGenerator.seeds(100))
    func `a revealed item is on the screen, and no room is wasted`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let count = generator.int(in: 1...60)
        let height = generator.int(in: 1...20)
        var scroll = Scroll(offset: generator.int(in: -5...70))
        let item = generator.int(in: 0...count - 1)
        scroll.reveal(item, of: count, height: height)
        let window = scroll.window(of: count, height: height)
        #expect(window.contains(item))
        #expect(window.count == min(count, height))
    }

    @Test func `an empty list has an empty window`() {
        #expect(Scroll(offset: 3).window(of: 0, height: 5).isEmpty)
        #expect(Scroll(offset: 3).window(of: 5, height: 0).isEmpty)
    }
}
