import MeshModel

/// Which sidecar was sent what, and what of it it took. It does no I/O and has no clock.
struct DiscoveryBook: Sendable {
    /// One kind of resource, by the end of the path that it is asked at.
    enum Kind: String, CaseIterable, Sendable {
        case listeners, routes, clusters, endpoints, secrets

        /// As istiod names it in its list of who has what.
        fileprivate var type: String {
            let name =
                switch self {
                case .listeners: "envoy.config.listener.v3.Listener"
                case .routes: "envoy.config.route.v3.RouteConfiguration"
                case .clusters: "envoy.config.cluster.v3.Cluster"
                case .endpoints: "envoy.config.endpoint.v3.ClusterLoadAssignment"
                case .secrets: "envoy.extensions.transport_sockets.tls.v3.Secret"
                }
            return "type.googleapis.com/" + name
        }
    }

    /// What one sidecar asks for again and again.
    struct Subject: Hashable, Sendable {
        var node: String
        var kind: Kind
        var names: [String]
    }

    private struct Standing: Sendable {
        var content: [JSON] = []
        var version = ""
        var sent = ""
        var acked = ""
        /// How often the version was sent that it was sent last.
        var sends = 0

        var isRefused: Bool { sends > 1 && sent == version && acked != version }
    }

    /// What to do about a request.
    enum Decision: Equatable, Sendable {
        case send(JSON)
        /// It has what there is.
        case wait
        case unknown
    }

    /// Of another run of the control plane no version is ours, even where the numbers are.
    private let prefix: String
    private var revision = 1
    private var standings: [Subject: Standing] = [:]
    private let content: @Sendable (Subject, MeshPolicy) -> [JSON]?
    private(set) var policy = MeshPolicy()

    init(prefix: String, content: @escaping @Sendable (Subject, MeshPolicy) -> [JSON]?) {
        self.prefix = prefix
        self.content = content
    }

    /// Everything that is asked for from now on is made by this policy.
    mutating func put(_ policy: MeshPolicy) {
        self.policy = policy
        revision += 1
        for subject in standings.keys { refresh(subject) }
    }

    /// What to answer to a sidecar that says which version it has. One that comes again without what it was sent may not
    /// have got it, so it is sent once more; after that it has refused it.
    mutating func decide(_ subject: Subject, has version: String, isAgain: Bool) -> Decision {
        guard refresh(subject), var standing = standings[subject] else { return .unknown }
        defer { standings[subject] = standing }
        if !isAgain { standing.acked = version }
        guard version != standing.version else { return .wait }
        let isNew = version.isEmpty && !isAgain
        if standing.sent == standing.version, standing.sends > 1, !isNew { return .wait }
        standing.sends = standing.sent == standing.version && !isNew ? standing.sends + 1 : 1
        standing.sent = standing.version
        return .send(
            ["version_info": .string(standing.version), "resources": .array(standing.content)])
    }

    @discardableResult private mutating func refresh(_ subject: Subject) -> Bool {
        guard let resources = content(subject, policy) else { return false }
        var standing = standings[subject] ?? Standing()
        if standing.version.isEmpty || standing.content != resources {
            (standing.content, standing.version) = (resources, "\(prefix).\(revision)")
        }
        standings[subject] = standing
        return true
    }

    /// Whether all that these sidecars ask for is what they have.
    func isTaken(by nodes: (String) -> Bool) -> Bool {
        standings.allSatisfy { !nodes($0.key.node) || $0.value.acked == $0.value.version }
    }

    /// Whether one of these sidecars refuses something.
    func isRefused(by nodes: (String) -> Bool) -> Bool {
        standings.contains { nodes($0.key.node) && $0.value.isRefused }
    }

    /// Who has what, as istiod's `/debug/syncz` has it from 1.23 on: of each kind the worst.
    func syncz(mesh: String) -> JSON {
        let nodes = Dictionary(grouping: standings.keys, by: \.node)
        return .array(
            nodes.sorted { $0.key < $1.key }.map { node, subjects in
                let kinds = Dictionary(grouping: subjects, by: \.kind)
                let resources = Kind.allCases.compactMap { kind -> JSON.Member? in
                    let own = (kinds[kind] ?? []).sorted { $0.names.lexicographicallyPrecedes($1.names) }
                    guard let worst = own.max(by: { rank($0) < rank($1) }), let standing = standings[worst] else {
                        return nil
                    }
                    var members: [JSON.Member] = [
                        .init("sent", .string(standing.version)), .init("acked", .string(standing.acked)),
                    ]
                    if standing.isRefused {
                        members.append(.init("lastError", .string("refused \(worst.names.joined(separator: ", "))")))
                    }
                    return .init(kind.type, .object(members))
                }
                return [
                    "proxy": .string("\(node).\(mesh)"), "proxy_type": "sidecar", "resources": .object(resources),
                ]
            })
    }

    private func rank(_ subject: Subject) -> Int {
        guard let standing = standings[subject] else { return 0 }
        return standing.isRefused ? 2 : standing.acked != standing.version ? 1 : 0
    }
}
