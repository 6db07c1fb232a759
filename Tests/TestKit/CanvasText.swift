public import TerminalCanvas

/// A canvas as text that a person can read and compare: the glyphs, under them a letter a style, and what they mean.
///
/// It names meanings, not colours, so themes do not change it. Both pictures stand between bars, so that no editor cuts
/// their blanks.
public enum CanvasText {
    /// Both pictures and the legend.
    public static func describe(_ canvas: Canvas) -> String {
        var legend = Legend()
        let styles = rows(of: canvas) { cells in
            cells.map { legend.letter(for: $0) }.reduce(into: "") { $0.append($1) }
        }
        var sections = ["\(canvas.size.columns)x\(canvas.size.rows)", glyphs(canvas), styles]
        if !legend.lines.isEmpty { sections.append(legend.lines.joined(separator: "\n")) }
        if let cursor = canvas.cursor { sections.append("cursor \(cursor.column),\(cursor.row)") }
        return sections.joined(separator: "\n") + "\n"
    }

    /// The glyphs alone.
    public static func glyphs(_ canvas: Canvas) -> String {
        rows(of: canvas) { cells in
            var line = String.UnicodeScalarView()
            for cell in cells where cell.glyph.width > 0 {
                line.append(cell.glyph.scalar)
                if let mark = cell.glyph.mark { line.append(mark) }
            }
            return String(line)
        }
    }

    private static func rows(of canvas: Canvas, _ line: (ArraySlice<Cell>) -> String) -> String {
        (0..<canvas.size.rows).map { row in
            let start = row * canvas.size.columns
            return "|" + line(canvas.cells[start..<start + canvas.size.columns]) + "|"
        }.joined(separator: "\n")
    }

    /// A role as it is has the same letter in every picture; the rest take what is free, in the order they come.
    private struct Legend {
        private var letters: [Style: Character] = [.plain: "."]
        private var free = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@%&=?!+*~^").reversed().map { $0 }
        private(set) var lines: [String] = []

        mutating func letter(for cell: Cell) -> Character {
            if let letter = letters[cell.style] { return letter }
            let style = cell.style
            let isRoleAlone = style == Style(style.role)
            let letter = isRoleAlone ? Legend.letter(of: style.role) : free.popLast() ?? "#"
            letters[style] = letter
            lines.append("\(letter) \(Legend.words(for: style))")
            return letter
        }

        private static func words(for style: Style) -> String {
            let emphasis: [(Emphasis, String)] = [
                (.bold, "bold"), (.underline, "underline"), (.reverse, "reverse"), (.dim, "dim"),
            ]
            let added = emphasis.filter { style.emphasis.contains($0.0) }.map(\.1)
            let ground = style.ground == .base ? [] : ["on", style.ground.name]
            return ([style.role.name] + added + ground).joined(separator: " ")
        }

        private static func letter(of role: StyleRole) -> Character {
            switch role {
            case .text: "."
            case .muted: "m"
            case .accent: "a"
            case .title: "t"
            case .key: "k"
            case .border: "e"
            case .focusBorder: "f"
            case .ok: "o"
            case .warn: "w"
            case .bad: "x"
            case .fault: "z"
            case .stale: "s"
            case .banner: "b"
            case .lease: "l"
            case .input: "i"
            case .fresh: "n"
            case .chart1: "c"
            case .chart2: "d"
            case .chart3: "g"
            case .chart4: "h"
            case .band: "y"
            case .limit: "v"
            }
        }
    }
}
