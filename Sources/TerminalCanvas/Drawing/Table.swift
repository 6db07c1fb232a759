/// Rows under headings. When it is narrow the least important columns go first, whole; what stays is cut, not squeezed.
public struct Table: Sendable {
    /// A column of a table.
    public struct Column: Sendable {
        public var title: String
        public var width: Extent
        public var alignment: Text.Alignment
        /// The lowest goes first when there is no room.
        public var importance: Int

        public init(
            _ title: String, _ width: Extent, _ alignment: Text.Alignment = .left, importance: Int = 1
        ) {
            self.title = title
            self.width = width
            self.alignment = alignment
            self.importance = importance
        }

        fileprivate var leastWidth: Int {
            switch width {
            case .fixed(let columns): max(0, columns)
            case .share(_, let minimum): max(1, minimum)
            }
        }
    }

    public var columns: [Column]
    /// Each row has a cell a column; a cell is a line of spans.
    public var rows: [[[Span]]]
    public var selected: Int?
    public var scroll: Scroll

    public init(_ columns: [Column], rows: [[[Span]]], selected: Int? = nil, scroll: Scroll = Scroll()) {
        self.columns = columns
        self.rows = rows
        self.selected = selected
        self.scroll = scroll
    }

    /// How many rows are seen in an area of that height: one line is the headings'.
    public static func visibleRows(height: Int) -> Int { max(0, height - 1) }

    /// Draws headings and rows, and a scroll bar when not all rows are seen.
    public func draw(in area: Rect, on canvas: inout Canvas) {
        guard !area.isEmpty else { return }
        let height = Table.visibleRows(height: area.rows)
        let hasBar = rows.count > height && height > 0
        let body = Rect(area.column, area.row, area.columns - (hasBar ? 2 : 0), area.rows)
        let layout = layout(in: body.columns)
        drawLine(columns.map { [Span($0.title, Style(.muted, .bold))] }, layout, in: body.line(0), on: &canvas)
        for (line, index) in scroll.window(of: rows.count, height: height).enumerated() {
            let rect = body.line(line + 1)
            if index == selected { canvas.lay(.selected, behind: rect) }
            drawLine(rows[index], layout, in: rect, on: &canvas)
        }
        scroll.drawBar(of: rows.count, in: Rect(area.column, area.row + 1, area.columns, height), on: &canvas)
    }

    private func drawLine(
        _ cells: [[Span]], _ layout: [(index: Int, start: Int, width: Int)], in line: Rect, on canvas: inout Canvas
    ) {
        for (index, start, width) in layout where index < cells.count {
            let field = Rect(line.column + start, line.row, width, line.rows).intersection(line)
            let cut = cells[index].clipped(to: field.columns, canvas.glyphs)
            let room = max(0, field.columns - cut.width)
            let shift =
                switch columns[index].alignment {
                case .left: 0
                case .centre: room / 2
                case .right: room
                }
            canvas.put(cut, at: field.origin.moved(columns: shift), in: field)
        }
    }

    /// The columns that have room, with a blank between two.
    private func layout(in width: Int) -> [(index: Int, start: Int, width: Int)] {
        var kept = Array(columns.indices)
        while kept.count > 1, kept.reduce(kept.count - 1, { $0 + columns[$1].leastWidth }) > width {
            let least = kept.enumerated().min { left, right in
                let (one, other) = (columns[left.element].importance, columns[right.element].importance)
                return one < other || one == other && left.offset > right.offset
            }
            if let least { kept.remove(at: least.offset) }
        }
        let widths = Layout.lengths(kept.map { columns[$0].width }, of: width - max(0, kept.count - 1))
        var start = 0
        return zip(kept, widths).map { index, width in
            defer { start += width + 1 }
            return (index, start, width)
        }
    }
}
