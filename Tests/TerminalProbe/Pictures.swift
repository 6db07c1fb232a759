import TerminalCanvas

/// What the probe shows for the keys it got. A test makes it too and compares it with the terminal.
func picture(size: Size, glyphs: Glyphs, keys: [String]) -> Canvas {
    var canvas = Canvas(size, glyphs: glyphs)
    let inner = Box("probe \(size.columns)x\(size.rows)", note: "\u{1B}[31m", isFocused: true).draw(
        in: canvas.area, on: &canvas)
    let parts = Layout.columns([.fixed(12), .share(1)], in: inner)
    for (row, role) in StyleRole.allCases.enumerated() {
        let line = parts[0].line(row)
        canvas.put(role.name, Style(role), at: line.origin, in: line)
    }
    let right = parts[1]
    let ascii = glyphs == .ascii
    canvas.put(ascii ? "plain" : "wide 漢字 e\u{301} 🍺|", at: right.origin, in: right)
    for (row, ground) in Ground.allCases.enumerated() {
        let line = right.line(row + 1)
        canvas.fill(line, on: ground)
        canvas.put("\(ground.name) ", Style(.ok), at: line.origin, in: line)
        canvas.put("under", Style(.warn).underlined, at: line.origin.moved(columns: 10), in: line)
        canvas.put("bold", Style(.chart3).bold, at: line.origin.moved(columns: 17), in: line)
    }
    Bar(0.62, limit: 0.8, Style(.ok)).draw(in: right.line(6), on: &canvas)
    Sparkline([1, 2, 3, nil, 5, 8, 13]).draw(in: Rect(right.column, right.row + 7, 20, 2), on: &canvas)
    var braille = Braille(Size(20, 2))
    braille.line(from: (0, 7), to: (39, 0), Style(.chart2))
    braille.draw(in: Rect(right.column + 22, right.row + 7, 20, 2), on: &canvas)
    for (row, name) in keys.suffix(max(0, right.rows - 10)).enumerated() {
        canvas.put("key: \(name)", at: Point(right.column, right.row + 10 + row), in: right)
    }
    canvas.cursor = Point(min(3, max(0, size.columns - 1)), max(0, size.rows - 1))
    return canvas
}

/// A canvas that differs from the one before in every cell.
func noise(size: Size, _ number: Int) -> Canvas {
    var canvas = Canvas(size)
    let roles: [StyleRole] = [.text, .ok, .warn, .bad, .fault, .stale, .chart2, .accent]
    for row in 0..<size.rows {
        for column in 0..<size.columns {
            let value = (row * 31 + column * 7 + number * 13) % 94
            let glyph = Glyph(Unicode.Scalar(UInt8(33 + value)))
            canvas.put(glyph, Style(roles[(column / 6 + row + number) % roles.count]), at: Point(column, row))
        }
    }
    return canvas
}
