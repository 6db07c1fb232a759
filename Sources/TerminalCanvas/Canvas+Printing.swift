extension Canvas {
    /// The rows as plain text, without the blanks at their ends.
    public var lines: [String] {
        (0..<size.rows).map { row in
            var line = String.UnicodeScalarView()
            for cell in self.row(row) { cell.glyph.append(to: &line) }
            while line.last == " " { line.removeLast() }
            return String(line)
        }
    }

    /// The rows as a terminal of that tier takes them, without a step of the cursor: fit for a file or a pipe.
    public func painted(_ theme: Theme, _ tier: ColorTier) -> [String] {
        (0..<size.rows).map { row in
            var line = String.UnicodeScalarView()
            var before: Theme.Paint?
            for cell in self.row(row) {
                var paint = theme.paint(cell.style, tier)
                if cell.glyph == .space { paint.emphasis = cell.style.ofBlank(paint.emphasis) }
                if paint != before { line.append(contentsOf: paint.sequence.unicodeScalars) }
                before = paint
                cell.glyph.append(to: &line)
            }
            return String(line) + (before == nil ? "" : "\u{1B}[0m")
        }
    }

    private func row(_ number: Int) -> ArraySlice<Cell> {
        cells[number * size.columns..<(number + 1) * size.columns]
    }
}

extension Glyph {
    fileprivate func append(to line: inout String.UnicodeScalarView) {
        guard width > 0 else { return }
        line.append(scalar)
        if let mark { line.append(mark) }
    }
}

extension Theme.Paint {
    /// What selects this paint and nothing of the one before (ECMA-48, SGR).
    fileprivate var sequence: String {
        var codes = ["0"]
        let added: [(Emphasis, String)] = [(.bold, "1"), (.dim, "2"), (.underline, "4"), (.reverse, "7")]
        codes += added.filter { emphasis.contains($0.0) }.map(\.1)
        codes +=
            foreground.codes(named: 30, bright: 90, other: 38) + background.codes(named: 40, bright: 100, other: 48)
        return "\u{1B}[\(codes.joined(separator: ";"))m"
    }
}

extension Ink {
    fileprivate func codes(named: Int, bright: Int, other: Int) -> [String] {
        switch self {
        case .standard: []
        case .indexed(let index) where index < 8: ["\(named + Int(index))"]
        case .indexed(let index) where index < 16: ["\(bright + Int(index) - 8)"]
        case .indexed(let index): ["\(other)", "5", "\(index)"]
        case .mixed(let color): ["\(other)", "2", "\(color.red)", "\(color.green)", "\(color.blue)"]
        }
    }
}
