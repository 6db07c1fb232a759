/// Reads a pattern as Python's `re` does, and refuses what it refuses.
struct RegexParser {
    struct Flags {
        var ignoresCase = false
        var multiline = false
        var dotAll = false
        var verbose = false
        var ascii = false
    }

    private static let deepest = 200

    let pattern: [Unicode.Scalar]
    var place = 0
    var flags = Flags()
    private var depth = 0
    var groupCount = 0
    var names: [String: Int] = [:]
    var closed: Set<Int> = []
    var conditions: [(group: Int, position: Int)] = []

    init(_ pattern: String) throws(RegexError) {
        self.pattern = Array(pattern.unicodeScalars)
    }

    mutating func parse() throws(RegexError) -> RegexNode {
        let tree = try alternatives(isTop: true)
        if place < pattern.count { throw failure("unbalanced parenthesis") }
        if let wrong = conditions.first(where: { $0.group > groupCount }) {
            throw RegexError(message: "invalid group reference \(wrong.group)", position: wrong.position)
        }
        return tree
    }

    var next: Unicode.Scalar? { place < pattern.count ? pattern[place] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        place += 1
        return true
    }

    mutating func take(text: String) -> Bool {
        guard pattern[place...].starts(with: text.unicodeScalars) else { return false }
        place += text.unicodeScalars.count
        return true
    }

    mutating func takeAny() -> Unicode.Scalar? {
        guard let scalar = next else { return nil }
        place += 1
        return scalar
    }

    mutating func takeDigits(upTo count: Int = 1_000, _ allowed: String = "0123456789") -> String {
        var digits = ""
        while digits.count < count, let scalar = next, allowed.unicodeScalars.contains(scalar) {
            digits.unicodeScalars.append(scalar)
            place += 1
        }
        return digits
    }

    func failure(_ message: String, at position: Int? = nil) -> RegexError {
        RegexError(message: message, position: position ?? place)
    }

    mutating func alternatives(isTop: Bool) throws(RegexError) -> RegexNode {
        depth += 1
        guard depth <= Self.deepest else { throw failure("nested too deeply") }
        defer { depth -= 1 }
        let outer = flags
        var branches = [try sequence(mayHoldFlags: isTop)]
        while take("|") { branches.append(try sequence(mayHoldFlags: false)) }
        if !isTop { flags = outer }
        return branches.count == 1 ? branches[0] : .either(branches)
    }

    mutating func sequence(mayHoldFlags: Bool) throws(RegexError) -> RegexNode {
        var nodes: [RegexNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            if flags.verbose, skipVerbose() { continue }
            place += 1
            switch scalar {
            case "*", "+", "?": try quantify(&nodes, from: place - 1, scalar == "+" ? 1 : 0, scalar == "?" ? 1 : nil)
            case "{":
                if let (low, high) = try bounds() {
                    try quantify(&nodes, from: place - 1, low, high)
                } else {
                    nodes.append(single("{"))
                }
            case "(":
                let isFirst = mayHoldFlags && nodes.isEmpty
                if let node = try group(isFirst: isFirst) { nodes.append(node) }
            case "[": nodes.append(.set(try set()))
            case "\\": nodes.append(try escape())
            case ".": nodes.append(.set(flags.dotAll ? RegexSet(items: [], isNegative: true) : .notLineBreak))
            case "^": nodes.append(.position(flags.multiline ? .startOfAnyLine : .start))
            case "$": nodes.append(.position(flags.multiline ? .endOfAnyLine : .endOfLine))
            default: nodes.append(single(scalar))
            }
        }
        return nodes.count == 1 ? nodes[0] : .sequence(nodes)
    }

    func single(_ scalar: Unicode.Scalar) -> RegexNode {
        .set(.single(scalar.value, ignoresCase: flags.ignoresCase, ascii: flags.ascii))
    }

    private mutating func skipVerbose() -> Bool {
        guard let scalar = next else { return false }
        if " \t\n\r\u{b}\u{c}".unicodeScalars.contains(scalar) {
            place += 1
            return true
        }
        guard scalar == "#" else { return false }
        while let scalar = takeAny(), scalar != "\n" {}
        return true
    }

    /// What `{…}` asks for; nil when it is not one and the brace means itself.
    private mutating func bounds() throws(RegexError) -> (Int, Int?)? {
        let start = place
        if next == "}" { return nil }
        let low = takeDigits()
        let high = take(",") ? takeDigits() : low
        guard take("}") else {
            place = start
            return nil
        }
        guard let least = low.isEmpty ? 0 : Int(low), let most = high.isEmpty ? Int.max : Int(high),
            least < 1 << 32, most < 1 << 32 || most == .max
        else { throw failure("the repetition number is too large") }
        guard least <= most else { throw failure("min repeat greater than max repeat", at: start - 1) }
        return (least, most == .max ? nil : most)
    }

    private mutating func quantify(
        _ nodes: inout [RegexNode], from start: Int, _ low: Int, _ high: Int?
    ) throws(RegexError) {
        switch nodes.last {
        case nil, .position: throw failure("nothing to repeat", at: start)
        case .repeated: throw failure("multiple repeat", at: start)
        case .sequence(let inner) where inner.isEmpty: throw failure("nothing to repeat", at: start)
        case let node?:
            let greed: RegexGreed = take("?") ? .lazy : take("+") ? .possessive : .greedy
            nodes[nodes.count - 1] = .repeated(node, min: low, max: high, greed)
        }
    }
}

extension RegexSet {
    fileprivate static let notLineBreak = RegexSet(items: [.range(0x0A...0x0A)], isNegative: true)
}
