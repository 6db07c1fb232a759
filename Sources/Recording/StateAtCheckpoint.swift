import MeshModel

/// Puts together what was known at a checkpoint: from what the checkpoints told so far, the state line, and the samples
/// of the lines before.
struct StateAtCheckpoint {
    /// A scope as the state line has it.
    private struct Row {
        var scope: Scope
        var heardAt: Timestamp?
        var polls: Int
        var points: Int
        var recent: Int
        /// Where all that was kept of it is told, and how many polls there had been.
        var snapshot: (place: Int, polls: Int)?
    }

    private let bytes: RecordingBytes
    private let index: RecordingIndex
    private let first: Int

    init(_ bytes: RecordingBytes, _ index: RecordingIndex, first: Int) {
        self.bytes = bytes
        self.index = index
        self.first = first
    }

    /// The state at the checkpoint which stands at a place in the file.
    func state(at place: Int) -> MeshState? {
        index.checkpoints.firstIndex { $0.place == place }.flatMap { state(number: $0) }
    }

    /// The state at a checkpoint of the index; nil when its state line is damaged.
    func state(number: Int) -> MeshState? {
        let checkpoint = index.checkpoints[number]
        guard let line = bytes.line(at: checkpoint.next), let items = (try? JSON(parsing: line))?.array,
            items.count >= 3, items[1].string == RecordingFormat.state
        else { return nil }
        let fields = WireFields(items[2], page: "recording")
        guard let rows = (try? fields.items("scopes"))?.map({ row($0, at: checkpoint.at) }),
            !rows.contains(where: { $0 == nil })
        else { return nil }
        guard var state = told(upTo: number) else { return nil }
        if let watch = (try? fields.object("watch")).flatMap({ try? Watch($0) }) { state.watch = watch }
        let heard = (try? fields.items("heard")) ?? []
        for place in stride(from: 0, to: heard.count - 1, by: 2) {
            guard let name = heard[place].integer.flatMap({ index.names[Int($0)] }) else { continue }
            state.sources[name]?.heardAt = heard[place + 1].integer.map { before($0, checkpoint.at) }
        }
        add(rows.compactMap { $0 }, to: &state, at: checkpoint)
        state.lastNumber = checkpoint.number
        state.lastAt = checkpoint.at
        return state
    }

    private func before(_ milliseconds: Int64, _ at: Timestamp) -> Timestamp {
        Timestamp(milliseconds: at.milliseconds &- milliseconds)
    }

    /// All but the traffic: what the checkpoints told, up to this one; nil when one of them is lost.
    private func told(upTo number: Int) -> MeshState? {
        let whole = index.checkpoints[...number].lastIndex { $0.isFull } ?? 0
        let isFirst = index.checkpoints[whole].isFull || index.checkpoints[whole].previous == nil
        let isChain = zip(index.checkpoints[whole..<number], index.checkpoints[whole...number].dropFirst()).allSatisfy {
            $1.previous == $0.place
        }
        guard isFirst, isChain else { return nil }
        var particulars: [String: JSON] = [:]
        var sources: [String: MeshState.SourceStatus] = [:]
        var faults: [Int: Fault] = [:]
        var experiments: [Int: ExperimentReport] = [:]
        for checkpoint in index.checkpoints[whole...number] {
            for (place, fault) in checkpoint.faults { faults[place] = fault }
            for (place, report) in checkpoint.experiments { experiments[place] = report }
            for place in checkpoint.goneFaults { faults[place] = nil }
            for place in checkpoint.goneExperiments { experiments[place] = nil }
            for name in checkpoint.goneSources { sources[name] = nil }
            for report in checkpoint.sources {
                sources[report.name] = MeshState.SourceStatus(report: report, heardAt: nil)
            }
            for member in checkpoint.particulars { particulars[member.name] = member.value }
        }
        if let place = particulars[Particulars.catalogue]?.integer {
            particulars[Particulars.catalogue] = catalogue(at: Int(clamping: place))
        }
        var state = Particulars.state(with: particulars)
        state.sources = sources
        state.experiments = experiments.sorted { $0.key < $1.key }.map(\.value)
        state.faults = faults.sorted { $0.key < $1.key }.map(\.value)
        let last = index.checkpoints[number]
        state.told = last.told
        var from = number
        var lines = last.timeline.count
        while lines < last.kept, from > whole {
            from -= 1
            lines += index.checkpoints[from].timeline.count
        }
        state.timeline = Array(index.checkpoints[from...number].flatMap(\.timeline).suffix(max(0, last.kept)))
        return state
    }

    private func row(_ json: JSON, at: Timestamp) -> Row? {
        guard let items = json.array, items.count >= 6, let to = name(items[1]) else { return nil }
        let scope: Scope
        if items[0].isNull {
            scope = .service(to)
        } else {
            guard let from = name(items[0]) else { return nil }
            scope = .edge(Edge(from: from, to: to))
        }
        let numbers = items[3...].map { $0.integer.flatMap { Int(exactly: $0) } ?? 0 }
        guard (0...ScopeState.keptPoints).contains(numbers[1]), (0...1_000_000).contains(numbers[2]) else { return nil }
        var row = Row(
            scope: scope, heardAt: items[2].integer.map { before($0, at) }, polls: numbers[0], points: numbers[1],
            recent: numbers[2])
        if numbers.count >= 5 { row.snapshot = (numbers[3], numbers[4]) }
        return row
    }

    private func name(_ json: JSON) -> ServiceName? {
        json.integer.flatMap { index.names[Int($0)] }.map { ServiceName($0) }
    }

    private func add(_ rows: [Row], to state: inout MeshState, at checkpoint: Checkpoint) {
        // The longest there is: to look too far back only takes longer.
        let pace = state.sources.keys.reduce(state.session?.pollInterval ?? 1) { max($0, state.pace(of: $1)) }
        var history = ScopeHistory(bytes, shapes: index.shapes)
        let wants = rows.map { row in
            let untold = max(0, row.polls &- (row.snapshot?.polls ?? 0))
            return history.want(
                row.scope, points: min(row.points, untold), recent: min(row.recent, untold), samples: untold, pace: pace
            )
        }
        history.find(before: checkpoint, from: first)
        for (row, want) in zip(rows, wants) {
            let scope = scope(row, history.wants[want], in: state)
            switch row.scope {
            case .service(let name): state.services[name] = scope
            case .edge(let edge): state.edges[edge] = scope
            }
        }
    }

    private func scope(_ row: Row, _ found: ScopeHistory.Want, in state: MeshState) -> ScopeState {
        if let samples = found.samples { return folded(row, found, samples, in: state) }
        var points = Array(found.foundPoints.reversed())
        var recent = Array(found.foundRecent.reversed())
        if let snapshot = row.snapshot, points.count < row.points || recent.count < row.recent,
            let kept = kept(at: snapshot.place)
        {
            points = Array(kept.series.suffix(row.points - points.count)) + points
            recent = kept.recent.suffix(row.recent - recent.count) + recent
        }
        let pace = state.pace(of: recent.last?.source ?? "")
        return ScopeState(recent: recent, series: points, heardAt: row.heardAt, polls: row.polls, pace: pace)
    }

    /// What several sources tell is folded again, as it was when they told it.
    private func folded(
        _ row: Row, _ found: ScopeHistory.Want, _ samples: Int, in state: MeshState
    ) -> ScopeState {
        var scope = ScopeState()
        if let snapshot = row.snapshot, found.found.count >= samples, let kept = kept(at: snapshot.place) {
            scope = kept
        }
        // The fold lets go of old points at moments that depend on where it began.
        var points = Array(scope.series)
        for timed in found.found.reversed() {
            let isNewRound = scope.add(
                timed.sample, from: timed.source, at: timed.at, pace: state.pace(of: timed.source)
            ) { state.sources.isReplica($0, of: timed.source) }
            if isNewRound == false { points.removeLast() }
            points += scope.series.suffix(1)
        }
        return ScopeState(
            recent: scope.recent.suffix(row.recent), series: points.suffix(row.points), heardAt: row.heardAt,
            polls: row.polls, pace: scope.pace)
    }

    /// The catalogue as an event told it; nil when no such event stands there.
    private func catalogue(at place: Int) -> JSON? {
        guard place >= first, let line = bytes.line(at: place), let items = (try? JSON(parsing: line))?.array,
            items.count >= 3, items[1].string == Particulars.catalogue
        else { return nil }
        return WireFields(items[2], page: "recording").value("experiments")
    }

    private func kept(at place: Int) -> ScopeState? {
        guard let line = bytes.line(at: place), let items = (try? JSON(parsing: line))?.array, items.count >= 3,
            items[1].string == RecordingFormat.series
        else { return nil }
        return try? ScopeState(WireFields(items[2], page: "recording"))
    }
}
