/// What a customer comes for: a named request at the door.
public struct Journey: Equatable, Sendable {
    public var name: String
    /// How often it is made, compared with the others.
    public var weight: Int
    public var method: String
    public var path: String
    public var body: String?

    /// Everything customers of the bar ask for, testers included.
    public static let all: [Journey] = [
        order("a beer", weight: 42),
        order("two beers and a meal", weight: 20),
        Journey(name: "pays the tab", weight: 13, method: "POST", path: "/payments", body: "all of it"),
        order("0 beers", weight: 3),
        order("99999999999 beers", weight: 3),
        order("a lizard", weight: 4),
        order("-1 beers", weight: 3),
        order("ueicbksjdhd", weight: 2),
        Journey(name: "where is the bathroom?", weight: 10, method: "GET", path: "/bathroom", body: nil),
    ]

    private static func order(_ words: String, weight: Int) -> Journey {
        Journey(name: words, weight: weight, method: "POST", path: "/orders", body: words)
    }

    /// The journey of the next customer, drawn by weight.
    public static func next(with generator: inout some RandomNumberGenerator) -> Journey {
        let total = all.reduce(0) { $0 + $1.weight }
        var left = Int.random(in: 0..<total, using: &generator)
        for journey in all {
            left -= journey.weight
            if left < 0 { return journey }
        }
        return all[0]
    }
}
