/// Which part of a long list is on the screen. The list's owner keeps it between frames.
public struct Scroll: Hashable, Sendable {
    /// The first item shown.
    public var offset: Int

    public init(offset: Int = 0) { self.offset = offset }

    /// The items on the screen when there is room for so many; no room is left empty while there are items to show.
    public func window(of count: Int, height: Int) -> Range<Int> {
        let count = max(0, count)
        let height = max(0, height)
        let first = max(0, min(offset, count - height))
        return first..<min(count, first + height)
    }

    /// Moves as little as needed for an item to be on the screen, with a neighbour beyond it where there is room.
    public mutating func reveal(_ item: Int, of count: Int, height: Int) {
        let margin = height >= 3 ? 1 : 0
        if item - margin < offset { offset = item - margin }
        if item + margin >= offset + height { offset = item + margin - height + 1 }
        offset = max(0, min(offset, count - height))
    }

    /// Draws where the window lies in the list, down the right edge of the area; nothing when all of it is seen.
    public func drawBar(of count: Int, in area: Rect, on canvas: inout Canvas) {
        guard area.rows > 0, area.columns > 0, count > area.rows else { return }
        let window = window(of: count, height: area.rows)
        let length = max(1, area.rows * area.rows / count)
        let room = area.rows - length
        let start = (window.lowerBound * room + (count - area.rows) / 2) / (count - area.rows)
        for row in 0..<area.rows {
            let isThumb = row >= start && row < start + length
            canvas.put(
                canvas.glyphs.scrollBar(isThumb: isThumb), Style(isThumb ? .accent : .muted),
                at: Point(area.endColumn - 1, area.row + row), in: area)
        }
    }
}

extension Glyphs {
    fileprivate func scrollBar(isThumb: Bool) -> Glyph {
        isThumb ? pick("┃", "█", "#") : pick("│", "│", "|")
    }
}
