import CNCurses
import Glibc
import PinnedThreads
import TerminalCanvas

extension CursesTerminal {
    /// Waits for whatever comes first, a key, a frame, a signal or room for more output, and sees to it.
    func turn(_ patience: PinnedThread.Patience) {
        guard isOpen else { return }
        let wanted = Int16(POLLIN) | (device.hasOutgoing ? Int16(POLLOUT) : 0)
        var waits = [
            pollfd(fd: device.isLost ? -1 : device.descriptor, events: wanted, revents: 0),
            pollfd(fd: inbox.bell, events: Int16(POLLIN), revents: 0),
        ]
        // A frame that waits for room must not make us look again and again: room is what is waited for.
        let count = poll(&waits, 2, patience == .mayBlock ? decoder.milliseconds : 0)
        guard count > 0 else {
            yield(decoder.settle(at: .now))
            return
        }
        if waits[1].revents != 0 {
            gameday_bell_silence(inbox.bell)
            handleEvents(hold?.takeEvents() ?? 0)
        }
        let terminal = Int32(waits[0].revents)
        if terminal & POLLIN != 0 { readKeys() } else { yield(decoder.settle(at: .now)) }
        if terminal & (POLLHUP | POLLERR | POLLNVAL) != 0 { device.lose() }
        if terminal & POLLOUT != 0 { device.flush() }
        if device.isLost { continuation.finish() }
        drawPending()
        if !device.hasOutgoing { inbox.markShown() }
    }

    private func readKeys() {
        let bytes = device.read()
        if !bytes.isEmpty { yield(decoder.receive(bytes, at: .now)) }
    }

    private func yield(_ keys: [Key]) {
        for key in keys { continuation.yield(key) }
    }

    private func handleEvents(_ bits: UInt32) {
        func has(_ event: gameday_event) -> Bool { bits & event.rawValue != 0 }
        if has(GAMEDAY_CONTINUED) { resume() }
        if has(GAMEDAY_RESIZED) { resize() }
        if has(GAMEDAY_STOP_ASKED) { continuation.yield(.control("z")) }
        if has(GAMEDAY_TERMINATE) { continuation.yield(.signal(.terminate)) }
        if has(GAMEDAY_HANGUP) { continuation.yield(.signal(.hangup)) }
        if has(GAMEDAY_INTERRUPT) { continuation.yield(.signal(.interrupt)) }
    }

    /// Takes the terminal over again: meanwhile a shell had it.
    func resume() {
        device.enterRawMode()
        curses.forgetScreen()
        shown = nil
        resize()
        drawAgain()
    }

    private func resize() {
        let size = device.size
        guard size != self.size else { return }
        self.size = size
        curses.resize(to: size)
        shown = nil
        continuation.yield(.resized(size))
        drawAgain()
    }

    /// Draws the last frame, unless a newer one waits.
    func drawAgain() {
        if let latest, !inbox.hasFrame { inbox.put(latest) }
    }

    /// Draws the newest frame once the one before has left for good.
    private func drawPending() {
        guard !device.hasOutgoing, !device.isLost, isOpen, let frame = inbox.take() else { return }
        let clock = ContinuousClock()
        let start = clock.now
        let bytes = draw(frame)
        drawn.frames += 1
        drawn.bytes += bytes.count
        drawn.drawing += clock.now - start
        device.send(bytes)
    }

    private func draw(_ frame: Frame) -> [UInt8] {
        latest = frame
        var palette = palette ?? Palette(theme: frame.theme, tier: colors, mixing: mixing)
        if palette.theme != frame.theme {
            palette.use(frame.theme)
            curses.forgetScreen()
            shown = nil
        }
        let isFirst = shown == nil
        let canvas = frame.canvas.size == size ? frame.canvas : frame.canvas.cut(to: size)
        let columns = size.columns
        for row in 0..<size.rows {
            let range = row * columns..<(row + 1) * columns
            if let shown, shown.cells[range] == canvas.cells[range] { continue }
            curses.put(canvas, row: row, palette: &palette)
        }
        curses.place(cursor: canvas.cursor.flatMap { canvas.area.contains($0) ? $0 : nil })
        shown = canvas
        self.palette = palette
        let bytes = TrueColor.mix(curses.refresh(), with: palette.slots)
        // Pasted text comes marked, so that it is not taken for keys, and keys come as the terminal's description has
        // them.
        return isFirst ? bytes + Curses.capability("BE") + Curses.capability("smkx") : bytes
    }
}

extension Canvas {
    /// The same picture on a screen of another size: cut, or with blanks around it.
    fileprivate func cut(to size: Size) -> Canvas {
        var canvas = Canvas(size, glyphs: glyphs)
        for row in 0..<min(size.rows, self.size.rows) {
            for column in 0..<min(size.columns, self.size.columns) {
                let cell = self[column, row]
                canvas.fill(Rect(column, row, max(1, cell.glyph.width), 1), on: cell.style.ground)
                canvas.put(cell.glyph, cell.style, at: Point(column, row))
            }
        }
        canvas.cursor = cursor
        return canvas
    }
}

extension KeyDecoder {
    /// How long to wait for bytes, for poll(2); a rest of a millisecond is one, or waiting would end too early.
    fileprivate var milliseconds: Int32 {
        guard let deadline else { return -1 }
        let left = ContinuousClock.now.duration(to: deadline)
        return left <= .zero ? 0 : Int32(clamping: Int64(left / .milliseconds(1)) + 1)
    }
}
