import TerminalCanvas

extension VirtualScreen {
    /// Erasing, inserting and deleting. What comes in is blank on the pen's background, as most terminals have it.
    mutating func edit(_ final: Character, _ number: Int) {
        page.isWrapping = false
        let line = page.cursor.row * size.columns
        let cursor = line + page.cursor.column
        let count = max(1, number)
        switch final {
        case "J":
            erase(number == 0 ? cursor..<page.cells.count : number == 1 ? 0..<cursor + 1 : 0..<page.cells.count)
        case "K":
            erase(
                number == 0
                    ? cursor..<line + size.columns : number == 1 ? line..<cursor + 1 : line..<line + size.columns)
        case "X": erase(cursor..<min(line + size.columns, cursor + count))
        case "P": shift(by: -count)
        case "@": shift(by: count)
        case "L" where margins.contains(page.cursor.row): scroll(page.cursor.row...margins.upperBound, by: -count)
        case "M" where margins.contains(page.cursor.row): scroll(page.cursor.row...margins.upperBound, by: count)
        case "S": scroll(margins, by: count)
        case "T": scroll(margins, by: -count)
        default: break
        }
    }

    private var blank: Cell { Cell(glyph: .space, pen: Pen(background: pen.background)) }

    private mutating func erase(_ range: Range<Int>) {
        for index in range { page.cells[index] = blank }
    }

    /// Moves what stands from the cursor to the line's end to the right, or to the left.
    mutating func shift(by count: Int) {
        let start = page.cursor.row * size.columns + page.cursor.column
        let end = (page.cursor.row + 1) * size.columns
        let old = Array(page.cells[start..<end])
        for index in old.indices {
            let from = index - count
            page.cells[start + index] = old.indices.contains(from) ? old[from] : blank
        }
    }

    /// Moves rows up, or down.
    mutating func scroll(_ rows: ClosedRange<Int>, by count: Int) {
        let old = page.cells
        for row in rows {
            for column in 0..<size.columns {
                let from = row + count
                page.cells[row * size.columns + column] =
                    rows.contains(from) ? old[from * size.columns + column] : blank
            }
        }
    }
}

extension VirtualScreen.Pen {
    /// What the numbers of `CSI m` select.
    mutating func select(_ numbers: [Int]) {
        var numbers = (numbers.isEmpty ? [0] : numbers)[...]
        while let number = numbers.popFirst() {
            switch number {
            case 0: self = VirtualScreen.Pen()
            case 1: emphasis.insert(.bold)
            case 2: emphasis.insert(.dim)
            case 4: emphasis.insert(.underline)
            case 7: emphasis.insert(.reverse)
            case 22: emphasis.subtract([.bold, .dim])
            case 24: emphasis.remove(.underline)
            case 27: emphasis.remove(.reverse)
            case 30...37: foreground = .indexed(UInt8(number - 30))
            case 40...47: background = .indexed(UInt8(number - 40))
            case 90...97: foreground = .indexed(UInt8(number - 82))
            case 100...107: background = .indexed(UInt8(number - 92))
            case 38: foreground = VirtualScreen.Pen.ink(&numbers) ?? foreground
            case 48: background = VirtualScreen.Pen.ink(&numbers) ?? background
            case 39: foreground = .standard
            case 49: background = .standard
            default: break
            }
        }
    }

    private static func ink(_ numbers: inout ArraySlice<Int>) -> Ink? {
        switch numbers.popFirst() {
        case 5: return numbers.popFirst().flatMap { UInt8(exactly: $0) }.map { .indexed($0) }
        case 2:
            let parts = numbers.prefix(3).compactMap { UInt8(exactly: $0) }
            numbers = numbers.dropFirst(3)
            return parts.count == 3 ? .mixed(Color(parts[0], parts[1], parts[2])) : nil
        default: return nil
        }
    }
}
