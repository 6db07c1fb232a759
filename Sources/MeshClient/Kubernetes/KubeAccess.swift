internal import FoundationEssentials
internal import MeshModel

/// How one cluster is reached, and as whom: what a context comes to.
struct KubeAccess: Sendable {
    /// Empty for a cluster in which we run ourselves.
    var context: String
    /// Without a slash at its end.
    var server: String
    var namespace: String
    /// The name under which its user stands in the kubeconfig.
    var user: String
    var tls = TLSOptions()
    var proxy: String?
    var isUncompressed = false
    var proof = Proof.none
    var impersonation: [HTTPHeader] = []
    /// Reads the same context again: whoever signs in anew has it written there. Nil where nothing can be read again.
    var again: (@Sendable () -> KubeAccess?)?

    /// We run in a pod of the cluster ourselves, and reach the others directly.
    var isInCluster = false

    enum Proof: Equatable, Sendable {
        /// Nothing, or the certificate of `tls`.
        case none
        case token(SecretBytes)
        /// Read anew about each minute, since whoever issues it changes it.
        case tokenFile(String)
        case basic(user: String, password: SecretBytes)
        case plugin(KubePlugin)
    }
}

extension Kubeconfig {
    /// What a context comes to; nil asks for the current one. Only what it names is looked at, as kubectl does.
    func access(context name: String? = nil) throws(KubeconfigError) -> KubeAccess {
        let name = try contextName(name)
        guard let pair = pairs[name] else {
            let place = Place(file: files.first ?? "kubeconfig", line: 1)
            guard !files.isEmpty else {
                throw KubeconfigError(
                    place, "no kubeconfig found", "Set KUBECONFIG to the file that kubectl uses.")
            }
            let near = Quantity.nearest(to: name, among: Array(pairs.keys))
            let hint = near.map { "Did you mean '\($0)'? " } ?? ""
            throw KubeconfigError(
                place, "unknown context '\(SettingsNode.short(name, to: 60))'",
                hint + "Run `gameday contexts` to list them.")
        }
        guard let cluster = clusters[pair.cluster] else {
            throw KubeconfigError(
                pair.place, "context '\(name)' names unknown cluster '\(pair.cluster)'",
                "Add it under clusters, or choose another context.")
        }
        guard let user = pair.user.isEmpty ? User(place: pair.place) : users[pair.user] else {
            throw KubeconfigError(
                pair.place, "context '\(name)' names unknown user '\(pair.user)'",
                "Add it under users, or choose another context.")
        }
        var access = KubeAccess(
            context: name, server: "", namespace: pair.namespace ?? "default", user: pair.user,
            impersonation: user.impersonation)
        let hasCertificate = try take(user, into: &access, cluster)
        try take(cluster, into: &access, hasCertificate: hasCertificate)
        return access
    }

    private func contextName(_ name: String?) throws(KubeconfigError) -> String {
        if let name = name ?? currentContext, !name.isEmpty { return name }
        guard let file = files.first else {
            throw KubeconfigError(
                Place(file: "~/.kube/config", line: 1), "no kubeconfig found",
                "Set KUBECONFIG to the file that `kubectl` uses, or write ~/.kube/config.")
        }
        throw KubeconfigError(
            Place(file: file, line: 1), "no context selected",
            "Use --context, or run `kubectl config use-context NAME`.")
    }

    private func take(
        _ cluster: Cluster, into access: inout KubeAccess, hasCertificate: Bool
    ) throws(KubeconfigError) {
        guard var server = cluster.server else {
            throw KubeconfigError(
                cluster.place, "cluster '\(cluster.name)' has no server", "Add one, such as server: https://…:6443.")
        }
        let hasAuthority = cluster.authorityData != nil || cluster.authorityFile != nil
        if !server.contains("://") {
            server = (hasAuthority || hasCertificate || cluster.isInsecure ? "https://" : "http://") + server
        }
        guard let url = SettingsNode.url(server), URLCredentials.all(in: url).isEmpty else {
            throw KubeconfigError(
                cluster.place, "invalid server of cluster '\(cluster.name)': not an http or https URL",
                "Use a URL such as https://10.0.0.1:6443.")
        }
        access.server = url
        access.isUncompressed = cluster.isUncompressed
        access.tls.verifies = !cluster.isInsecure
        access.tls.serverName = cluster.serverName
        if hasAuthority, cluster.isInsecure {
            throw KubeconfigError(
                cluster.place, "cluster '\(cluster.name)' has both an authority and insecure-skip-tls-verify",
                "Remove insecure-skip-tls-verify.")
        }
        if let data = cluster.authorityData {
            guard let pem = SecretBytes(base64: data), !pem.isEmpty else {
                throw Self.notBase64("certificate-authority-data", "cluster '\(cluster.name)'", cluster.place)
            }
            access.tls.authority = pem.bytes
        } else if let file = cluster.authorityFile {
            access.tls.authorityFile = try Self.readable(file, "certificate-authority", cluster.place)
        }
        if let proxy = cluster.proxy {
            guard ["http://", "https://", "socks5://", "socks5h://"].contains(where: proxy.hasPrefix) else {
                throw KubeconfigError(
                    cluster.place, "invalid proxy-url of cluster '\(cluster.name)'",
                    "Begin it with http://, https:// or socks5://.")
            }
            // As Go's client, which lets the proxy look the name up.
            access.proxy = proxy.hasPrefix("socks5://") ? "socks5h://" + proxy.dropFirst("socks5://".count) : proxy
        }
    }

    /// True when the user has a certificate.
    private func take(
        _ user: User, into access: inout KubeAccess, _ cluster: Cluster
    ) throws(KubeconfigError) -> Bool {
        let who = "user '\(user.name)'"
        if let provider = user.provider {
            throw KubeconfigError(
                user.place, "\(who) uses auth-provider '\(provider)', which kubectl no longer supports",
                "Write the kubeconfig again with the cluster's own tool: it then uses `exec`.")
        }
        for key in user.badData { throw Self.notBase64(key, who, user.place) }
        let hasToken = user.token != nil || user.tokenFile != nil
        if hasToken, user.username != nil {
            throw KubeconfigError(
                user.place, "\(who) has both a token and a username", "Remove one of them.")
        }
        let hasCertificate = try takeCertificate(of: user, into: &access)
        if let file = user.tokenFile {
            access.proof = .tokenFile(try Self.readable(file, "tokenFile", user.place))
        } else if let token = user.token {
            guard token.text != nil else {
                throw KubeconfigError(user.place, "invalid token of \(who)", "Use a token without spaces.")
            }
            access.proof = .token(token)
        } else if let name = user.username {
            access.proof = .basic(user: name, password: user.password ?? SecretBytes([]))
        } else if var plugin = user.plugin {
            try plugin.check(who)
            plugin.cluster = plugin.providesClusterInfo ? try Self.description(of: cluster) : nil
            access.proof = .plugin(plugin)
        }
        return hasCertificate
    }

    private func takeCertificate(of user: User, into access: inout KubeAccess) throws(KubeconfigError) -> Bool {
        let hasCertificate = user.certificateData != nil || user.certificateFile != nil
        let hasKey = user.keyData != nil || user.keyFile != nil
        guard hasCertificate || hasKey else { return false }
        guard hasCertificate, hasKey else {
            throw KubeconfigError(
                user.place,
                "user '\(user.name)' has a \(hasKey ? "key without a certificate" : "certificate without a key")",
                "client-certificate and client-key (or their -data) belong together.")
        }
        if let data = user.certificateData {
            access.tls.certificate = data
        } else if let file = user.certificateFile {
            access.tls.certificateFile = try Self.readable(file, "client-certificate", user.place)
        }
        if let data = user.keyData {
            access.tls.key = data
        } else if let file = user.keyFile {
            access.tls.keyFile = try Self.readable(file, "client-key", user.place)
        }
        return true
    }

    /// What a plugin is told of the cluster for which it signs in.
    private static func description(of cluster: Cluster) throws(KubeconfigError) -> JSON {
        var members = [JSON.Member("server", JSON(cluster.server))]
        if let name = cluster.serverName { members.append(JSON.Member("tls-server-name", .string(name))) }
        if cluster.isInsecure { members.append(JSON.Member("insecure-skip-tls-verify", true)) }
        if let data = cluster.authorityData {
            let line = data.filter { !$0.isWhitespace }
            members.append(JSON.Member("certificate-authority-data", .string(line)))
        } else if let file = cluster.authorityFile {
            let path = try readable(file, "certificate-authority", cluster.place)
            let text = Data(FileContent.bytes(of: path) ?? []).base64EncodedString()
            members.append(JSON.Member("certificate-authority-data", .string(text)))
        }
        if let proxy = cluster.proxy { members.append(JSON.Member("proxy-url", .string(proxy))) }
        if let config = cluster.pluginConfig { members.append(JSON.Member("config", config)) }
        return .object(members)
    }

    private static func notBase64(_ key: String, _ whose: String, _ place: Place) -> KubeconfigError {
        KubeconfigError(
            place, "invalid Base64 in \(key) of \(whose)",
            "Run `kubectl config set-cluster` or `set-credentials` with --embed-certs to write it.")
    }

    private static func readable(_ path: String, _ key: String, _ place: Place) throws(KubeconfigError) -> String {
        do {
            _ = try FileContent.read(path)
            return path
        } catch {
            throw KubeconfigError(
                place, "\(key) \(path): \(error)", "A relative path begins in the folder of the kubeconfig.")
        }
    }
}

extension KubeAccess {
    private static let accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

    /// The cluster in which this program runs itself; nil when it runs in none.
    static func inCluster(environment: [String: String], folder: String = accountFolder) -> KubeAccess? {
        guard let host = environment["KUBERNETES_SERVICE_HOST"], !host.isEmpty,
            let port = environment["KUBERNETES_SERVICE_PORT"], !port.isEmpty,
            let token = FileContent.text(of: folder + "/token"), SecretBytes(token).text != nil
        else { return nil }
        let namespace = FileContent.text(of: folder + "/namespace").map { String($0.prefix { !$0.isWhitespace }) }
        var access = KubeAccess(
            context: "", server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)",
            namespace: namespace ?? "default", user: "", proof: .tokenFile(folder + "/token"))
        access.tls.authorityFile = folder + "/ca.crt"
        access.isInCluster = true
        return access
    }

    /// What kubectl would use: the context that is named, or the current one, or the cluster around us where there is no
    /// kubeconfig.
    static func find(
        context: String?, environment: [String: String]
    ) throws(KubeconfigError) -> KubeAccess {
        let config = try Kubeconfig.read(environment: environment)
        if context == nil, config.pairs.isEmpty, config.clusters.isEmpty,
            let own = inCluster(environment: environment)
        {
            return own
        }
        var access = try config.access(context: context)
        access.again = { [name = access.context] in
            try? Kubeconfig.read(environment: environment).access(context: name)
        }
        return access
    }

    /// What another reading has that this one has not; nil when it proves nothing new, or leads to another cluster.
    func renewed() -> KubeAccess? {
        guard var fresh = again?(), fresh.server == server else { return nil }
        guard fresh.proof != proof || fresh.tls != tls || fresh.impersonation != impersonation else { return nil }
        fresh.again = again
        return fresh
    }
}
