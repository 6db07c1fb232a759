import MeshModel

/// The access log of an edge as somebody looks at it: all of it or what failed, at the newest line or at a chosen one.
struct LogView: Equatable, Sendable {
    /// So often a proxy's log is read again.
    static let pause = 1.0
    /// After that nobody waits for an answer any more.
    static let patience = 8.0

    var edge: Edge
    var onlyFailing = false
    /// Nil until the first answer.
    var log: EdgeLog?
    /// Why the last question had no answer.
    var trouble: String?
    /// The chosen line; nil goes along with the newest.
    var chosen: EdgeLog.Line?
    /// When it was asked for last, and whether the answer is still to come.
    var askedAt: Timestamp?
    var isAsking = false

    var lines: [EdgeLog.Line] { log?.lines ?? [] }

    /// The place of the chosen line, or of the newest.
    var place: Int? {
        if let chosen, let place = lines.lastIndex(of: chosen) { return place }
        return lines.indices.last
    }

    var current: EdgeLog.Line? { place.map { lines[$0] } }

    /// Whether it is time to ask again.
    func isDue(at now: Timestamp) -> Bool {
        guard let askedAt else { return true }
        return now.seconds(since: askedAt) >= (isAsking ? Self.patience : Self.pause)
    }

    /// Chooses another line; at the end it follows the newest again.
    mutating func move(by steps: Int) {
        guard let place else { return }
        let next = max(0, min(lines.count - 1, place + steps))
        chosen = next == lines.count - 1 ? nil : lines[next]
    }

    /// The links that this line can fill.
    var links: [(name: String, url: String)] {
        let subject = MeshLink.Subject(edge: edge, trace: current?.line.trace)
        return (log?.links ?? []).compactMap { link in link.url(for: subject).map { (link.name, $0) } }
    }
}
