internal import Glibc
import MeshModel

/// Finds the last samples of scopes by going backwards through the lines before a checkpoint.
struct ScopeHistory {
    /// What is still to be found of one scope, and what was, newest first.
    struct Want {
        var points: Int
        var recent: Int
        var foundPoints: [ScopeState.Point] = []
        var foundRecent: [ScopeState.TimedSample] = []
        /// Of a scope that several sources tell of: how many samples there are at most, and all that were found, to be
        /// folded again. They suffice when they cover as many rounds as there are points, and what was kept before.
        var samples: Int?
        var found: [ScopeState.TimedSample] = []
        var rounds = 0
        var pace = 1.0

        var isSatisfied: Bool {
            guard let samples else { return foundPoints.count >= points && foundRecent.count >= recent }
            let before = ScopeState.keptSeconds(pace: pace) / pace + 2
            return found.count >= samples || rounds > points + Int(before)
        }

        fileprivate mutating func take(_ sample: TrafficSample, of source: String, at: Timestamp) {
            let round = ScopeState.round(of: at, pace: pace)
            if found.last.map({ ScopeState.round(of: $0.at, pace: pace) }) != round { rounds += 1 }
            found.append(ScopeState.TimedSample(at: at, sample: sample, source: source))
        }
    }

    private let bytes: RecordingBytes
    private let shapes: [TrafficShape?]
    private(set) var wants: [Want] = []
    private var places: [Scope: Int] = [:]
    /// Scopes that more than one source ever told of.
    private var shared: Set<Scope> = []
    /// For each shape the places in `wants` of its scopes; -1 for those not wanted.
    private var wanted: [[Int]] = []
    /// Does a shape name a scope more than once? A proxy with two listeners to one service may.
    private var hasTwins: [Bool] = []
    private var open = 0
    /// Kept between lines for its memory.
    private var reading = SampleReading()

    private static let blockSize = 1 << 18

    init(_ bytes: RecordingBytes, shapes: [TrafficShape?]) {
        self.bytes = bytes
        self.shapes = shapes
        var sources: [Scope: String] = [:]
        for case let shape? in shapes {
            for scope in Self.scopes(of: shape) {
                guard let known = sources.updateValue(shape.source, forKey: scope) else { continue }
                if known != shape.source { shared.insert(scope) }
            }
        }
    }

    private static func scopes(of shape: TrafficShape) -> [Scope] {
        [.service(shape.service)] + shape.to.map { .edge(Edge(from: shape.service, to: $0)) }
    }

    /// Asks for the last `points` and `recent` samples of a scope, which had so many `samples` since it was told in
    /// full; answers their place in `wants`.
    mutating func want(_ scope: Scope, points: Int, recent: Int, samples: Int, pace: Double) -> Int {
        var want = Want(points: points, recent: recent)
        want.pace = pace
        if shared.contains(scope) { want.samples = samples } else { want.foundPoints.reserveCapacity(points) }
        wants.append(want)
        places[scope] = wants.count - 1
        return wants.count - 1
    }

    /// Goes back from the checkpoint until all is found or the lines begin.
    mutating func find(before checkpoint: Checkpoint, from first: Int) {
        wanted = shapes.map { shape in
            guard let shape else { return [] }
            return Self.scopes(of: shape).map { places[$0] ?? -1 }
        }
        hasTwins = wanted.map { places in
            let known = places.filter { $0 >= 0 }
            return Set(known).count < known.count
        }
        open = wants.count { !$0.isSatisfied }
        var time = checkpoint.at
        // The checkpoint's own line comes first: it tells how long after the line before it was written.
        var end = checkpoint.next
        while open > 0, end > first {
            guard let (block, lines) = lines(before: end, from: first), let start = lines.first else { return }
            block.withUnsafeBufferPointer { buffer in
                var lineEnd = buffer.count
                for start in lines.reversed() where open > 0 {
                    read(LineScanner(buffer, from: start, to: lineEnd), &time)
                    lineEnd = start
                }
            }
            end -= block.count - start
        }
    }

    /// A block that ends at `end`, and where in it whole lines begin; nil when there is none.
    private func lines(before end: Int, from first: Int) -> (block: [UInt8], lines: [Int])? {
        var size = Self.blockSize
        while true {
            let start = max(first, end - size)
            let block = bytes.read(start..<end)
            guard block.count == end - start else { return nil }
            let lines = Self.lineStarts(in: block)
            // The line that lies across the block's beginning is for the next block.
            if start == first { return (block, [0] + lines) }
            if !lines.isEmpty { return (block, lines) }
            size *= 4
        }
    }

    /// Where lines begin after a newline of the block.
    private static func lineStarts(in block: [UInt8]) -> [Int] {
        block.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return [] }
            var starts: [Int] = []
            var at = 0
            while let newline = memchr(base + at, 0x0A, buffer.count - at) {
                at = base.distance(to: UnsafeRawPointer(newline)) + 1
                if at == buffer.count { break }
                starts.append(at)
            }
            return starts
        }
    }

    /// Reads the line that was written at `time`, and sets the time back to that of the line before.
    private mutating func read(_ line: LineScanner, _ time: inout Timestamp) {
        var scanner = line
        guard scanner.take(UInt8(ascii: "[")), let since = scanner.integer(), scanner.take(UInt8(ascii: ",")) else {
            // An empty line is in the place of lines that are lost, and when those before it were nobody knows.
            if scanner.peek() == 0 { open = 0 }
            return
        }
        let at = time
        defer { time.milliseconds = time.milliseconds &- since }
        guard let id = scanner.integer() else {
            // A damaged line may have spoilt the time: a checkpoint tells it anew.
            if scanner.take(word: "\"#checkpoint\",{\"t\":"), let told = scanner.integer() { time.milliseconds = told }
            if scanner.take(word: "\"#rest\""), let polls = RestingPolls(&scanner) { takeResting(polls, at: at) }
            return
        }
        guard id >= 0, id < shapes.count, let shape = shapes[Int(id)] else { return }
        let places = wanted[Int(id)]
        guard !hasTwins[Int(id)] else { return readTwins(&scanner, shape, places, at: at) }
        var reading = SampleReading()
        swap(&reading, &self.reading)
        defer { swap(&reading, &self.reading) }
        _ = TrafficLine.eachSample(&scanner, shape: shape, &reading) { place, isThere, reading in
            guard isThere, places[place] >= 0 else { return }
            take(reading, of: shape.source, at: at, for: places[place])
        }
    }

    private mutating func takeResting(_ polls: RestingPolls, at: Timestamp) {
        var reading = SampleReading()
        for id in polls.shapes.reversed() {
            guard id < shapes.count, let shape = shapes[id], shape.lasts(polls.late) else { continue }
            let places = wanted[id]
            var found: [(Int, SampleReading)] = []
            TrafficLine.eachRest(of: shape, late: polls.late, &reading) { place, _, reading in
                if places[place] >= 0 { found.append((places[place], reading)) }
            }
            for (place, reading) in found.reversed() { take(reading, of: shape.source, at: at, for: place) }
        }
    }

    /// A scope that has several samples in one line gets the last of them first, as everything here.
    private mutating func readTwins(
        _ scanner: inout LineScanner, _ shape: TrafficShape, _ places: [Int], at: Timestamp
    ) {
        var reading = SampleReading()
        var found: [(Int, SampleReading)] = []
        let isWhole = TrafficLine.eachSample(&scanner, shape: shape, &reading) { place, isThere, reading in
            if isThere, places[place] >= 0 { found.append((places[place], reading)) }
        }
        guard isWhole != nil else { return }
        for (place, reading) in found.reversed() { take(reading, of: shape.source, at: at, for: place) }
    }

    private mutating func take(_ reading: SampleReading, of source: String, at: Timestamp, for place: Int) {
        guard !wants[place].isSatisfied else { return }
        if wants[place].samples != nil {
            wants[place].take(reading.whole, of: source, at: at)
        } else if wants[place].foundRecent.count < wants[place].recent {
            wants[place].foundRecent.append(ScopeState.TimedSample(at: at, sample: reading.whole, source: source))
        }
        if wants[place].samples == nil, wants[place].foundPoints.count < wants[place].points {
            wants[place].foundPoints.append(reading.point(at: at))
        }
        if wants[place].isSatisfied { open -= 1 }
    }
}
