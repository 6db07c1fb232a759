import TerminalCanvas

/// Where a table with a selected row stands, for drawing it and for finding the row that a click hits.
struct TablePlace {
    let body: Rect
    let selected: Int?
    let scroll: Scroll

    init(body: Rect, selected: Int?, count: Int) {
        self.body = body
        self.selected = selected
        var scroll = Scroll()
        scroll.reveal(selected ?? 0, of: count, height: Table.visibleRows(height: body.rows))
        self.scroll = scroll
    }

    /// The row at a place, of so many; the head of the table is none.
    func row(at point: Point, of count: Int) -> Int? {
        let window = scroll.window(of: count, height: Table.visibleRows(height: body.rows))
        let row = window.lowerBound + point.row - body.row - 1
        return body.contains(point) && window.contains(row) ? row : nil
    }
}
