import MeshModel
import TerminalCanvas

/// What a fault would touch, by the boxes and lines of the graph: drawn before anything is fired.
struct BlastMap: Equatable, Sendable {
    enum Part: Equatable, Sendable {
        /// The edge that the fault would be on.
        case target
        /// On the way of those who may see it.
        case felt
        /// Behind it: what gets less traffic.
        case behind
    }

    let radius: BlastRadius
    let target: Edge
    private let callers: Set<ServiceName>
    private let callees: Set<ServiceName>
    private let felt: [Edge: BlastRadius.Felt]

    init(_ radius: BlastRadius, of edge: Edge, lens: GraphLens) {
        self.radius = radius
        target = lens.line(of: edge)
        callers = Set(radius.upstream.map(lens.box))
        callees = Set(radius.downstream.map(lens.box))
        felt = Dictionary(radius.felt.map { (lens.line(of: $0.key), $0.value) }) { one, other in
            BlastRadius.Felt(rate: one.rate + other.rate, share: max(one.share, other.share))
        }
    }

    func part(of name: ServiceName) -> Part? {
        callers.contains(name) ? .felt : callees.contains(name) ? .behind : nil
    }

    func part(of line: Edge) -> Part? {
        if line == target { return .target }
        return callers.contains(line.to) ? .felt : callees.contains(line.from) ? .behind : nil
    }

    /// What would be felt along a line; nothing where nothing is known.
    func words(on line: Edge, to columns: Int) -> String {
        guard let felt = felt[line] else { return "" }
        let (rate, share) = (Format.rate(felt.rate), Format.share(felt.share))
        return EdgeWords.fitting(["hits \(rate) (\(share))", "\(rate) (\(share))", "hits \(share)", share], columns)
    }
}

extension BlastMap.Part {
    /// How its lines look.
    var look: (stroke: Stroke, style: Style) {
        switch self {
        case .target: (.double, Style(.fault, .bold))
        case .felt: (.heavy, Style(.lease, .bold))
        case .behind: (.dashed, Style(.lease))
        }
    }
}

extension DashboardState {
    /// What the fault in question would touch, while a dialog asks about one.
    var blastMap: BlastMap? {
        let edge: Edge
        var (share, word) = (1.0, "")
        switch layers.last {
        case .blast:
            guard let selected = selectedEdge else { return nil }
            edge = selected
        case .faultForm(let form):
            guard let chosen = form.edge else { return nil }
            edge = chosen
            (share, word) = ((try? form.share()) ?? 1, form.word)
        case .confirmation(let confirmation):
            guard case .startFault(let request) = confirmation.effect else { return nil }
            edge = request.edge
            (share, word) = (request.share, request.kind.word)
        default: return nil
        }
        return BlastMap(
            shown.blastRadius(of: FaultKind(word), on: edge, share: share, at: shownAt), of: edge, lens: lens)
    }
}
