public import MeshModel
import Synchronization

/// A server that answers as the API of a Toxiproxy does: written from what 2.12.0 answered to each request, and 2.1.5
/// where it differs. Its proxies carry nothing; what a toxic does to bytes is tried with the real one.
public final class StubToxiproxy: Sendable {
    /// Which server it plays.
    public enum Version: String, Sendable {
        /// Knows POST where the others have PATCH, and tells its version as plain text.
        case v2_1 = "2.1.5"
        case v2_12 = "2.12.0"
    }

    struct Proxy {
        var listen: String
        var upstream: String
        var isEnabled: Bool
        var toxics: [JSON] = []
        /// A client of it does not read: what changes its toxics hangs, and whoever asks for them after that.
        var isBlocked = false
        var isHung = false
    }

    struct State {
        var proxies: [String: Proxy] = [:]
        var metrics: String?
        var asked: [String] = []
        var nextPort = 20001
    }

    private final class Store: Sendable {
        let state = Mutex(State())
    }

    enum Reply {
        case json(Int, JSON)
        case text(Int, String)
        case empty
        /// Holds the request until the client leaves.
        case hang
    }

    private let store = Store()
    private let server: StubServer
    public var url: String { server.url }

    /// Method and path of every request, in order.
    public var asked: [String] { store.state.withLock { $0.asked } }

    public init(_ version: Version = .v2_12) throws {
        server = try StubServer { [store] request, connection in
            let reply = store.state.withLock { state in
                state.asked.append(request.line)
                return state.reply(to: request, version)
            }
            switch reply {
            case .json(let status, let json):
                let kind = status < 300 ? "application/json" : "text/plain; charset=utf-8"
                return connection.respond(status, headers: ["Content-Type: \(kind)"], body: json.bytes)
            case .text(let status, let text):
                return connection.respond(status, headers: ["Content-Type: text/plain"], body: text)
            case .empty: return connection.write("HTTP/1.1 204 No Content\r\n\r\n")
            case .hang:
                connection.waitForHangUp()
                return false
            }
        }
    }

    /// The names of a proxy's toxics; nil where there is no such proxy.
    public func toxics(of proxy: String) -> [String]? {
        store.state.withLock { $0.proxies[proxy]?.toxics.compactMap { $0["name"]?.string } }
    }

    public func isEnabled(_ proxy: String) -> Bool? { store.state.withLock { $0.proxies[proxy]?.isEnabled } }

    public func listen(of proxy: String) -> String? { store.state.withLock { $0.proxies[proxy]?.listen } }

    public func add(proxy name: String, upstream: String = "127.0.0.1:1", listen: String = "127.0.0.1:0") {
        store.state.withLock { _ = $0.make(name, listen: listen, upstream: upstream, isEnabled: true) }
    }

    /// Somebody else puts a toxic there.
    public func add(toxic: JSON, to proxy: String) {
        store.state.withLock { $0.proxies[proxy]?.toxics.append(State.whole(toxic)) }
    }

    public func remove(proxy: String) { store.state.withLock { $0.proxies[proxy] = nil } }

    public func enable(_ proxy: String, _ isEnabled: Bool) {
        store.state.withLock { $0.proxies[proxy]?.isEnabled = isEnabled }
    }

    /// A client of the proxy stops to read.
    public func block(_ proxy: String) { store.state.withLock { $0.proxies[proxy]?.isBlocked = true } }

    /// Starts anew with the proxies of its file, and none of their toxics.
    public func restart() {
        store.state.withLock { state in
            for name in state.proxies.keys {
                state.proxies[name]?.toxics = []
                state.proxies[name]?.isEnabled = true
                state.proxies[name]?.isBlocked = false
                state.proxies[name]?.isHung = false
            }
        }
    }

    /// The page of counters, which a server has that was started for it.
    public func tellMetrics(_ page: String) { store.state.withLock { $0.metrics = page } }

    /// Nobody is there any more.
    public func stop() { server.stop() }
}

extension StubToxiproxy.State {
    mutating func reply(to request: StubRequest, _ version: StubToxiproxy.Version) -> StubToxiproxy.Reply {
        let parts = request.line.split(separator: " ")
        guard parts.count == 2 else { return .text(400, "") }
        let method = String(parts[0])
        let path = parts[1].split(separator: "/").map(StubRequest.decoded)
        let body = try? JSON(parsing: request.body)
        switch path.count {
        case 1: return reply(method, path[0], body, version)
        case 2 where path[0] == "proxies": return reply(method, proxy: path[1], body, version)
        case 3 where path[0] == "proxies" && path[2] == "toxics": return reply(method, toxicsOf: path[1], body)
        case 4 where path[0] == "proxies" && path[2] == "toxics":
            return reply(method, toxic: path[3], of: path[1], body, version)
        default: return .text(404, "404 page not found\n")
        }
    }

    private mutating func reply(
        _ method: String, _ page: String, _ body: JSON?, _ version: StubToxiproxy.Version
    ) -> StubToxiproxy.Reply {
        switch (method, page) {
        case ("GET", "version"):
            let word = version.rawValue
            return version == .v2_1 ? .text(200, word) : .text(200, "{\"version\": \"\(word)\"}\n")
        case ("GET", "proxies"):
            guard !proxies.values.contains(where: \.isHung) else { return .hang }
            return .json(200, .object(proxies.keys.sorted().map { JSON.Member($0, shown($0)) }))
        case ("POST", "proxies"):
            guard let name = body?["name"]?.string, let upstream = body?["upstream"]?.string else {
                return complaint(400, "missing required field: upstream")
            }
            guard proxies[name] == nil else { return complaint(409, "proxy already exists") }
            let isEnabled = body?["enabled"]?.bool ?? true
            let listen = body?["listen"]?.string ?? "127.0.0.1:0"
            let isMade = make(name, listen: listen, upstream: upstream, isEnabled: isEnabled)
            return isMade ? .json(201, shown(name)) : complaint(500, "listen tcp \(listen): address already in use")
        case ("GET", "metrics"):
            return metrics.map { .text(200, $0) } ?? .text(404, "404 page not found\n")
        default: return .text(404, "404 page not found\n")
        }
    }

    /// False when the port has an owner.
    mutating func make(_ name: String, listen: String, upstream: String, isEnabled: Bool) -> Bool {
        var listen = listen
        if listen.hasSuffix(":0") {
            listen = listen.dropLast() + "\(nextPort)"
            nextPort += 1
        }
        if isEnabled, proxies.values.contains(where: { $0.isEnabled && $0.listen == listen }) { return false }
        proxies[name] = StubToxiproxy.Proxy(listen: listen, upstream: upstream, isEnabled: isEnabled)
        return true
    }

    private mutating func reply(
        _ method: String, proxy name: String, _ body: JSON?, _ version: StubToxiproxy.Version
    ) -> StubToxiproxy.Reply {
        guard let proxy = proxies[name] else { return complaint(404, "proxy not found") }
        switch method {
        case "GET": return proxy.isHung ? .hang : .json(200, shown(name))
        case "DELETE":
            proxies[name] = nil
            return .empty
        case "PATCH" where version == .v2_1: return .text(405, "")
        case "PATCH", "POST":
            let isEnabled = body?["enabled"]?.bool ?? proxy.isEnabled
            if isEnabled, !proxy.isEnabled,
                proxies.contains(where: { $0.key != name && $0.value.isEnabled && $0.value.listen == proxy.listen })
            {
                return complaint(500, "listen tcp \(proxy.listen): bind: address already in use")
            }
            proxies[name]?.isEnabled = isEnabled
            // Its connections end with it, those too that nobody read from.
            if !isEnabled { proxies[name]?.isBlocked = false }
            return proxy.isHung ? .hang : .json(200, shown(name))
        default: return .text(405, "")
        }
    }

    private mutating func reply(_ method: String, toxicsOf name: String, _ body: JSON?) -> StubToxiproxy.Reply {
        guard let proxy = proxies[name] else { return complaint(404, "proxy not found") }
        guard !proxy.isHung else { return .hang }
        guard method == "POST" else { return method == "GET" ? .json(200, .array(proxy.toxics)) : .text(405, "") }
        guard let type = body?["type"]?.string, StubToxiproxy.types.contains(type), let body else {
            return complaint(400, "invalid toxic type")
        }
        guard ["upstream", "downstream", nil].contains(body["stream"]?.string) else {
            return complaint(400, "stream was invalid, can be either upstream or downstream")
        }
        let toxic = Self.whole(body)
        guard !proxy.toxics.contains(where: { $0["name"] == toxic["name"] }) else {
            return complaint(409, "toxic already exists")
        }
        proxies[name]?.toxics.append(toxic)
        return change(name, .json(200, toxic))
    }

    private mutating func reply(
        _ method: String, toxic: String, of name: String, _ body: JSON?, _ version: StubToxiproxy.Version
    ) -> StubToxiproxy.Reply {
        guard let proxy = proxies[name] else { return complaint(404, "proxy not found") }
        guard !proxy.isHung else { return .hang }
        guard let place = proxy.toxics.firstIndex(where: { $0["name"]?.string == toxic }) else {
            return complaint(404, "toxic not found")
        }
        let old = proxy.toxics[place]
        switch method {
        case "GET": return .json(200, old)
        case "DELETE":
            // One that hangs is out of the list already; nobody can see that any more.
            proxies[name]?.toxics.remove(at: place)
            return change(name, .empty)
        case "PATCH" where version == .v2_1: return .text(405, "")
        case "PATCH", "POST":
            let attributes = StubToxiproxy.members(old["attributes"]).map { member in
                JSON.Member(member.name, body?["attributes"]?[member.name] ?? member.value)
            }
            let new = StubToxiproxy.members(old).map { member in
                switch member.name {
                case "attributes": JSON.Member("attributes", .object(attributes))
                case "toxicity": JSON.Member("toxicity", body?["toxicity"] ?? member.value)
                default: member
                }
            }
            proxies[name]?.toxics[place] = .object(new)
            return change(name, .json(200, .object(new)))
        default: return .text(405, "")
        }
    }

    /// What every change of toxics comes to while a client does not read.
    private mutating func change(_ name: String, _ reply: StubToxiproxy.Reply) -> StubToxiproxy.Reply {
        guard proxies[name]?.isBlocked == true else { return reply }
        proxies[name]?.isHung = true
        return .hang
    }

    private func shown(_ name: String) -> JSON {
        guard let proxy = proxies[name] else { return .null }
        return [
            "name": .string(name), "listen": .string(proxy.listen), "upstream": .string(proxy.upstream),
            "enabled": .bool(proxy.isEnabled), "Logger": [:], "toxics": .array(proxy.toxics),
        ]
    }

    private func complaint(_ status: Int, _ text: String) -> StubToxiproxy.Reply {
        .json(status, ["error": .string(text), "status": .integer(Int64(status))])
    }

    /// A toxic with all that a server adds: a name, the usual stream, and every attribute of its type.
    static func whole(_ toxic: JSON) -> JSON {
        let type = toxic["type"]?.string ?? ""
        let stream = toxic["stream"]?.string ?? "downstream"
        let attributes = (StubToxiproxy.attributes[type] ?? []).map { name in
            JSON.Member(name, toxic["attributes"]?[name] ?? 0)
        }
        return [
            "attributes": .object(attributes), "name": .string(toxic["name"]?.string ?? "\(type)_\(stream)"),
            "type": .string(type), "stream": .string(stream), "toxicity": toxic["toxicity"] ?? 1,
        ]
    }
}

extension StubToxiproxy {
    static let attributes = [
        "latency": ["latency", "jitter"], "bandwidth": ["rate"], "slow_close": ["delay"], "timeout": ["timeout"],
        "reset_peer": ["timeout"], "slicer": ["average_size", "size_variation", "delay"], "limit_data": ["bytes"],
        "noop": [],
    ]
    static let types = Set(attributes.keys)

    static func members(_ json: JSON?) -> [JSON.Member] {
        if case .object(let members)? = json { members } else { [] }
    }
}
