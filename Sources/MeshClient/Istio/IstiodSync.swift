internal import MeshModel

/// What one istiod has sent to its proxies, and what of it they took: `GET /debug/syncz`, as 1.16 to 1.31 write it. An
/// istiod lists its own proxies only, so where there are several all are asked, and united.
struct IstiodSync: Equatable, Sendable {
    /// One kind of configuration, as istioctl names them.
    enum Kind: String, CaseIterable, Sendable {
        case clusters = "CDS", listeners = "LDS", routes = "RDS", endpoints = "EDS", extensions = "ECDS"

        /// How the flat members of older versions begin.
        fileprivate var word: String {
            switch self {
            case .clusters: "cluster"
            case .listeners: "listener"
            case .routes: "route"
            case .endpoints: "endpoint"
            case .extensions: "extensionconfig"
            }
        }

        /// How the type of its resources ends.
        fileprivate var type: String {
            switch self {
            case .clusters: ".Cluster"
            case .listeners: ".Listener"
            case .routes: ".RouteConfiguration"
            case .endpoints: ".ClusterLoadAssignment"
            case .extensions: ".TypedExtensionConfig"
            }
        }
    }

    /// How far one kind has come.
    struct Standing: Equatable, Sendable {
        /// The numbers of the last push and of the last that was taken; empty for none.
        var sent = ""
        var acked = ""
        /// What the proxy said when it refused, as long as it has not taken another since.
        var refusal: String?
        /// When the last push went out, as istiod spells it.
        var sentAt: String?

        /// In the words of `istioctl proxy-status`.
        enum State: Equatable, Sendable {
            case synced, stale, neverSent
            case refused(String)
        }

        var state: State {
            if sent.isEmpty { return .neverSent }
            if sent == acked { return .synced }
            return refusal.map { .refused($0) } ?? .stale
        }
    }

    /// One proxy that is connected.
    struct Proxy: Equatable, Sendable {
        /// Its pod.
        var name: String
        var namespace: String
        /// `sidecar`, `router`, `waypoint`, `ztunnel`; nil where istiod does not say.
        var kind: String?
        var version: String?
        var cluster: String?
        /// What was never sent is not there.
        var standings: [Kind: Standing] = [:]

        func standing(_ kind: Kind) -> Standing { standings[kind] ?? Standing() }

        /// The worst of all kinds: refused, then stale; one that got nothing at all was never sent anything.
        var state: Standing.State {
            let states = Kind.allCases.compactMap { standings[$0]?.state }
            if let refused = states.first(where: { if case .refused = $0 { true } else { false } }) { return refused }
            if states.contains(.stale) { return .stale }
            return states.contains(.synced) ? .synced : .neverSent
        }
    }

    private(set) var proxies: [Proxy] = []

    private static let page = "/debug/syncz"

    init(_ bytes: [UInt8]) throws(WireError) {
        guard let json = try? JSON(parsing: bytes), let rows = json.array ?? (json == .null ? [] : nil) else {
            let excerpt = bytes.prefix(30).map { (0x20..<0x7F).contains($0) ? $0 : 0x2E }
            throw WireError(page: Self.page, path: "", found: "“\(String(decoding: excerpt, as: UTF8.self))”")
        }
        proxies = rows.compactMap(Proxy.init)
    }

    /// What several istiods say together. A proxy that moved from one to another is told by who sent last.
    init(uniting all: [IstiodSync]) {
        var places: [String: Int] = [:]
        for proxy in all.flatMap(\.proxies) {
            let key = "\(proxy.name).\(proxy.namespace)"
            if let place = places[key] {
                if proxy.lastSent >= proxies[place].lastSent { proxies[place] = proxy }
            } else {
                places[key] = proxies.count
                proxies.append(proxy)
            }
        }
    }

    /// The proxy of a pod; nil where none is connected.
    func proxy(ofPod name: String, in namespace: String) -> Proxy? {
        proxies.first { $0.name == name && $0.namespace == namespace }
    }
}

extension IstiodSync.Proxy {
    fileprivate init?(_ row: JSON) {
        // A pod's name may hold points, that of a namespace may not.
        guard let id = row["proxy"]?.string, let point = id.lastIndex(of: ".") else { return nil }
        name = String(id[..<point])
        namespace = String(id[id.index(after: point)...])
        guard !name.isEmpty, !namespace.isEmpty else { return nil }
        kind = row["proxy_type"]?.string
        version = row["istio_version"]?.string
        cluster = row["cluster_id"]?.string
        for kind in IstiodSync.Kind.allCases {
            let standing = IstiodSync.Standing(
                sent: row[kind.word + "_sent"]?.string ?? "", acked: row[kind.word + "_acked"]?.string ?? "")
            if !standing.sent.isEmpty { standings[kind] = standing }
        }
        // From 1.23 on each kind stands here too, with what a proxy refused.
        guard case .object(let resources)? = row["resources"] else { return }
        for resource in resources {
            guard let kind = IstiodSync.Kind.allCases.first(where: { resource.name.hasSuffix($0.type) }) else {
                continue
            }
            let standing = IstiodSync.Standing(
                sent: resource.value["sent"]?.string ?? "", acked: resource.value["acked"]?.string ?? "",
                refusal: resource.value["lastError"]?.string, sentAt: resource.value["sentTime"]?.string)
            standings[kind] = standing.sent.isEmpty ? nil : standing
        }
    }

    /// Times of one length and zone are in the order of their letters.
    fileprivate var lastSent: String { standings.values.map { $0.sentAt ?? $0.sent }.max() ?? "" }
}
