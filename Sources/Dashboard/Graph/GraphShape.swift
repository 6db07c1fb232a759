/// How big the boxes of a graph are and how far apart, from the most generous to the tightest that still says all.
struct GraphShape: Equatable, Sendable {
    /// Border included.
    var boxWidth: Int
    /// Lines of text in a box.
    var innerRows: Int
    /// Rows between two edges that enter the same box.
    var portSpacing: Int
    /// Rows between two boxes.
    var gap: Int

    /// The shapes to try, in this order. A box is as wide as the longest name wants, within reason.
    static func all(longestName: Int) -> [GraphShape] {
        let full = min(max(longestName, 8), 16) + 9
        return [
            GraphShape(boxWidth: full, innerRows: 3, portSpacing: 2, gap: 2),
            GraphShape(boxWidth: full, innerRows: 3, portSpacing: 1, gap: 1),
            GraphShape(boxWidth: full, innerRows: 2, portSpacing: 1, gap: 1),
            GraphShape(boxWidth: 17, innerRows: 2, portSpacing: 1, gap: 1),
            GraphShape(boxWidth: 13, innerRows: 3, portSpacing: 1, gap: 1),
            GraphShape(boxWidth: 13, innerRows: 3, portSpacing: 1, gap: 0),
        ]
    }

    /// The shortest words on an edge are six columns wide, like `F1 50%`; more than the widest gives nothing.
    static let narrowestLabel = 6
    static let widestLabel = 24

    func height(callers: Int) -> Int {
        let ports = (min(max(callers, 1), 8) - 1) * portSpacing + 1
        return max(innerRows, ports) + 2
    }
}
