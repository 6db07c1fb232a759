internal import MeshModel

extension Kubeconfig {
    /// A kubeconfig may hold the certificates of hundreds of clusters.
    private static let largest = 4 << 20

    /// Reads what kubectl would read: the files of `KUBECONFIG`, or `~/.kube/config`, or the one that is named. In a list
    /// the first file to name something is right, and one that is missing is skipped.
    public static func read(
        environment: [String: String], file: String? = nil
    ) throws(KubeconfigError) -> Kubeconfig {
        let log = SettingsMistakes()
        var config = Kubeconfig()
        let listed = (environment["KUBECONFIG"] ?? "").split(separator: ":").map(String.init)
        let home = environment["HOME"].map { [$0 + "/.kube/config"] } ?? []
        let wanted = file.map { [$0] } ?? (listed.isEmpty ? home : listed)
        for path in wanted where !config.files.contains(path) {
            do {
                let text = try FileContent.readText(path, upTo: largest)
                config.files.append(path)
                config.add(text, file: path, log: log)
            } catch {
                if error.isMissing, file == nil { continue }
                log.add(SettingsMistake(line: 1, message: error.description, file: path))
            }
        }
        guard log.all.isEmpty else { throw KubeconfigError(log.all) }
        return config
    }

    /// Adds what a file says of things that no file before it named.
    mutating func add(_ text: String, file: String, log: SettingsMistakes) {
        guard let documents = SettingsNode.documents(yaml: text, file: file, log: log) else { return }
        guard let root = documents.first, root.value != nil || root.hasMembers else { return }
        guard root.hasMembers else {
            root.mistake("a kubeconfig must be a mapping", "Compare with `kubectl config view`.")
            return
        }
        if let kind = root["kind"]?.value, kind != "Config" {
            root.mistake("not a kubeconfig: kind '\(kind)'", "Set KUBECONFIG to a kubeconfig.")
            return
        }
        if currentContext == nil { currentContext = root["current-context"]?.value }
        each(of: root, "clusters", "cluster", log) { name, node, place in
            if clusters[name] == nil { clusters[name] = Cluster(node, name: name, place: place) }
        }
        each(of: root, "users", "user", log) { name, node, place in
            if users[name] == nil { users[name] = User(node, name: name, place: place) }
        }
        each(of: root, "contexts", "context", log) { name, node, place in
            guard pairs[name] == nil else { return }
            pairs[name] = Pair(
                name: name, cluster: node?["cluster"]?.value ?? "", user: node?["user"]?.value ?? "",
                namespace: node?["namespace"]?.value, place: place)
        }
    }

    /// The items of a list of names and what they stand for.
    private func each(
        of root: SettingsNode, _ list: String, _ member: String, _ log: SettingsMistakes,
        _ take: (String, SettingsNode?, Place) -> Void
    ) {
        guard let node = root[list], node.isList || node.value != nil || node.hasMembers else { return }
        var names: Set<String> = []
        for item in node.items(of: list) {
            guard let name = item["name"]?.value else {
                item.mistake("item of \(list) without a name", "Add one, such as - name: demo.")
                continue
            }
            guard names.insert(name).inserted else {
                item.mistake("'\(SettingsNode.short(name, to: 60))' is twice in \(list)", "Remove one of them.")
                continue
            }
            take(name, item[member], Place(file: item.file ?? "", line: item.line))
        }
    }
}

extension SettingsNode {
    /// The text, or nil where there is none: nothing written is the same as nothing there.
    fileprivate var value: String? {
        guard let text = scalar, !text.isEmpty, text != "null", text != "~" else { return nil }
        return text
    }

    fileprivate var hasMembers: Bool { memberCount > 0 }

    fileprivate var isTrue: Bool { ["true", "True", "TRUE"].contains(value ?? "") }

    /// The texts of a list; nothing is told of what is none.
    fileprivate var values: [String] { isList ? items(of: "").compactMap(\.value) : [] }

    /// The same value as JSON, every scalar as YAML has it.
    fileprivate var json: JSON {
        if isList { return .array(items(of: "").map(\.json)) }
        if hasMembers {
            return .object(mapping(of: "").sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value.json) })
        }
        guard let text = value else { return .null }
        if let whole = Int64(text) { return .integer(whole) }
        return text == "true" ? .bool(true) : text == "false" ? .bool(false) : .string(text)
    }
}

extension Kubeconfig.Cluster {
    fileprivate init(_ node: SettingsNode?, name: String, place: Kubeconfig.Place) {
        self.init(place: place)
        self.name = name
        server = node?["server"]?.value
        authorityFile = node?["certificate-authority"]?.value.map { place.path($0) }
        authorityData = node?["certificate-authority-data"]?.value
        isInsecure = node?["insecure-skip-tls-verify"]?.isTrue ?? false
        serverName = node?["tls-server-name"]?.value
        proxy = node?["proxy-url"]?.value
        isUncompressed = node?["disable-compression"]?.isTrue ?? false
        let extensions = node?["extensions"].map { $0.isList ? $0.items(of: "extensions") : [] } ?? []
        let own = extensions.first { $0["name"]?.value == "client.authentication.k8s.io/exec" }
        pluginConfig = own?["extension"]?.json
    }
}

extension Kubeconfig.User {
    fileprivate init(_ node: SettingsNode?, name: String, place: Kubeconfig.Place) {
        self.init(place: place)
        self.name = name
        certificateFile = node?["client-certificate"]?.value.map { place.path($0) }
        keyFile = node?["client-key"]?.value.map { place.path($0) }
        certificateData = data("client-certificate-data", node)
        keyData = data("client-key-data", node)
        token = node?["token"]?.value.map { SecretBytes($0) }
        tokenFile = node?["tokenFile"]?.value.map { place.path($0) }
        username = node?["username"]?.value
        password = node?["password"]?.value.map { SecretBytes($0) }
        impersonation = Self.impersonation(node)
        plugin = node?["exec"].map { KubePlugin($0, place: place) }
        provider = node?["auth-provider"].map { $0["name"]?.value ?? "auth-provider" }
    }

    private mutating func data(_ key: String, _ node: SettingsNode?) -> SecretBytes? {
        guard let text = node?[key]?.value else { return nil }
        let secret = SecretBytes(base64: text)
        if secret == nil { badData.append(key) }
        return secret
    }

    private static func impersonation(_ node: SettingsNode?) -> [HTTPHeader] {
        guard let user = node?["act-as"]?.value else { return [] }
        var headers = [HTTPHeader("Impersonate-User", user)]
        if let uid = node?["act-as-uid"]?.value { headers.append(HTTPHeader("Impersonate-Uid", uid)) }
        for group in node?["act-as-groups"]?.values ?? [] { headers.append(HTTPHeader("Impersonate-Group", group)) }
        let extra = node?["act-as-user-extra"].map { $0.hasMembers ? $0.mapping(of: "act-as-user-extra") : [:] } ?? [:]
        for (key, list) in extra.sorted(by: { $0.key < $1.key }) {
            let name = "Impersonate-Extra-" + KubeRequest.escaped(key)
            headers += list.values.map { HTTPHeader(name, $0) }
        }
        return headers
    }
}

extension KubePlugin {
    fileprivate init(_ node: SettingsNode, place: Kubeconfig.Place) {
        let command = node["command"]?.value ?? ""
        self.init(
            // Only a path is relative to its file; a bare name is looked up.
            command: command.contains("/") ? place.path(command) : command, place: place)
        apiVersion = node["apiVersion"]?.value ?? ""
        arguments = (node["args"].map { $0.isList ? $0.items(of: "args") : [] } ?? []).map { $0.scalar ?? "" }
        for item in node["env"].map({ $0.isList ? $0.items(of: "env") : [] }) ?? [] {
            environment[item["name"]?.value ?? ""] = SecretBytes(item["value"]?.scalar ?? "")
        }
        interactiveMode = node["interactiveMode"]?.value
        providesClusterInfo = node["provideClusterInfo"]?.isTrue ?? false
        installHint = node["installHint"]?.value
    }
}

extension Kubeconfig.Place {
    /// The path of a file that is named here.
    func path(_ text: String) -> String { text.hasPrefix("/") ? text : folder + text }
}
