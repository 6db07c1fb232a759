import Testing

@testable import DemoMesh

@Suite struct OrderTests {
    @Test(arguments: [
        ("a beer", [Order.Line(count: 1, item: "beer")]),
        ("An  ORDER", [Order.Line(count: 1, item: "order")]),
        ("3 beers", [Order.Line(count: 3, item: "beer")]),
        ("two beers and a meal", [Order.Line(count: 2, item: "beer"), Order.Line(count: 1, item: "meal")]),
        ("a lizard", [Order.Line(count: 1, item: "lizard")]),
    ])
    func `is understood as it is said`(words: String, lines: [Order.Line]) throws {
        #expect(try Order(parsing: words).lines == lines)
    }

    @Test(arguments: [
        ("0 beers", OrderRefusal.nothing, 422),
        ("-1 beers", .negative("-1"), 422),
        ("99999999999 beers", .tooMany("99999999999"), 422),
        ("123456789012345678901234567890 beers", .tooMany("123456789012345678901234567890"), 422),
        ("25 beers", .tooMany("25"), 422),
        ("ueicbksjdhd", .notAnOrder("ueicbksjdhd"), 400),
        ("where is the bathroom?", .notAnOrder("where is the bathroom?"), 400),
        ("", .notAnOrder(""), 400),
        ("a beer and", .notAnOrder("a beer and"), 400),
        ("- beers", .notAnOrder("- beers"), 400),
    ])
    func `is refused with the reason and a status of the customer's own`(
        words: String, refusal: OrderRefusal, status: Int
    ) {
        #expect(throws: refusal) { try Order(parsing: words) }
        #expect(refusal.problem.status == status)
    }

    @Test func `counts an item over all lines`() throws {
        let order = try Order(parsing: "two beers and a meal and a beer")
        #expect(order.count(of: "beer") == 3)
        #expect(order.count(of: "lizard") == 0)
    }

    @Test(arguments: [
        "\u{1B}[2J beers", "🍺 🍺", String(repeating: "a", count: 300), "a\0b beers\n", "+1 beers", "١ beers",
    ])
    func `never traps on what people say, and quotes it as JSON`(words: String) throws {
        let refusal: OrderRefusal
        do {
            _ = try Order(parsing: words)
            return
        } catch {
            refusal = error
        }
        let body = refusal.problem.answer.body
        #expect(body.unicodeScalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" })
    }
}
