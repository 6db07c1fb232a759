import MeshClient
import MeshModel
import Synchronization
import TestKit
import Testing

/// A control plane in a script: each connection to the events gets the next list of numbers.
private final class ScriptedFeed: Sendable {
    struct Connection {
        var session: String
        var events: [Event]
        /// The numbers of those that are written as a kind of a later version.
        var strange: Set<UInt64> = []

        var body: [UInt8] {
            events.flatMap { event in
                guard strange.contains(event.number) else { return EventWire.line(event) }
                return Array(#"{"n":\#(event.number),"t":0,"kind":"weather","data":{}}"#.utf8) + [0x0A]
            }
        }
    }

    private struct State {
        var connections: [Connection]
        var asked: [String] = []
    }

    private let state: Mutex<State>

    init(_ connections: [Connection]) {
        state = Mutex(State(connections: connections))
    }

    /// The queries of the connections, in order.
    var asked: [String] { state.withLock { $0.asked } }

    /// Answers until the script is over; from then on nobody is there.
    func answer(_ request: HTTPRequest) -> Result<HTTPResponse, TransportError> {
        state.withLock { state in
            guard let connection = state.connections.first else { return .failure(.refused("nobody")) }
            if request.url.hasSuffix("/v1/health") {
                let health: JSON = ["process": 1, "version": "x", "session": .string(connection.session)]
                return .success(HTTPResponse(status: 200, body: health.bytes))
            }
            state.connections.removeFirst()
            state.asked.append(String(request.url.drop { $0 != "?" }))
            return .success(HTTPResponse(status: 200, body: connection.body))
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct ControlPlaneFeedTests {
    private func beat(_ number: UInt64) -> Event {
        Event(number: number, at: Timestamp(milliseconds: 0), observation: .beat(nil))
    }

    private func keyframe(_ number: UInt64) -> Event {
        var state = MeshState()
        state.apply(beat(number))
        return Event(number: number, at: Timestamp(milliseconds: 0), observation: .keyframe(state))
    }

    /// What a reader gets, told in words, until the script is over.
    private func told(_ connections: [ScriptedFeed.Connection]) async -> (words: [String], asked: [String]) {
        let script = ScriptedFeed(connections)
        let client = ControlPlaneClient(socket: "/s", transport: ScriptedTransport { script.answer($0) })
        var words: [String] = []
        for await element in client.feed(pause: .zero) {
            switch element {
            case .event(let event): words.append("\(event.number)")
            case .anew: words.append("anew")
            case .ended: words.append("ended")
            case .lost:
                words.append("lost")
                return (words, script.asked)
            }
            if words.last == "ended", script.asked.count == connections.count { return (words, script.asked) }
        }
        return (words, script.asked)
    }

    @Test func `After a loss the reader asks for what follows, and gets nothing twice`() async {
        let day = await told([
            .init(session: "a", events: [keyframe(2), beat(3), beat(4)]),
            .init(session: "a", events: [beat(4), beat(5)]),
        ])
        #expect(day.words == ["2", "3", "4", "ended", "5", "ended"])
        #expect(day.asked == ["", "?after=4"])
    }

    @Test func `A missing number is asked for again, and a second time it is taken as it is`() async {
        let day = await told([
            .init(session: "a", events: [keyframe(2), beat(5)]),
            .init(session: "a", events: [beat(3), beat(4), beat(5), beat(7)]),
            .init(session: "a", events: [beat(7), beat(8)]),
        ])
        #expect(day.words == ["2", "3", "4", "5", "7", "8", "ended"])
        #expect(day.asked == ["", "?after=2", "?after=5"])
    }

    /// The reader hung up and asked again at every one.
    @Test func `What only a later version knows leaves no gap`() async {
        let day = await told([
            .init(session: "a", events: [keyframe(2), beat(3), beat(4), beat(5), beat(6)], strange: [3, 5])
        ])
        #expect(day.words == ["2", "4", "6", "ended"])
        #expect(day.asked == [""])
    }

    @Test func `Another session begins from nothing, whatever its numbers`() async {
        let day = await told([
            .init(session: "a", events: [keyframe(2), beat(3)]),
            .init(session: "b", events: [keyframe(9), beat(10)]),
        ])
        #expect(day.words == ["2", "3", "ended", "anew", "9", "10", "ended"])
        #expect(day.asked == ["", ""])
    }
}
