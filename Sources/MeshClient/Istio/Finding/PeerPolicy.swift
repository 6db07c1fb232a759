internal import MeshModel

/// What is kept of a PeerAuthentication: how the pods that it is about take connections.
struct PeerPolicy: Equatable, Sendable {
    var namespace: String
    var name: String
    var created: String
    /// Which pods it is about; empty for all of its namespace, or of the mesh.
    var selector: [String: String]
    /// Nil where it says nothing, so that what is above it stands.
    var mode: String?
    /// By the pods' own ports; those that say nothing have the mode of all.
    var ports: [Int: String?]

    init(_ object: KubeObject) {
        (namespace, name) = (object.namespace, object.name)
        created = object.metadata?["creationTimestamp"]?.string ?? ""
        selector = (object.spec?["selector"]?["matchLabels"]?.members ?? []).reduce(into: [:]) {
            $0[$1.name] = $1.value.string
        }
        mode = Self.mode(object.spec?["mtls"])
        ports = (object.spec?["portLevelMtls"]?.members ?? []).reduce(into: [:]) { ports, member in
            if let port = Int(member.name) { ports.updateValue(Self.mode(member.value), forKey: port) }
        }
    }

    private static func mode(_ block: JSON?) -> String? {
        block?["mode"]?.string.flatMap { $0 == "UNSET" ? nil : $0 }
    }

    fileprivate var id: String { "\(namespace)/\(name)" }
}

/// All PeerAuthentications that bear on a namespace, and what they come to for a pod there, as istiod composes them
/// (`ComposePeerAuthentication`): that of the mesh, then of the namespace, then of the workload; of several at one level
/// the oldest alone. Without any, both plain text and mutual TLS are taken.
struct PeerPolicies {
    private var mesh: PeerPolicy?
    private var namespaced: PeerPolicy?
    private let selecting: [PeerPolicy]

    init(_ policies: some Sequence<PeerPolicy>, in namespace: String, root: String = IstioWatch.system) {
        let sorted = policies.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
        mesh = sorted.first { $0.namespace == root && $0.selector.isEmpty }
        if namespace != root { namespaced = sorted.first { $0.namespace == namespace && $0.selector.isEmpty } }
        selecting = namespace == root ? [] : sorted.filter { $0.namespace == namespace && !$0.selector.isEmpty }
    }

    /// Whether it takes the mesh's own policy to know the mode of these pods.
    func dependsOnMesh(_ labels: [String: String]) -> Bool {
        workload(labels)?.mode == nil && namespaced?.mode == nil
    }

    private func workload(_ labels: [String: String]) -> PeerPolicy? {
        selecting.first { policy in policy.selector.allSatisfy { labels[$0.key] == $0.value } }
    }

    /// How a pod with these labels takes connections: at all ports first, then at those that differ.
    func modes(of labels: [String: String]) -> [EdgePolicy.Mutual] {
        let own = workload(labels)
        let decider = [own, namespaced, mesh].compactMap(\.self).first { $0.mode != nil }
        let usual = EdgePolicy.Mutual(mode: decider?.mode ?? "PERMISSIVE", source: decider?.id)
        let ports = (own?.ports ?? [:]).sorted { $0.key < $1.key }.compactMap { port, mode -> EdgePolicy.Mutual? in
            guard let mode, mode != usual.mode else { return nil }
            return .init(mode: mode, source: own?.id, port: port)
        }
        return [usual] + ports
    }

    /// The same of several pods: what differs between them is told with how many it is true of.
    func modes(of pods: [[String: String]]) -> [EdgePolicy.Mutual] {
        var found: [(modes: [EdgePolicy.Mutual], count: Int)] = []
        for labels in pods {
            let modes = modes(of: labels)
            if let place = found.firstIndex(where: { $0.modes == modes }) {
                found[place].count += 1
            } else {
                found.append((modes, 1))
            }
        }
        guard found.count > 1 else { return found.first?.modes ?? [] }
        return found.flatMap { modes, count in
            modes.map { mode in
                var mode = mode
                mode.pods = count
                return mode
            }
        }
    }
}
