public import MeshModel
import Synchronization

/// A server that answers as the API of a Kubernetes cluster does: written from what a real one (1.36) answered, and held
/// to it by a test that asks both the same. Nothing runs in it: objects change when somebody changes them.
public final class StandInCluster: Sendable {
    /// A request as the cluster saw it.
    public struct Request: Sendable {
        public var method: String
        /// Without the query.
        public var path: String
        public var query: [String: String]
        /// By their names in small letters.
        public var headers: [String: String]
        public var body: [UInt8]

        public var json: JSON? { try? JSON(parsing: body) }
        /// Method and path, like `GET /api/v1/namespaces`.
        public var line: String { "\(method) \(path)" }
    }

    /// What is answered out of the ordinary.
    public struct Answer: Sendable {
        public var status: Int
        public var headers: [String]
        public var body: [UInt8]

        public init(_ status: Int, headers: [String] = ["Content-Type: application/json"], body: [UInt8]) {
            self.status = status
            self.headers = headers
            self.body = body
        }

        /// A no as the API server says it.
        public static func refusal(
            _ status: Int, _ reason: String?, _ message: String, headers: [String] = []
        ) -> Answer {
            let json = StandInStatus.failure(status, reason, message)
            return Answer(status, headers: ["Content-Type: application/json"] + headers, body: json.bytes)
        }
    }

    /// Answers a request itself, to its end; nil leaves it to the cluster.
    public typealias Script = @Sendable (Request, StubConnection) -> Bool?

    struct State {
        var store = StandInStore()
        var requests: [Request] = []
        var scripts: [Int: Script] = [:]
        var nextScript = 0
        /// Users by their tokens; nobody has to tell who they are while it is empty.
        var tokens: [String: String] = [:]
        /// What each user may, as in a SelfSubjectRulesReview; who is not named may everything.
        var rights: [String: [JSON]] = [:]
        var isIncomplete = false
        var forbidsEviction = false
        var absent: Set<String> = []
        var isReady = true
    }

    private final class Core: Sendable {
        let state = Mutex(State())
    }

    private final class Count: Sendable {
        let left: Mutex<Int>
        init(_ left: Int) { self.left = Mutex(left) }
    }

    private let core = Core()
    private let server: Mutex<StubServer>
    public let port: UInt16

    public var url: String { "http://127.0.0.1:\(port)" }

    /// Every request, in order.
    public var requests: [Request] { core.state.withLock { $0.requests } }

    /// Keeps these objects to begin with.
    public init(objects: [JSON] = []) throws {
        let first = try Self.serve(core)
        server = Mutex(first)
        port = first.port
        for object in objects { put(object) }
    }

    /// Creates an object or changes it, as another program than ours would; what it then is comes back.
    @discardableResult
    public func put(_ object: JSON, by manager: String = "kubectl-client-side-apply") -> JSON {
        core.state.withLock { $0.put(object, by: manager) }
    }

    /// The object, or nil when there is none; its kind as objects have it, like `VirtualService`.
    public func object(_ kind: String, _ name: String, in namespace: String = "") -> JSON? {
        core.state.withLock { state in
            state.store.objects.first { key, _ in
                key.resource.kind == kind && key.name == name && key.namespace == namespace
            }?.value
        }
    }

    /// Removes an object at once.
    public func remove(_ kind: String, _ name: String, in namespace: String = "") {
        core.state.withLock { state in
            let key = state.store.objects.keys.first {
                $0.resource.kind == kind && $0.name == name && $0.namespace == namespace
            }
            if let key { state.store.remove(key) }
        }
    }

    /// How many watches are open.
    public var watchCount: Int { core.state.withLock { $0.store.watchers.count } }

    /// Tells every watch that wants it how far it has seen.
    public func bookmark() { core.state.withLock { $0.store.bookmark() } }

    /// Forgets what was: whoever watches or lists on from there is told that it is too old.
    public func forget() { core.state.withLock { $0.store.forget() } }

    /// Ends every watch as the server does when its time is over.
    public func endWatches() {
        core.state.withLock { state in
            for watcher in state.store.watchers.values {
                watcher.connection.write("0\r\n\r\n")
                watcher.connection.stopReading()
            }
            state.store.watchers = [:]
        }
    }

    /// Writes these bytes to every watch, as they are.
    public func tellWatches(_ text: String) {
        core.state.withLock { state in
            for watcher in state.store.watchers.values { watcher.connection.writeChunk(Array(text.utf8)) }
        }
    }

    /// Changes reach no watch any more, which stay open: as with a server that is on its way down.
    public func silence(_ isSilent: Bool = true) { core.state.withLock { $0.store.isSilent = isSilent } }

    /// Whether /readyz says that the server is ready.
    public func setReady(_ isReady: Bool) { core.state.withLock { $0.isReady = isReady } }

    /// Whoever comes with this token is that user, who may what these rules say, or everything; from now on a token that
    /// nobody has is refused.
    public func admit(_ user: String, token: String, rules: [JSON]? = nil) {
        core.state.withLock { state in
            state.tokens[token] = user
            if let rules { state.rights[user] = rules }
        }
    }

    /// The token is worth nothing any more.
    public func revoke(token: String) { core.state.withLock { $0.tokens[token] = nil } }

    /// The rules of a review are not all there are: another authorizer has its say.
    public func setIncomplete(_ isIncomplete: Bool) { core.state.withLock { $0.isIncomplete = isIncomplete } }

    /// A disruption budget lets nobody evict.
    public func forbidEviction(_ isForbidden: Bool = true) {
        core.state.withLock { $0.forbidsEviction = isForbidden }
    }

    /// Has nothing of this group (`networking.istio.io`), as a cluster without its definitions, or of a version of it
    /// (`networking.istio.io/v1`), or of one kind in that (`security.istio.io/v1/peerauthentications`).
    public func omit(group: String) { core.state.withLock { _ = $0.absent.insert(group) } }

    /// Lets a script see every request first; it goes when `times` of them were answered by it.
    public func script(times: Int = .max, _ script: @escaping Script) {
        let count = Count(times)
        core.state.withLock { state in
            state.nextScript += 1
            state.scripts[state.nextScript] = { request, connection in
                guard count.left.withLock({ $0 > 0 }) else { return nil }
                guard let goesOn = script(request, connection) else { return nil }
                count.left.withLock { $0 -= 1 }
                return goesOn
            }
        }
    }

    /// Answers this to so many requests that are meant.
    public func answer(
        _ answer: Answer, times: Int = .max, where isMeant: @escaping @Sendable (Request) -> Bool = { _ in true }
    ) {
        script(times: times) { request, connection in
            guard isMeant(request) else { return nil }
            return connection.respond(answer.status, headers: answer.headers, body: answer.body)
        }
    }

    /// No script is asked any more.
    public func clearScripts() { core.state.withLock { $0.scripts = [:] } }

    /// Hangs up everywhere and is gone; its objects stay.
    public func stop() {
        server.withLock { $0.stop() }
        core.state.withLock { $0.store.watchers = [:] }
    }

    /// Is there again after a stop, on the same port.
    public func start() throws {
        let again = try Self.serve(core, port: port)
        server.withLock { $0 = again }
    }

    private static func serve(_ core: Core, port: UInt16 = 0) throws -> StubServer {
        try StubServer(port: port) { request, connection in
            guard let seen = Request(request) else { return connection.respond(400, body: "") }
            let scripts = core.state.withLock { state in
                state.requests.append(seen)
                return state.scripts.sorted { $0.key < $1.key }.map(\.value)
            }
            for script in scripts {
                if let goesOn = script(seen, connection) { return goesOn }
            }
            let reply = core.state.withLock { $0.reply(to: seen, connection) }
            switch reply {
            case .answer(let answer):
                return connection.respond(answer.status, headers: answer.headers, body: answer.body)
            case .done: return false
            case .watch(let id, let limit):
                let hasEnded = !connection.waitForHangUp(upTo: limit)
                let wasThere = core.state.withLock { $0.store.watchers.removeValue(forKey: id) != nil }
                return hasEnded && wasThere && connection.write("0\r\n\r\n")
            }
        }
    }
}

extension StandInCluster.Request {
    init?(_ request: StubRequest) {
        let parts = request.line.split(separator: " ")
        guard parts.count == 2 else { return nil }
        method = String(parts[0])
        let target = parts[1].split(separator: "?", maxSplits: 1)
        path = target.first.map(String.init) ?? "/"
        query = [:]
        for pair in target.count == 2 ? target[1].split(separator: "&") : [] {
            let words = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[StubRequest.decoded(words[0])] = words.count == 2 ? StubRequest.decoded(words[1]) : ""
        }
        headers = [:]
        for line in request.headers {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            headers[line[..<colon].lowercased()] = String(value)
        }
        body = request.body
    }
}

/// The `Status` objects of an API server.
enum StandInStatus {
    static func failure(
        _ status: Int, _ reason: String?, _ message: String, metadata: JSON = [:], details: JSON? = nil
    ) -> JSON {
        var json: JSON = [
            "kind": "Status", "apiVersion": "v1", "metadata": metadata, "status": "Failure",
            "message": .string(message),
        ]
        if let reason { json = json.with("reason", .string(reason)) }
        if let details { json = json.with("details", details) }
        return json.with("code", .integer(Int64(status)))
    }
}
