import MeshModel

@testable import MeshClient

extension FuzzTarget {
    /// What an API server of Kubernetes tells, and how it is found.
    static let clusters: [FuzzTarget] = [
        FuzzTarget(name: "kube-watch") { bytes in
            // Wherever the stream is cut, the events are the same, and so is what is refused.
            let (cuts, stream) = bytes.halves
            let whole = told([stream])
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            for cut in cuts where !rest.isEmpty {
                pieces.append(Array(rest.prefix(Int(cut))))
                rest = rest.dropFirst(Int(cut))
            }
            let cutUp = told(pieces + [Array(rest)])
            try requireSame(cutUp.isRefused, whole.isRefused, "cut otherwise it is taken otherwise")
            if !whole.isRefused { try requireSame(cutUp.events, whole.events, "cut otherwise it tells otherwise") }
        },
        FuzzTarget(name: "kube-list") { bytes in
            var items: [JSON] = []
            let page = try? KubeListPage(bytes) { items.append($0.json) }
            guard page != nil, let whole = try? JSON(parsing: bytes) else { return }
            // A name that is there twice is taken the first time by one and the last time by the other.
            guard case .object(let members) = whole, Set(members.map(\.name)).count == members.count else { return }
            if let list = whole["items"]?.array { try requireSame(items, list, "item by item they are others") }
        },
        FuzzTarget(name: "kubeconfig") { bytes in
            let log = SettingsMistakes()
            var config = Kubeconfig()
            config.add(bytes.text, file: "/nowhere/config", log: log)
            for context in config.contexts {
                do throws(KubeconfigError) {
                    let access = try config.access(context: context.name)
                    try? require(access.server.hasPrefix("http"), "no address: \(access.server)")
                } catch {
                    if error.mistakes.isEmpty { throw Broken("it is refused without a word") }
                }
            }
        },
    ]

    private static func told(_ pieces: [[UInt8]]) -> (events: [KubeWatchEvent], isRefused: Bool) {
        var lines = KubeWatchLines()
        var events: [KubeWatchEvent] = []
        do throws(KubeWatchLines.Mistake) {
            for piece in pieces { events += try lines.take(piece) }
            return (events, false)
        } catch {
            return (events, true)
        }
    }
}
