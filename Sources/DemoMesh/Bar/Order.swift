/// What a customer wants, understood from what they said: `a beer`, `two beers and a meal`.
struct Order: Equatable, Sendable {
    struct Line: Equatable, Sendable {
        var count: Int
        var item: String
    }

    /// More than this of one thing is no order any more.
    static let most = 24

    var lines: [Line]

    init(parsing words: String) throws(OrderRefusal) {
        lines = []
        let tokens = words.split(whereSeparator: \.isWhitespace).map { $0.lowercased() }
        for part in tokens.split(separator: "and", omittingEmptySubsequences: false) {
            guard part.count == 2, let said = part.first, let thing = part.last,
                thing.allSatisfy(\.isLetter)
            else { throw .notAnOrder(words) }
            lines.append(Line(count: try Self.count(said, in: words), item: Self.singular(thing)))
        }
    }

    /// How many of this item the customer wants, over all lines.
    func count(of item: String) -> Int {
        lines.reduce(0) { $0 + ($1.item == item ? $1.count : 0) }
    }

    private static let spelled = [
        "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "no": 0,
    ]

    private static func count(_ said: String, in words: String) throws(OrderRefusal) -> Int {
        if let number = spelled[said] { return try checked(number, said) }
        let digits = said.hasPrefix("-") ? said.dropFirst() : said[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }) else { throw .notAnOrder(words) }
        if said.hasPrefix("-") { throw .negative(said) }
        // More digits than an Int holds is still a number, and a large one.
        return try checked(Int(digits) ?? .max, said)
    }

    private static func checked(_ number: Int, _ said: String) throws(OrderRefusal) -> Int {
        if number == 0 { throw .nothing }
        if number > most { throw .tooMany(said) }
        return number
    }

    private static func singular(_ thing: String) -> String {
        thing.count > 1 && thing.hasSuffix("s") ? String(thing.dropLast()) : thing
    }
}

/// Why the bar does not serve an order; each becomes a 4xx with a problem document.
enum OrderRefusal: Error, Equatable {
    case notAnOrder(String)
    case nothing
    case negative(String)
    case tooMany(String)
    case notOnTheMenu(String)

    var problem: Problem {
        switch self {
        case .notAnOrder(let words):
            Problem(400, "not-an-order", "Pardon?", "Nobody here understands “\(words.prefix(60))”.")
        case .nothing:
            Problem(422, "nothing-ordered", "Nothing ordered", "Zero of something is not an order.")
        case .negative(let count):
            Problem(422, "negative-order", "Less than nothing", "We sell; we do not buy: \(count.prefix(24)).")
        case .tooMany(let count):
            Problem(
                422, "too-many", "Too many", "\(count.prefix(24)) is more than \(Order.most), our limit a customer.")
        case .notOnTheMenu(let item):
            Problem(404, "not-on-the-menu", "Not on the menu", "We have no \(item.prefix(40)).")
        }
    }
}
