/// Reads the grammar of `jsonpath2`, in which `or` binds more tightly than `and`.
struct JSONPathParser {
    private static let deepest = 200

    private let tokens: [JSONPathToken]
    private var place = 0
    private var depth = 0

    init(_ text: String) throws(JSONPathError) {
        tokens = try JSONPathToken.tokens(of: text)
    }

    mutating func parse() throws(JSONPathError) -> [JSONPath.Step] {
        try require("$")
        let steps = try steps()
        guard place == tokens.count else { throw failure() }
        return steps
    }

    private var next: JSONPathToken.Kind? { place < tokens.count ? tokens[place].kind : nil }

    private mutating func take(_ symbol: String) -> Bool {
        guard next == .symbol(symbol) else { return false }
        place += 1
        return true
    }

    private mutating func require(_ symbol: String) throws(JSONPathError) {
        guard take(symbol) else { throw failure() }
    }

    private func failure() -> JSONPathError {
        guard place < tokens.count else {
            return JSONPathError(message: "unexpected end", position: (tokens.last?.position ?? 0) + 1)
        }
        return JSONPathError(message: "unexpected \(tokens[place].kind)", position: tokens[place].position)
    }

    private mutating func deeper<Result>(
        _ body: (inout JSONPathParser) throws(JSONPathError) -> Result
    ) throws(JSONPathError) -> Result {
        depth += 1
        defer { depth -= 1 }
        guard depth < Self.deepest else { throw failure() }
        return try body(&self)
    }

    private mutating func steps() throws(JSONPathError) -> [JSONPath.Step] {
        var steps: [JSONPath.Step] = []
        while true {
            if take("..") {
                let subscripts = next == .symbol("[") ? try bracketed() : [try bareword()]
                steps.append(JSONPath.Step(isDeep: true, subscripts: subscripts))
            } else if take(".") {
                steps.append(JSONPath.Step(isDeep: false, subscripts: [try bareword()]))
            } else if next == .symbol("[") {
                steps.append(JSONPath.Step(isDeep: false, subscripts: try bracketed()))
            } else {
                return steps
            }
        }
    }

    private mutating func bareword() throws(JSONPathError) -> JSONPath.Subscript {
        if take("*") { return .everything }
        guard case .name(let name) = next else { throw failure() }
        place += 1
        return next == .symbol("(") ? try function(name) : .field(name)
    }

    private mutating func function(_ name: String) throws(JSONPathError) -> JSONPath.Subscript {
        guard let function = JSONPath.Function(rawValue: name) else { throw failure() }
        try require("(")
        var arguments: [JSONPath.Operand] = []
        if take(")") { return .function(function, arguments) }
        repeat { arguments.append(try operand()) } while take(",")
        try require(")")
        return .function(function, arguments)
    }

    private mutating func bracketed() throws(JSONPathError) -> [JSONPath.Subscript] {
        try require("[")
        var subscripts: [JSONPath.Subscript] = []
        repeat { subscripts.append(try subscripted()) } while take(",")
        try require("]")
        return subscripts
    }

    private mutating func subscripted() throws(JSONPathError) -> JSONPath.Subscript {
        switch next {
        case .text(let text):
            place += 1
            return .field(text)
        case .number:
            let number = try integer()
            return next == .symbol(":") ? try slice(from: number) : .index(number)
        case .symbol(":"): return try slice(from: nil)
        case .symbol("*"):
            place += 1
            return .everything
        case .symbol("?"):
            place += 1
            try require("(")
            let test = try test()
            try require(")")
            return .filter(test)
        case .symbol("$"), .symbol("@"): return .path(try relative())
        case .name(let name):
            place += 1
            return try function(name)
        default: throw failure()
        }
    }

    private mutating func integer() throws(JSONPathError) -> Int {
        guard case .number(let text) = next, let number = Int(text) else { throw failure() }
        place += 1
        return max(-1 << 40, min(number, 1 << 40))
    }

    private mutating func slice(from start: Int?) throws(JSONPathError) -> JSONPath.Subscript {
        try require(":")
        var (end, step): (Int?, Int?)
        if case .number = next { end = try integer() }
        if take(":"), case .number = next { step = try integer() }
        return .slice(start: start, end: end, step: step)
    }

    private mutating func relative() throws(JSONPathError) -> JSONPath.Relative {
        let startsAtRoot = take("$")
        if !startsAtRoot { try require("@") }
        return try deeper { parser throws(JSONPathError) in
            JSONPath.Relative(startsAtRoot: startsAtRoot, steps: try parser.steps())
        }
    }

    private mutating func test() throws(JSONPathError) -> JSONPath.Test {
        try deeper { parser throws(JSONPathError) in
            let first = try parser.alternative()
            guard parser.take("and") else { return first }
            return .all([first, try parser.test()])
        }
    }

    private mutating func alternative() throws(JSONPathError) -> JSONPath.Test {
        try deeper { parser throws(JSONPathError) in
            let first = try parser.singleTest()
            guard parser.take("or") else { return first }
            return .any([first, try parser.alternative()])
        }
    }

    private mutating func singleTest() throws(JSONPathError) -> JSONPath.Test {
        if take("not") {
            return try deeper { parser throws(JSONPathError) in .not(try parser.singleTest()) }
        }
        if take("(") {
            let test = try test()
            try require(")")
            return test
        }
        let left = try operand()
        let comparisons: [(String, JSONPath.Comparison)] = [
            ("=", .equal), ("!=", .notEqual), ("<=", .lessOrEqual), ("<", .less), (">=", .greaterOrEqual),
            (">", .greater),
        ]
        for (symbol, comparison) in comparisons where take(symbol) {
            return .compare(left, comparison, try operand())
        }
        return .exists(left)
    }

    private mutating func operand() throws(JSONPathError) -> JSONPath.Operand {
        if next == .symbol("$") || next == .symbol("@") { return .path(try relative()) }
        return .literal(try literal())
    }

    private mutating func literal() throws(JSONPathError) -> JSONPath.Literal {
        guard let token = next else { throw failure() }
        place += 1
        switch token {
        case .text(let text): return .text(text)
        case .number(let text):
            let isFraction = text.contains { ".eE".contains($0) }
            return isFraction
                ? .number(Double(text) ?? 0) : Int(text).map { .integer($0) } ?? .number(Double(text) ?? 0)
        case .symbol("true"): return .bool(true)
        case .symbol("false"): return .bool(false)
        case .symbol("null"): return .null
        case .symbol("["): return try deeper { parser throws(JSONPathError) in try parser.listLiteral() }
        case .symbol("{"): return try deeper { parser throws(JSONPathError) in try parser.mappingLiteral() }
        default:
            place -= 1
            throw failure()
        }
    }

    private mutating func listLiteral() throws(JSONPathError) -> JSONPath.Literal {
        var items: [JSONPath.Literal] = []
        if take("]") { return .list(items) }
        repeat { items.append(try literal()) } while take(",")
        try require("]")
        return .list(items)
    }

    private mutating func mappingLiteral() throws(JSONPathError) -> JSONPath.Literal {
        var fields: [String: JSONPath.Literal] = [:]
        if take("}") { return .mapping(fields) }
        repeat {
            guard case .text(let name) = next else { throw failure() }
            place += 1
            try require(":")
            fields[name] = try literal()
        } while take(",")
        try require("}")
        return .mapping(fields)
    }
}
