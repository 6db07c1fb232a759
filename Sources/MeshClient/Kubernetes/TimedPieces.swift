/// Nothing came for as long as was waited.
struct PiecesTimedOut: Error {}

/// The chunks of a stream, of which each must come within a time after the one before, and before something else does.
struct TimedPieces<C: Clock>: Sendable where C.Duration == Duration {
    private let iterator: Iterator
    private let limit: Duration
    private let clock: C
    /// Returns when no more is to be waited for, with the reason; nil when it is cancelled.
    private let interruption: (@Sendable () async -> (any Error)?)?

    /// The iteration's state, which one task at a time touches.
    private actor Iterator {
        private let chunks: AsyncThrowingStream<[UInt8], any Error>

        init(_ chunks: AsyncThrowingStream<[UInt8], any Error>) {
            self.chunks = chunks
        }

        func next() async throws -> [UInt8]? {
            var iterator = chunks.makeAsyncIterator()
            return try await iterator.next()
        }
    }

    init(
        _ chunks: AsyncThrowingStream<[UInt8], any Error>, limit: Duration, clock: C,
        interruption: (@Sendable () async -> (any Error)?)? = nil
    ) {
        self.interruption = interruption
        iterator = Iterator(chunks)
        self.limit = limit
        self.clock = clock
    }

    /// The next chunk, nil at the end.
    func next() async throws -> [UInt8]? {
        try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { [iterator] in try await iterator.next() }
            group.addTask { [clock, limit] in
                try await clock.sleep(for: limit)
                throw PiecesTimedOut()
            }
            if let interruption {
                group.addTask { throw await interruption() ?? CancellationError() }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
