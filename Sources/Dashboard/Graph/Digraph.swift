import MeshModel

/// Who calls whom, by small numbers instead of names, so that layouts are cheap.
struct Digraph: Equatable, Sendable {
    /// The services in the order of their names; a service's number is its place here.
    let names: [ServiceName]
    /// The callees of each service, in the order of their names.
    let callees: [[Int]]
    /// The callers of each service, in the order of their names.
    let callers: [[Int]]
    /// Services that call themselves; a layout has no place for such an edge, so the box says it.
    let selfCallers: Set<Int>
    private let numbers: [ServiceName: Int]

    init(services: some Sequence<ServiceName>, edges: some Sequence<Edge>) {
        var known = Set(services)
        let edges = Set(edges)
        for edge in edges {
            known.insert(edge.from)
            known.insert(edge.to)
        }
        names = known.sorted()
        numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($0.element, $0.offset) })
        var callees = [[Int]](repeating: [], count: names.count)
        var callers = callees
        var selfCallers: Set<Int> = []
        for edge in edges {
            guard let from = numbers[edge.from], let to = numbers[edge.to] else { continue }
            if from == to {
                selfCallers.insert(from)
            } else {
                callees[from].append(to)
                callers[to].append(from)
            }
        }
        self.callees = callees.map { $0.sorted() }
        self.callers = callers.map { $0.sorted() }
        self.selfCallers = selfCallers
    }

    var edgeCount: Int { callees.reduce(0) { $0 + $1.count } + selfCallers.count }

    func number(of name: ServiceName) -> Int? { numbers[name] }

    /// All services, each once: what the entrance is first, then those nobody calls, then the rest.
    func roots(entrance: ServiceName?) -> [Int] {
        let entrance = entrance.flatMap(number(of:))
        let uncalled = names.indices.filter { callers[$0].isEmpty && $0 != entrance }
        let rest = names.indices.filter { !callers[$0].isEmpty && $0 != entrance }
        return (entrance.map { [$0] } ?? []) + uncalled + rest
    }
}
