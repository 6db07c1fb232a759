import MeshModel

/// Says a blast radius in sentences.
enum BlastWords {
    static func lines(_ radius: BlastRadius, entrance: ServiceName?) -> [String] {
        var lines: [String] = []
        if let rate = radius.edgeRate, let hit = radius.hitRate {
            lines.append("Hits about \(Format.rate(hit)) of the \(Format.rate(rate)) that cross this edge.")
        } else {
            lines.append("How many requests cross this edge is not known.")
        }
        if let share = radius.shareOfEntrance, let entrance {
            lines.append("That is \(Format.share(share)) of what enters at \(entrance).")
        }
        lines.append("May see it: \(callers(radius)).")
        lines.append("Behind it: \(list(radius.downstream)).")
        return lines
    }

    /// Those who reach the edge, each with what it would feel of its own requests.
    private static func callers(_ radius: BlastRadius) -> String {
        let most = 6
        let shown = radius.upstream.prefix(most).map { name -> String in
            let own = radius.felt.filter { $0.key.to == name }.values
            guard let share = own.first?.share else { return name.text }
            return "\(name) \(Format.rate(own.reduce(0) { $0 + $1.rate })) (\(Format.share(share)))"
        }
        let more = radius.upstream.count - shown.count
        return shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func list(_ names: [ServiceName]) -> String {
        let most = 6
        let shown = names.prefix(most).map(\.text).joined(separator: ", ")
        return names.count > most ? "\(shown) and \(names.count - most) more" : shown
    }
}
