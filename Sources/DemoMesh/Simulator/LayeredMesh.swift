extension MeshPlan {
    /// The mesh that a simulator plays: the bar, or a generated one of so many services.
    public static func simulated(services: Int?, seed: UInt64) -> MeshPlan {
        guard let services else { return .bar }
        return layered(services: services, seed: seed)
    }

    /// A mesh of layers below one gateway. Each service is called from the layer above it at least once; a few callers
    /// try again, and a few do without.
    static func layered(services count: Int, seed: UInt64) -> MeshPlan {
        var random = SeededRandom(seed: seed)
        let names = (0..<max(1, count)).map(name)
        let layers = layers(of: names)
        var services: [ServicePlan] = []
        for (depth, layer) in layers.enumerated() {
            let below = depth + 1 < layers.count ? layers[depth + 1] : []
            for (place, name) in layer.enumerated() {
                let callees = callees(of: place, in: layer.count, below: below, with: &random)
                services.append(service(name, depth: depth, callees: callees, with: &random))
            }
        }
        return MeshPlan(name: "\(count) services", entrance: names[0], services: services)
    }

    private static let words = [
        "gateway", "basket", "search", "account", "catalog", "pricing", "stock", "orders", "payment", "ledger",
        "shipping", "reviews", "media", "profile", "session", "coupons", "tax", "fraud", "mail", "notify", "geo",
        "rates", "audit", "reports", "billing", "invoice", "returns", "loyalty", "ads", "ranking", "features",
        "tokens", "keys", "blobs", "events", "quotes", "routes", "fleet", "drivers", "maps", "seats", "booking",
    ]

    private static func name(_ index: Int) -> String {
        let round = index / words.count
        return words[index % words.count] + (round == 0 ? "" : "-\(round + 1)")
    }

    /// Layers that grow threefold until nothing is left, so that a mesh of 5,000 is some eight layers deep.
    private static func layers(of names: [String]) -> [[String]] {
        var layers: [[String]] = []
        var rest = names[...]
        var width = 1
        while !rest.isEmpty {
            layers.append(Array(rest.prefix(width)))
            rest = rest.dropFirst(width)
            width *= 3
        }
        return layers
    }

    private static func callees(
        of place: Int, in width: Int, below: [String], with random: inout SeededRandom
    ) -> [String] {
        // Every third of the layer below belongs to one caller, and some callees are shared.
        var callees = stride(from: place, to: below.count, by: width).map { below[$0] }
        if !below.isEmpty, Int.random(in: 0..<3, using: &random) == 0 {
            let shared = below[Int.random(in: 0..<below.count, using: &random)]
            if !callees.contains(shared) { callees.append(shared) }
        }
        return callees
    }

    private static func service(
        _ name: String, depth: Int, callees: [String], with random: inout SeededRandom
    ) -> ServicePlan {
        // With more than about 1.6 calls a request, load and failures of a deep mesh would add up beyond belief.
        let calls = callees.map { callee in
            let kind = Int.random(in: 0..<10, using: &random)
            return CallPlan(
                callee, chance: min(1, 1.6 / Double(callees.count)),
                timeout: .milliseconds(max(300, 2_000 - depth * 200)), retries: kind == 0 ? 2 : 0,
                isNeeded: kind < 8, isTogether: kind.isMultiple(of: 2))
        }
        let median = Duration.microseconds(Int.random(in: 800...9_000, using: &random))
        return ServicePlan(
            name, workers: 32, work: WorkTime(median: median, spread: Double.random(in: 0.3...0.7, using: &random)),
            failing: Int.random(in: 0..<12, using: &random) == 0 ? 0.0004 : 0, calls: calls)
    }
}
