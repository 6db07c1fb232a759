public import MeshModel

/// The control plane's events for one reader, across every loss of the connection: it connects again by itself, asks for
/// what came after the last event it gave, and asks again when a number is missing.
public struct ControlPlaneFeed: AsyncSequence, Sendable {
    /// What a reader gets.
    public enum Element: Equatable, Sendable {
        /// The next event. The first, and the first after a long absence, is a key frame.
        case event(Event)
        /// Another control plane answers: forget everything known so far. A key frame follows.
        case anew
        /// There is no connection just now; what is known grows old until events come again. Told once a loss.
        case lost(ControlPlaneError)
        /// The control plane ended on purpose. The feed goes on trying, in case another is started.
        case ended
    }

    let client: ControlPlaneClient
    let after: UInt64?
    let watcher: String?
    let pause: Duration

    public func makeAsyncIterator() -> Iterator {
        Iterator(client: client, watcher: watcher, pause: pause, after: after)
    }

    public struct Iterator: AsyncIteratorProtocol {
        let client: ControlPlaneClient
        let watcher: String?
        let pause: Duration
        var after: UInt64?
        private var session: String?
        private var readings: AsyncThrowingStream<EventWire.Reading, any Error>.Iterator?
        private var told: [Element] = []
        private var isLost = false
        /// The number after which it was asked again because of a gap.
        private var askedAgainAfter: UInt64?

        init(client: ControlPlaneClient, watcher: String?, pause: Duration, after: UInt64?) {
            self.client = client
            self.watcher = watcher
            self.pause = pause
            self.after = after
        }

        /// Ends only when its task is cancelled.
        public mutating func next() async -> Element? {
            while !Task.isCancelled {
                if !told.isEmpty { return told.removeFirst() }
                guard readings != nil else {
                    await connect()
                    continue
                }
                do {
                    switch try await readings?.next(isolation: #isolation) {
                    case nil: drop(.ended)
                    case .event(let event): if follows(event) { return .event(event) }
                    case .unknown(_, let number, _): _ = follows(number)
                    }
                } catch let error as WireError {
                    drop(.lost(.garbled(error)))
                } catch {
                    drop(.lost(ControlPlaneError(error as? TransportError ?? .other("\(error)"))))
                }
            }
            return nil
        }

        private mutating func connect() async {
            if isLost { try? await Task.sleep(for: pause) }
            do throws(ControlPlaneError) {
                let serving = try await client.health()["session"]?.string
                if let session, session != serving {
                    // The numbers of another session mean something else, even where they happen to follow.
                    told.append(.anew)
                    after = nil
                }
                session = serving
                readings = try await client.readings(after: after, watcher: watcher).makeAsyncIterator()
                isLost = false
            } catch {
                drop(.lost(error))
            }
        }

        /// A loss that was told is not told again at each attempt.
        private mutating func drop(_ element: Element) {
            readings = nil
            if !isLost, !Task.isCancelled { told.append(element) }
            isLost = true
        }

        private mutating func follows(_ event: Event) -> Bool {
            if case .keyframe = event.observation {
                after = event.number
                return true
            }
            return follows(event.number)
        }

        private mutating func follows(_ number: UInt64) -> Bool {
            if let after {
                guard number > after else { return false }
                if number != after + 1, askedAgainAfter != after {
                    // A second answer with the same gap means that what is missing can't be had.
                    askedAgainAfter = after
                    readings = nil
                    return false
                }
            }
            after = number
            return true
        }
    }
}

extension ControlPlaneClient {
    /// The events after a number, or from the state as it is now, across every loss of the connection. Name a watcher
    /// to be missed when the reader dies.
    public func feed(
        after: UInt64? = nil, watcher: String? = nil, pause: Duration = .milliseconds(250)
    ) -> ControlPlaneFeed {
        ControlPlaneFeed(client: self, after: after, watcher: watcher, pause: pause)
    }
}
