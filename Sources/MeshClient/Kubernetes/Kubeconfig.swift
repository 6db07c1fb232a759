public import MeshModel

/// What the kubeconfig files of a user say, as kubectl reads them: clusters, users, and contexts, which pair them.
public struct Kubeconfig: Sendable {
    /// One pair of cluster and user, under the name that `--context` takes.
    public struct Context: Sendable {
        public var name: String
        public var cluster: String
        public var user: String
        /// Empty where none is named.
        public var namespace: String
        /// The address of its cluster; nil when no such cluster is there.
        public var server: String?
        public var file: String
        public var line: Int
    }

    /// The files that were there, in the order in which they count.
    public internal(set) var files: [String] = []
    /// All contexts by their names, in alphabetical order.
    public var contexts: [Context] {
        pairs.values.map { pair in
            Context(
                name: pair.name, cluster: pair.cluster, user: pair.user, namespace: pair.namespace ?? "",
                server: clusters[pair.cluster]?.server, file: pair.place.file, line: pair.place.line)
        }
        .sorted { $0.name < $1.name }
    }
    public internal(set) var currentContext: String?

    var pairs: [String: Pair] = [:]
    var clusters: [String: Cluster] = [:]
    var users: [String: User] = [:]

    /// Where something is written.
    struct Place: Equatable, Sendable {
        var file: String
        var line: Int

        /// The folder in which relative paths begin, with a slash at its end.
        var folder: String { file.lastIndex(of: "/").map { String(file[...$0]) } ?? "" }
    }

    struct Pair: Sendable {
        var name: String
        var cluster: String
        var user: String
        var namespace: String?
        var place: Place
    }

    struct Cluster: Sendable {
        var name = ""
        var server: String?
        var authorityFile: String?
        var authorityData: String?
        var isInsecure = false
        var serverName: String?
        var proxy: String?
        var isUncompressed = false
        /// What plugins are told beside the address, as JSON.
        var pluginConfig: JSON?
        var place: Place
    }

    struct User: Sendable {
        var name = ""
        var certificateFile: String?
        var certificateData: SecretBytes?
        var keyFile: String?
        var keyData: SecretBytes?
        /// Which of the two had `-data` that can't be read.
        var badData: [String] = []
        var token: SecretBytes?
        var tokenFile: String?
        var username: String?
        var password: SecretBytes?
        var impersonation: [HTTPHeader] = []
        var plugin: KubePlugin?
        /// The name of a provider of the old kind.
        var provider: String?
        var place: Place
    }
}

/// Why a kubeconfig can't be used: each mistake with its file and line.
public struct KubeconfigError: Explained, Equatable, CustomStringConvertible {
    public var mistakes: [SettingsMistake]

    init(_ mistakes: [SettingsMistake]) {
        self.mistakes = mistakes
    }

    init(_ place: Kubeconfig.Place, _ message: String, _ remedy: String? = nil) {
        mistakes = [SettingsMistake(line: place.line, message: message, remedy: remedy, file: place.file)]
    }

    public var description: String {
        mistakes.map { mistake in
            let place = "\(mistake.file ?? "kubeconfig"):\(mistake.line): \(mistake.message)"
            return mistake.remedy.map { "\(place)\n  \($0)" } ?? place
        }
        .joined(separator: "\n")
    }

    public var summary: String { mistakes.first?.message ?? "The kubeconfig cannot be used" }

    public var remedy: String? {
        guard let first = mistakes.first else { return nil }
        let place = "\(first.file ?? "kubeconfig"):\(first.line)"
        return [first.remedy, "(\(place))"].compactMap { $0 }.joined(separator: " ")
    }
}
