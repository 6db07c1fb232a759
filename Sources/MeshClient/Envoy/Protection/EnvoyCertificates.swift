internal import FoundationEssentials
internal import MeshModel

/// The certificates of an Envoy, as `/certs` tells them (`envoy.admin.v3.Certificates`, Envoy 1.16 to 1.40), and which of
/// them it shows on the way to a callee.
struct EnvoyCertificates: Equatable, Sendable {
    struct Entry: Equatable, Sendable {
        /// The file that it came from, or `<inline>`.
        var path: String
        var times: CertificateTimes

        var ends: Timestamp { times.ends }
    }

    static let page = "/certs"
    /// The pages of `/config_dump` that say which certificate is for which cluster.
    static let pages = ["static_clusters", "dynamic_active_clusters", "static_secrets", "dynamic_active_secrets"]
    /// Nobody has more.
    private static let most = 4096

    /// Those that the proxy shows, not those that it trusts.
    private(set) var own: [Entry] = []

    init(_ page: JSON) {
        for certificate in (page["certificates"]?.array ?? []).prefix(Self.most) {
            // Whoever signed it lives longer, and stands in the same chain.
            let chain = (certificate["cert_chain"]?.array ?? []).prefix(16).compactMap(Self.entry)
            guard let first = chain.min(by: { $0.ends < $1.ends }) else { continue }
            if !own.contains(first) { own.append(first) }
        }
    }

    private static func entry(_ json: JSON) -> Entry? {
        guard let begins = json["valid_from"]?.string.flatMap(KubeTime.read),
            let ends = json["expiration_time"]?.string.flatMap(KubeTime.read)
        else { return nil }
        return Entry(
            path: json["path"]?.string ?? "", times: CertificateTimes(begins: begins, ends: ends))
    }

    /// The certificate that is shown to a callee: the one of its cluster's secret. Where nothing says which that is, it
    /// is the first to end.
    func shown(by clusters: EnvoyClusterSecrets?, _ leads: (String) -> Bool) -> Entry? {
        guard let clusters else { return own.min { $0.ends < $1.ends } }
        let shown = clusters.shown(leads)
        return own.filter { entry in shown.contains { $0.isOf(entry) } }.min { $0.ends < $1.ends }
    }
}

extension EdgeCertificate {
    /// `bound` says how long before its end it is told as near; without one that is a tenth of its life.
    init(_ entry: EnvoyCertificates.Entry, at now: Timestamp, bound: Duration?) {
        let left = entry.ends.seconds(since: now)
        let near = bound.map { $0 / .seconds(1) } ?? entry.ends.seconds(since: entry.times.begins) / 10
        self.init(ends: entry.ends, state: left <= 0 ? .expired : left < near ? .near : .valid)
    }
}

/// Which certificates an Envoy shows on the way to which cluster, as its configuration says.
struct EnvoyClusterSecrets: Equatable, Sendable {
    /// Where a certificate came from.
    enum Origin: Hashable, Sendable {
        case file(String)
        /// With the configuration itself; nil where that does not show it.
        case inline(CertificateTimes?)

        func isOf(_ entry: EnvoyCertificates.Entry) -> Bool {
            switch self {
            case .file(let path): entry.path == path
            case .inline(let times): entry.path == "<inline>" && (times == nil || times == entry.times)
            }
        }
    }

    private var origins: [String: Set<Origin>] = [:]

    init(_ pages: [JSON]) {
        let entries = pages.flatMap { $0["configs"]?.array ?? [] }
        var secrets: [String: Origin] = [:]
        for secret in entries.compactMap({ $0["secret"] }) {
            guard let name = secret["name"]?.string, let certificate = secret["tls_certificate"] else { continue }
            secrets[name] = Self.origin(of: certificate)
        }
        for cluster in entries.compactMap({ $0["cluster"] }) {
            guard let name = cluster["name"]?.string else { continue }
            let matches = (cluster["transport_socket_matches"]?.array ?? []).compactMap { $0["transport_socket"] }
            for socket in [cluster["transport_socket"]].compactMap(\.self) + matches {
                guard let common = socket["typed_config"]?["common_tls_context"] else { continue }
                let served = (common["tls_certificate_sds_secret_configs"]?.array ?? [])
                    .compactMap { $0["name"]?.string }.map { secrets[$0] ?? .inline(nil) }
                let written = (common["tls_certificates"]?.array ?? []).map(Self.origin)
                if !served.isEmpty || !written.isEmpty { origins[name, default: []].formUnion(served + written) }
            }
        }
    }

    private static func origin(of certificate: JSON) -> Origin {
        let chain = certificate["certificate_chain"]
        if let file = chain?["filename"]?.string { return .file(file) }
        let bytes = chain?["inline_bytes"]?.string.flatMap { Data(base64Encoded: $0) }.map { Array($0) }
        let pem = bytes ?? chain?["inline_string"]?.string.map { Array($0.utf8) }
        return .inline(pem.flatMap { CertificateTimes(pem: $0) })
    }

    /// What is shown to clusters that lead to a callee; empty where nothing is.
    func shown(_ leads: (String) -> Bool) -> Set<Origin> {
        origins.filter { leads($0.key) }.reduce(into: []) { $0.formUnion($1.value) }
    }
}
