import MeshModel

extension DashboardState {
    /// Whether a service agrees with the filter. `from=` finds whom it calls, `to=` who calls it.
    func matches(_ name: ServiceName) -> Bool {
        filter.matches(name.text) { field in
            switch field {
            case .name: return [name.text]
            case .state: return [Look.word(shownReadings[name]), Look.word(shownReadings[name].health)]
            case .ns: return name.namespace.map { [$0] } ?? []
            case .kind: return ["service"]
            case .from: return neighbours(of: name, digraph.callers)
            case .to: return neighbours(of: name, digraph.callees)
            case .fault:
                return shown.activeFaults.filter { $0.edge.from == name || $0.edge.to == name }
                    .flatMap { [$0.id, $0.kind.word] }
            case .by: return []
            }
        }
    }

    /// Whether a fault agrees with the filter.
    func matches(_ fault: Fault) -> Bool {
        let ends = [fault.edge.from, fault.edge.to]
        return filter.matches("\(fault.id) \(fault.kind.label) \(fault.edge) \(fault.by)") { field in
            switch field {
            case .kind: return [fault.kind.word, "fault"]
            case .from: return [fault.edge.from.text]
            case .to: return [fault.edge.to.text]
            case .state:
                let word = fault.phase.isOver ? "over" : "standing"
                return [FaultWords.phase(fault, in: shown), fault.phase.rawValue, word]
            case .by: return [fault.by]
            case .name: return ends.map(\.text)
            case .ns: return ends.compactMap(\.namespace)
            case .fault: return [fault.id, fault.kind.word]
            }
        }
    }

    private func neighbours(of name: ServiceName, _ ways: [[Int]]) -> [String] {
        digraph.number(of: name).map { ways[$0].map { digraph.names[$0].text } } ?? []
    }

    /// Whether a line of the story agrees with the filter.
    func matches(_ entry: TimelineEntry) -> Bool {
        filter.matches(entry.text) { field in
            switch field {
            case .kind: return [TimelineWords.kind(entry.kind), entry.kind.rawValue]
            case .state: return [entry.tone == .good ? "ok" : entry.tone.rawValue]
            case .by: return entry.by.map { [$0] } ?? []
            case .from: return entry.scope.flatMap(Self.caller).map { [$0.text] } ?? []
            case .to: return entry.scope.map { [Self.callee($0).text] } ?? []
            case .name:
                return entry.scope.map { scope in
                    (Self.caller(scope).map { [$0.text] } ?? []) + [Self.callee(scope).text]
                } ?? []
            case .ns:
                return entry.scope.map { scope in
                    [Self.caller(scope), Self.callee(scope)].compactMap { $0?.namespace }
                } ?? []
            case .fault: return entry.turn.fault.map { [$0] } ?? []
            }
        }
    }

    private static func caller(_ scope: Scope) -> ServiceName? {
        if case .edge(let edge) = scope { return edge.from }
        return nil
    }

    private static func callee(_ scope: Scope) -> ServiceName {
        switch scope {
        case .service(let name): name
        case .edge(let edge): edge.to
        }
    }
}
