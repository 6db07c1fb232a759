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
    private var order = ScopeOrder()
    /// By the scope's number.
    private var snapshots: [Int: Snapshot] = [:]
    /// The polls of each scope at the last checkpoints, oldest first, by the scope's number.
    private var polls: [[Int]] = []

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
        let scopes = order.places(in: state)
        tellSnapshots(scopes, isWhole: isWhole, window: window, into: &encoder)
        let stateLine = stateLine(scopes, state, at: at)
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
        encoder.line(RecordingFormat.state) { $0.splice(stateLine) }
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

    /// Tells in full those scopes whose points a reader would not find within the window.
    private mutating func tellSnapshots(
        _ scopes: [ScopeOrder.Place], isWhole: Bool, window: Int, into encoder: inout RecordingEncoder
    ) {
        let before = polls.count >= window ? polls[polls.count - window] : []
        for scope in scopes {
            let (number, state) = (scope.number, scope.state)
            let untold = state.polls &- (snapshots[number]?.polls ?? 0)
            let needed = min(max(state.series.count, state.recent.count), untold)
            let found = state.polls &- (number < before.count ? before[number] : 0)
            guard isWhole || isIrregular ? state.polls > 0 : found < needed else { continue }
            snapshots[number] = Snapshot(place: encoder.place, polls: state.polls)
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
        list("goneSources", sources.keys.filter { state.sources[$0] == nil }.sorted().map { .string($0) })
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
    private mutating func stateLine(_ scopes: [ScopeOrder.Place], _ state: MeshState, at: Timestamp) -> [UInt8] {
        func write(_ moment: Timestamp?, to writer: inout JSONWriter) {
            if let moment { writer.write(at.milliseconds &- moment.milliseconds) } else { writer.writeNull() }
        }
        var writer = JSONWriter()
        writer.object {
            $0.name("scopes")
            $0.array { rows in
                for place in scopes {
                    rows.array {
                        switch place.scope {
                        case .service(let name):
                            $0.writeNull()
                            $0.write(number(name.text))
                        case .edge(let edge):
                            $0.write(number(edge.from.text))
                            $0.write(number(edge.to.text))
                        }
                        write(place.state.heardAt, to: &$0)
                        $0.write(place.state.polls)
                        $0.write(place.state.series.count)
                        $0.write(place.state.recent.count)
                        guard let snapshot = snapshots[place.number] else { return }
                        $0.write(snapshot.place)
                        $0.write(snapshot.polls)
                    }
                }
            }
            $0.name("heard")
            $0.array {
                for name in state.sources.keys.sorted() {
                    $0.write(number(name))
                    write(state.sources[name]?.heardAt, to: &$0)
                }
            }
            $0.name("watch")
            $0.write(state.watch.json)
        }
        return writer.take()
    }

    private mutating func number(_ name: String) -> Int {
        if let known = names[name] { return known }
        let id = names.count
        names[name] = id
        newNames.append((id, name))
        return id
    }

    private mutating func remember(_ state: MeshState, _ scopes: [ScopeOrder.Place]) {
        told = state.told
        faults.remember(state.faults)
        sources = state.sources.mapValues(\.report)
        experiments.remember(state.experiments)
        for member in Particulars.all(of: state) { particulars[member.name] = member.value }
        newNames = []
        shapes = []
        var counts = [Int](repeating: 0, count: (scopes.lazy.map(\.number).max() ?? -1) + 1)
        for scope in scopes { counts[scope.number] = scope.state.polls }
        polls.append(counts)
        if polls.count > 36 { polls.removeFirst(polls.count - 36) }
    }
}
