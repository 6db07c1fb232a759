import MeshModel

/// Says a blast radius in sentences.
enum BlastWords {
    /// How many requests meet a condition is not known, nor how many go to pods that are left, so that all that could
    /// are counted.
    static func lines(_ radius: BlastRadius, entrance: ServiceName?, _ kind: FaultKind? = nil) -> [String] {
        let (only, description) = (kind?.only, kind?.description)
        var lines: [String] = []
        if let why = description?.beyondUndo { lines.append("CANNOT BE UNDONE. \(why).") }
        if let rate = radius.edgeRate, description?.isOfCallee == true {
            lines.append("Hits at most the \(Format.rate(rate)) that the callee gets, whoever calls it.")
        } else if let rate = radius.edgeRate, let hit = radius.hitRate {
            lines.append(
                "Hits \(only == nil ? "about" : "at most") \(Format.rate(hit)) of the \(Format.rate(rate)) on this edge."
            )
        } else {
            lines.append("The request rate on this edge is unknown.")
        }
        if let share = radius.shareOfEntrance, let entrance {
            lines.append("That is \(Format.share(share)) of the traffic entering at \(entrance).")
        }
        lines.append("Callers affected: \(callers(radius)).")
        lines.append("Dependencies behind it: \(list(radius.downstream)).")
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
