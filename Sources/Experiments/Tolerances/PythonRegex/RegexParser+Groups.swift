extension RegexParser {
    /// What begins with a parenthesis; nil when it stands for nothing, as a comment.
    mutating func group(isFirst: Bool) throws(RegexError) -> RegexNode? {
        let start = place - 1
        guard take("?") else { return try capture(named: nil, from: start) }
        guard let kind = takeAny() else { throw failure("unexpected end of pattern") }
        switch kind {
        case ":": return try closed(start) { parser throws(RegexError) in try parser.alternatives(isTop: false) }
        case "P": return try named(start)
        case "#":
            while let scalar = takeAny() { if scalar == ")" { return nil } }
            throw failure("missing ), unterminated comment", at: start)
        case "=", "!": return try look(isBehind: false, isNegative: kind == "!", start)
        case "<":
            guard let direction = takeAny() else { throw failure("unexpected end of pattern") }
            guard direction == "=" || direction == "!" else { throw failure("unknown extension ?<\(direction)") }
            return try look(isBehind: true, isNegative: direction == "!", start)
        case ">":
            return .atomic(try closed(start) { parser throws(RegexError) in try parser.alternatives(isTop: false) })
        case "(": return try conditional(start)
        default:
            place -= 1
            return try flagged(start, isFirst: isFirst)
        }
    }

    private mutating func closed(
        _ start: Int, _ body: (inout RegexParser) throws(RegexError) -> RegexNode
    ) throws(RegexError) -> RegexNode {
        let node = try body(&self)
        guard take(")") else { throw failure("missing ), unterminated subpattern", at: start) }
        // A group of its own, so that it counts as one thing to repeat.
        return .sequence([.atomicFree(node)])
    }

    private mutating func capture(named name: String?, from start: Int) throws(RegexError) -> RegexNode {
        groupCount += 1
        let group = groupCount
        if let name {
            guard names.updateValue(group, forKey: name) == nil else {
                throw failure("redefinition of group name '\(name)'", at: start)
            }
        }
        let node = try alternatives(isTop: false)
        guard take(")") else { throw failure("missing ), unterminated subpattern", at: start) }
        closed.insert(group)
        return .group(group, node)
    }

    private mutating func look(isBehind: Bool, isNegative: Bool, _ start: Int) throws(RegexError) -> RegexNode {
        let node = try closed(start) { parser throws(RegexError) in try parser.alternatives(isTop: false) }
        if isBehind {
            let width = node.width()
            guard width.lowerBound == width.upperBound else {
                throw failure("look-behind requires fixed-width pattern", at: start)
            }
        }
        return .look(node, isBehind: isBehind, isNegative: isNegative)
    }

    private mutating func named(_ start: Int) throws(RegexError) -> RegexNode {
        if take("<") { return try capture(named: try name(endingWith: ">"), from: start) }
        guard take("=") else { throw failure("unknown extension ?P", at: start) }
        let name = try name(endingWith: ")")
        guard let group = names[name] else { throw failure("unknown group name '\(name)'", at: start) }
        return try reference(to: group, from: start)
    }

    func reference(to group: Int, from start: Int) throws(RegexError) -> RegexNode {
        guard group <= groupCount else { throw failure("invalid group reference \(group)", at: start) }
        guard closed.contains(group) else { throw failure("cannot refer to an open group", at: start) }
        return .reference(group, ignoresCase: flags.ignoresCase)
    }

    private mutating func name(endingWith end: Unicode.Scalar) throws(RegexError) -> String {
        let start = place
        var name = ""
        while let scalar = takeAny() {
            if scalar == end { break }
            name.unicodeScalars.append(scalar)
        }
        guard pattern[place - 1] == end, !name.isEmpty else { throw failure("missing group name", at: start) }
        let isName = name.unicodeScalars.enumerated().allSatisfy { index, scalar in
            scalar == "_" || (index == 0 ? scalar.properties.isXIDStart : scalar.properties.isXIDContinue)
        }
        guard isName else { throw failure("bad character in group name '\(name)'", at: start) }
        return name
    }

    private mutating func conditional(_ start: Int) throws(RegexError) -> RegexNode {
        let name = try conditionName()
        let group: Int
        if let number = Int(name), name.allSatisfy({ $0.isASCII && $0.isNumber }) {
            guard number > 0 else { throw failure("bad group number", at: start) }
            group = number
            conditions.append((number, start))
        } else {
            guard let number = names[name] else { throw failure("unknown group name '\(name)'", at: start) }
            group = number
        }
        let outer = flags
        let yes = try sequence(mayHoldFlags: false)
        let no = take("|") ? try sequence(mayHoldFlags: false) : .sequence([])
        flags = outer
        if next == "|" { throw failure("conditional backref with more than two branches") }
        guard take(")") else { throw failure("missing ), unterminated subpattern", at: start) }
        return .conditional(group: group, yes, no)
    }

    private mutating func conditionName() throws(RegexError) -> String {
        let start = place
        let digits = takeDigits()
        if !digits.isEmpty, take(")") { return digits }
        place = start
        return try name(endingWith: ")")
    }

    private mutating func flagged(_ start: Int, isFirst: Bool) throws(RegexError) -> RegexNode? {
        var turned = flags
        var isOn = true
        var count = 0
        while let letter = takeAny() {
            switch letter {
            case "i": turned.ignoresCase = isOn
            case "m": turned.multiline = isOn
            case "s": turned.dotAll = isOn
            case "x": turned.verbose = isOn
            case "a" where isOn: turned.ascii = true
            case "u" where isOn: turned.ascii = false
            case "-" where isOn:
                isOn = false
                count = -1
            case ")" where isOn && count > 0:
                guard isFirst else { throw failure("global flags not at the start of the expression", at: start) }
                flags = turned
                return nil
            case ":" where count > 0:
                let outer = flags
                flags = turned
                let node = try closed(start) { parser throws(RegexError) in try parser.alternatives(isTop: false) }
                flags = outer
                return node
            default: throw failure("unknown extension ?\(letter)", at: start)
            }
            count += 1
        }
        throw failure("missing -, : or )")
    }
}

extension RegexNode {
    /// A group that only holds together: as one thing, so that what follows can repeat it.
    fileprivate static func atomicFree(_ node: RegexNode) -> RegexNode {
        switch node {
        case .repeated, .position: .sequence([node])
        default: node
        }
    }
}
