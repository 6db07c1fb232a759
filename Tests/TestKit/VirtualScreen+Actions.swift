import TerminalCanvas

extension VirtualScreen {
    mutating func perform(_ action: TerminalParser.Action) {
        switch action {
        case .print(let scalar): print(scalar)
        case .control(let byte): control(byte)
        case .escape(let sequence): escape(sequence)
        case .sequence(let marker, let numbers, let final): sequence(marker, numbers, final)
        case .command: break
        }
    }

    private mutating func print(_ scalar: Unicode.Scalar) {
        let glyph = Glyph(scalar)
        guard glyph.scalar == scalar else {
            // A combining mark joins what was written last.
            let column = page.isWrapping ? page.cursor.column : max(0, page.cursor.column - lastGlyph.width)
            page.cells[page.cursor.row * size.columns + column].mark = scalar
            return
        }
        put(glyph)
    }

    private mutating func put(_ glyph: Glyph) {
        if page.isWrapping || page.cursor.column + glyph.width > size.columns {
            page.cursor.column = 0
            lineFeed()
        }
        if isInserting { shift(by: glyph.width) }
        let index = page.cursor.row * size.columns + page.cursor.column
        page.cells[index] = Cell(glyph: glyph, pen: pen)
        if glyph.width == 2 { page.cells[index + 1] = Cell(glyph: .continuation, pen: pen) }
        lastGlyph = glyph
        page.cursor.column += glyph.width
        page.isWrapping = page.cursor.column == size.columns
        if page.isWrapping { page.cursor.column -= 1 }
    }

    private mutating func control(_ byte: UInt8) {
        switch byte {
        case 0x08: move(to: page.cursor.moved(columns: -1))
        case 0x09: move(to: Point((page.cursor.column / 8 + 1) * 8, page.cursor.row))
        case 0x0A: lineFeed()
        case 0x0D: move(to: Point(0, page.cursor.row))
        case 0x00, 0x07, 0x0E, 0x0F: break
        default: unknown.append("control \(byte)")
        }
    }

    private mutating func escape(_ sequence: String) {
        switch sequence {
        case "7": saved = (page.cursor, pen)
        case "8": (page.cursor, pen) = saved
        case "M": reverseLineFeed()
        case "D": lineFeed()
        case "=", ">", "(B", ")B", ")0", "(0": break
        default: unknown.append("ESC \(sequence)")
        }
    }

    private mutating func sequence(_ marker: String, _ numbers: [Int], _ final: Character) {
        let count = max(1, numbers.first ?? 1)
        func number(_ index: Int) -> Int { numbers.count > index ? max(1, numbers[index]) : 1 }
        switch (marker, final) {
        case ("", "H"), ("", "f"): move(to: Point(number(1) - 1, number(0) - 1))
        case ("", "A"): move(to: page.cursor.moved(rows: -count))
        case ("", "B"): move(to: page.cursor.moved(rows: count))
        case ("", "C"): move(to: page.cursor.moved(columns: count))
        case ("", "D"): move(to: page.cursor.moved(columns: -count))
        case ("", "G"): move(to: Point(count - 1, page.cursor.row))
        case ("", "d"): move(to: Point(page.cursor.column, count - 1))
        case ("", "J"), ("", "K"), ("", "X"), ("", "P"), ("", "@"), ("", "L"), ("", "M"), ("", "S"), ("", "T"):
            edit(final, numbers.first ?? 0)
        case ("", "b"): for _ in 0..<count { put(lastGlyph) }
        case ("", "r"): setMargins(numbers)
        case ("", "m"): pen.select(numbers)
        case ("?", "h"), ("?", "l"): for mode in numbers { setPrivate(mode, final == "h") }
        case ("", "h"), ("", "l"): if numbers.contains(4) { isInserting = final == "h" }
        // The window's title on a stack, and the shape of the console's cursor.
        case ("", "t"), ("?", "c"): break
        default: unknown.append("CSI \(marker)\(numbers)\(final)")
        }
    }

    private mutating func setMargins(_ numbers: [Int]) {
        let top = max(1, numbers.first ?? 1) - 1
        let bottom = (numbers.count > 1 && numbers[1] > 0 ? numbers[1] : size.rows) - 1
        margins = top < bottom && bottom < size.rows ? top...bottom : 0...max(0, size.rows - 1)
        move(to: Point(0, 0))
    }

    private mutating func setPrivate(_ mode: Int, _ isSet: Bool) {
        if isSet { modes.insert(mode) } else { modes.remove(mode) }
        switch mode {
        case 25: isCursorVisible = isSet
        case 1049 where isSet != isAlternate:
            isAlternate = isSet
            if isSet { saved = (page.cursor, pen) }
            swap(&page, &otherPage)
            if isSet {
                page = Page(cells: [Cell](repeating: Cell(), count: size.columns * size.rows), cursor: otherPage.cursor)
            } else {
                (page.cursor, pen) = saved
            }
        case 1, 7, 12, 1000, 1002, 1006, 1034, 1049, 2004: break
        default: unknown.append("mode \(mode)")
        }
    }

    private mutating func move(to point: Point) {
        page.cursor = Point(max(0, min(size.columns - 1, point.column)), max(0, min(size.rows - 1, point.row)))
        page.isWrapping = false
    }

    private mutating func lineFeed() {
        page.isWrapping = false
        if page.cursor.row == margins.upperBound {
            scroll(margins, by: 1)
        } else {
            move(to: page.cursor.moved(rows: 1))
        }
    }

    private mutating func reverseLineFeed() {
        if page.cursor.row == margins.lowerBound {
            scroll(margins, by: -1)
        } else {
            move(to: page.cursor.moved(rows: -1))
        }
    }
}
