/// Which layer each service stands in: no call leads back but those that close a cycle, and the lines are short.
struct LayerAssignment {
    /// The layer of each service.
    private(set) var layers: [Int]
    /// The services, callers before those whom they call.
    let order: [Int]

    /// The calls without those that close a cycle.
    private let callees: [[Int]]
    private let callers: [[Int]]
    /// The service where traffic enters: it stays where its callers leave it.
    private let fixed: Int?
    private var stamps: [Int]
    private var stamp = 0

    /// Each round is cheap, and few bring anything after the first ones.
    private static let mostRounds = 24

    init(_ graph: Digraph, entrance: Int?, roots: [Int]) {
        (callees, order) = Self.withoutCycles(graph, roots: roots)
        var callers = [[Int]](repeating: [], count: callees.count)
        for (from, all) in callees.enumerated() {
            for to in all { callers[to].append(from) }
        }
        self.callers = callers
        fixed = entrance
        layers = [Int](repeating: 0, count: callees.count)
        stamps = [Int](repeating: 0, count: callees.count)
        for number in order {
            for callee in callees[number] { layers[callee] = max(layers[callee], layers[number] + 1) }
        }
        shorten()
    }

    var count: Int { (layers.max() ?? -1) + 1 }

    /// Moves services, each with those that must go along, for as long as that shortens all lines together.
    ///
    /// What is moved by one layer makes its lines on the one side shorter and those on the other longer, so the balance
    /// of both is the gain; lines among those that move together stay as they are.
    private mutating func shorten() {
        var isShorter = true
        var rounds = 0
        while isShorter, rounds < Self.mostRounds {
            rounds += 1
            isShorter = false
            for number in order.reversed() where callees[number].count > callers[number].count {
                if move(number, by: 1, along: callees, against: callers) { isShorter = true }
            }
            for number in order where callers[number].count > callees[number].count {
                if move(number, by: -1, along: callers, against: callees) { isShorter = true }
            }
        }
        let first = layers.min() ?? 0
        if first > 0 { for number in layers.indices { layers[number] -= first } }
    }

    /// Moves a service towards those that `along` names, and takes along whoever stands in the way.
    private mutating func move(_ number: Int, by step: Int, along: [[Int]], against: [[Int]]) -> Bool {
        stamp += 1
        stamps[number] = stamp
        var moving = [number]
        var next = 0
        var gain = 0
        while next < moving.count {
            let member = moving[next]
            next += 1
            if member == fixed || step < 0 && layers[member] == 0 { return false }
            gain += along[member].count - against[member].count
            for other in along[member] where layers[other] == layers[member] + step && stamps[other] != stamp {
                stamps[other] = stamp
                moving.append(other)
            }
        }
        guard gain > 0 else { return false }
        var room = Int.max
        for member in moving {
            if step < 0 { room = min(room, layers[member]) }
            for other in along[member] where stamps[other] != stamp {
                room = min(room, (layers[other] - layers[member]) * step - 1)
            }
        }
        guard room > 0, room < Int.max else { return false }
        for member in moving { layers[member] += room * step }
        return true
    }

    /// The calls that remain when those are left out which close a cycle, and the services callers first.
    private static func withoutCycles(_ graph: Digraph, roots: [Int]) -> (callees: [[Int]], order: [Int]) {
        var callees = [[Int]](repeating: [], count: graph.callees.count)
        var isOpen = [Bool](repeating: false, count: graph.callees.count)
        var isDone = isOpen
        var finished: [Int] = []
        for root in roots where !isDone[root] {
            var path = [(number: root, next: 0)]
            isOpen[root] = true
            while let top = path.last {
                guard top.next < graph.callees[top.number].count else {
                    isOpen[top.number] = false
                    isDone[top.number] = true
                    finished.append(top.number)
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let callee = graph.callees[top.number][top.next]
                if isOpen[callee] { continue }
                callees[top.number].append(callee)
                if !isDone[callee] {
                    isOpen[callee] = true
                    path.append((callee, 0))
                }
            }
        }
        return (callees, finished.reversed())
    }
}
