public import MeshModel
import Synchronization

/// A server that answers as the admin page of one Envoy: statistics that grow with every reading, and a runtime that
/// can be modified and counts what it hits.
public final class StubEnvoy: Sendable {
    /// How it answers.
    public enum Mood: Sendable {
        case well
        /// Says yes to every undo, and keeps what it holds.
        case stubborn
        /// Takes requests, and never answers.
        case silent
    }

    private struct State {
        var mood = Mood.well
        var runtime: [String: String] = [:]
        var readings: UInt64 = 0
        var hits: [String: UInt64] = [:]
        var listeners: JSON?
    }

    private final class Page: Sendable {
        let state = Mutex(State())
    }

    private let page = Page()
    private let server: StubServer

    public var url: String { server.url }

    /// The runtime keys that are set now.
    public var keys: [String] { page.state.withLock { $0.runtime.keys.sorted() } }

    /// What `/config_dump` says of its listeners from now on.
    public func set(listeners: JSON) { page.state.withLock { $0.listeners = listeners } }

    public func become(_ mood: Mood) { page.state.withLock { $0.mood = mood } }

    /// The sidecar of one service, with an edge to each callee.
    public init(service: String, callees: [String]) throws {
        server = try StubServer { [page] request, connection in
            let target = request.line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let path = String(target.prefix { $0 != "?" })
            if page.state.withLock({ $0.mood == .silent }) {
                connection.waitForHangUp()
                return false
            }
            switch path {
            case "/runtime_modify":
                page.state.withLock { Self.modify(&$0, target.dropFirst(path.count + 1)) }
                return connection.respond(body: "OK\n")
            case "/runtime": return connection.respond(body: page.state.withLock { Self.runtime($0) })
            case "/stats":
                return connection.respond(body: page.state.withLock { Self.stats(&$0, callees) })
            case "/server_info": return connection.respond(body: "{\"node\":{\"cluster\":\"\(service)\"}}")
            case "/config_dump" where target.hasSuffix("resource=dynamic_listeners"):
                guard let listeners = page.state.withLock({ $0.listeners }) else { fallthrough }
                return connection.respond(body: listeners.bytes)
            default: return connection.respond(404, body: "not found")
            }
        }
    }

    private static func modify(_ state: inout State, _ query: Substring) {
        for pair in query.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                StubRequest.decoded)
            guard parts.count == 2, !parts[1].isEmpty || state.mood != .stubborn else { continue }
            state.runtime[parts[0]] = parts[1].isEmpty ? nil : parts[1]
        }
    }

    private static func runtime(_ state: State) -> [UInt8] {
        let entries = state.runtime.keys.sorted().map { key in
            let value = JSON.string(state.runtime[key] ?? "")
            return JSON.Member(key, ["layer_values": ["", value], "final_value": value])
        }
        return (["layers": ["base", "admin"], "entries": .object(entries)] as JSON).bytes
    }

    /// Each reading finds ten more requests on every edge; a fault hits half of them.
    private static func stats(_ state: inout State, _ callees: [String]) -> [UInt8] {
        state.readings += 1
        let total = Int64(state.readings * 10)
        var stats: [JSON] = []
        func add(_ name: String, _ value: Int64) { stats.append(["name": .string(name), "value": .integer(value)]) }
        add("server.uptime", Int64(state.readings))
        add("server.state", 0)
        add("http.in.downstream_rq_completed", total)
        add("http.in.downstream_rq_2xx", total)
        for callee in callees {
            for (fault, counter) in [("abort_pct", "aborts_injected"), ("delay_pct", "delays_injected")] {
                let name = "http.to_\(callee).fault.\(counter)"
                if state.runtime["edge.\(callee).\(fault)"] != nil { state.hits[name, default: 0] += 5 }
                add(name, Int64(state.hits[name] ?? 0))
            }
            add("http.to_\(callee).downstream_rq_completed", total)
            add("http.to_\(callee).downstream_rq_2xx", total)
        }
        return (["stats": .array(stats)] as JSON).bytes
    }
}
