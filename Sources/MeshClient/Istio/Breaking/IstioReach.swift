internal import MeshModel

/// How a cluster is reached for breaking it.
struct IstioReach: Sendable {
    var cluster: any KubeAsking
    /// Asks the admin page of a pod's sidecar; nil where there is no way to it.
    var admin: Admin?
    /// The same for whoever asks once in a while: the way is closed after the answer, which otherwise stays open.
    var glance: Admin?
    /// What istiod says of the sidecars of a namespace, or of all; nil when it can't be asked.
    var sync: (@Sendable (_ namespace: String?) async -> IstiodSync?)?
    var clock: any Clock<Duration> = ContinuousClock()
    /// The clock that nobody can set, for what expires.
    var elapsed: @Sendable () -> Duration = { IstioReach.start.duration(to: .now) }
    /// The wall clock, for what others read.
    var now: @Sendable () -> Timestamp = KubeTime.now

    /// Asks a page of the admin page of a pod's sidecar, by method and path.
    typealias Admin =
        @Sendable (_ pod: IstioDirectory.Pod, _ method: String, _ path: String) async throws(TransportError) ->
        HTTPResponse

    private static let start = ContinuousClock.now
}

/// Watches whether sidecars take what istiod sends them after a change.
struct PushWatch: Sendable {
    /// After so long a configuration counts as refused.
    static let usualPatience = Duration.milliseconds(2500)
    private static let step = Duration.milliseconds(100)

    private let reach: IstioReach
    private let namespace: String?
    /// The pods that matter, as `name.namespace`; nil for whoever gets something.
    private let proxies: Set<String>?
    private let patience: Duration
    private let before: [String: IstiodSync.Standing]?

    /// Begins before the change.
    init(
        _ reach: IstioReach, namespace: String?, proxies: Set<String>?, patience: Duration = Self.usualPatience
    ) async {
        self.reach = reach
        self.namespace = namespace
        self.proxies = proxies
        self.patience = patience
        before = await withTaskGroup(of: [String: IstiodSync.Standing]?.self) { group in
            group.addTask { await Self.look(reach, namespace) }
            group.addTask {
                // An undo does not wait long for istiod to say how things were before it.
                try? await reach.clock.sleep(for: min(patience / 3, .milliseconds(800)))
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private static func look(_ reach: IstioReach, _ namespace: String?) async -> [String: IstiodSync.Standing]? {
        guard let sync = reach.sync, let all = await sync(namespace) else { return nil }
        return Self.routes(of: all)
    }

    /// How far the routes of each sidecar have come.
    static func routes(of sync: IstiodSync) -> [String: IstiodSync.Standing] {
        let sidecars = sync.proxies.filter { ($0.kind ?? "sidecar") == "sidecar" }
        return Dictionary(sidecars.map { ("\($0.name).\($0.namespace)", $0.standing(.routes)) }) { $1 }
    }

    /// Every sidecar that is connected has what was last sent to it; false when istiod does not answer.
    static func isSettled(_ reach: IstioReach, namespace: String?) async -> Bool {
        guard let now = await look(reach, namespace) else { return false }
        return !now.isEmpty && now.values.allSatisfy { $0.state == .synced }
    }

    /// What became of the change.
    enum Outcome: Equatable {
        case taken
        /// Why, and whether it is only that nothing was sent.
        case refused(String, isSilence: Bool = false)
        /// istiod could not be asked.
        case unknown
    }

    /// Returns when every sidecar has taken the change, or when one refuses it, or when patience is over.
    func outcome() async -> Outcome {
        guard let before else { return .unknown }
        var last = Outcome.unknown
        var sure = 0
        var waited = Duration.zero
        while waited < patience, !Task.isCancelled {
            if let now = await Self.look(reach, namespace) {
                let outcome = Self.judge(before, now, proxies)
                if outcome == .taken { return outcome }
                // What it said of the configuration before may still stand there when the next is on its way.
                let isRefused = now.contains { $1.refusal != nil && $1.sent != before[$0]?.sent }
                sure = isRefused && outcome == last ? sure + 1 : 0
                last = outcome
                if sure >= 3 { return last }
            }
            try? await reach.clock.sleep(for: Self.step)
            waited += Self.step
        }
        return last
    }

    static func judge(
        _ before: [String: IstiodSync.Standing], _ now: [String: IstiodSync.Standing], _ proxies: Set<String>?
    ) -> Outcome {
        let meant = now.filter { proxies?.contains($0.key) ?? true }.sorted { $0.key < $1.key }
        let changed = meant.filter { $0.value.sent != before[$0.key]?.sent }
        for (proxy, standing) in changed {
            if case .refused(let why) = standing.state {
                return .refused("\(proxy) rejected its routes: \(Self.short(why))")
            }
        }
        if let late = changed.first(where: { $0.value.state != .synced }) {
            return .refused("\(late.key) has not acknowledged its routes")
        }
        if proxies != nil, let unsent = meant.first(where: { $0.value.sent == before[$0.key]?.sent }) {
            return .refused(
                "istiod has sent nothing to \(unsent.key); a Sidecar object may hide the host from it", isSilence: true)
        }
        return changed.isEmpty ? .refused("istiod has sent nothing to any sidecar", isSilence: true) : .taken
    }

    private static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        return line.count > 200 ? "…" + line.suffix(199) : line
    }
}
