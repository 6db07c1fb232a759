import Dashboard
import MeshModel
import Recording
import TerminalCanvas

/// The replay between two beats: keys move it, the dashboard's state follows it, and the last row tells where it is.
struct ReplayPlayer {
    private var player: PastPlayer
    private var state: DashboardState
    private var shelf: ThemeShelf?
    private var size: Size
    private var before: ContinuousClock.Instant?
    private var isChanged = true

    var theme: Theme { shelf?.current ?? .midnight }

    init(_ player: PastPlayer, options: DashboardState.Options, shelf: ThemeShelf? = nil, size: Size) {
        self.player = player
        self.shelf = shelf
        self.size = size
        state = DashboardState(options, size: Self.above(size), now: player.now)
        _ = state.update(.connection(.connected))
        show(.state(player.replay.state))
    }

    /// The day's line has a row of its own; in the smallest window it lies over the keys.
    private static func above(_ size: Size) -> Size {
        Size(size.columns, max(size.rows - 1, min(size.rows, DashboardState.smallest.rows)))
    }

    /// Lets the time pass that passed outside.
    mutating func tick(_ now: ContinuousClock.Instant) -> [Effect] {
        let passed = before.map { now - $0 } ?? .zero
        before = now
        // After the machine slept the day does not jump.
        let seconds = min(1, Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18)
        let last = player.now
        show(player.advance(seconds))
        return player.now == last ? [] : perform(.tick(player.now))
    }

    /// Says a word to the person.
    mutating func tell(_ words: String) -> [Effect] { perform(.told(words)) }

    mutating func take(_ key: Key) -> [Effect] {
        if case .resized(let size) = key {
            self.size = size
            return perform(.size(Self.above(size)))
        }
        if case .mouse(let event) = key, event.kind == .press,
            let moment = ScrubBar(player).moment(at: event.point, in: bar, .full)
        {
            perform(.to(moment))
            return []
        }
        return perform(.key(key))
    }

    /// Where the line of the day stands.
    private var bar: Rect { Rect(0, size.rows - 1, size.columns, 1) }

    /// Goes where a key says.
    mutating func perform(_ travel: Travel) {
        let step = player.perform(travel)
        show(step.change)
        _ = state.update(.tick(player.now))
        if let word = step.word { _ = state.update(.told(word)) }
        isChanged = true
    }

    private mutating func show(_ change: Replay.Change) {
        switch change {
        case .events(let events): for event in events { _ = perform(.event(event)) }
        case .state(let mesh): _ = perform(.sought(mesh, at: player.now))
        }
    }

    private mutating func perform(_ message: Message) -> [Effect] {
        var effects: [Effect] = []
        for effect in state.update(message) {
            switch effect {
            case .theme(let name): shelf?.choose(name)
            case .travel(let travel): perform(travel)
            default: effects.append(effect)
            }
        }
        return effects
    }

    /// The next frame, or nil when it would be the one before.
    mutating func frame(_ glyphs: Glyphs) -> Canvas? {
        guard state.needsDrawing || isChanged else { return nil }
        state.markDrawn()
        isChanged = false
        return picture(glyphs)
    }

    /// What is on the screen now.
    func picture(_ glyphs: Glyphs) -> Canvas {
        let screen = Screen.draw(state, glyphs: glyphs)
        var canvas = Canvas(size, glyphs: glyphs)
        for row in 0..<min(screen.size.rows, size.rows) {
            for column in 0..<min(screen.size.columns, size.columns) {
                let cell = screen[column, row]
                if cell.glyph != .continuation { canvas.put(cell.glyph, cell.style, at: Point(column, row)) }
            }
        }
        canvas.cursor = screen.cursor
        ScrubBar(player).draw(in: bar, on: &canvas)
        return canvas
    }
}
