/// How big the boxes of a graph are and how far apart, from the most generous to the tightest that still says all.
struct GraphShape: Equatable, Sendable {
    /// How much a box tells, from a person's choice.
    enum Detail: Int, CaseIterable, Sendable {
        /// The name and the state: the most boxes on a screen.
        case names
        /// As much as there is room for.
        case numbers
        /// Everything, however much must be scrolled then.
        case all
    }

    /// Where the numbers of an edge stand beside its line, so that the line itself goes through.
    enum Words: Equatable, Sendable {
        /// All of them above it.
        case above
        /// Rate and errors above, the latency below.
        case around
        /// On the line, which they cut.
        case within
        /// One below the other to the right of a line that leads down.
        case beside

        /// Columns that the words want at least; rows where the graph leads down.
        var columns: Int {
            switch self {
            case .above: 19
            case .around: 12
            case .within: 7
            case .beside: 4
            }
        }
    }

    /// Border included.
    var boxWidth: Int
    /// Lines of text in a box.
    var innerRows: Int
    /// Rows between two edges that enter the same box.
    var portSpacing: Int
    /// Rows between two boxes.
    var gap: Int
    var words: Words

    /// The shapes of a graph that leads from the top down. All that counts columns here counts rows there, and the other
    /// way round: so a box is as high as `boxWidth`, and its ports stand along its upper edge.
    static func topDown(longestName: Int, detail: Detail = .numbers) -> [GraphShape] {
        let name = min(max(longestName, 8), 16)
        let heights =
            switch detail {
            case .names: [3]
            case .numbers: [6, 5, 4]
            case .all: [6]
            }
        return heights.map {
            GraphShape(boxWidth: $0, innerRows: name + 7, portSpacing: besideColumns + 2, gap: 2, words: .beside)
        }
    }

    /// True where the layers lie below each other.
    var isTopDown: Bool { words == .beside }

    /// Columns of the words beside a line that leads down: room for the longest figure and its mark.
    static let besideColumns = 7

    /// The shapes to try, in this order. A box is as wide as the longest name wants, within reason.
    static func all(longestName: Int, detail: Detail = .numbers) -> [GraphShape] {
        let name = min(max(longestName, 8), 16)
        let full = name + 9
        let wide = GraphShape(boxWidth: max(full, 21), innerRows: 4, portSpacing: 3, gap: 1, words: .above)
        let small = GraphShape(boxWidth: name + 5, innerRows: 1, portSpacing: 1, gap: 0, words: .within)
        let middle = [
            GraphShape(boxWidth: full, innerRows: 3, portSpacing: 2, gap: 1, words: .above),
            GraphShape(boxWidth: full, innerRows: 2, portSpacing: 2, gap: 1, words: .above),
            GraphShape(boxWidth: full, innerRows: 4, portSpacing: 3, gap: 1, words: .around),
            GraphShape(boxWidth: full, innerRows: 3, portSpacing: 3, gap: 1, words: .around),
            GraphShape(boxWidth: full, innerRows: 2, portSpacing: 3, gap: 1, words: .around),
            GraphShape(boxWidth: 17, innerRows: 3, portSpacing: 3, gap: 1, words: .around),
            GraphShape(boxWidth: 17, innerRows: 2, portSpacing: 3, gap: 1, words: .around),
            GraphShape(boxWidth: 15, innerRows: 3, portSpacing: 2, gap: 1, words: .around),
            GraphShape(boxWidth: 17, innerRows: 2, portSpacing: 1, gap: 1, words: .within),
            GraphShape(boxWidth: 13, innerRows: 3, portSpacing: 1, gap: 1, words: .within),
            GraphShape(boxWidth: 13, innerRows: 3, portSpacing: 1, gap: 0, words: .within),
        ]
        return switch detail {
        case .names: [small]
        case .numbers: [wide] + middle
        case .all: [wide]
        }
    }

    /// More room for words than this gives nothing: what is left goes to both sides of the graph.
    static let widestLabel = 24
    /// More rows between two boxes than this only tears the picture apart.
    static let widestGap = 3

    /// A longer name than this is cut, however much room there is.
    private static let widestName = 40

    /// Makes boxes wider by so many columns at most, where that is what the longest name lacks.
    mutating func widen(for longestName: Int, by most: Int) {
        guard !isTopDown else { return }
        // A narrow box leaves out the word of its state.
        let room = boxWidth < 16 ? boxWidth - 5 : boxWidth - 9
        let name = min(longestName, Self.widestName)
        guard most > 0, room < name else { return }
        boxWidth = min(boxWidth + most, max(boxWidth, name + 9))
    }

    func height(callers: Int) -> Int {
        let ports = (min(max(callers, 1), 8) - 1) * portSpacing + 1
        // Words beside the last line stay above their own box, and the ports in its middle.
        return max(innerRows, ports + (isTopDown ? 2 * Self.besideColumns : 0)) + 2
    }
}
