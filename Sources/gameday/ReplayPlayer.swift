import Dashboard
import MeshModel
import Recording
import TerminalCanvas

/// The replay between two beats: keys move it, the dashboard's state follows it, and the last row tells where it is.
struct ReplayPlayer {
    private var replay: Replay
    private let story: Story
    private var state: DashboardState
    private var shelf: ThemeShelf
    private var size: Size
    private var before: ContinuousClock.Instant?
    private var isChanged = true

    var theme: Theme { shelf.current }

    init(_ replay: Replay, story: Story, shelf: ThemeShelf, options: DashboardState.Options, size: Size) {
        self.replay = replay
        self.story = story
        self.shelf = shelf
        self.size = size
        state = DashboardState(options, size: Self.above(size), now: replay.clock.now)
        _ = state.update(.connection(.connected))
        show(.state(replay.state))
    }

    private static func above(_ size: Size) -> Size { Size(size.columns, max(0, size.rows - 1)) }

    /// Lets the time pass that passed outside.
    mutating func tick(_ now: ContinuousClock.Instant) -> [Effect] {
        let passed = before.map { now - $0 } ?? .zero
        before = now
        // After the machine slept the day does not jump.
        let seconds = min(1, Double(passed.components.seconds) + Double(passed.components.attoseconds) / 1e18)
        let last = replay.clock.now
        show(replay.advance(seconds))
        return replay.clock.now == last ? [] : perform(.tick(replay.clock.now))
    }

    /// Says a word to the person.
    mutating func tell(_ words: String) -> [Effect] { perform(.told(words)) }

    mutating func take(_ key: Key) -> [Effect] {
        if case .resized(let size) = key {
            self.size = size
            return perform(.size(Self.above(size)))
        }
        guard !state.hasLayer, let change = move(key) else { return perform(.key(key)) }
        show(change)
        return perform(.tick(replay.clock.now))
    }

    /// What a key of the replay does; nil for keys of the dashboard.
    private mutating func move(_ key: Key) -> Replay.Change? {
        switch key {
        case .character(" "): replay.clock.isPlaying ? replay.pause() : replay.play()
        case .character("<"): replay.changeSpeed(faster: false)
        case .character(">"): replay.changeSpeed(faster: true)
        case .character(","): return replay.skip(-5)
        case .character("."): return replay.skip(5)
        case .shiftLeft: return replay.skip(-replay.reader.duration / 10)
        case .shiftRight: return replay.skip(replay.reader.duration / 10)
        case .character("["): return seek(backwards: true)
        case .character("]"): return seek(backwards: false)
        default: return nil
        }
        isChanged = true
        return .events([])
    }

    private mutating func seek(backwards: Bool) -> Replay.Change {
        guard let entry = story.entry(after: replay.clock.now, backwards: backwards) else { return .events([]) }
        return replay.seek(to: entry.at)
    }

    private mutating func show(_ change: Replay.Change) {
        switch change {
        case .events(let events):
            for event in events { _ = perform(.event(event)) }
        case .state(let mesh):
            _ = perform(.anew)
            let at = mesh.lastAt ?? replay.clock.now
            _ = perform(.event(Event(number: mesh.lastNumber, at: at, observation: .keyframe(mesh))))
        }
    }

    private mutating func perform(_ message: Message) -> [Effect] {
        var effects: [Effect] = []
        for effect in state.update(message) {
            switch effect {
            case .theme(let name): shelf.choose(name)
            case .rewind(let time): show(replay.seek(to: time))
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
        ScrubBar(clock: replay.clock, story: story).draw(in: Rect(0, size.rows - 1, size.columns, 1), on: &canvas)
        return canvas
    }
}
