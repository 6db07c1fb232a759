import TerminalCanvas

/// The parts of the screen that have a content of their own.
enum Pane: Equatable, Sendable, CaseIterable {
    case graph, objectives, faults, timeline, proxies, proof, catalogue, run

    /// Those that keys can be given to; the others only show.
    var takesKeys: Bool {
        switch self {
        case .graph, .faults, .timeline, .objectives, .proxies, .catalogue, .run: true
        case .proof: false
        }
    }
}

/// The screens that the digits choose.
enum ScreenID: Int, Equatable, Sendable, CaseIterable {
    case overview = 1
    case graph, objectives, faults, timeline, proxies, experiments
}

/// Which pane stands where, for a screen and a size: the same for drawing and for planning the graph.
struct Regions: Equatable, Sendable {
    private(set) var header: Rect
    private(set) var faults: Rect
    private(set) var footer: Rect
    /// From left to right and top to bottom, as Tab walks.
    private(set) var panes: [(pane: Pane, area: Rect)] = []

    /// Below this there is only a sentence.
    static let smallest = Size(60, 20)

    /// While a run is on it has a pane on the overview too, in place of another: nothing else moves.
    init(_ screen: ScreenID, size: Size, hasRun: Bool = false) {
        let footerRows = size.rows >= 24 ? 2 : 1
        let parts = Layout.rows([.fixed(1), .fixed(1), .rest, .fixed(footerRows)], in: Rect(size))
        header = parts[0]
        faults = parts[1]
        footer = parts[3]
        let body = parts[2]
        switch screen {
        case .overview:
            panes = Self.overview(in: body, hasRun: hasRun)
            let given: Pane = panes.contains { $0.pane == .proxies } ? .proxies : .faults
            if hasRun, let place = panes.firstIndex(where: { $0.pane == given }) { panes[place].pane = .run }
        case .experiments: panes = Self.experiments(in: body)
        case .graph: panes = [(.graph, body)]
        case .objectives: panes = [(.objectives, body)]
        case .timeline: panes = [(.timeline, body)]
        case .proxies: panes = [(.proxies, body)]
        case .faults:
            let halves = Layout.rows([.share(3, atLeast: 6), .share(2, atLeast: 4)], in: body)
            panes = [(.faults, halves[0]), (.proof, halves[1])]
        }
    }

    private static func experiments(in body: Rect) -> [(pane: Pane, area: Rect)] {
        if body.columns < 110 {
            let parts = Layout.rows([.share(2, atLeast: 5), .share(3, atLeast: 8)], in: body)
            return [(.catalogue, parts[0]), (.run, parts[1])]
        }
        let parts = Layout.columns([.share(2), .share(3)], in: body)
        return [(.catalogue, parts[0]), (.run, parts[1])]
    }

    private static func overview(in body: Rect, hasRun: Bool) -> [(pane: Pane, area: Rect)] {
        if body.columns < 80 || body.rows < 20 {
            let parts = Layout.rows([.rest, .fixed(max(4, min(6, body.rows - 12)))], in: body)
            return [(.graph, parts[0]), (.timeline, parts[1])]
        }
        if body.columns < 110 || body.rows < 34 {
            let parts = Layout.rows([.rest, .fixed(max(5, body.rows / 4))], in: body)
            let upper = Layout.columns([.share(3), .share(2, atLeast: 33)], in: parts[0])
            return [(.graph, upper[0]), (.objectives, upper[1]), (.timeline, parts[1])]
        }
        if body.columns < 170 || body.rows < 46 {
            let parts = Layout.rows([.share(2), .share(1, atLeast: 12)], in: body)
            let lower = Layout.columns([.share(2), .share(3)], in: parts[1])
            let shares: [Extent] =
                hasRun
                ? [.share(2, atLeast: 7), .share(1, atLeast: 5)] : [.share(2, atLeast: 5), .share(3, atLeast: 6)]
            let right = Layout.rows(shares, in: lower[1])
            return [(.graph, parts[0]), (.objectives, lower[0]), (.faults, right[0]), (.timeline, right[1])]
        }
        let columns = Layout.columns([.share(2), .share(1, atLeast: 68)], in: body)
        let left = Layout.rows([.rest, .fixed(max(9, body.rows / 5))], in: columns[0])
        let right = Layout.rows([.share(4), .share(2), .share(3)], in: columns[1])
        return [
            (.graph, left[0]), (.timeline, left[1]), (.objectives, right[0]), (.faults, right[1]), (.proxies, right[2]),
        ]
    }

    func area(of pane: Pane) -> Rect? { panes.first { $0.pane == pane }?.area }

    static func == (left: Regions, right: Regions) -> Bool {
        left.header == right.header && left.footer == right.footer && left.panes.elementsEqual(right.panes, by: ==)
    }
}
