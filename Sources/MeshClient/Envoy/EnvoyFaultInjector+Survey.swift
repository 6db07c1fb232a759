public import MeshModel

extension EnvoyFaultInjector {
    public func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        let entries = directory.sidecars(named: sources)
        return await each(entries) { entry in
            let part = FaultUndo.Part(entry, keys: [])
            do throws(InjectionError) {
                let runtime = try await runtime(part)
                guard let shape = directory.shape(of: entry.source) else {
                    let held = runtime.foreignFaults(naming: naming).map { fault in
                        let scope = fault.to.map { Scope.edge(Edge(from: entry.service, to: $0)) }
                        return Self.held(fault.kind, fault.share, scope ?? .service(entry.service), fault.keys, part)
                    }
                    return FaultSurvey(source: entry.source, faults: held)
                }
                var found = runtime.faults(in: shape)
                if !found.isEmpty {
                    // What the configuration itself says is no orphan.
                    let admin = await adminLayers(of: part)
                    found = found.filter { !runtime.keys(Array($0.keys.prefix(1)), heldBy: admin).isEmpty }
                }
                let held = found.map { Self.held($0.kind, $0.share, $0.scope, $0.keys, part) }
                return FaultSurvey(source: entry.source, faults: held)
            } catch {
                return FaultSurvey(source: entry.source, faults: nil, explanation: error.summary)
            }
        }
    }

    private static func held(
        _ kind: FaultKind, _ share: Double, _ scope: Scope, _ keys: [String], _ part: FaultUndo.Part
    ) -> FaultSurvey.Held {
        var own = part
        own.keys = keys
        return FaultSurvey.Held(kind: kind, share: share, scope: scope, undo: FaultUndo(parts: [own]))
    }

    public func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64? {
        let counter = EnvoyFaultSettings.counter(kind.word)
        let listener =
            switch scope {
            case .service: naming.inbound
            case .edge(let edge): naming.outbound + edge.to.text
            }
        let hits = await each(Self.merged([undo])) { part -> UInt64? in
            let names =
                directory.shape(of: part.source)?.counters(kind.word, part.keys) ?? [
                    "http.\(listener).fault.\(counter)"
                ]
            let some = "^(http|cluster)\\..*\\.(fault\\.\(counter)|upstream_rq_maintenance_mode)$"
            let path = "/stats?format=json&filter=" + ControlPlaneRoute.escaped(some)
            guard let page = try? await send("GET", path, to: part), page.status == 200,
                let stats = (try? JSON(parsing: page.body))?["stats"]?.array
            else { return nil }
            // A counter that was never moved may be left out.
            return stats.reduce(0) { sum, stat in
                guard let name = stat["name"]?.string, names.contains(name) else { return sum }
                return sum &+ UInt64(max(0, Int64(clamping: stat["value"]?.double ?? 0)))
            }
        }
        return hits.reduce(0) { sum, hits in sum.flatMap { sum in hits.map { sum &+ $0 } } }
    }
}

extension EnvoyShape {
    /// The counters of what these keys hit.
    fileprivate func counters(_ word: String, _ keys: [String]) -> [String] {
        let filters = faultPoints.filter { keys.contains($0.settings.block(word)?.shareKey ?? "") }
            .map { "http.\($0.prefix).fault.\(EnvoyFaultSettings.counter(word))" }
        let clusters = (outgoing.flatMap(\.clusters) + locals).filter {
            keys.contains(EnvoySetting.maintenance + $0.cluster)
        }
        .map { "cluster.\($0.statName).upstream_rq_maintenance_mode" }
        return filters + clusters
    }
}

extension EnvoyRuntime {
    /// The faults in force in an Envoy whose names are its own, and whom they hit.
    fileprivate func faults(in shape: EnvoyShape) -> [(kind: FaultKind, share: Double, scope: Scope, keys: [String])] {
        var found: [(kind: FaultKind, share: Double, scope: Scope, keys: [String])] = []
        for word in ["abort", "delay", "rate-limit"] {
            let points = shape.faultPoints.filter { $0.settings.block(word) != nil }
            for (key, points) in Dictionary(grouping: points, by: { $0.settings.block(word)?.shareKey ?? "" })
                .sorted(by: { $0.key < $1.key })
            {
                guard let block = points[0].settings.block(word), let share = values[key].flatMap(Self.share), share > 0
                else { continue }
                let amount = block.amountKey.flatMap { values[$0] }.flatMap { Int($0) } ?? block.amount
                let scope = shape.scope(of: Set(points.flatMap(\.serves)))
                let keys = [key] + [block.amountKey].compactMap(\.self).filter { values[$0] != nil }
                found.append((EnvoyFaultInjector.kind(word, amount), share, scope, keys))
            }
        }
        for (key, value) in values.sorted(by: { $0.key < $1.key }) where key.hasPrefix(EnvoySetting.maintenance) {
            guard let percent = UInt64(value), percent > 0 else { continue }
            let cluster = String(key.dropFirst(EnvoySetting.maintenance.count))
            let edge = shape.outgoing.first { $0.clusters.contains { $0.cluster == cluster } }
            let scope = edge.map { Scope.edge(Edge(from: shape.service.value, to: $0.to)) }
            found.append(
                (.abort(status: 503), min(1, Double(percent) / 100), scope ?? .service(shape.service.value), [key]))
        }
        return found
    }
}

extension EnvoyShape {
    fileprivate func scope(of served: Set<ServiceName>) -> Scope {
        guard served.count == 1, let to = served.first, to != service.value else { return .service(service.value) }
        return .edge(Edge(from: service.value, to: to))
    }
}
