import MeshModel

/// The scopes of a mesh in order, each with a number for life. To sort the names of thousands takes longer than all else
/// that is done at a checkpoint, and most of the day there is none that is new.
struct ScopeOrder: Sendable {
    /// A scope as it is at a checkpoint.
    struct Place {
        var scope: Scope
        var number: Int
        var state: ScopeState
    }

    private var order: [(scope: Scope, number: Int)] = []
    private var numbers: [Scope: Int] = [:]

    /// The scopes of a state, services before edges.
    mutating func places(in state: MeshState) -> [Place] {
        if let places = known(in: state) { return places }
        let scopes =
            state.services.keys.sorted().map { Scope.service($0) } + state.edges.keys.sorted().map { .edge($0) }
        order = scopes.map { scope in
            let number = numbers[scope] ?? numbers.count
            numbers[scope] = number
            return (scope, number)
        }
        return known(in: state) ?? []
    }

    /// Nil when there are others than before.
    private func known(in state: MeshState) -> [Place]? {
        guard order.count == state.services.count + state.edges.count else { return nil }
        var places: [Place] = []
        places.reserveCapacity(order.count)
        for (scope, number) in order {
            let found =
                switch scope {
                case .service(let name): state.services[name]
                case .edge(let edge): state.edges[edge]
                }
            guard let found else { return nil }
            places.append(Place(scope: scope, number: number, state: found))
        }
        return places
    }
}
