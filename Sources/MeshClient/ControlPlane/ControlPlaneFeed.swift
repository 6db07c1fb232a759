public import MeshModel

/// The control plane's events for one reader, across every loss of the connection: it connects again by itself, asks for
/// what came after the last event it gave, and asks again when a number is missing.
public struct ControlPlaneFeed: AsyncSequence, Sendable {
    /// What a reader gets.
    public enum Element: Sendable {
        /// New events in their order, nothing left out. The first after a long absence is a key frame.
        case events([Event])
        /// Another control plane answers: forget everything known so far. A key frame follows.
        case anew
        /// There is no connection just now; what is known grows old until events come again.
        case lost(ControlPlaneError)
        /// The control plane ended on purpose. The feed goes on trying, in case another is started.
        case ended
    }

    let client: ControlPlaneClient
    let after: UInt64?
    let watcher: String?
    let pause: Duration

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, after: after, watcher: watcher, pause: pause)
    }

    public struct Iterator: AsyncIteratorProtocol {
        private let client: ControlPlaneClient
        private let watcher: String?
        private let pause: Duration
        private var after: UInt64?
        private var session: String?
        private var chunks: AsyncThrowingStream<[UInt8], any Error>.Iterator?
        private var lines = EventLines()
        private var waiting: [Element] = []
        private var isLost = false

        init(client: ControlPlaneClient, after: UInt64?, watcher: String?, pause: Duration) {
            self.client = client
            self.after = after
            self.watcher = watcher
            self.pause = pause
        }

        /// Ends only when its task is cancelled.
        public mutating func next() async -> Element? {
            while !Task.isCancelled {
                if !waiting.isEmpty { return waiting.removeFirst() }
                guard chunks != nil else {
                    await connect()
                    continue
                }
                do {
                    guard let chunk = try await chunks?.next(isolation: #isolation) else {
                        drop(.ended)
                        continue
                    }
                    take(chunk)
                } catch {
                    drop(.lost(.transport(error as? TransportError ?? .other("\(error)"))))
                }
            }
            return nil
        }

        private mutating func connect() async {
            // Once told, a loss is not told again at each attempt.
            if isLost { try? await Task.sleep(for: pause) }
            do throws(ControlPlaneError) {
                let serving = try await client.health().session
                if session != serving {
                    // The numbers of another session mean something else, even where they happen to follow.
                    if session != nil {
                        waiting.append(.anew)
                        after = nil
                    }
                    session = serving
                }
                let stream = try await client.stream(.events(after: after, watcher: watcher))
                guard stream.status == 200 else {
                    throw .nonsense(WireError(page: "events", path: "", found: "status \(stream.status)"))
                }
                chunks = stream.chunks.makeAsyncIterator()
                lines = EventLines()
                isLost = false
            } catch {
                if !isLost { waiting.append(.lost(error)) }
                isLost = true
            }
        }

        private mutating func drop(_ element: Element) {
            chunks = nil
            if !isLost, !Task.isCancelled { waiting.append(element) }
            isLost = true
        }

        private mutating func take(_ chunk: [UInt8]) {
            var events: [Event] = []
            for line in lines.take(chunk) {
                switch read(line) {
                case .new(let event): if let event { events.append(event) }
                case .old: continue
                case .gap:
                    // Asking again after the last good number brings what is missing, or a key frame.
                    chunks = nil
                }
                if chunks == nil { break }
            }
            if !events.isEmpty { waiting.append(.events(events)) }
        }

        private enum Line {
            /// The next one; nil for a kind that this version does not know.
            case new(Event?)
            case old, gap
        }

        private mutating func read(_ line: [UInt8]) -> Line {
            let number: UInt64
            var event: Event?
            switch try? EventWire.read(line) {
            case .event(let read)?:
                event = read
                number = read.number
            case .unknown(_, let unknown, _)?: number = unknown
            case nil: return .gap
            }
            if case .keyframe? = event?.observation {
                after = number
                return .new(event)
            }
            if let after {
                if number <= after { return .old }
                if number != after + 1 { return .gap }
            }
            after = number
            return .new(event)
        }
    }
}

extension ControlPlaneClient {
    /// The events after a number, or from the state as it is now. Name a watcher to be missed when the reader dies.
    public func events(
        after: UInt64? = nil, watcher: String? = nil, pause: Duration = .milliseconds(250)
    ) -> ControlPlaneFeed {
        ControlPlaneFeed(client: self, after: after, watcher: watcher, pause: pause)
    }
}

/// Cuts chunks as they arrive into lines.
struct EventLines {
    private var rest: [UInt8] = []

    mutating func take(_ chunk: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: 0x0A) {
            lines.append(rest + chunk[start..<end])
            rest = []
            start = end + 1
        }
        rest += chunk[start...]
        return lines
    }
}
