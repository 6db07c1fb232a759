internal import MeshModel

extension EnvoyStatsWire {
    /// What a name is the name of. Names come from outside: a service may be called anything, dots included.
    mutating func slot(of name: String, _ result: inout EnvoyStatsPage) -> Slot {
        switch name {
        case "server.uptime": return .uptime
        case "server.state": return .state
        case "http.admin.downstream_rq_completed": return .asked
        default: break
        }
        if let (listener, rest) = Self.split(name, after: "http.", before: [".downstream_rq_", ".fault."]) {
            guard let stat = EnvoyStat(listener: rest), let scope = scope(listener: listener, &result) else {
                return .nothing
            }
            return .value(scope * EnvoyStatsPage.width + stat.rawValue)
        }
        if let (cluster, rest) = Self.split(name, after: "cluster.", before: [".upstream_", ".membership_"]) {
            guard let stat = EnvoyStat(cluster: rest), let scope = scope(cluster: cluster, &result) else {
                return .nothing
            }
            return .value(scope * EnvoyStatsPage.width + stat.rawValue)
        }
        return .nothing
    }

    /// Cuts a name before the last place where one of the marks stands, so that the middle may hold dots.
    static func split(
        _ name: String, after prefix: String, before marks: [StaticString]
    ) -> (middle: Substring, rest: Substring)? {
        guard name.hasPrefix(prefix) else { return nil }
        let body = name.utf8.dropFirst(prefix.utf8.count)
        for mark in marks {
            let mark = UnsafeBufferPointer(start: mark.utf8Start, count: mark.utf8CodeUnitCount)
            guard let place = body.indices.last(where: { body[$0] == mark.first && body[$0...].starts(with: mark) })
            else { continue }
            return (Substring(body[..<place]), Substring(body[body.index(after: place)...]))
        }
        return nil
    }

    mutating func scope(listener: Substring, _ result: inout EnvoyStatsPage) -> Int? {
        if listener == naming.inbound { return number(.inbound, &result) }
        guard listener.hasPrefix(naming.outbound), listener.count > naming.outbound.count else { return nil }
        return number(.edge(to: ServiceName(String(listener.dropFirst(naming.outbound.count)))), &result)
    }

    private mutating func scope(cluster: Substring, _ result: inout EnvoyStatsPage) -> Int? {
        if cluster == naming.localCluster { return number(.inbound, &result) }
        // A bar stands in what a control plane made up, like outbound|80||host, and in no service's name.
        guard !cluster.isEmpty, !cluster.utf8.contains(UInt8(ascii: "|")),
            naming.ignoredClusters.isEmpty || !cluster.hasPrefix(naming.ignoredClusters)
        else { return nil }
        return number(.edge(to: ServiceName(String(cluster))), &result)
    }

    private mutating func number(_ scope: Scope, _ result: inout EnvoyStatsPage) -> Int? {
        if let known = numbers[scope] { return known }
        guard scopes.count < Self.mostScopes else { return nil }
        scopes.append(scope)
        numbers[scope] = scopes.count - 1
        result.grow(to: scopes.count)
        return scopes.count - 1
    }
}
