/// A regular expression in the dialect of Python's `re`, which differs from every other in small ways that decide
/// verdicts: `(?P<name>…)`, `\Z`, `$` before a last line break, what `\w` is.
struct PythonRegex: Sendable {
    private let program: RegexProgram
    /// How many steps a search may take before it is given up: a second or so. Python would go on for years with a
    /// pattern that needs more.
    var patience = 30_000_000

    /// Throws what Python's `re.compile` refuses.
    init(_ pattern: String) throws(RegexError) {
        var parser = try RegexParser(pattern)
        let tree = try parser.parse()
        program = try RegexProgram(tree, groups: parser.groupCount)
    }

    /// Whether it matches anywhere in the text, as `re.search` looks for it.
    func matches(in text: String) throws(Crash) -> Bool {
        try search(text) != nil
    }

    /// The leftmost match, as UTF-8 offsets: of all of it, then of each group.
    func search(_ text: String) throws(Crash) -> [Range<Int>?]? {
        var text = text
        let found = text.withUTF8 { utf8 -> Result<[Int]?, Crash> in
            var matcher = RegexMatcher(program: program, text: utf8, patience: patience)
            return Result { () throws(Crash) in try matcher.search() }
        }
        guard let slots = try found.get() else { return nil }
        return stride(from: 0, to: slots.count, by: 2).map { place in
            slots[place] >= 0 && slots[place + 1] >= slots[place] ? slots[place]..<slots[place + 1] : nil
        }
    }
}

/// Why a pattern is none; the text is close to Python's.
struct RegexError: Error, Equatable {
    var message: String
    /// Counted in characters from the beginning of the pattern.
    var position: Int
}

/// The tree of a pattern.
indirect enum RegexNode: Equatable, Sendable {
    case set(RegexSet)
    case sequence([RegexNode])
    case either([RegexNode])
    case group(Int, RegexNode)
    case repeated(RegexNode, min: Int, max: Int?, RegexGreed)
    case position(RegexPosition)
    case reference(Int, ignoresCase: Bool)
    case look(RegexNode, isBehind: Bool, isNegative: Bool)
    case atomic(RegexNode)
    case conditional(group: Int, RegexNode, RegexNode)

    /// How many characters it takes, at least and at most.
    func width(of groups: [Int: ClosedRange<Int>] = [:]) -> ClosedRange<Int> {
        let most = 1 << 32
        switch self {
        case .set: return 1...1
        case .position, .look: return 0...0
        case .group(_, let node), .atomic(let node): return node.width()
        case .reference: return 0...most
        case .sequence(let nodes):
            let widths = nodes.map { $0.width() }
            return widths.reduce(0) { $0 + $1.lowerBound }...min(most, widths.reduce(0) { $0 + $1.upperBound })
        case .either(let nodes):
            let widths = nodes.map { $0.width() }
            return (widths.map(\.lowerBound).min() ?? 0)...(widths.map(\.upperBound).max() ?? 0)
        case .repeated(let node, let min, let max, _):
            let width = node.width()
            let top = max.map { $0.multipliedReportingOverflow(by: width.upperBound) }
            let bottom = min.multipliedReportingOverflow(by: width.lowerBound)
            return Swift.min(
                most, bottom.overflow ? most : bottom.partialValue)...Swift.min(
                    most, top.map { $0.overflow ? most : $0.partialValue } ?? (width.upperBound == 0 ? 0 : most))
        case .conditional(_, let yes, let no):
            let (one, two) = (yes.width(), no.width())
            return Swift.min(one.lowerBound, two.lowerBound)...Swift.max(one.upperBound, two.upperBound)
        }
    }
}

enum RegexGreed: Sendable {
    case greedy, lazy, possessive
}

/// A place in the text which a pattern can ask for.
enum RegexPosition: Equatable, Sendable {
    case start, end, endOfLine, startOfAnyLine, endOfAnyLine
    case wordBoundary(ascii: Bool), noWordBoundary(ascii: Bool)
}
