// CursesTerminal: the only code that touches ncurses. It shows a canvas, yields keys, and gives the terminal back.
// It decides nothing about what is shown.

import CNCurses
import Glibc
import PinnedThreads
import Synchronization
public import TerminalCanvas

/// The terminal that the program runs on, while it shows canvases instead of lines.
///
/// Everything of ncurses happens on one thread of its own, which waits for keys, frames and signals at once. Whoever
/// opens it closes it; if the program crashes or exits before, a guard in C gives the terminal back.
public actor CursesTerminal {
    /// Keys, resizes and signals in their order, none left out. It ends when the terminal is closed or has gone away.
    public nonisolated let keys: AsyncStream<Key>
    /// The characters to make canvases with.
    public nonisolated let glyphs: Glyphs
    public nonisolated let colors: ColorTier

    nonisolated let thread: PinnedThread
    nonisolated let inbox: Inbox
    let continuation: AsyncStream<Key>.Continuation
    var device: TerminalDevice
    /// Nil once the terminal is closed.
    var hold: Guard?
    var curses: Curses
    var palette: Palette?
    let mixing: Palette.Mixing
    var decoder: KeyDecoder
    /// What the screen shows, so that only rows that differ are put; nil puts all of them.
    var shown: Canvas?
    /// The last frame, to draw again after a stop or a resize.
    var latest: Frame?
    /// The cells there are.
    public internal(set) var size: Size
    var drawn = Statistics()
    var isOpen = true

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Takes over the terminal: its screen is put aside, or cleared, and every key comes here.
    public init(_ options: Options) throws(TerminalError) {
        let inbox = try Inbox()
        let glyphs = options.glyphs ?? .detected(in: options.environment)
        let term = options.environment["TERM"] ?? ""
        var device = try TerminalDevice()
        let hold = try Guard(bell: inbox.bell)
        let size = device.size
        let curses = try Curses(term: term, device: device.descriptor, size: size, isASCII: glyphs == .ascii)
        guard !Curses.capability("cup").isEmpty, !Curses.capability("clear").isEmpty else { throw .tooSimple(term) }
        hold.keep(wayBack: CursesTerminal.wayBack(hasMouse: options.hasMouse), to: device)
        let colors = CursesTerminal.startColors(options)
        if options.hasMouse { curses.watchMouse() }
        device.enterRawMode()
        // xterm's control sequences, "Change VT100 text background color": a question mark asks for it.
        if options.asksBackground { device.send(Array("\u{1B}]11;?\u{1B}\\".utf8)) }

        self.inbox = inbox
        self.glyphs = glyphs
        self.colors = colors
        self.size = size
        self.device = device
        self.hold = consume hold
        self.curses = curses
        decoder = KeyDecoder(
            KeySequences(Curses.keySequences(), hasMouse: options.hasMouse),
            patience: KeyDecoder.Patience(environment: options.environment))
        mixing = CursesTerminal.mixing(for: colors)
        (keys, continuation) = AsyncStream.makeStream(bufferingPolicy: .unbounded)
        thread = PinnedThread(name: "terminal") { inbox.ring() }
        thread.start { [weak self] patience in self?.assumeIsolated { $0.turn(patience) } }
    }

    /// Shows a canvas as soon as the terminal takes one, and returns at once. While it does not, only the newest waits.
    public nonisolated func show(_ canvas: Canvas, _ theme: Theme) {
        inbox.put(Frame(canvas: canvas, theme: theme))
    }

    /// True when the terminal has taken every byte of what was shown, as far as a program can know.
    public nonisolated var hasShownAll: Bool { inbox.hasShownAll }

    /// What showing has cost so far.
    public var statistics: Statistics {
        var statistics = drawn
        statistics.dropped = inbox.dropped
        return statistics
    }

    /// Gives a text to the clipboard of the terminal, wherever that runs, if it lets programs do that.
    public func copy(_ text: String) {
        guard isOpen else { return }
        // xterm's control sequences, "Manipulate Selection Data".
        device.send(Array("\u{1B}]52;c;\(Base64.text(of: Array(text.utf8)))\u{1B}\\".utf8))
    }

    /// Stops the program as ctrl-z does in others, and shows the last canvas again when it goes on.
    public func suspend() {
        guard isOpen else { return }
        leaveScreen()
        gameday_stop()
        resume()
    }

    /// Draws the last canvas again in full, whatever else has written to the terminal.
    public func redraw() {
        guard isOpen else { return }
        curses.forgetScreen()
        shown = nil
        drawAgain()
    }

    /// Gives the terminal back as it was. May be called again; nothing is shown from then on.
    public func close() {
        guard isOpen else { return }
        isOpen = false
        inbox.close()
        if !device.isLost {
            leaveScreen()
        }
        hold = nil
        continuation.finish()
        thread.stop()
    }

    private func leaveScreen() {
        // A terminal with one screen only keeps the last picture otherwise, and the shell writes into it.
        let clear = Curses.capability("rmcup").isEmpty ? Curses.capability("clear") : []
        device.send(Curses.capability("BD") + Curses.capability("rmkx") + curses.end() + clear)
        device.drain(milliseconds: 500)
        device.leaveRawMode()
    }
}
