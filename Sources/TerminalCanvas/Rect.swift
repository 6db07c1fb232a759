/// A place on the screen: column and row, both from 0, counted from the left and the top.
public struct Point: Hashable, Sendable {
    public var column: Int
    public var row: Int

    public init(_ column: Int, _ row: Int) {
        self.column = column
        self.row = row
    }

    public func moved(columns: Int = 0, rows: Int = 0) -> Point { Point(column + columns, row + rows) }
}

/// How many columns and rows there are; never negative.
public struct Size: Hashable, Sendable {
    public let columns: Int
    public let rows: Int

    public init(_ columns: Int, _ rows: Int) {
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }
}

/// A part of the screen to draw in. It may be empty, and it may reach beyond the canvas: what is drawn there is cut.
public struct Rect: Hashable, Sendable {
    public let column: Int
    public let row: Int
    public let columns: Int
    public let rows: Int

    /// Makes a rect; a negative width or height counts as none.
    public init(_ column: Int, _ row: Int, _ columns: Int, _ rows: Int) {
        self.column = column
        self.row = row
        self.columns = max(0, columns)
        self.rows = max(0, rows)
    }

    public init(_ size: Size) { self.init(0, 0, size.columns, size.rows) }

    public var origin: Point { Point(column, row) }
    public var size: Size { Size(columns, rows) }
    public var isEmpty: Bool { columns == 0 || rows == 0 }

    /// The first column to the right of it.
    public var endColumn: Int { column + columns }

    /// The first row below it.
    public var endRow: Int { row + rows }

    public func contains(_ point: Point) -> Bool {
        point.column >= column && point.column < endColumn && point.row >= row && point.row < endRow
    }

    /// What both cover; empty when they do not meet.
    public func intersection(_ other: Rect) -> Rect {
        let left = max(column, other.column)
        let top = max(row, other.row)
        return Rect(left, top, min(endColumn, other.endColumn) - left, min(endRow, other.endRow) - top)
    }

    /// The rect without its margins; empty, and still inside, when the margins need more than there is.
    public func inset(columns: Int = 0, rows: Int = 0) -> Rect {
        let side = min(columns, (self.columns + 1) / 2)
        let edge = min(rows, (self.rows + 1) / 2)
        return Rect(column + side, row + edge, self.columns - 2 * side, self.rows - 2 * edge)
    }

    /// The row with this number, counted from the top of the rect; empty when there is no such row.
    public func line(_ number: Int) -> Rect {
        number >= 0 && number < rows ? Rect(column, row + number, columns, 1) : Rect(column, row, columns, 0)
    }

    /// A rect of at most that size in the middle of this one.
    public func centred(_ size: Size) -> Rect {
        let width = min(size.columns, columns)
        let height = min(size.rows, rows)
        return Rect(column + (columns - width) / 2, row + (rows - height) / 2, width, height)
    }
}
