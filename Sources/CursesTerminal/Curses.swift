import CNCurses
import Glibc
import TerminalCanvas

/// ncurses itself, which writes to a file in memory instead of the terminal; `TerminalDevice` sends it on.
struct Curses: ~Copyable {
    private let screen: OpaquePointer
    private let output: UnsafeMutablePointer<FILE>
    private let source: UnsafeMutablePointer<FILE>
    private let memory: Int32
    private let isASCII: Bool
    private var row: [cchar_t] = []

    init(term: String, device: Int32, size: Size, isASCII: Bool) throws(TerminalError) {
        gameday_use_locale(isASCII ? 0 : 1)
        let memory = gameday_memory_file()
        let copy = fcntl(device, F_DUPFD_CLOEXEC, 0)
        guard memory >= 0, copy >= 0, let output = fdopen(memory, "w"), let source = fdopen(copy, "r") else {
            throw .failed(call: "memfd_create", code: errno)
        }
        guard let screen = Curses.newScreen(term, size, output, source) else {
            fclose(output)
            fclose(source)
            throw .unknown(term)
        }
        self.screen = screen
        self.output = output
        self.source = source
        self.memory = memory
        self.isASCII = isASCII
        noecho()
        nonl()
        raw()
        // Otherwise a key that waits would stop a frame in its middle. Keys are read by `KeyDecoder`, never by ncurses.
        typeahead(-1)
    }

    deinit {
        delscreen(screen)
        fclose(output)
        fclose(source)
    }

    /// A file in memory has no size that ncurses could ask for, so it is told by the variables that overrule others.
    /// And no line is so slow today that it needs padding.
    private static func newScreen(
        _ term: String, _ size: Size, _ output: UnsafeMutablePointer<FILE>, _ source: UnsafeMutablePointer<FILE>
    ) -> OpaquePointer? {
        let settings = [
            ("LINES", String(size.rows)), ("COLUMNS", String(size.columns)), ("NCURSES_NO_PADDING", "1"),
        ]
        let before = settings.map { getenv($0.0).map { String(cString: $0) } }
        for (name, value) in settings { setenv(name, value, 1) }
        defer {
            for ((name, _), value) in zip(settings, before) {
                if let value { setenv(name, value, 1) } else { unsetenv(name) }
            }
        }
        return newterm(term, output, source)
    }

    func resize(to size: Size) {
        resizeterm(Int32(size.rows), Int32(size.columns))
    }

    /// Makes the next refresh draw every cell, whatever the terminal is thought to show.
    func forgetScreen() {
        clearok(gameday_screen(), true)
    }

    /// Puts part of a row. The canvas is as large as the screen.
    mutating func put(_ canvas: borrowing Canvas, row: Int, palette: inout Palette) {
        let start = row * canvas.size.columns
        let end = start + canvas.size.columns
        var run = start
        while run < end {
            let style = canvas.cells[run].style
            var next = run + 1
            while next < end, canvas.cells[next].style == style || canvas.cells[next].glyph.width == 0 { next += 1 }
            fill(canvas.cells[run..<next], palette.entry(for: style))
            mvwadd_wchnstr(gameday_screen(), Int32(row), Int32(run - start), self.row, Int32(self.row.count))
            run = next
        }
    }

    /// Makes characters of cells in one style. A wide one is one character; ncurses knows what it covers.
    private mutating func fill(_ cells: ArraySlice<Cell>, _ entry: Palette.Entry) {
        var template = cchar_t()
        var pair = entry.pair
        setcchar(&template, [0x20, 0], entry.attributes, 0, &pair)
        var blank = cchar_t()
        setcchar(&blank, [0x20, 0], entry.blank, 0, &pair)
        row.removeAll(keepingCapacity: true)
        var isCovered = false
        for cell in cells {
            if cell.glyph.width == 0, isCovered {
                isCovered = false
                continue
            }
            var character = cell.glyph == .space ? blank : template
            let scalar = cell.glyph.scalar.value
            isCovered = false
            if scalar >= 0x80, isASCII || gameday_width(scalar) != Int32(cell.glyph.width) {
                // What the C library does not know, or knows otherwise, would shift all that follows it.
                character.chars.0 = 0x3F
            } else {
                character.chars.0 = wchar_t(scalar)
                isCovered = cell.glyph.width == 2
                if let mark = cell.glyph.mark, !isASCII, gameday_width(mark.value) == 0 {
                    character.chars.1 = wchar_t(mark.value)
                }
            }
            row.append(character)
        }
    }

    /// Shows the cursor at a place, or hides it.
    func place(cursor: Point?) {
        curs_set(cursor == nil ? 0 : 1)
        if let cursor { wmove(gameday_screen(), Int32(cursor.row), Int32(cursor.column)) }
    }

    /// What to send so that the terminal shows what was put.
    func refresh() -> [UInt8] {
        wnoutrefresh(gameday_screen())
        doupdate()
        return written()
    }

    /// What to send to leave the screen. A refresh enters it again.
    func end() -> [UInt8] {
        endwin()
        return written()
    }

    private func written() -> [UInt8] {
        fflush(output)
        let length = Int(lseek(memory, 0, SEEK_CUR))
        guard length > 0 else { return [] }
        lseek(memory, 0, SEEK_SET)
        return [UInt8](unsafeUninitializedCapacity: length) { bytes, count in
            count = max(0, pread(memory, bytes.baseAddress, length, 0))
        }
    }

    /// Asks for presses of the first button and for the wheel.
    func watchMouse() {
        mouseinterval(0)
        mousemask(
            Curses.button(1, 0o1) | Curses.button(1, 0o2) | Curses.button(4, 0o2) | Curses.button(5, 0o2), nil)
    }

    /// The bit of an action of a button, as the macro NCURSES_MOUSE_MASK (mouse version 2) has it: five bits a button.
    private static func button(_ number: Int, _ action: mmask_t) -> mmask_t { action << mmask_t((number - 1) * 5) }
}

extension Curses {
    /// The terminal's own string for a capability; empty when it has none.
    static func capability(_ name: String) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: 128) { bytes, count in
            count = bytes.withMemoryRebound(to: CChar.self) { gameday_capability(name, $0.baseAddress, $0.count) }
        }
    }

    /// The sequences by which the terminal's description knows its keys.
    static func keySequences() -> [[UInt8]: Key] {
        var named: [(String, Key)] = [
            ("kcuu1", .up), ("kcud1", .down), ("kcub1", .left), ("kcuf1", .right), ("khome", .home), ("kend", .end),
            ("kfnd", .home), ("kslt", .end), ("kpp", .pageUp), ("knp", .pageDown), ("kdch1", .delete),
            ("kich1", .insert), ("kcbt", .backTab), ("kbs", .backspace), ("kent", .enter), ("kri", .shiftUp),
            ("kind", .shiftDown), ("kLFT", .shiftLeft), ("kRIT", .shiftRight),
        ]
        named += (1...63).map { ("kf\($0)", .function($0)) }
        // Where two keys have one sequence, the first is the one a person sees on her keyboard.
        return named.reduce(into: [:]) { sequences, name in
            let sequence = capability(name.0)
            if !sequence.isEmpty, sequences[sequence] == nil { sequences[sequence] = name.1 }
        }
    }
}
