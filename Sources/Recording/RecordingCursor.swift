public import MeshModel

/// A place in a recording: yields the events after it, one by one.
public struct RecordingCursor: Sendable {
    private let bytes: RecordingBytes
    private var block: [UInt8] = []
    /// Where in the file the block begins, and where in the block the next line does.
    private var start: Int
    private var at = 0
    private var shapes: [TrafficShape?]
    /// The time of the last line and the number of the last event.
    private(set) var time: Timestamp
    private(set) var number: UInt64
    /// Lines that could not be read.
    private(set) var unreadable = 0
    private(set) var hasEnded = false
    /// After a part that is lost nothing tells the time and number of an event, until a checkpoint does.
    private var isAdrift: Bool { emptyLines > 1 }
    private var emptyLines = 0
    /// Events could not be read: what they did to the state is not known until a checkpoint tells it.
    private var isBehind = false
    /// Polls of the last line that are still to come, the next one at the end.
    private var resting: [Int] = []
    private var restingLate: Int64 = 0
    /// Polls of others are passed over; nil for none.
    private var scope: Scope?
    /// By shape, whether its polls are wanted.
    private var wanted: [Bool] = []
    /// Builds the state of a checkpoint that stands for events which are not in the file.
    private let whole: @Sendable (Int) -> MeshState?

    init(
        _ bytes: RecordingBytes, from start: Int, time: Timestamp, number: UInt64, shapes: [TrafficShape?],
        about scope: Scope? = nil, whole: @escaping @Sendable (Int) -> MeshState?
    ) {
        self.bytes = bytes
        self.start = start
        self.time = time
        self.number = number
        self.shapes = shapes
        self.whole = whole
        self.scope = scope
        judgeShapes()
    }

    private mutating func judgeShapes() {
        guard let scope else { return }
        wanted = shapes.map { $0?.tells(of: scope) ?? true }
    }

    /// Where the next line begins.
    var place: Int { start + at }

    private static let blockSize = 1 << 18
    private static let longestLine = 1 << 25

    /// What a line turned out to be.
    private enum Line {
        case event(Event)
        case other
        /// Damaged; most likely an event, if it is not plainly a word about the file.
        case unreadable(isEvent: Bool)
    }

    /// The next event; nil at the end. Lines that can not be read are counted and passed over.
    public mutating func next() -> Event? {
        if let event = nextResting() { return event }
        while let range = nextLine() {
            switch read(range) {
            case .event(let event): return event
            case .other: continue
            case .unreadable(let isEvent):
                unreadable += 1
                // Should it be wrong, the next checkpoint puts the number right.
                if isEvent { number &+= 1 }
                isBehind = isBehind || isEvent
            }
        }
        return nil
    }

    private mutating func nextResting() -> Event? {
        while let id = resting.popLast() {
            number &+= 1
            guard id >= wanted.count || wanted[id], let shape = shapes[id] else { continue }
            let report = TrafficLine.rest(of: shape, late: restingLate)
            return Event(number: number, at: time, observation: .traffic(report))
        }
        return nil
    }

    /// Polls that rested; the first of them that is wanted comes at once.
    private mutating func readResting(_ scanner: inout LineScanner, at: Timestamp) -> Line {
        guard let polls = RestingPolls(&scanner),
            polls.shapes.allSatisfy({ $0 < shapes.count && shapes[$0]?.lasts(polls.late) == true })
        else { return .unreadable(isEvent: false) }
        time = at
        restingLate = polls.late
        resting = polls.shapes.reversed()
        return nextResting().map { .event($0) } ?? .other
    }

    /// The next event if it fits; otherwise the cursor stays where it is.
    mutating func next(where fits: (Event) -> Bool) -> Event? {
        let before = self
        guard let event = next() else { return nil }
        if fits(event) { return event }
        self = before
        return nil
    }

    /// The bounds of the next line in the block; a last line without newline is none. What is longer than any line of
    /// ours is passed over without being held.
    private mutating func nextLine() -> Range<Int>? {
        var size = Self.blockSize
        var isTooLong = false
        while true {
            if let end = RecordingBytes.newline(in: block, from: at) {
                let line = at..<end
                at = end + 1
                guard isTooLong else { return line }
                isTooLong = false
                unreadable += 1
                number &+= 1
                isBehind = true
                continue
            }
            if block.count - at > Self.longestLine || isTooLong {
                isTooLong = true
                at = block.count
                size = Self.blockSize
            }
            guard start + block.count < bytes.count else { return nil }
            let rest = block.count - at
            start += at
            at = 0
            block = bytes.read(start..<min(bytes.count, start + size))
            // The file became shorter while it was read.
            guard block.count > rest else { return nil }
            size *= 4
        }
    }

    private mutating func read(_ range: Range<Int>) -> Line {
        let block = block
        return block.withUnsafeBufferPointer { buffer in
            var scanner = LineScanner(buffer, from: range.lowerBound, to: range.upperBound)
            guard scanner.take(UInt8(ascii: "[")), let since = scanner.integer(), scanner.take(UInt8(ascii: ",")) else {
                // No writer leaves lines empty: something is lost here.
                guard scanner.peek() == 0 else { return .unreadable(isEvent: true) }
                emptyLines += 1
                isBehind = isBehind || isAdrift
                return .other
            }
            if isAdrift, !scanner.take(word: "\"#") { return .unreadable(isEvent: false) }
            let at = time.advanced(byMilliseconds: since)
            guard let id = scanner.integer() else {
                let isAboutFile = isAdrift || scanner.take(word: "\"#")
                // The largest lines by far, of which a way through the events needs nothing.
                if isAboutFile, scanner.take(word: "state\"") || scanner.take(word: "series\"") {
                    time = at
                    return .other
                }
                if isAboutFile, !isAdrift, scanner.take(word: "rest\"") { return readResting(&scanner, at: at) }
                return readWord(Array(buffer[range]), at: at, isAboutFile: isAboutFile)
            }
            time = at
            if id >= 0, id < wanted.count, !wanted[Int(id)] {
                number &+= 1
                return .other
            }
            guard id >= 0, id < shapes.count, let shape = shapes[Int(id)],
                let report = TrafficLine.read(&scanner, shape: shape)
            else { return .unreadable(isEvent: true) }
            return event(.traffic(report))
        }
    }

    private mutating func event(_ observation: Observation) -> Line {
        number &+= 1
        return .event(Event(number: number, at: time, observation: observation))
    }

    private mutating func readWord(_ line: [UInt8], at moment: Timestamp, isAboutFile: Bool) -> Line {
        guard let items = (try? JSON(parsing: line))?.array, items.count >= 2, let word = items[1].string else {
            return .unreadable(isEvent: !isAboutFile)
        }
        time = moment
        let place = start + at - line.count - 1
        switch word {
        case RecordingFormat.number:
            if items.count > 2, let number = items[2].integer, number > 0 { self.number = UInt64(number) - 1 }
            return .other
        case RecordingFormat.shape:
            guard items.count > 3, let id = items[2].integer, (0..<1 << 24).contains(id),
                let shape = try? TrafficShape(WireFields(items[3], page: "recording"))
            else { return .other }
            RecordingIndex.set(shape, at: Int(id), in: &shapes)
            judgeShapes()
            return .other
        case RecordingFormat.checkpoint: return readCheckpoint(line, place: place)
        case RecordingFormat.end:
            hasEnded = true
            return .other
        case _ where word.hasPrefix("#"): return .other
        default: return readEvent(word, items.count > 2 ? items[2] : .null)
        }
    }

    private mutating func readEvent(_ kind: String, _ data: JSON) -> Line {
        do {
            guard let observation = try Observation(kind: kind, WireFields(data, page: "recording", path: kind)) else {
                number &+= 1
                return .other
            }
            return event(observation)
        } catch {
            return .unreadable(isEvent: true)
        }
    }

    private mutating func readCheckpoint(_ line: [UInt8], place: Int) -> Line {
        guard let checkpoint = Checkpoint(line: line, place: place) else { return .other }
        time = checkpoint.at
        emptyLines = 0
        isBehind = isBehind || number != checkpoint.number
        number = checkpoint.number
        for (id, shape) in checkpoint.shapes { RecordingIndex.set(shape, at: id, in: &shapes) }
        judgeShapes()
        // One that builds on a lost checkpoint can not tell it either; a later one will.
        guard checkpoint.isWhole || isBehind, let state = whole(place) else { return .other }
        isBehind = false
        return .event(Event(number: number, at: time, observation: .keyframe(state)))
    }
}
