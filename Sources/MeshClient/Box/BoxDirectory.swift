internal import MeshModel
internal import Synchronization

/// What can be asked of which program of a demo: filled as they are seen.
final class BoxDirectory: Sendable {
    private let pages = Mutex<[BoxPlace: BoxPage]>([:])

    func put(_ page: BoxPage, of place: BoxPlace) { pages.withLock { $0[place] = page } }

    /// Who can do this at an edge, or to its callee, and to how many.
    func place(for word: String, at edge: Edge) -> (place: BoxPlace, key: String, count: Int)? {
        pages.withLock { pages in
            for (place, page) in pages.sorted(by: { $0.key.source < $1.key.source }) {
                for at in [edge.description, edge.to.text, "*"] {
                    if let count = page.offers[at]?[word] { return (place, at, count) }
                }
            }
            return nil
        }
    }

    /// All words that somebody can do at an edge.
    func words(at edge: Edge) -> [String] {
        let all = FaultKindDescription.all.map(\.word)
        return all.filter { place(for: $0, at: edge) != nil }
    }

    var all: [BoxPlace] { pages.withLock { $0.keys.sorted { $0.source < $1.source } } }
}
