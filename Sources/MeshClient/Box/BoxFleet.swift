internal import MeshModel

/// Looks at the programs of a demo at an interval, and tells how far the sidecars are with what they were told.
struct BoxFleet: Sendable {
    /// They are told when something changes, and else so often: they have no traffic by which they would be heard.
    private static let pace = Duration.seconds(2)

    private let places: [BoxPlace]
    private let transport: any HTTPTransport
    private let interval: Duration
    private let directory: BoxDirectory
    private let bell = PollBell()
    let meter = PollMeter()

    init(_ places: [BoxPlace], transport: any HTTPTransport, interval: Duration, directory: BoxDirectory) {
        self.places = places
        self.transport = transport
        self.interval = interval
        self.directory = directory
    }

    func pollSoon(_ sources: Set<String>) { bell.ring(sources) }

    func run(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await withDiscardingTaskGroup { group in
            for (slot, place) in places.enumerated() { group.addTask { await follow(place, slot, turns) } }
        }
    }

    private func follow(_ place: BoxPlace, _ slot: Int, _ turns: @Sendable (AdapterTurn) -> Void) async {
        let clock = ContinuousClock()
        var next = clock.now
        var told: (report: SourceReport, at: ContinuousClock.Instant)?
        var sync = BoxSync()
        while await bell.wake(slot, at: next, by: clock) {
            _ = bell.take(slot)
            var observations: [Observation] = []
            let report = await look(at: place, &sync)
            if report != told?.report || told.map({ $0.at + Self.pace <= clock.now }) ?? true {
                observations.append(.source(report))
                told = (report, clock.now)
            }
            if place.role == .control, let news = sync.news() {
                observations.append(.note(Note(by: "gameday", text: news)))
            }
            turns(AdapterTurn(observations))
            next = max(next.advanced(by: interval), clock.now)
        }
    }

    private func look(at place: BoxPlace, _ sync: inout BoxSync) async -> SourceReport {
        var report = SourceReport(
            name: place.source, kind: .box, endpoint: "unix:" + place.socket, service: nil, state: .fresh,
            interval: Double(Self.pace.components.seconds))
        do {
            let page = try BoxPage(try await ask(place, BoxPage.path))
            directory.put(page, of: place)
            if place.role == .control { sync.take(try IstiodSync(try await ask(place, "/debug/syncz"))) }
            meter.count(isGood: true)
        } catch {
            meter.count(isGood: false)
            (report.state, report.explanation) = (.unreachable, place.role.loss)
            return report
        }
        if place.role == .control { (report.health, report.explanation) = (sync.health, sync.trouble) }
        return report
    }

    private func ask(_ place: BoxPlace, _ path: String) async throws -> [UInt8] {
        let response = try await transport.send(
            HTTPRequest("GET", "http://localhost" + path, deadline: interval * 0.8, unixSocket: place.socket))
        return response.status == 200 ? response.body : []
    }
}

extension BoxPlace.Role {
    /// What it means that it does not answer.
    fileprivate var loss: String {
        switch self {
        case .control: "control plane lost, proxies keep their last configuration"
        case .keeper: "dead processes are not restarted"
        }
    }
}

/// How far the sidecars are with what the control plane told them, in the words of `istioctl proxy-status`.
struct BoxSync: Equatable, Sendable {
    private var states: [String: IstiodSync.Standing.State] = [:]
    private var told: [String: IstiodSync.Standing.State] = [:]

    mutating func take(_ sync: IstiodSync) {
        states = Dictionary(sync.proxies.map { ($0.name, $0.state) }) { $1 }
    }

    /// `14 synced`, `13 synced, 1 stale`.
    var health: String {
        let words = states.values.map(\.word)
        return ["synced", "stale", "refused"].compactMap { word in
            let count = words.count { $0 == word }
            return count > 0 ? "\(count) \(word)" : nil
        }.joined(separator: ", ")
    }

    /// Who is not synced.
    var trouble: String? {
        let bad = states.filter { $0.value != .synced }.sorted { $0.key < $1.key }
        guard !bad.isEmpty else { return nil }
        return bad.prefix(3).map { "\($0.key) \($0.value.words)" }.joined(separator: ", ")
            + (bad.count > 3 ? " and \(bad.count - 3) more" : "")
    }

    /// What is to be told of those that refuse, or do so no more. Who is stale for a moment is no news.
    mutating func news() -> String? {
        let before = Set(told.filter { $0.value.isRefusal }.keys)
        let now = Set(states.filter { $0.value.isRefusal }.keys)
        told = states
        if let name = now.subtracting(before).min() {
            return "\(name) \(states[name]?.words ?? "") and keeps its last configuration"
        }
        return before.subtracting(now).min().map { "\($0) gets its configuration again" }
    }
}

extension IstiodSync.Standing.State {
    var word: String {
        switch self {
        case .synced: "synced"
        case .stale, .neverSent: "stale"
        case .refused: "refused"
        }
    }

    fileprivate var isRefusal: Bool { word == "refused" }

    fileprivate var words: String {
        switch self {
        case .synced: "is synced"
        case .stale: "is stale"
        case .neverSent: "was never configured"
        case .refused(let why): why
        }
    }
}
