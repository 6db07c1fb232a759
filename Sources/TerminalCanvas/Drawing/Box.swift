/// The frame of a panel or a dialog, with a title in its upper edge and a note at the right end of it.
public struct Box: Sendable {
    public var title: String
    public var note: String
    /// A focused box has another stroke as well as another colour.
    public var isFocused: Bool
    public var style: Style?

    public init(_ title: String = "", note: String = "", isFocused: Bool = false, style: Style? = nil) {
        self.title = title
        self.note = note
        self.isFocused = isFocused
        self.style = style
    }

    /// Draws the frame and returns what is inside of it.
    @discardableResult
    public func draw(in area: Rect, on canvas: inout Canvas) -> Rect {
        let style = style ?? Style(isFocused ? .focusBorder : .border)
        var frame = Graph(window: area.intersection(canvas.area))
        frame.add(box: area, isFocused ? .heavy : .light, style)
        frame.draw(in: frame.window, on: &canvas)
        let edge = Rect(area.column + 2, area.row, area.columns - 4, min(1, area.rows))
        let shown =
            title.isEmpty || edge.columns < 3 ? "" : " \(Text.clipped(title, to: edge.columns - 2, canvas.glyphs)) "
        canvas.put(shown, Style(.title, isFocused ? .bold : []), at: edge.origin, in: edge)
        let room = edge.columns - Text.width(shown) - 1
        if !note.isEmpty, Text.width(note) + 2 <= room {
            canvas.put(" \(note) ", Style(.muted), at: Point(edge.endColumn - Text.width(note) - 2, edge.row), in: edge)
        }
        return area.inset(columns: 1, rows: 1)
    }
}
