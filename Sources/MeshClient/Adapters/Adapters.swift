/// Every kind of adapter; nothing else knows who is on the list.
public enum Adapters {
    public static let all: [any AdapterKind.Type] = [
        EnvoyAdapter.self, IstioAdapter.self, ToxiproxyAdapter.self, PrometheusAdapter.self,
        BoxAdapter.self,
    ]

    /// The key of a mesh in a cluster, which the command line can name too.
    public static let clusterKey = "kubernetes"

    /// The keys of gameday.yaml that adapters read.
    public static var keys: [String] { all.flatMap { $0.keys } }

    /// What gameday.yaml asks for: each kind reads its own of the file's members.
    public static func parts(of members: [String: SettingsNode], in folder: String) -> [AdapterPart] {
        all.compactMap { kind in
            let own = members.filter { kind.keys.contains($0.key) }
            guard let first = kind.keys.first else { return nil }
            if own[first] == nil {
                for (name, node) in own { node.mistake("'\(name)' needs '\(first)', which is missing") }
                return nil
            }
            return kind.read(own, in: folder)
        }
    }

    /// Whether the file names anything to observe.
    public static func isNamed(in members: [String: SettingsNode]) -> Bool {
        all.contains { kind in kind.keys.first.map { members[$0] != nil } ?? false }
    }

    /// What to say of a file that names nothing to observe.
    public static var missing: SettingsMistake {
        let keys = all.compactMap { $0.keys.first.map { "'\($0)'" } }
        return SettingsMistake(
            line: 1, message: "missing \(keys.joined(separator: " or "))",
            remedy: "List at least one: - admin: http://127.0.0.1:9901")
    }

    /// What undoes faults after a crash, when nothing is left but the ledger.
    public static func injectors(_ transport: any HTTPTransport) -> InjectorRouter {
        InjectorRouter(all.flatMap { $0.injectors(transport) })
    }
}
