extension BarWork {
    /// Beers and meals are made at the same time. Without a kitchen the beers still come; without taps nothing does.
    func serve(_ request: ServiceRequest) async -> ServiceAnswer {
        let order: Order
        do throws(OrderRefusal) {
            order = try Order(parsing: request.body)
        } catch {
            return error.problem.answer
        }
        let (menu, freshness) = await consultMenu(for: request)
        guard let menu else {
            return Problem(503, "no-menu", "No menu", "There is no menu, and nobody remembers one.").answer
        }
        if let line = order.lines.first(where: { menu.prices[$0.item] == nil }) {
            return OrderRefusal.notOnTheMenu(line.item).problem.answer
        }
        async let beers = make(order.count(of: "beer"), by: "taps", path: "/pours", for: request)
        async let meals = make(order.count(of: "meal"), by: "kitchen", path: "/meals", for: request)
        let (poured, cooked) = await (beers, meals)
        if let poured, !poured.isSuccess { return unavailable("taps", poured) }
        if let cooked, !cooked.isSuccess, poured == nil { return unavailable("kitchen", cooked) }
        let entry = await ask("tab", ServiceRequest(method: "POST", path: "/entries", baggage: request.baggage))
        guard entry.isSuccess else { return unavailable("tab", entry) }
        var headers = ["x-menu": freshness]
        if let cooked, !cooked.isSuccess { headers["x-degraded"] = "no meal: the kitchen answered \(cooked.status)" }
        return .ok("cheers\n", headers: headers)
    }

    /// The menu, and whether it is today's or the one remembered from before: a failing menu is not seen at the door.
    private func consultMenu(for request: ServiceRequest) async -> (Menu?, String) {
        let answer = await ask("menu", ServiceRequest(method: "GET", path: "/menu", baggage: request.baggage))
        if answer.isSuccess, let menu = Menu(reading: answer.body) {
            await memory.remember(menu)
            return (menu, "fresh")
        }
        return (await memory.menu, "from memory, the menu answered \(answer.status)")
    }

    private func make(
        _ count: Int, by callee: String, path: String, for request: ServiceRequest
    ) async -> ServiceAnswer? {
        guard count > 0 else { return nil }
        let errand = ServiceRequest(method: "POST", path: path, body: String(count), baggage: request.baggage)
        return await ask(callee, errand)
    }
}

/// What the bar sells, as lines of a name and a price.
struct Menu: Equatable, Sendable {
    var prices: [String: Double]

    static let today = Menu(prices: ["beer": 4.5, "meal": 12])

    var text: String {
        prices.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    }

    init(prices: [String: Double]) {
        self.prices = prices
    }

    /// Reads the lines; small print (`#`) is skipped, as everybody does. Nil when a line is no price.
    init?(reading text: String) {
        prices = [:]
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            guard words.count == 2, let price = Double(words[1]) else { return nil }
            prices[String(words[0])] = price
        }
        if prices.isEmpty { return nil }
    }
}

/// The last menu that the bar saw.
actor MenuMemory {
    private(set) var menu: Menu?

    func remember(_ menu: Menu) {
        self.menu = menu
    }
}
