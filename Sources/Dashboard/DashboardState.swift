public import MeshModel
public import TerminalCanvas

/// All that the dashboard knows and shows, as one value. Messages go in by `update`, wishes come out as effects.
public struct DashboardState: Sendable {
    /// What is set when the dashboard starts and never changes.
    public struct Options: Sendable {
        /// Who sits here, as events and the ledger name them.
        public var user: String
        /// An observer sees all and can do nothing to the mesh.
        public var isObserver: Bool
        /// The names of the themes to walk through; the first is in use.
        public var themes: [String]
        public var keymap: Keymap
        /// It begins with the picture for the back row.
        public var isProjecting: Bool
        /// No theme was asked for, so the terminal's background chooses between the dark one and the light one.
        public var followsBackground: Bool
        /// It begins with traffic that moves.
        public var isTrafficMoving: Bool

        public init(
            user: String, isObserver: Bool = false, themes: [String] = [], keymap: Keymap = Keymap(),
            isProjecting: Bool = false, followsBackground: Bool = false, isTrafficMoving: Bool = false
        ) {
            self.user = user
            self.isObserver = isObserver
            self.themes = themes
            self.keymap = keymap
            self.isProjecting = isProjecting
            self.followsBackground = followsBackground
            self.isTrafficMoving = isTrafficMoving
        }
    }

    /// A picture that stands still while the day goes on.
    struct Frozen: Sendable {
        var mesh: MeshState
        var at: Timestamp
        var readings: Readings
        /// Where in the recording it is from, for one who looks back.
        var past: Past?
    }

    /// A word to the person, for some seconds.
    struct Notice: Equatable, Sendable {
        var text: String
        var role: StyleRole
        var at: Timestamp
    }

    let options: Options
    /// The day as it is now, however old the picture on the screen.
    var mesh = MeshState()
    var now: Timestamp
    var size: Size
    var connection = Connection.connecting
    /// When the control plane was last heard.
    var heardAt: Timestamp?

    var screen = ScreenID.overview
    var pane = Pane.graph
    var layers: [Layer] = []
    var selection: Scope?
    var selectedFault: String?
    /// The number in the day of the selected line of the story; nil goes along with the newest.
    var selectedEntry: Int?
    /// The lines of the story that are shown, by their numbers, the newest first.
    var story: [Int] = []
    /// Of lines that stand for several, which say the same of other proxies: how many, by the number of the newest.
    var crowds: [Int: Int] = [:]
    /// The file of the chosen experiment.
    var selectedExperiment: String?
    /// Where the run's pane stands; nil follows what is happening.
    var runScroll: Int?
    /// The name of the selected proxy; nil is the first.
    var selectedProxy: String?
    var filter = Filter()
    var search = Search()
    /// What was looked for and filtered by so far, the newest last.
    var searched: [String] = []
    var filtered: [String] = []
    var frozen: Frozen?
    var notice: Notice?
    var theme = 0
    /// True while the picture for the back row is shown, and what stands on it.
    var isProjecting: Bool
    var board = ProjectorBoard()

    /// A yes that waits for a moment without keys.
    var held: Key?
    /// Faults that were asked for and of which no event has told yet.
    var asking: [FaultRequest] = []
    /// When a halt was asked for, until an event tells of it.
    var haltAskedAt: Timestamp?
    /// The name of the objective that its screen shows in full.
    var selectedObjective: String?

    /// What the layout is made of; `knownCount` tells cheaply whether an event brought something new.
    var knownCount = 0
    var knownEdges: Set<Edge> = []
    var digraph = Digraph(services: [], edges: [])
    /// The part of the mesh that the graph shows, and that part as it is drawn.
    var lens = GraphLens()
    var visible = Digraph(services: [], edges: [])
    var detail = GraphShape.Detail.numbers
    /// The plans made so far, so that boxes stand where they stood when a screen comes back.
    var plans: [GraphPlan.Key: GraphPlan] = [:]
    var news = News()
    var sickServices: Set<ServiceName> = []
    var picture = GraphPicture.table
    var choice = GraphPicture.Choice.auto
    /// Figures are wanted as differences from before the faults.
    var isComparing = false
    /// Requests are wanted as dots that travel along the edges.
    var isTrafficMoving: Bool
    /// When the figures were read last.
    var readAt: Timestamp?
    /// When the topology last changed; boxes are pinned once it rests.
    var topologyAt: Timestamp?
    var plannedArea = Size(0, 0)
    /// When each service came that came late; it is marked for a while.
    var firstSeen: [ServiceName: Timestamp] = [:]
    var readings = Readings()
    var table: [ServiceName] = []
    var tableOrder = TableOrder.worst
    var frames = FrameTimes()

    /// True when the screen would look different from what was last drawn.
    public private(set) var needsDrawing = true

    public init(_ options: Options, size: Size, now: Timestamp) {
        self.options = options
        self.size = size
        self.now = now
        isProjecting = options.isProjecting
        isTrafficMoving = options.isTrafficMoving
    }

    /// Takes in what happened and returns what is to be done about it.
    public mutating func update(_ message: Message) -> [Effect] {
        switch message {
        case .event(let event): take(event)
        case .anew: forget()
        case .key(let key): return press(key)
        case .quiet: return agree()
        case .tick(let time):
            tick(time)
            return followLog()
        case .sought(let mesh, let moment): seek(to: mesh, at: moment)
        case .past(let past): look(at: past)
        case .size(let size): resize(size)
        case .connection(let connection): return connect(connection)
        case .outcome(let outcome): take(outcome)
        case .told(let words): say(words)
        }
        return []
    }

    /// True where nothing but a sentence has room.
    var isTooSmall: Bool { size.columns < Regions.smallest.columns || size.rows < Regions.smallest.rows }

    /// Says that the screen now shows this state, and how long that took, if it was measured.
    public mutating func markDrawn(after time: Duration? = nil) {
        needsDrawing = false
        if let time { frames.add(time) }
        // Where there is only room for a sentence, no question was drawn.
        if !isTooSmall, let last = layers.indices.last { layers[last].sight?.isDrawn = true }
    }

    /// Says that the terminal has taken all of what was drawn, so that a question in it can be answered.
    public mutating func markSeen() {
        if let last = layers.indices.last, let sight = layers[last].sight { layers[last].sight?.isSeen = sight.isDrawn }
    }

    /// Whether every proxy that should speak has told its traffic, so that a picture has no blanks.
    public var hasHeardAll: Bool {
        !mesh.sources.isEmpty
            && mesh.sources.values.allSatisfy { $0.report.state != .fresh || $0.heardAt != nil }
            && mesh.services.values.contains { $0.polls > 0 }
    }

    /// Below this size there is only a sentence.
    public static var smallest: Size { Regions.smallest }

    /// The size of the screen that is drawn for.
    public var screenSize: Size { size }

    /// Is a dialog or a text field open, so that plain keys are for it?
    public var hasLayer: Bool { !layers.isEmpty }

    /// Is a word to the person or a field to type in on the line above the keys?
    public var hasWord: Bool { notice != nil || layers.last?.line != nil }

    mutating func setNeedsDrawing() { needsDrawing = true }

    /// The day that the panels show.
    var shown: MeshState { frozen?.mesh ?? mesh }
    var shownAt: Timestamp { frozen?.at ?? now }
    var shownReadings: Readings { frozen?.readings ?? readings }

    var regions: Regions { Regions(screen, size: size, hasRun: toldRun != nil) }

    /// True when nothing was heard for so long that every number is only a memory.
    var isBlind: Bool {
        if case .lost = connection { return true }
        guard let heardAt else { return false }
        return now.seconds(since: heardAt) > max(5, 5 * (mesh.session?.pollInterval ?? 1))
    }

    var isReplay: Bool { mesh.session?.mode == .replay }

    /// True while something counts down on the screen, so that the loop ticks more than once a second.
    public var isCountingDown: Bool { haltAskedAt != nil || !asking.isEmpty || !mesh.activeFaults.isEmpty }

    mutating func say(_ text: String, _ role: StyleRole = .text) {
        notice = Notice(text: text, role: role, at: now)
        setNeedsDrawing()
    }
}
