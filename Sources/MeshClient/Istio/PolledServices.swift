internal import MeshModel
internal import Synchronization

/// Which services stand in pods that are polled, for whoever reads what Istio calls them.
final class PolledServices: Sendable {
    private struct State {
        /// By canonical service and namespace.
        var services: [String: ServiceName] = [:]
        /// The sources that answer, by service.
        var heard: [ServiceName: Set<String>] = [:]
        /// Whom those say that they call.
        var callees: [ServiceName: Set<ServiceName>] = [:]
    }

    /// Where every source gets its name.
    let names: SourceNames
    private let state = Mutex(State())

    init(names: SourceNames = SourceNames()) {
        self.names = names
    }

    /// The pods that there are now.
    func set(_ pods: [IstioPod]) {
        var services: [String: ServiceName] = [:]
        for pod in pods { services[pod.canonicalService + "." + pod.namespace] = pod.service }
        state.withLock { $0.services = services }
    }

    /// One name for a service, whether it calls or is called. Nil where only a part of who called is known.
    func name(of caller: IstioCaller) -> ServiceName? {
        guard let service = caller.service else { return caller.namespace == nil ? "unknown" : nil }
        guard let namespace = caller.namespace else { return ServiceName(service) }
        let key = service + "." + namespace
        return state.withLock { $0.services[key] } ?? ServiceName(key)
    }

    /// True for a service whose own pods tell of what they send.
    func isHeard(_ service: ServiceName) -> Bool { state.withLock { $0.heard[service] != nil } }

    /// Whom a pod of a service says that it calls.
    func set(callees: Set<ServiceName>, of service: ServiceName) {
        state.withLock { state in
            if state.callees[service]?.isSuperset(of: callees) != true {
                state.callees[service, default: []].formUnion(callees)
            }
        }
    }

    /// The services that are heard, and say that they call this one.
    func senders(to service: ServiceName) -> Set<ServiceName> {
        state.withLock { state in
            Set(state.callees.filter { $0.value.contains(service) && state.heard[$0.key] != nil }.map(\.key))
        }
    }

    func set(_ source: String, of service: ServiceName, isHeard: Bool) {
        state.withLock { state in
            if isHeard {
                state.heard[service, default: []].insert(source)
            } else {
                state.heard[service]?.remove(source)
                guard state.heard[service]?.isEmpty == true else { return }
                (state.heard[service], state.callees[service]) = (nil, nil)
            }
        }
    }
}
