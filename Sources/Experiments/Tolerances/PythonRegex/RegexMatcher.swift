/// Runs a pattern over a text. Its ways back are on a stack of its own, so no text is too long for it.
struct RegexMatcher {
    /// Some seconds of work. Python would go on for years with a pattern that needs more.
    private static let mostSteps = 400_000_000

    private static let mostWays = 8_000_000

    private enum WayBack {
        case to(Int, at: Int)
        case slot(Int, Int)
        case loop(Int, Int)
        /// A greedy run may give back characters down to a place; a lazy one take more.
        case shorter(next: Int, from: Int, to: Int)
        case longer(next: Int, set: Int, from: Int, left: Int)
    }

    private let program: RegexProgram
    private let text: UnsafeBufferPointer<UInt8>
    private var slots: [Int]
    private var loops: [Int]
    private var ways: [WayBack] = []
    private var steps = 0
    private let mostSteps: Int

    init(program: RegexProgram, text: UnsafeBufferPointer<UInt8>, patience: Int) {
        self.program = program
        mostSteps = patience + text.count * 64
        self.text = text
        slots = Array(repeating: -1, count: (program.groups + 1) * 2)
        loops = Array(repeating: -1, count: program.loopCount)
    }

    /// The slots of the leftmost match: where the whole and each group begin and end, -1 for a group without a part.
    mutating func search() throws(Crash) -> [Int]? {
        var start = 0
        while true {
            for slot in slots.indices { slots[slot] = -1 }
            if try run(from: 0, at: start) != nil { return slots }
            guard start < text.count else { return nil }
            start = after(start)
        }
    }

    /// Where the match of this part of the program ends, or nil; the ways back that it left are dropped.
    private mutating func run(from first: Int, at start: Int) throws(Crash) -> Int? {
        let floor = ways.count
        var (next, place) = (first, start)
        while true {
            steps += 1
            guard steps < mostSteps, ways.count < Self.mostWays else {
                throw Crash("TimeoutError", "the pattern needs too long for this text")
            }
            if case .done = program.code[next] { break }
            if try !step(&next, &place) {
                guard wayBack(&next, &place, above: floor) else { return nil }
            }
        }
        // What a look or an atomic group set stays, but must be undone when all of it turns out wrong.
        ways.removeSubrange(floor...)
        return place
    }

    /// One instruction; false when it does not hold here.
    private mutating func step(_ next: inout Int, _ place: inout Int) throws(Crash) -> Bool {
        switch program.code[next] {
        case .set(let set):
            guard place < text.count, program.sets[set].contains(scalar(at: place)) else { return false }
            place = after(place)
            next += 1
        case .run(let set, let min, let max, let greed):
            guard let end = takeRun(set, min, max, greed, next, place) else { return false }
            place = end
            next += 1
        case .position(let position):
            guard holds(position, at: place) else { return false }
            next += 1
        case .save(let slot):
            ways.append(.slot(slot, slots[slot]))
            slots[slot] = place
            next += 1
        case .reference(let group, let ignoresCase):
            guard let end = takeReference(group, ignoresCase, place) else { return false }
            place = end
            next += 1
        case .split(let here, let otherwise):
            ways.append(.to(otherwise, at: place))
            next = here
        case .jump(let to): next = to
        case .enter(let loop):
            ways.append(.loop(loop, loops[loop]))
            loops[loop] = place
            next += 1
        case .leaveIfIdle(let loop, let to): next = loops[loop] == place ? to : next + 1
        case .look(let to, let isBehind, let isNegative, let width):
            guard try look(next + 1, isBehind ? before(place, by: width) : place, isNegative) else { return false }
            next = to
        case .atomic(let to):
            guard let end = try enclosed(next + 1, at: place) else { return false }
            place = end
            next = to
        case .unlessGroup(let group, let to): next = slots[group * 2 + 1] < 0 ? to : next + 1
        case .done: break
        }
        return true
    }

    private mutating func wayBack(_ next: inout Int, _ place: inout Int, above floor: Int) -> Bool {
        while ways.count > floor, let way = ways.popLast() {
            switch way {
            case .to(let to, let at):
                (next, place) = (to, at)
                return true
            case .slot(let slot, let value): slots[slot] = value
            case .loop(let loop, let value): loops[loop] = value
            case .shorter(let to, let from, let least):
                let shorter = before(from)
                if shorter > least { ways.append(.shorter(next: to, from: shorter, to: least)) }
                (next, place) = (to, shorter)
                return true
            case .longer(let to, let set, let from, let left):
                guard from < text.count, program.sets[set].contains(scalar(at: from)) else { continue }
                let longer = after(from)
                if left > 1 { ways.append(.longer(next: to, set: set, from: longer, left: left - 1)) }
                (next, place) = (to, longer)
                return true
            }
        }
        return false
    }

    private mutating func takeRun(
        _ number: Int, _ min: Int, _ max: Int, _ greed: RegexGreed, _ here: Int, _ start: Int
    ) -> Int? {
        let set = program.sets[number]
        var (place, count, least) = (start, 0, start)
        let wanted = greed == .lazy ? min : max
        while count < wanted, place < text.count, set.contains(scalar(at: place)) {
            place = after(place)
            count += 1
            if count == min { least = place }
        }
        guard count >= min else { return nil }
        steps += count / 16
        switch greed {
        case .greedy where place > least: ways.append(.shorter(next: here + 1, from: place, to: least))
        case .lazy where max > min:
            ways.append(.longer(next: here + 1, set: number, from: place, left: max == .max ? .max : max - min))
        default: break
        }
        return place
    }

    private func takeReference(_ group: Int, _ ignoresCase: Bool, _ start: Int) -> Int? {
        let (from, to) = (slots[group * 2], slots[group * 2 + 1])
        guard from >= 0, to >= from else { return nil }
        var (one, two) = (from, start)
        while one < to {
            guard two < text.count else { return nil }
            let (left, right) = (scalar(at: one), scalar(at: two))
            let isSame = left == right || (ignoresCase && RegexSet.lower(left, false) == RegexSet.lower(right, false))
            guard isSame else { return nil }
            (one, two) = (after(one), after(two))
        }
        return two
    }

    private mutating func look(_ first: Int, _ start: Int?, _ isNegative: Bool) throws(Crash) -> Bool {
        guard let start else { return isNegative }
        let known = slots
        let found = try enclosed(first, at: start) != nil
        if isNegative && found { slots = known }
        return found != isNegative
    }

    /// Runs a part on its own. What it set is noted for the way back, as its own notes are gone by then.
    private mutating func enclosed(_ first: Int, at start: Int) throws(Crash) -> Int? {
        let known = slots
        guard let end = try run(from: first, at: start) else { return nil }
        for slot in slots.indices where slots[slot] != known[slot] { ways.append(.slot(slot, known[slot])) }
        return end
    }

    private func holds(_ position: RegexPosition, at place: Int) -> Bool {
        switch position {
        case .start: place == 0
        case .end: place == text.count
        case .endOfLine: place == text.count || (place == text.count - 1 && text[place] == 0x0A)
        case .startOfAnyLine: place == 0 || text[place - 1] == 0x0A
        case .endOfAnyLine: place == text.count || text[place] == 0x0A
        case .wordBoundary(let ascii): isWord(before(place, by: 1), ascii) != isWord(place, ascii)
        case .noWordBoundary(let ascii):
            // Python finds none in an empty text.
            !text.isEmpty && isWord(before(place, by: 1), ascii) == isWord(place, ascii)
        }
    }

    private func isWord(_ place: Int?, _ ascii: Bool) -> Bool {
        guard let place, place < text.count else { return false }
        return RegexCategory.word.contains(scalar(at: place), ascii: ascii)
    }

    private func scalar(at place: Int) -> UInt32 {
        let first = UInt32(text[place])
        func rest(_ index: Int) -> UInt32 { UInt32(text[place + index]) & 0x3F }
        return switch first {
        case ..<0x80: first
        case ..<0xE0: (first & 0x1F) << 6 | rest(1)
        case ..<0xF0: (first & 0x0F) << 12 | rest(1) << 6 | rest(2)
        default: (first & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3)
        }
    }

    private func after(_ place: Int) -> Int {
        switch text[place] {
        case ..<0x80: place + 1
        case ..<0xE0: place + 2
        case ..<0xF0: place + 3
        default: place + 4
        }
    }

    private func before(_ place: Int) -> Int {
        var place = place - 1
        while place > 0, text[place] & 0xC0 == 0x80 { place -= 1 }
        return place
    }

    private func before(_ place: Int, by count: Int) -> Int? {
        var place = place
        for _ in 0..<count {
            guard place > 0 else { return nil }
            place = before(place)
        }
        return place
    }
}
