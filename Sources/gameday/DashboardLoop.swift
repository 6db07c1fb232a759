import CursesTerminal
import Dashboard
import MeshModel
import TerminalCanvas

/// The dashboard's state between two messages, and when the next frame is due. The session feeds it and does its wishes.
struct DashboardLoop {
    /// What comes in.
    enum Arrival: Sendable {
        /// The recording of this session was read, for a move through it.
        case opened(PastPlayer, Travel)
        case message(Message)
        case tick
        /// Time has gone by since the key of this number.
        case quiet(Int)
        /// The time has come for a frame that had to wait.
        case frame
    }

    /// What is to be done about it.
    enum Wish: Sendable {
        /// The recording of this session is to be read; it comes back as `opened`.
        case open(Travel)
        case perform(Effect)
        /// Something that the terminal does by itself.
        case onTerminal(Effect)
        /// Writes a picture and says where.
        case keep(Screenshot)
        /// Gives a text to the terminal's clipboard.
        case copy(String)
        /// Opens a page and says what became of it.
        case visit(Browser)
        /// The arrival comes back after that time.
        case later(Arrival, Duration)
    }

    private var state: DashboardState
    private var shelf: ThemeShelf
    let terminal: CursesTerminal
    private(set) var clock = FeedClock()
    private var drawnAt: ContinuousClock.Instant?
    private var isFrameDue = false
    /// How many keys have come.
    private var typed = 0
    /// True until the terminal has told its background, or had its time to.
    private(set) var isHeld: Bool
    /// The past that a person looks at, while she does.
    var player: PastPlayer?
    var playedAt: ContinuousClock.Instant?

    /// No more than thirty frames a second: a flood of events costs one frame. A key waits less, for a person sees it.
    private static let frameTime = Duration.milliseconds(33)
    private static let keyTime = Duration.milliseconds(8)
    /// How long no key may follow a yes: longer than noise rests, shorter than a person notices.
    private static let quietTime = Duration.milliseconds(150)

    init(state: DashboardState, shelf: ThemeShelf, terminal: CursesTerminal, isHeld: Bool = false) {
        self.isHeld = isHeld
        self.state = state
        self.shelf = shelf
        self.terminal = terminal
    }

    mutating func receive(_ arrival: Arrival) -> [Wish] {
        if terminal.hasShownAll { state.markSeen() }
        var wishes: [Wish] = []
        var pace = Self.frameTime
        switch arrival {
        case .tick:
            isHeld = false
            wishes = take(.tick(clock.now)) + playOn(.now)
            wishes.append(.later(.tick, pause))
        case .opened(let player, let travel): wishes = open(player, travel)
        case .frame: isFrameDue = false
        case .quiet(let number): if number == typed { wishes = take(.quiet) }
        case .message(let message):
            if case .event(let event) = message { clock.hear(event.at) }
            if case .anew = message { clock.forget() }
            if case .key(let key) = message {
                pace = Self.keyTime
                typed += 1
                if case .background = key { isHeld = false }
            }
            if case .key(.mouse(let event)) = message, event.kind == .press, let player, let bar,
                let moment = ScrubBar(player).moment(at: event.point, in: bar, terminal.glyphs)
            {
                wishes = travel(.to(moment))
            } else {
                wishes = take(message)
            }
            if case .key = message, state.awaitsQuiet { wishes.append(.later(.quiet(typed), Self.quietTime)) }
        }
        return wishes + draw(pace)
    }

    /// Until the next tick. Without a word of UTF-8 nothing moves.
    private var pause: Duration {
        if state.isPlayingPast { return .milliseconds(200) }
        if state.isAnimated, terminal.glyphs != .ascii { return .milliseconds(250) }
        return state.isCountingDown ? .milliseconds(500) : .seconds(1)
    }

    mutating func take(_ message: Message) -> [Wish] {
        var wishes: [Wish] = []
        for effect in state.update(message) {
            switch effect {
            case .theme(let name): shelf.choose(name)
            case .travel(let travel): wishes += self.travel(travel)
            case .redraw, .suspend: wishes.append(.onTerminal(effect))
            case .screenshot: wishes.append(.keep(Screenshot(canvas: picture, theme: shelf.current)))
            case .copy(let text): wishes.append(.copy(text))
            case .openLink(let url): wishes.append(.visit(Browser(url: url)))
            default: wishes.append(.perform(effect))
            }
        }
        return wishes
    }

    /// What is on the screen, or will be with the next frame.
    var picture: Canvas {
        var canvas = Screen.draw(state, glyphs: terminal.glyphs)
        if let player, let bar { ScrubBar(player).draw(in: bar, on: &canvas) }
        return canvas
    }

    /// Where the line of the day stands while somebody looks back, if there is room for it.
    private var bar: Rect? {
        let size = state.screenSize
        guard state.isRewound, !state.hasWord, size.rows >= 24 else { return nil }
        return Rect(0, size.rows - 2, size.columns, 1)
    }

    var theme: Theme { shelf.current }
    /// What came of the day, for the terminal after the screen is gone.
    var farewell: [String] { state.farewell }

    private mutating func draw(_ pace: Duration) -> [Wish] {
        guard state.needsDrawing, !isHeld else { return [] }
        let now = ContinuousClock.now
        if let drawnAt, now - drawnAt < pace {
            // One that is due anyway will show this too.
            guard !isFrameDue else { return [] }
            isFrameDue = true
            return [.later(.frame, pace - (now - drawnAt))]
        }
        terminal.show(picture, shelf.current)
        state.markDrawn(after: ContinuousClock.now - now)
        drawnAt = now
        return []
    }
}

/// The themes a person walks through, each read from its file when it is first chosen.
struct ThemeShelf {
    private let files: ThemeFiles
    private(set) var current: Theme
    private var known: [String: Theme] = [:]
    /// The names to walk through, the chosen one first.
    let names: [String]

    /// Reads the first theme; what is wrong with it is thrown, so that it is told before the screen is taken.
    init(_ files: ThemeFiles, first: String) throws(ThemeError) {
        self.files = files
        current = try files.theme(first)
        known[first] = current
        names = [first] + files.names.filter { $0 != first }
    }

    /// Reads a theme, and throws what is wrong with it.
    mutating func open(_ name: String) throws(ThemeError) {
        if let theme = known[name] {
            current = theme
            return
        }
        current = try files.theme(name)
        known[name] = current
    }

    /// A theme that can't be read leaves the one that is shown.
    mutating func choose(_ name: String) {
        try? open(name)
    }
}
