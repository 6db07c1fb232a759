/// Counts crossings: of two neighbouring layers' spans, taken in the order of the one, how often those of the other fall.
///
/// An accumulator tree (Barth, Jünger, Mutzel 2002): each span costs the logarithm of the layer's width.
struct Inversions {
    private var tree: [Int32] = []

    /// The places of the other ends, each below `width`; spans that share an end come with rising places.
    mutating func count(_ places: some Sequence<Int32>, width: Int) -> Int {
        var leaves = 1
        while leaves < width { leaves *= 2 }
        if tree.count < 2 * leaves { tree = [Int32](repeating: 0, count: 2 * leaves) }
        for node in 0..<2 * leaves { tree[node] = 0 }
        var crossings = 0
        for place in places {
            var node = Int(place) + leaves
            tree[node] += 1
            while node > 1 {
                // What lies to the right and came before crosses this one.
                if node & 1 == 0 { crossings += Int(tree[node + 1]) }
                node /= 2
                tree[node] += 1
            }
        }
        return crossings
    }
}
