internal import MeshModel

/// The name of an object in its cluster.
struct KubeName: Hashable, Comparable, Sendable {
    /// Empty for what belongs to no namespace.
    var namespace: String
    var name: String

    init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    init(_ object: KubeObject) {
        self.init(object.namespace, object.name)
    }

    static func < (left: KubeName, right: KubeName) -> Bool {
        (left.namespace, left.name) < (right.namespace, right.name)
    }
}

/// Follows all objects of one kind, for ever: lists them page by page, then watches what becomes of them.
///
/// It keeps nothing of them: whoever follows gets what a projection makes of each. What it can't see any more it says,
/// and goes on trying; what was told stays as true as it was, and gets older.
struct KubeFollower<Item: Sendable, C: Clock>: Sendable where C.Duration == Duration {
    enum Change: Sendable {
        /// These are all there are; what was told before and is not among them is gone.
        case all([KubeName: Item])
        case put(KubeName, Item)
        case removed(KubeName)
        /// Nothing is seen any more, since so long ago. Told once, until `back`.
        case silent(for: Duration, why: KubeError)
        /// It is seen again; what changed meanwhile follows.
        case back
    }

    /// How long a watch may say nothing until it is taken up anew: most of them have a bookmark about each minute.
    static var longestSilence: Duration { .seconds(70) }

    let resource: KubeResource
    /// Nil for those of all namespaces.
    let namespace: String?
    /// Like `app=ratings`; nil for all.
    var labels: String?
    let cluster: KubeCluster
    /// Tells when the server is gone, which a watch need not.
    let pulse: KubePulse<C>?
    let clock: C
    /// How long to wait at least after the server said that there is no such thing, or that it may not be seen.
    var refusedPause = Duration.zero
    /// What is kept of an object; nil for one that is not wanted.
    let project: @Sendable (KubeObject) -> Item?

    init(
        _ resource: KubeResource, in namespace: String?, labels: String? = nil, of cluster: KubeCluster,
        pulse: KubePulse<C>? = nil, clock: C, project: @escaping @Sendable (KubeObject) -> Item?
    ) {
        self.resource = resource
        self.namespace = namespace
        self.labels = labels
        self.cluster = cluster
        self.pulse = pulse
        self.clock = clock
        self.project = project
    }

    /// Follows until the task is cancelled.
    func run(telling tell: @escaping @Sendable (Change) -> Void) async {
        var sight = KubeSight(clock: clock)
        var backOff = KubeBackOff()
        var version: String?
        while !Task.isCancelled {
            do throws(KubeError) {
                let start: String
                if let version {
                    start = version
                } else {
                    start = try await list(tell)
                    if sight.returns() { tell(.back) }
                    version = start
                }
                version = try await watch(from: start, &sight, &backOff, tell)
            } catch {
                if Task.isCancelled { return }
                let isExpired = error.refusal?.isExpired == true
                backOff.meets(error)
                if isExpired || error.isForeign { version = nil }
                // That a version is too old is no silence: the new list will tell all.
                if isExpired, backOff.isFresh {
                    backOff.count()
                    continue
                }
                if !isExpired, let age = sight.fails() { tell(.silent(for: age, why: error)) }
                let isDenied = error.refusal.map { $0.isForbidden || $0.isMissing } ?? false
                await rest(max(backOff.next(after: error), isDenied ? refusedPause : .zero))
            }
        }
    }

    /// Waits before the next try; no longer than until a server that was gone is there again.
    private func rest(_ pause: Duration) async {
        await withTaskGroup { group in
            group.addTask { [clock] in try? await clock.sleep(for: pause) }
            if let pulse, pulse.failure != nil { group.addTask { await pulse.found() } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Tells all there are, and answers as of which version.
    private func list(_ tell: (Change) -> Void) async throws(KubeError) -> String {
        var request = KubeRequest.list(resource, in: namespace)
        request.deadline = .seconds(30)
        if let labels { request.query.append(("labelSelector", labels)) }
        var found: [KubeName: Item] = [:]
        var next = request
        while true {
            let bytes = try await cluster.bytes(next)
            let page: KubeListPage
            do {
                page = try KubeListPage(bytes) { object in
                    if let item = project(object) { found[KubeName(object)] = item }
                }
            } catch {
                throw .malformed(server: cluster.server, what: "\(error.message) at byte \(error.offset)")
            }
            guard let continuation = page.continuation else {
                tell(.all(found))
                return page.resourceVersion
            }
            next = request
            next.query.append(("continue", continuation))
        }
    }

    /// Watches until the server ends it, and answers from which version on to watch again.
    private func watch(
        from start: String, _ sight: inout KubeSight<C>, _ backOff: inout KubeBackOff,
        _ tell: (Change) -> Void
    ) async throws(KubeError) -> String {
        var request = KubeRequest(path: resource.path(namespace: namespace))
        request.query = [
            ("watch", "1"), ("resourceVersion", start), ("allowWatchBookmarks", "true"),
            // Not all of many watches at once.
            ("timeoutSeconds", "\(Int.random(in: 270...330))"),
        ]
        if let labels { request.query.append(("labelSelector", labels)) }
        let begun = clock.now
        let stream = try await cluster.stream(request)
        if let failure = pulse?.failure { throw failure }
        if sight.returns() { tell(.back) }
        var lines = KubeWatchLines()
        var version = start
        let pieces = TimedPieces(stream.chunks, limit: Self.longestSilence, clock: clock, interruption: loss)
        while true {
            let events: [KubeWatchEvent]
            do {
                guard let bytes = try await pieces.next() else { break }
                events = try lines.take(bytes)
            } catch is PiecesTimedOut {
                // Servers send no bookmark of a kind that nobody has touched since they started. The next watch shows
                // whether this one was such a one or dead: it is refused then, or brings what was missed.
                break
            } catch {
                throw self.error(error)
            }
            sight.sees()
            for event in events { try take(event, &version, tell) }
            if !events.isEmpty { backOff = KubeBackOff() }
        }
        if begun.duration(to: clock.now) > .seconds(5) { backOff = KubeBackOff() }
        // A server that ends every watch at once is not to be asked without a pause.
        if begun.duration(to: clock.now) < .seconds(1) {
            await rest(backOff.next(after: nil))
        }
        return version
    }

    /// Waits for the server to be gone; nil where nobody looks.
    private var loss: (@Sendable () async -> (any Error)?)? {
        guard let pulse else { return nil }
        return { await pulse.lost() }
    }

    private func take(
        _ event: KubeWatchEvent, _ version: inout String, _ tell: (Change) -> Void
    ) throws(KubeError) {
        switch event {
        case .put(let object):
            tell(project(object).map { .put(KubeName(object), $0) } ?? .removed(KubeName(object)))
            version = object.resourceVersion
        case .removed(let object):
            tell(.removed(KubeName(object)))
            version = object.resourceVersion
        case .bookmark(let new): if !new.isEmpty { version = new }
        case .failed(let refusal): throw .refused(refusal)
        case .other: break
        }
    }

    private func error(_ error: any Error) -> KubeError {
        switch error {
        case let mistake as KubeWatchLines.Mistake: .malformed(server: cluster.server, what: mistake.words)
        case let error as KubeError: error
        case let error as TransportError: .unreachable(server: cluster.server, error)
        default: .unreachable(server: cluster.server, .cancelled)
        }
    }
}

extension KubeError {
    /// What came was none of an API server's; what is known from there is worth nothing.
    fileprivate var isForeign: Bool { if case .malformed = self { true } else { false } }
}

/// When something was seen last, and whether that it no longer is has been told.
struct KubeSight<C: Clock> where C.Duration == Duration {
    private let clock: C
    private var last: C.Instant
    private var isSilent = false

    init(clock: C) {
        self.clock = clock
        last = clock.now
    }

    mutating func sees() { last = clock.now }

    /// True when it was told to be silent, and no longer is.
    mutating func returns() -> Bool {
        defer { isSilent = false }
        sees()
        return isSilent
    }

    /// How long ago it was seen last, if that is to be told.
    mutating func fails() -> Duration? {
        guard !isSilent else { return nil }
        isSilent = true
        return last.duration(to: clock.now)
    }
}

/// How long to wait before the next try: longer each time, and never the same for two.
struct KubeBackOff {
    private static let longest = Duration.seconds(30)
    private var tries = 0
    private var wasAnswered = true

    /// Whether nothing went wrong since the last success.
    var isFresh: Bool { tries == 0 }

    mutating func count() { tries += 1 }

    /// A server that answers again, if only with a no, is not made to wait for what it did not say before: one that
    /// starts refuses watches for a moment.
    mutating func meets(_ error: KubeError) {
        let isAnswered = error.refusal != nil
        if isAnswered, !wasAnswered { tries = 0 }
        wasAnswered = isAnswered
    }

    mutating func next(after error: KubeError?) -> Duration {
        count()
        let whole = min(Self.longest, .seconds(1) * (1 << min(tries - 1, 5)))
        let pause = whole * Double.random(in: 0.75...1.25)
        return min(max(pause, error?.refusal?.retryAfter ?? .zero), .seconds(60))
    }
}
