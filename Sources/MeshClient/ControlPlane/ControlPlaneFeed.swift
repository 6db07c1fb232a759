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
        private var events: AsyncThrowingStream<Event, any Error>.Iterator?
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
                guard events != nil else {
                    await connect()
                    continue
                }
                do {
                    guard let event = try await events?.next(isolation: #isolation) else {
                        drop(.ended)
                        continue
                    }
                    if follows(event) { return .event(event) }
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
                events = try await client.events(after: after, watcher: watcher).makeAsyncIterator()
                isLost = false
            } catch {
                drop(.lost(error))
            }
        }

        /// A loss that was told is not told again at each attempt.
        private mutating func drop(_ element: Element) {
            events = nil
            if !isLost, !Task.isCancelled { told.append(element) }
            isLost = true
        }

        private mutating func follows(_ event: Event) -> Bool {
            if case .keyframe = event.observation {
                after = event.number
                return true
            }
            if let after {
                guard event.number > after else { return false }
                if event.number != after + 1, askedAgainAfter != after {
                    // A second answer with the same gap means that what is missing is nothing this version knows.
                    askedAgainAfter = after
                    events = nil
                    return false
                }
            }
            after = event.number
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
