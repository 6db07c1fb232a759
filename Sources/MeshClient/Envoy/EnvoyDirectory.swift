public import MeshModel
internal import Synchronization

/// Who is who among the sidecars: filled by the fleet as they tell their names, read by whoever wants to reach one.
public final class EnvoyDirectory: Sendable {
    /// One sidecar that was heard of.
    public struct Entry: Equatable, Sendable {
        /// The name of the source.
        public var source: String
        public var service: ServiceName
        public var endpoint: EnvoyEndpoint

        public init(source: String, service: ServiceName, endpoint: EnvoyEndpoint) {
            self.source = source
            self.service = service
            self.endpoint = endpoint
        }
    }

    private struct State {
        var entries: [ServiceName: [Entry]] = [:]
        var sources: [String: Entry] = [:]
        var shapes: [String: EnvoyShape] = [:]
        var doors: [String: [EnvoyNeighbours.Door]] = [:]
        var called: [String: ServiceName] = [:]
        /// Rises with everything by which one proxy's clusters may be told to be another's service.
        var revision: UInt64 = 0

        mutating func add(_ entry: Entry) {
            entries[entry.service, default: []].append(entry)
            sources[entry.source] = entry
            revision += 1
        }
    }

    private let state: Mutex<State>
    private let names: SourceNames

    public init(_ entries: [Entry] = [], names: SourceNames = SourceNames()) {
        self.names = names
        var state = State()
        for entry in entries { state.add(entry) }
        self.state = Mutex(state)
    }

    /// The sidecars of a service; a service that has several instances has several.
    public func sidecars(of service: ServiceName) -> [Entry] {
        state.withLock { $0.entries[service] ?? [] }
    }

    /// All sidecars that told their names, by service.
    public var all: [Entry] {
        state.withLock { state in
            state.entries.values.flatMap { $0 }.sorted { ($0.service, $0.source) < ($1.service, $1.source) }
        }
    }

    /// The sidecars of these sources, or all.
    func sidecars(named sources: Set<String>?) -> [Entry] {
        guard let sources else { return all }
        return state.withLock { state in sources.sorted().compactMap { state.sources[$0] } }
    }

    func add(_ entry: Entry) {
        state.withLock { $0.add(entry) }
    }

    /// Another service is behind the endpoint of this source now: no fault of its old service goes there any more. Who
    /// asks for the source by its name still finds the place, for it is there that nothing may be left.
    func moveOut(_ source: String) {
        state.withLock { state in
            guard let service = state.sources[source]?.service else { return }
            state.entries[service]?.removeAll { $0.source == source }
            state.shapes[source] = nil
            state.doors[source] = nil
        }
    }

    /// What this source's proxy is taken for; nil while nothing is known, or when it has our names.
    func shape(of source: String) -> EnvoyShape? {
        state.withLock { $0.shapes[source] }
    }

    func set(_ shape: EnvoyShape?, of source: String) {
        state.withLock { state in
            state.shapes[source] = shape
            for (other, name) in shape?.called ?? [:] where state.called[other] == nil {
                state.called[other] = name.value
            }
        }
    }

    /// What those who call this source's proxy call it; who was first is believed.
    func calledName(of source: String) -> ServiceName? {
        state.withLock { $0.called[source] }
    }

    /// Puts down where a proxy listens.
    func set(doors: [EnvoyNeighbours.Door], of source: String) {
        state.withLock { state in
            guard state.doors[source] != doors else { return }
            state.doors[source] = doors
            state.revision += 1
        }
    }

    /// Another number means other neighbours.
    var revision: UInt64 { state.withLock { $0.revision } }

    /// All proxies but this one.
    func neighbours(of source: String) -> EnvoyNeighbours {
        state.withLock { state in
            var neighbours = EnvoyNeighbours()
            for entry in state.sources.values.sorted(by: { $0.source < $1.source }) { neighbours.add(entry.service) }
            for (other, doors) in state.doors.sorted(by: { $0.key < $1.key }) where other != source {
                neighbours.doors += doors
            }
            return neighbours
        }
    }

    /// A name that no other source has: a service with several sidecars numbers them.
    func unique(_ name: String) -> String { names.unique(name) }
}
