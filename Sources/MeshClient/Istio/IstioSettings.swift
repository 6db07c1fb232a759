internal import MeshModel

/// The `kubernetes` part of gameday.yaml: which cluster, and which of its namespaces.
struct IstioSettings: Equatable, Sendable {
    /// A context of the kubeconfig; nil for the current one, or for the cluster in which gameday runs.
    var context: String?
    /// The kubeconfig; nil for those that kubectl reads.
    var kubeconfig: String?
    /// Nil for the one that the context names.
    var namespaces: Namespaces?
    /// What runs the Job that takes faults back when nobody renews them; nil for none.
    var deadManImage: String? = DeadMan.usualImage

    init() {}

    enum Namespaces: Equatable, Sendable {
        case all
        case some([String])
    }

    static let keys = ["context", "kubeconfig", "namespaces", "dead-man"]

    /// Reads the mapping; every mistake is told to its node.
    init?(_ node: SettingsNode, in folder: String) {
        guard let own = node.members(of: "kubernetes", keys: Self.keys) else { return nil }
        context = own["context"]?.text("context")
        kubeconfig = own["kubeconfig"]?.path("kubeconfig", in: folder)
        namespaces = own["namespaces"].flatMap(Self.namespaces)
        switch own["dead-man"]?.text("dead-man") {
        case "off"?, "false"?, "no"?: deadManImage = nil
        case let image?: deadManImage = image
        case nil: break
        }
    }

    private static func namespaces(_ node: SettingsNode) -> Namespaces? {
        if node.scalar == "all" { return .all }
        let nodes = node.isList ? node.items(of: "namespaces") : [node]
        if nodes.isEmpty { node.mistake("namespaces is empty", "List at least one, or use namespaces: all.") }
        var names: [String] = []
        for node in nodes {
            guard let name = node.text("a namespace") else { continue }
            if !isName(name) {
                node.mistake(
                    "invalid namespace '\(SettingsNode.short(name, to: 60))'",
                    "Use lower-case letters, digits and hyphens, at most 63.")
            } else if !names.contains(name) {
                names.append(name)
            }
        }
        return .some(names)
    }

    /// What RFC 1123 section 2.1 takes for a label, as namespaces are called.
    private static func isName(_ text: String) -> Bool {
        let isPlain = text.utf8.allSatisfy { byte in
            byte == 0x2D || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte)
        }
        return isPlain && (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
    }

    /// The namespaces to look into, nil for all of them at once.
    func watched(usual: String) -> [String?] {
        switch namespaces {
        case .all?: [nil]
        case .some(let names)?: names.map { $0 }
        case nil: [usual]
        }
    }

    /// As a sentence names it, like `bookinfo of context lab`.
    var summary: String {
        let spaces: String
        switch namespaces {
        case .all?: spaces = "all namespaces"
        case .some(let names)?: spaces = names.joined(separator: ", ")
        case nil: spaces = "the default namespace"
        }
        return "\(spaces) of \(context.map { "context \($0)" } ?? "the current context")"
    }
}
