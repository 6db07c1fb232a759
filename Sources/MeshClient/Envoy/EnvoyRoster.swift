internal import MeshModel
internal import Synchronization

/// The proxies that a fleet polls now: those of the settings, and those that lists name, which come and go.
final class EnvoyRoster: Sendable {
    /// One proxy, with a number that it keeps for as long as it is there.
    struct Entry: Sendable {
        var endpoint: EnvoyEndpoint
        var number: Int
        /// It was not there when its list was first read.
        var isNew: Bool
    }

    private struct State {
        var fixed: [EnvoyEndpoint]
        var lists: [Int: [EnvoyEndpoint]] = [:]
        var entries: [Entry] = []
        var next = 0
        var version: UInt64 = 0
    }

    /// Whether anything may come or go.
    let mayChange: Bool
    private let state: Mutex<State>

    init(_ fixed: [EnvoyEndpoint], mayChange: Bool = false) {
        self.mayChange = mayChange
        var state = State(fixed: fixed)
        Self.renumber(&state, areNew: false)
        self.state = Mutex(state)
    }

    var count: Int { state.withLock { $0.entries.count } }

    /// Where they are.
    var places: Set<String> { state.withLock { Set($0.entries.map(\.endpoint.place)) } }

    /// Everybody, if that is another set than the version that is known already.
    func entries(otherThan version: UInt64?) -> (version: UInt64, entries: [Entry])? {
        state.withLock { $0.version == version ? nil : ($0.version, $0.entries) }
    }

    /// What a list names from now on.
    func put(_ endpoints: [EnvoyEndpoint], of list: Int) {
        state.withLock { state in
            let areNew = state.lists[list] != nil
            state.lists[list] = endpoints
            Self.renumber(&state, areNew: areNew)
            state.version += 1
        }
    }

    /// Each address once: the settings are right where a list names it too.
    private static func renumber(_ state: inout State, areNew: Bool) {
        let before = Dictionary(state.entries.map { ($0.endpoint.place, $0) }) { one, _ in one }
        var seen: Set<String> = []
        let all = state.fixed + state.lists.sorted { $0.key < $1.key }.flatMap(\.value)
        state.entries = all.filter { seen.insert($0.place).inserted }.map { endpoint in
            if let known = before[endpoint.place], known.endpoint == endpoint { return known }
            defer { state.next += 1 }
            return Entry(endpoint: endpoint, number: state.next, isNew: areNew)
        }
    }
}

/// The sidecars of one slot of a fleet: made when their proxies appear, let go when nothing names them any more.
struct EnvoyCrew {
    let slot: Int
    let slots: Int
    private(set) var sidecars: [EnvoySidecar] = []
    private var version: UInt64?

    init(slot: Int, of slots: Int) {
        self.slot = slot
        self.slots = slots
    }

    /// Takes up what has changed, and tells who left. Those who stay go on counting.
    mutating func follow(
        _ roster: EnvoyRoster, directory: EnvoyDirectory, making sidecar: (EnvoyRoster.Entry) -> EnvoySidecar
    ) -> [Observation] {
        guard let (version, all) = roster.entries(otherThan: version) else { return [] }
        self.version = version
        let own = all.filter { $0.number % slots == slot }
        let known = Dictionary(sidecars.map { ($0.endpoint.place, $0) }) { one, _ in one }
        let wanted = Dictionary(own.map { ($0.endpoint.place, $0.endpoint) }) { one, _ in one }
        let left = sidecars.filter { wanted[$0.endpoint.place] != $0.endpoint }
        sidecars = own.map { entry in
            if let same = known[entry.endpoint.place], same.endpoint == entry.endpoint { return same }
            return sidecar(entry)
        }
        return left.flatMap { $0.leave(directory) }
    }
}
