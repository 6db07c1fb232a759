import MeshModel

/// What a writer has told in checkpoints so far, so that each tells only what is new; a state that is told in full each
/// time would be larger than the day's events.
struct CheckpointStory {
    /// All that was kept of a scope, told at this place in the file.
    private struct Snapshot {
        var place: Int
        var polls: Int
    }

    /// When the last checkpoint was, or the first event before there is one.
    var at: Timestamp?
    /// Shapes since the last checkpoint.
    var shapes: [(id: Int, shape: TrafficShape)] = []
    /// Where in the file the event stands that told the catalogue as it is.
    var catalogue: Int?
    /// After so many bytes all is told again, so that damage to a part of a long day does not spoil the rest of it.
    var fullInterval = Packing.piece
    /// That is at most so large a part of the file: of a large mesh it is a megabyte.
    var fullPart = 20
    /// Time went back, or the rhythm changed: samples alone do not tell any more how several sources made a chart.
    var isIrregular = false
    private var fullPlace = 0
    private var fullSize = 0
    private var previous: Int?
    private var told = 0
    private var faults = ToldItems<Fault>()
    private var sources: [String: SourceReport] = [:]
    private var experiments = ToldItems<ExperimentReport>()
    private var particulars: [String: JSON] = [:]
    private var names: [String: Int] = [:]
    private var newNames: [(id: Int, name: String)] = []
    private var snapshots: [Scope: Snapshot] = [:]
    /// The polls of each scope at the last checkpoints, oldest first.
    private var polls: [[Scope: Int]] = []

    /// Seconds from checkpoint to checkpoint. A large mesh has them closer, for a reader goes through all that lies
    /// between; a small one, where they would be most of the file, further apart.
    private(set) var interval = 120.0
    private var isLarge = false

    /// Checkpoints that a reader may have to go back for the points of a chart: enough for all of them at each poll.
    private var window: Int { isLarge ? 36 : 3 }

    /// Takes note of how often a mesh is polled.
    mutating func pace(pollInterval: Double) {
        interval = min(300, max(1, (isLarge ? 10 : 120) * pollInterval))
    }

    mutating func tell(
        _ state: MeshState, number: UInt64, at: Timestamp, isWhole: Bool, into encoder: inout RecordingEncoder
    ) {
        if isWhole {
            let shapes = self.shapes
            let (names, previous) = (self.names, self.previous)
            let (fullInterval, fullPart) = (self.fullInterval, self.fullPart)
            self = CheckpointStory()
            (self.shapes, self.names, self.previous) = (shapes, names, previous)
            (self.fullInterval, self.fullPart) = (fullInterval, fullPart)
            told = state.told &- state.timeline.count
        }
        let isFull = isWhole || encoder.place - fullPlace >= max(fullInterval, fullPart * fullSize)
        if isFull { beginAnew(state, shapes: encoder.currentShapes, at: encoder.place) }
        self.at = at
        isLarge = state.services.count + state.edges.count > 64
        pace(pollInterval: state.session?.pollInterval ?? 1)
        let scopes = scopes(of: state)
        tellSnapshots(scopes, isWhole: isWhole, window: window, into: &encoder)
        let lines = stateLines(scopes, state, at: at)
        let place = encoder.place
        encoder.line(RecordingFormat.checkpoint) { writer in
            writer.object {
                $0.name("t")
                $0.write(at.milliseconds)
                $0.name("n")
                $0.write(number)
                $0.name("prev")
                if let previous { $0.write(previous) } else { $0.writeNull() }
                if isWhole {
                    $0.name("whole")
                    $0.write(true)
                } else if isFull {
                    $0.name("full")
                    $0.write(true)
                }
                tellNews(state, into: &$0)
            }
        }
        if isFull { fullSize = encoder.place - place }
        encoder.line(RecordingFormat.state) { $0.write(lines) }
        previous = place
        remember(state, scopes)
    }

    /// Forgets what was told, but for the places of lines in the file.
    private mutating func beginAnew(_ state: MeshState, shapes: [(id: Int, shape: TrafficShape)], at place: Int) {
        fullPlace = place
        told = state.told &- state.timeline.count
        (faults, experiments) = (ToldItems(), ToldItems())
        (sources, particulars, catalogue) = ([:], [:], nil)
        newNames = names.map { (id: $0.value, name: $0.key) }.sorted { $0.id < $1.id }
        // Those that were given up again since the last checkpoint still have lines.
        self.shapes += shapes.filter { shape in !self.shapes.contains { $0.id == shape.id } }
    }

    private func scopes(of state: MeshState) -> [(scope: Scope, state: ScopeState)] {
        state.services.keys.sorted().compactMap { name in state.services[name].map { (.service(name), $0) } }
            + state.edges.keys.sorted().compactMap { edge in state.edges[edge].map { (.edge(edge), $0) } }
    }

    /// Tells in full those scopes whose points a reader would not find within the window.
    private mutating func tellSnapshots(
        _ scopes: [(scope: Scope, state: ScopeState)], isWhole: Bool, window: Int, into encoder: inout RecordingEncoder
    ) {
        let before = polls.count >= window ? polls[polls.count - window] : [:]
        for (scope, state) in scopes {
            let untold = state.polls &- (snapshots[scope]?.polls ?? 0)
            let needed = min(max(state.series.count, state.recent.count), untold)
            let found = state.polls &- (before[scope] ?? 0)
            guard isWhole || isIrregular ? state.polls > 0 : found < needed else { continue }
            snapshots[scope] = Snapshot(place: encoder.place, polls: state.polls)
            encoder.line(RecordingFormat.series) { state.write(as: [], to: &$0) }
        }
        isIrregular = false
    }

    /// The members of a checkpoint that tell what changed.
    private func tellNews(_ state: MeshState, into writer: inout JSONWriter) {
        func list(_ name: String, _ items: [JSON]) {
            guard !items.isEmpty else { return }
            writer.name(name)
            writer.write(.array(items))
        }
        writer.name("told")
        writer.write(state.told)
        writer.name("kept")
        writer.write(state.timeline.count)
        list("timeline", state.timeline.suffix(max(0, state.told &- told)).map(\.json))
        list("faults", faults.news(in: state.faults).map { .array([.integer(Int64($0)), $1.json]) })
        list("goneFaults", faults.gone(from: state.faults).map { .integer(Int64($0)) })
        list("goneExperiments", experiments.gone(from: state.experiments).map { .integer(Int64($0)) })
        let news = state.sources.values.filter { sources[$0.report.name] != $0.report }
        list("sources", news.sorted { $0.report.name < $1.report.name }.map(\.report.json))
        for member in Particulars.all(of: state) {
            let before = particulars[member.name]
            guard before != member.value, before != nil || ![.null, .array([])].contains(member.value) else { continue }
            writer.name(member.name)
            // A catalogue is long, and of a later one only a word differs.
            writer.write(
                member.name == Particulars.catalogue
                    ? catalogue.map { .integer(Int64($0)) } ?? member.value : member.value)
        }
        tellExperiments(state, into: &writer)
        list("names", newNames.map { .array([.integer(Int64($0.id)), .string($0.name)]) })
        list("shapes", shapes.map { .array([.integer(Int64($0.id)), $0.shape.json]) })
    }

    private func tellExperiments(_ state: MeshState, into writer: inout JSONWriter) {
        let news = experiments.news(in: state.experiments)
        if !news.isEmpty {
            writer.name("experiments")
            writer.write(.array(news.map { .array([.integer(Int64($0)), $1.json]) }))
        }
    }

    /// Scopes as `[from, to, heard, polls, points, recent, place, polls there]`, from being null for a service; names
    /// by number, times before the checkpoint.
    private mutating func stateLines(
        _ scopes: [(scope: Scope, state: ScopeState)], _ state: MeshState, at: Timestamp
    ) -> JSON {
        func before(_ moment: Timestamp?) -> JSON {
            moment.map { .integer(at.milliseconds &- $0.milliseconds) } ?? .null
        }
        let rows: [JSON] = scopes.map { scope, state in
            var row: [JSON]
            switch scope {
            case .service(let name): row = [.null, number(name.text)]
            case .edge(let edge): row = [number(edge.from.text), number(edge.to.text)]
            }
            row += [before(state.heardAt)]
            row += [state.polls, state.series.count, state.recent.count].map { .integer(Int64($0)) }
            if let snapshot = snapshots[scope] {
                row += [.integer(Int64(snapshot.place)), .integer(Int64(snapshot.polls))]
            }
            return .array(row)
        }
        let heard = state.sources.values.sorted { $0.report.name < $1.report.name }.flatMap { status in
            [number(status.report.name), before(status.heardAt)]
        }
        return ["scopes": .array(rows), "heard": .array(heard), "watch": state.watch.json]
    }

    private mutating func number(_ name: String) -> JSON {
        if let known = names[name] { return .integer(Int64(known)) }
        let id = names.count
        names[name] = id
        newNames.append((id, name))
        return .integer(Int64(id))
    }

    private mutating func remember(_ state: MeshState, _ scopes: [(scope: Scope, state: ScopeState)]) {
        told = state.told
        faults.remember(state.faults)
        sources = state.sources.mapValues(\.report)
        experiments.remember(state.experiments)
        for member in Particulars.all(of: state) { particulars[member.name] = member.value }
        newNames = []
        shapes = []
        polls.append(Dictionary(scopes.map { ($0.scope, $0.state.polls) }, uniquingKeysWith: max))
        if polls.count > 36 { polls.removeFirst(polls.count - 36) }
    }
}
