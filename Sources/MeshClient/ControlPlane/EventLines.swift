internal import MeshModel

/// Cuts the bytes of the feed into lines, and the lines into events. It reads only when it is asked, so that a slow
/// reader slows the feed down and nothing piles up.
actor EventLines {
    /// A key frame of a large mesh is long; what is longer is none.
    private static let longestLine = 64 << 20

    private let chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator
    private var bytes: [UInt8] = []
    private var start = 0
    /// Up to here there is no newline.
    private var searched = 0

    init(_ chunks: AsyncThrowingStream<[UInt8], any Error>) {
        self.chunks = chunks.makeAsyncIterator()
    }

    /// What the next line says; nil at the end, where a line without its newline is no line.
    func next() async throws -> EventWire.Reading? {
        var reading = try takeReading()
        while reading == nil {
            guard let chunk = try await nextChunk() else { return nil }
            bytes += chunk
            reading = try takeReading()
        }
        return reading
    }

    /// The next event, past what is not known here.
    func nextEvent() async throws -> Event? {
        while let reading = try await next() {
            if case .event(let event) = reading { return event }
        }
        return nil
    }

    /// The first line of what was read so far. It stands apart from the waiting: the optimiser of Swift 6.3 crashes on
    /// one function that does both.
    private func takeReading() throws(WireError) -> EventWire.Reading? {
        if let line = takeLine() { return try EventWire.read(line) }
        guard bytes.count - start < Self.longestLine else {
            throw WireError(page: "event", path: "", found: "an incomplete line")
        }
        return nil
    }

    /// Everything that is left, as it is.
    func rest() async throws -> [UInt8] {
        var rest = bytes[start...]
        while rest.count < 1 << 20, let chunk = try await nextChunk() { rest += chunk }
        return Array(rest)
    }

    /// Copies of an iterator share its place, and the property itself can't be lent out across a wait.
    private func nextChunk() async throws -> [UInt8]? {
        var chunks = chunks
        return try await chunks.next(isolation: #isolation)
    }

    private func takeLine() -> [UInt8]? {
        while let end = bytes[searched...].firstIndex(of: 0x0A) {
            let line = bytes[start..<end]
            start = end + 1
            searched = start
            if !line.isEmpty { return Array(line) }
        }
        bytes.removeSubrange(..<start)
        start = 0
        searched = bytes.count
        return nil
    }
}
