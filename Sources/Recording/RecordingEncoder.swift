import MeshModel

/// Turns events into lines of a recording. It holds what was written until it is drained, and touches no file.
struct RecordingEncoder {
    var writer = JSONWriter()
    /// Bytes that were drained already: with those in `writer` they give a line's place in the file.
    private var drained = 0
    private var hash = SHA256()
    /// How many of the bytes in `writer` the hash has seen.
    private var hashed = 0
    private var lastAt: Timestamp
    private var lastNumber: UInt64 = 0
    private var hasBegun = false
    private var shapes: [Teller: Known] = [:]
    private var shapeCount = 0
    private var linesSinceCheckpoint = 0
    private var pollInterval = 1.0
    /// By the source's name.
    private var manners: [String: Manner] = [:]
    private var tellers: Set<String> = []
    var story = CheckpointStory()

    /// What the fold makes of a source's samples depends on these.
    private struct Manner: Equatable {
        var kind: SourceKind
        var interval: Double?
    }

    /// One source may tell of many services.
    private struct Teller: Hashable {
        var source: String
        var service: ServiceName

        init(of report: TrafficReport) { (source, service) = (report.source, report.service) }
    }

    /// The shape of a source as it was last told.
    private struct Known {
        var id: Int
        var shape: TrafficShape
        var changes: Int
    }

    /// More lines than any 30 polls of a small mesh, few enough to read within a blink.
    private static let longestSegment = 10_000
    /// A gauge that goes to and fro is cheaper told in each sample than by a new shape each time.
    private static let mostChanges = 4

    /// The shapes that polls are told by now.
    var currentShapes: [(id: Int, shape: TrafficShape)] {
        shapes.values.map { ($0.id, $0.shape) }.sorted { $0.id < $1.id }
    }

    init(header: RecordingHeader) {
        lastAt = header.created
        header.write(to: &writer)
    }

    var count: Int { writer.bytes.count }
    /// Where in the file the next line begins.
    var place: Int { drained + writer.bytes.count }

    /// Hands out what is to be written, once.
    mutating func drain() -> [UInt8] {
        let bytes = writer.take()
        hash.update(bytes[hashed...])
        hashed = 0
        drained += bytes.count
        return bytes
    }

    /// Is the state to come with the next events?
    func needsState(at: Timestamp, from number: UInt64?) -> Bool {
        hasBegun ? isCheckpointDue(at: at) : number != 1
    }

    /// Appends events, in order; `state` is the fold over all of them, which is not always needed.
    mutating func append(_ events: [Event], state: MeshState?) {
        var place = 0
        while place < events.count {
            let event = events[place]
            if !hasBegun && event.number != 1 || event.observation.isKeyframe {
                if let state, let last = events.last { begin(last, state: state) }
                return
            }
            let resting = resting(in: events[place...])
            if let resting {
                append(resting, events[place..<place + resting.shapes.count])
            } else {
                append(event)
            }
            place += resting?.shapes.count ?? 1
        }
        if let state, let last = events.last, isCheckpointDue(at: last.at) { checkpoint(state, isWhole: false) }
    }

    /// Appends an event; `state` is the fold over all events up to this one.
    mutating func append(_ event: Event, state: MeshState) { append([event], state: state) }

    private func isCheckpointDue(at: Timestamp) -> Bool {
        let waited = at.seconds(since: story.at ?? lastAt)
        return waited < 0 || waited >= story.interval || linesSinceCheckpoint >= Self.longestSegment
    }

    /// The polls at the beginning of these that are told in one line; nil when there are too few.
    private func resting(in events: ArraySlice<Event>) -> RestingPolls? {
        var found: [Int] = []
        var late: Int64?
        var number = events.first?.number ?? 0
        let at = events.first?.at
        for event in events {
            guard case .traffic(let report) = event.observation, event.at == at, event.number == number,
                let known = shapes[Teller(of: report)], known.shape.names(report),
                let isLate = TrafficLine.lateAtRest(report, shape: known.shape), late ?? isLate == isLate
            else { break }
            late = isLate
            number &+= 1
            found.append(known.id)
        }
        guard let late, found.count >= RestingPolls.fewest else { return nil }
        return RestingPolls(late: late, shapes: found)
    }

    private mutating func append(_ resting: RestingPolls, _ events: ArraySlice<Event>) {
        guard let first = events.first, let last = events.last else { return }
        prepare(for: first)
        line(RecordingFormat.rest, at: first.at) { resting.write(to: &$0) }
        lastNumber = last.number
        linesSinceCheckpoint += 1
        story.at = story.at ?? first.at
    }

    /// Tells what an event's line does not.
    private mutating func prepare(for event: Event) {
        hasBegun = true
        if event.at < lastAt { story.isIrregular = true }
        if event.number != lastNumber &+ 1 {
            line(RecordingFormat.number) { $0.write(event.number) }
        }
    }

    private mutating func append(_ event: Event) {
        prepare(for: event)
        if case .traffic(let report) = event.observation {
            write(report, every: pollInterval, at: event.at)
        } else {
            if case .catalogue = event.observation { story.catalogue = place }
            line(event.observation.kind, at: event.at) { event.observation.write(to: &$0) }
        }
        if case .session(let session) = event.observation {
            if session.pollInterval != pollInterval, shapeCount > 0 { story.isIrregular = true }
            pollInterval = session.pollInterval
            story.pace(pollInterval: pollInterval)
        }
        if case .source(let report) = event.observation { take(report) }
        lastNumber = event.number
        linesSinceCheckpoint += 1
        story.at = story.at ?? event.at
    }

    /// Of a source that tells in another manner from now on, what it told before can't be folded again.
    private mutating func take(_ report: SourceReport) {
        let manner = report.isGone ? nil : Manner(kind: report.kind, interval: report.interval)
        let before = manners[report.name]
        manners[report.name] = manner
        guard before != manner, tellers.contains(report.name) else { return }
        // One that has left is folded like those that stay, if all of them tell in one manner.
        if manner == nil, before?.interval == nil, manners.values.allSatisfy({ $0.kind == before?.kind }) { return }
        story.isIrregular = true
    }

    /// Tells that events are missing; the next one brings the whole state.
    mutating func lose(_ events: Int) {
        line(RecordingFormat.lost) { $0.write(events) }
        hasBegun = false
    }

    /// From here on the lines go to a file of their own until they are packed; the line tells where they belong.
    mutating func beginSegment() {
        let place = place
        line(RecordingFormat.segment) { $0.write(place) }
    }

    mutating func end() {
        line(RecordingFormat.end) { _ in }
        sealLine()
    }

    /// Where the events before are not in this file, the state takes their place.
    private mutating func begin(_ event: Event, state: MeshState) {
        hasBegun = true
        lastNumber = event.number
        lastAt = event.at
        pollInterval = state.session?.pollInterval ?? pollInterval
        manners = state.sources.mapValues { Manner(kind: $0.report.kind, interval: $0.report.interval) }
        checkpoint(state, isWhole: true)
    }

    private mutating func checkpoint(_ state: MeshState, isWhole: Bool) {
        var story = story
        story.tell(state, number: lastNumber, at: lastAt, isWhole: isWhole, into: &self)
        self.story = story
        sealLine()
        linesSinceCheckpoint = 0
    }

    private mutating func write(_ report: TrafficReport, every: Double, at: Timestamp) {
        let teller = Teller(of: report)
        let known = shapes[teller]
        let shape: TrafficShape
        let id: Int
        if let known, known.shape.names(report), known.changes >= Self.mostChanges || known.shape.rests(as: report) {
            (shape, id) = (known.shape, known.id)
        } else {
            shape = TrafficShape(of: report, every: Int64(clamping: min(every, 3600) * 1000), before: known?.shape)
            id = shapeCount
            shapeCount += 1
            let isSame = known?.shape.names(report) ?? false
            shapes[teller] = Known(id: id, shape: shape, changes: isSame ? (known?.changes ?? 0) + 1 : 0)
            tellers.insert(report.source)
            story.shapes.append((id, shape))
            line(RecordingFormat.shape) {
                $0.write(id)
                $0.write(shape.json)
            }
        }
        line(at: at) { TrafficLine.write(report, shape: shape, id: id, to: &$0) }
    }

    /// Appends a line about the file or an event which is no poll.
    mutating func line(_ word: String, at: Timestamp? = nil, _ body: (inout JSONWriter) -> Void) {
        line(at: at) {
            $0.write(word)
            body(&$0)
        }
    }

    private mutating func line(at: Timestamp?, _ body: (inout JSONWriter) -> Void) {
        let at = at ?? lastAt
        let since = at.milliseconds &- lastAt.milliseconds
        writer.array {
            $0.write(since)
            body(&$0)
        }
        writer.newline()
        lastAt = at
    }

    private mutating func sealLine() {
        hash.update(writer.bytes[hashed...])
        let seal = hash.hexadecimal
        line(RecordingFormat.seal) { $0.write(seal) }
        hash = SHA256()
        hash.update(seal.utf8)
        hashed = writer.bytes.count
    }
}

extension Observation {
    fileprivate var isKeyframe: Bool {
        if case .keyframe = self { return true }
        return false
    }
}
