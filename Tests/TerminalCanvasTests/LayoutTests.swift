import TerminalCanvas
import TestKit
import Testing

@Suite struct LayoutTests {
    @Test func `fixed parts come first, shares divide the rest`() {
        #expect(Layout.lengths([.fixed(3), .rest, .share(2), .fixed(1)], of: 13) == [3, 3, 6, 1])
        #expect(Layout.lengths([.rest, .rest], of: 5) == [3, 2])
        #expect(Layout.lengths([.share(1, atLeast: 8), .share(3)], of: 12) == [8, 4])
        #expect(Layout.lengths([.fixed(9), .fixed(9)], of: 12) == [9, 3])
        #expect(Layout.lengths([.fixed(-4), .rest], of: -1) == [0, 0])
    }

    @Test(arguments: SeededGenerator.seeds(100))
    func `parts tile their rect`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let extents = (0..<generator.int(in: 1...6)).map { _ -> Extent in
            generator.bool()
                ? .fixed(generator.int(in: -2...30))
                : .share(generator.int(in: 1...5), atLeast: generator.int(in: 0...20))
        }
        let area = Rect(generator.int(in: -5...5), 2, generator.int(in: 0...250), generator.int(in: 0...80))
        var column = area.column
        for part in Layout.columns(extents, in: area) {
            #expect(part.column == column && part.row == area.row && part.rows == area.rows)
            column = part.endColumn
        }
        let isShared = extents.contains { if case .share = $0 { true } else { false } }
        #expect(isShared ? column == area.endColumn : column <= area.endColumn)
        let rows = Layout.rows(extents, in: area)
        #expect(rows.allSatisfy { $0.intersection(area) == $0 || $0.isEmpty })
    }

    @Test func `an inset that needs more than there is leaves an empty rect inside`() {
        for columns in 0...5 {
            let area = Rect(3, 3, columns, columns)
            let inner = area.inset(columns: 2, rows: 1)
            #expect(inner.isEmpty || inner.intersection(area) == inner)
            #expect(inner.columns == max(0, columns - 4))
        }
    }
}
