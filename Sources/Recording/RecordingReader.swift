public import MeshModel

/// A recording opened for reading: what it is of, and the state of the mesh at any moment of it.
public final class RecordingReader: Sendable {
    public let header: RecordingHeader
    /// The times of the first and the last event.
    public let start: Timestamp
    public let end: Timestamp
    /// The number of the last event.
    public let lastNumber: UInt64
    /// What is wrong with the file, in words for a person; empty when nothing is.
    public let findings: [String]
    /// Was it closed in order? If not its writer died, or is still writing.
    public let isComplete: Bool

    /// How many bytes its lines are, packed or not.
    public var bytesWhenPlain: Int { bytes.count }

    let bytes: RecordingBytes
    let index: RecordingIndex
    /// Where the line after the header begins.
    let first: Int

    public convenience init(path: String) throws(RecordingError) {
        try self.init(RecordingBytes.open(path: path), name: path)
    }

    /// Reads a recording which is in memory.
    public convenience init(bytes: [UInt8], name: String = "the recording") throws(RecordingError) {
        try self.init(RecordingBytes(alone: FileBytes(bytes)), name: name)
    }

    private init(_ bytes: RecordingBytes, name: String) throws(RecordingError) {
        (header, first, index) = try Self.beginning(of: bytes, name: name)
        var findings = bytes.findings
        if header.version > RecordingFormat.version {
            findings.append("format \(header.version) is newer than this program; unknown parts are not shown")
        }
        self.bytes = bytes
        var tail = Self.cursor(bytes, index, first, header, from: index.checkpoints.last)
        while tail.next() != nil {}
        let torn = bytes.count - tail.place
        if torn > 0 { findings.append("the last line is incomplete: \(torn) bytes are left out") }
        if tail.unreadable > 0 { findings.append("unreadable lines at the end: \(tail.unreadable)") }
        isComplete = tail.hasEnded
        end = tail.time
        lastNumber = tail.number
        var head = Self.cursor(bytes, index, first, header, from: nil)
        start = head.next()?.at ?? header.created
        self.findings = findings
    }

    /// The header, where the line after it begins, and where else the file can be entered. A packed file whose first
    /// block is damaged begins at the first checkpoint that needs nothing before it.
    private static func beginning(
        of bytes: RecordingBytes, name: String
    ) throws(RecordingError) -> (RecordingHeader, Int, RecordingIndex) {
        // What is no recording may be large, and without a line's end.
        let line = bytes.line(at: 0, upTo: 1 << 20)
        if let line, let header = try? RecordingHeader(line: line) {
            return (header, line.count + 1, RecordingIndex(bytes, from: line.count + 1))
        }
        guard let finding = bytes.findings.first else {
            throw .noRecording(path: name, why: explanation(of: line ?? bytes.read(0..<64)))
        }
        var index = RecordingIndex(bytes, from: 0)
        guard let start = index.checkpoints.first(where: \.isFull) else { throw .damaged(path: name, why: finding) }
        index.begin(at: start.place)
        let state = StateAtCheckpoint(bytes, index, first: start.place).state(number: 0)
        let header = RecordingHeader(program: "an unknown program", created: start.at, session: state?.session)
        return (header, start.place, index)
    }

    private static func explanation(of head: [UInt8]) -> String {
        if head.isEmpty { return "it is empty" }
        if head.starts(with: [0x1F, 0x8B]) { return "it is compressed; run gunzip first" }
        return "its first line is not a header"
    }

    public var duration: Double { max(0, end.seconds(since: start)) }

    private static func cursor(
        _ bytes: RecordingBytes, _ index: RecordingIndex, _ first: Int, _ header: RecordingHeader,
        from checkpoint: Checkpoint?, about scope: Scope? = nil
    ) -> RecordingCursor {
        RecordingCursor(
            bytes, from: checkpoint?.next ?? first, time: checkpoint?.at ?? header.created,
            number: checkpoint?.number ?? 0, shapes: index.shapes, about: scope,
            whole: { StateAtCheckpoint(bytes, index, first: first).state(at: $0) })
    }

    /// All events, from the first on.
    public func events() -> RecordingCursor { Self.cursor(bytes, index, first, header, from: nil) }

    /// All events but the polls that do not tell of a scope: a quick way through a long day.
    func events(about scope: Scope) -> RecordingCursor {
        Self.cursor(bytes, index, first, header, from: nil, about: scope)
    }

    /// The state after the last event that was not later than a moment, and the place to go on from.
    public func state(at moment: Timestamp) -> (state: MeshState, cursor: RecordingCursor) {
        let candidates = index.checkpoints.lastIndex { $0.at <= moment }
        return state(from: candidates) { $0.at <= moment }
    }

    /// The state after the event of a number, and the place to go on from.
    public func state(after number: UInt64) -> (state: MeshState, cursor: RecordingCursor) {
        let candidates = index.checkpoints.lastIndex { $0.number <= number }
        return state(from: candidates) { $0.number <= number }
    }

    private func state(
        from place: Int?, while fits: (Event) -> Bool
    ) -> (state: MeshState, cursor: RecordingCursor) {
        var place = place
        // A checkpoint that is damaged is no place to begin: the one before it is.
        while let at = place {
            if let state = StateAtCheckpoint(bytes, index, first: first).state(number: at) {
                let cursor = Self.cursor(bytes, index, first, header, from: index.checkpoints[at])
                return fold(state, cursor, while: fits)
            }
            place = at > 0 ? at - 1 : nil
        }
        return fold(MeshState(), events(), while: fits)
    }

    private func fold(
        _ start: MeshState, _ from: RecordingCursor, while fits: (Event) -> Bool
    ) -> (state: MeshState, cursor: RecordingCursor) {
        var state = start
        var cursor = from
        while let event = cursor.next(where: fits) { state.apply(event) }
        return (state, cursor)
    }
}
