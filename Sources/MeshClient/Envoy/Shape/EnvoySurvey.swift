internal import MeshModel

/// What a poller finds out of how one Envoy is made: whether it has the names of gameday's own meshes, and what it is
/// taken for if not. Pages are asked for one by one, when something changed.
struct EnvoySurvey {
    /// A report that waits for what the hosts say.
    struct Pending {
        var report: TrafficReport
        var hidden: Set<EnvoyStatsWire.Scope>
        var seconds: Double
    }

    /// Seconds until a proxy that served none of the pages is asked for them again.
    private static let patience = 30.0

    private(set) var isPrepared = false
    private(set) var outline: EnvoyOutline?
    /// What the proxy says of itself on the pages.
    var node: EnvoyOutline.Node?
    var shape: EnvoyShape?
    /// Which neighbours the shape was decided by.
    var revision: UInt64 = 0
    /// How often the configuration had changed at the last page.
    var changes: UInt64?
    var pending: Pending?
    var hosts: EnvoyHosts?
    /// Which form of histograms the proxy knows.
    var buckets = "detailed"
    private var wanted: ArraySlice<EnvoyOutline.Page> = []
    private var pages: [EnvoyOutline.Page: JSON] = [:]
    private var nextTry = 0.0

    /// The page that is to be asked for now.
    var page: EnvoyOutline.Page? { wanted.first }

    /// True while nobody knows what it is.
    var isUnknown: Bool { !isPrepared && shape == nil }

    /// True when every statistic of the shape is there once it counted anything.
    var knowsAll: Bool { shape != nil && outline?.hidesStatistics == false }

    /// Whether the pages have to be read, now that a page of statistics came. `isAnother` says that another process than
    /// the one before may have written it.
    mutating func wantsPages(
        _ wire: EnvoyStatsWire, _ page: EnvoyStatsPage, at time: Double, isAnother: Bool
    ) -> Bool {
        if shape == nil {
            if wire.sawOurListener { isPrepared = true }
            guard !isPrepared, time >= nextTry else { return false }
        } else {
            defer { changes = page.changes ?? changes }
            guard isAnother || (changes != nil && page.changes != nil && page.changes != changes) else { return false }
        }
        wanted = EnvoyOutline.Page.allCases[...]
        pages = [:]
        return true
    }

    /// Takes the answer of a page; true after the last.
    mutating func take(
        _ page: EnvoyOutline.Page, _ result: Result<HTTPResponse, TransportError>, at time: Double
    ) -> Bool {
        wanted = wanted.dropFirst()
        // Who does not answer is not asked for more now; a page too large is only a page too few.
        if case .failure(let error) = result, !error.isTooLarge {
            (wanted, pages, nextTry) = ([], [:], time + Self.patience / 10)
            return false
        }
        if let answer = try? result.get(), answer.status == 200, let json = try? JSON(parsing: answer.body) {
            pages[page] = json
        }
        guard wanted.isEmpty else { return false }
        defer { pages = [:] }
        // Who tells neither listeners nor clusters tells nothing; what was known before stands.
        let tells: [EnvoyOutline.Page] = [
            .staticListeners, .dynamicListeners, .staticClusters, .dynamicClusters, .hosts,
        ]
        guard tells.contains(where: { pages[$0] != nil }) else {
            nextTry = time + Self.patience
            return true
        }
        let outline = EnvoyOutline(pages)
        self.outline = outline
        if pages[.serverInfo] != nil { node = outline.node }
        let naming = EnvoyNaming()
        isPrepared = outline.gates.contains { $0.isHTTP && naming.isOurs(prefix: $0.prefix) }
        return true
    }
}

extension TransportError {
    fileprivate var isTooLarge: Bool {
        if case .tooLarge = self { true } else { false }
    }
}
