/// A list whose items have a name for life, as checkpoints told it: each item has the place that it was first told at,
/// so that one which changes or goes is told alone.
struct ToldItems<Item: Identifiable & Equatable & Sendable>: Sendable where Item.ID == String {
    private var known: [String: (place: Int, item: Item)] = [:]
    private var next = 0

    /// The items that are new or have changed, with their places.
    func news(in items: [Item]) -> [(place: Int, item: Item)] {
        var next = next
        return items.compactMap { item in
            if let before = known[item.id] { return before.item == item ? nil : (before.place, item) }
            defer { next += 1 }
            return (next, item)
        }
    }

    /// The places of those that are in the list no more.
    func gone(from items: [Item]) -> [Int] {
        guard !known.isEmpty else { return [] }
        let left = Set(items.map(\.id))
        return known.filter { !left.contains($0.key) }.map(\.value.place).sorted()
    }

    /// Takes the list for told.
    mutating func remember(_ items: [Item]) {
        var told: [String: (place: Int, item: Item)] = [:]
        for item in items {
            let place = known[item.id]?.place ?? next
            if place == next { next += 1 }
            told[item.id] = (place, item)
        }
        known = told
    }
}
