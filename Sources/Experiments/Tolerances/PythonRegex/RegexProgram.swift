/// A pattern as instructions for `RegexMatcher`.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case set(Int)
        /// As many of the set as wished, which needs no turn of a loop for each.
        case run(set: Int, min: Int, max: Int, RegexGreed)
        case position(RegexPosition)
        case save(Int)
        case reference(Int, ignoresCase: Bool)
        /// Goes on here, and if that leads nowhere, there.
        case split(Int, otherwise: Int)
        case jump(Int)
        /// Notes where a turn of a loop began.
        case enter(loop: Int)
        /// Leaves the loop, to the instruction after `jump`, when its turn took nothing.
        case leaveIfIdle(loop: Int, to: Int)
        case look(to: Int, isBehind: Bool, isNegative: Bool, width: Int)
        case atomic(to: Int)
        case unlessGroup(Int, to: Int)
        case done
    }

    private static let longest = 200_000

    private(set) var code: [Instruction] = []
    private(set) var sets: [RegexSet] = []
    private(set) var loopCount = 0
    let groups: Int

    init(_ tree: RegexNode, groups: Int) throws(RegexError) {
        self.groups = groups
        try emit(.save(0))
        try compile(tree)
        try emit(.save(1))
        try emit(.done)
    }

    private mutating func emit(_ instruction: Instruction) throws(RegexError) {
        guard code.count < Self.longest else { throw RegexError(message: "the pattern is too large", position: 0) }
        code.append(instruction)
    }

    private mutating func reserve() throws(RegexError) -> Int {
        try emit(.done)
        return code.count - 1
    }

    private mutating func compile(_ node: RegexNode) throws(RegexError) {
        switch node {
        case .set(let set): try emit(.set(number(of: set)))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .either(let nodes): try compile(either: nodes)
        case .group(let group, let node):
            try emit(.save(group * 2))
            try compile(node)
            try emit(.save(group * 2 + 1))
        case .repeated(let node, let min, let max, let greed): try compile(node, min, max, greed)
        case .position(let position): try emit(.position(position))
        case .reference(let group, let ignoresCase): try emit(.reference(group, ignoresCase: ignoresCase))
        case .look(let node, let isBehind, let isNegative):
            let place = try enclose(node)
            let width = node.width().lowerBound
            code[place] = .look(to: code.count, isBehind: isBehind, isNegative: isNegative, width: width)
        case .atomic(let node):
            let place = try enclose(node)
            code[place] = .atomic(to: code.count)
        case .conditional(let group, let yes, let no):
            let test = try reserve()
            try compile(yes)
            let skip = try reserve()
            code[test] = .unlessGroup(group, to: code.count)
            try compile(no)
            code[skip] = .jump(code.count)
        }
    }

    /// Compiles something that is run on its own, up to its `done`.
    private mutating func enclose(_ node: RegexNode) throws(RegexError) -> Int {
        let place = try reserve()
        try compile(node)
        try emit(.done)
        return place
    }

    private mutating func compile(either nodes: [RegexNode]) throws(RegexError) {
        var ends: [Int] = []
        for node in nodes.dropLast() {
            let split = try reserve()
            try compile(node)
            ends.append(try reserve())
            code[split] = .split(split + 1, otherwise: code.count)
        }
        if let last = nodes.last { try compile(last) }
        for end in ends { code[end] = .jump(code.count) }
    }

    private mutating func compile(
        _ node: RegexNode, _ min: Int, _ max: Int?, _ greed: RegexGreed
    ) throws(RegexError) {
        if case .set(let set) = node {
            return try emit(.run(set: number(of: set), min: min, max: max ?? .max, greed))
        }
        if greed == .possessive {
            return try compile(.atomic(.repeated(node, min: min, max: max, .greedy)))
        }
        for _ in 0..<min { try compile(node) }
        if let max {
            var splits: [Int] = []
            for _ in min..<max {
                splits.append(try reserve())
                try compile(node)
            }
            for split in splits { code[split] = branch(split + 1, code.count, greed) }
        } else {
            try compileLoop(node, greed)
        }
    }

    private mutating func compileLoop(_ node: RegexNode, _ greed: RegexGreed) throws(RegexError) {
        let loop = loopCount
        loopCount += 1
        let split = try reserve()
        try emit(.enter(loop: loop))
        try compile(node)
        let check = try reserve()
        try emit(.jump(split))
        code[check] = .leaveIfIdle(loop: loop, to: code.count)
        code[split] = branch(split + 1, code.count, greed)
    }

    private func branch(_ inside: Int, _ outside: Int, _ greed: RegexGreed) -> Instruction {
        greed == .lazy ? .split(outside, otherwise: inside) : .split(inside, otherwise: outside)
    }

    private mutating func number(of set: RegexSet) -> Int {
        if let known = sets.firstIndex(of: set) { return known }
        sets.append(set)
        return sets.count - 1
    }
}
