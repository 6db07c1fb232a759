import MeshModel

/// What somebody asked of the mesh's control plane beyond its plan, until it is taken back: values by keys like
/// `bar>taps/shift`.
struct MeshPolicy: Equatable, Sendable {
    /// What can be asked. Each has a key of its own at an edge, or at an instance.
    enum Word: String, CaseIterable, Sendable {
        /// How many of 10,000 requests go to the newest version.
        case shift
        /// How often a request is tried again, without a budget.
        case retries
        /// The timeout of the route, in milliseconds.
        case deadline
        /// The caller shows a certificate that has expired.
        case expire
        /// The instance gets no new requests.
        case drain
        /// The route is one that no Envoy takes.
        case badRoute = "bad-route"

        fileprivate var range: ClosedRange<Int> {
            switch self {
            case .shift: 0...10_000
            case .retries: 0...10
            case .deadline: 1...600_000
            case .expire, .drain, .badRoute: 1...1
            }
        }

        fileprivate var isOfInstance: Bool { self == .drain }
        /// Where there is only one version, there is nowhere to shift to.
        fileprivate func makesSense(at callees: [MeshLayout.Place]) -> Bool {
            self != .shift || callees.contains { $0.plan.version != nil }
        }
    }

    /// Why something is not taken, in words for a person.
    struct Mistake: Error, Equatable {
        var words: String
    }

    private(set) var values: [String: Int] = [:]

    /// What is asked at an edge (`bar>taps`) or an instance (`kitchen-2`); nil for nothing.
    func value(_ word: Word, at place: String) -> Int? { values["\(place)/\(word.rawValue)"] }

    /// Takes a value, or with an empty one takes it back.
    mutating func set(_ key: String, to text: String, in plan: MeshPlan, _ layout: MeshLayout) throws(Mistake) {
        let parts = key.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let word = Word(rawValue: String(parts[1])) else {
            throw Mistake(words: "\(key) is nothing that can be asked; it ends with one of \(Self.words)")
        }
        let place = String(parts[0])
        let isKnown =
            word.isOfInstance
            ? layout.places.contains { $0.name == place }
            : plan.services.contains { service in service.calls.contains { "\(service.name)>\($0.to)" == place } }
        guard isKnown else {
            throw Mistake(words: "\(place) is no \(word.isOfInstance ? "instance" : "edge") of \(plan.name)")
        }
        guard !text.isEmpty else {
            values[key] = nil
            return
        }
        guard let value = Int(text), word.range.contains(value) else {
            let range = word.range
            throw Mistake(words: "\(key) is \(range.lowerBound) to \(range.upperBound), and not \(text)")
        }
        values[key] = value
    }

    /// What can be asked of a mesh.
    static func offers(of plan: MeshPlan, _ layout: MeshLayout) -> [BoxPage.Offer] {
        let edges = plan.services.flatMap { service in service.calls.map { (service.name, $0.to) } }
        let ofEdges = edges.flatMap { from, to in
            Word.allCases.filter { !$0.isOfInstance && $0.makesSense(at: layout.places(of: to)) }.map {
                BoxPage.Offer(at: "\(from)>\(to)", does: $0.rawValue, of: 1)
            }
        }
        let callees = Set(edges.map(\.1)).sorted()
        return ofEdges
            + callees.map { BoxPage.Offer(at: $0, does: Word.drain.rawValue, of: layout.places(of: $0).count) }
    }

    private static var words: String { Word.allCases.map(\.rawValue).joined(separator: ", ") }
}
