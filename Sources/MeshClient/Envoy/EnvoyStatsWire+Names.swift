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
        if let names { return slot(of: name, in: names, &result) }
        if let (listener, rest) = Self.split(name, after: "http.", before: [".downstream_rq_", ".fault."]) {
            guard let stat = EnvoyStat(listener: rest), let scope = scope(listener: listener, &result) else {
                return .nothing
            }
            return .value(scope * EnvoyStatsPage.width + stat.rawValue)
        }
        if let (cluster, rest) = Self.split(name, after: "cluster.", before: Self.clusterMarks) {
            guard let stat = EnvoyStat(cluster: rest), let scope = scope(cluster: cluster, &result) else {
                return .nothing
            }
            return .value(scope * EnvoyStatsPage.width + stat.rawValue)
        }
        return .nothing
    }

    private static let clusterMarks: [StaticString] = [".outlier_detection.", ".upstream_", ".membership_"]

    /// The same for an Envoy whose names are its own.
    private mutating func slot(of name: String, in names: EnvoyStatNames, _ result: inout EnvoyStatsPage) -> Slot {
        if name.hasPrefix("cluster_manager.") || name.hasPrefix("listener_manager.") || name.hasSuffix(".config_reload")
        {
            return .changes
        }
        if let (listener, rest) = Self.split(name, after: "http.", before: [".downstream_rq_", ".fault."]) {
            guard let stat = EnvoyStat(listener: rest) else { return .nothing }
            let slots = [
                part(listener: listener, names, &result), rest.hasPrefix("fault.") ? parts["fault.\(listener)"] : nil,
            ]
            .compactMap(\.self).map { $0 * EnvoyStatsPage.width + stat.rawValue }
            return slots.isEmpty ? .nothing : slots.count == 1 ? .part(slots[0]) : .parts(slots[0], slots[1])
        }
        let marks: [StaticString] = [".grpc.", ".outlier_detection.", ".upstream_", ".membership_"]
        if let (cluster, rest) = Self.split(name, after: "cluster.", before: marks),
            let meaning = names.clusters[String(cluster)], let part = parts["cluster.\(cluster)"]
        {
            let requests = meaning.isMeasure ? EnvoyStat(requestsOfCluster: rest) : nil
            let stat = requests ?? EnvoyStat(cluster: rest) ?? EnvoyStat(othersOfCluster: rest) ?? EnvoyStat(grpc: rest)
            return stat.map { .part(part * EnvoyStatsPage.width + $0.rawValue) } ?? .nothing
        }
        return .nothing
    }

    /// Where nothing is known of the listeners, those that are named like entrances are what comes in.
    mutating func part(listener: Substring, _ names: EnvoyStatNames, _ result: inout EnvoyStatsPage) -> Int? {
        let key = "http.\(listener)"
        if let part = parts[key] { return part }
        guard names.guessesInbound, scopes.count < Self.mostScopes,
            ["ingress", "inbound", "public_listener"].contains(where: listener.hasPrefix)
        else { return nil }
        parts[key] = scopes.count
        scopes.append(.inbound)
        result.grow(to: scopes.count)
        return scopes.count - 1
    }

    /// The part whose latency a histogram tells.
    mutating func part(ofHistogram name: String, _ names: EnvoyStatNames, _ result: inout EnvoyStatsPage) -> Int? {
        if let (listener, rest) = Self.split(name, after: "http.", before: [".downstream_rq_"]) {
            return rest == "downstream_rq_time" ? part(listener: listener, names, &result) : nil
        }
        guard let (cluster, rest) = Self.split(name, after: "cluster.", before: [".upstream_"]),
            rest == "upstream_rq_time", names.clusters[String(cluster)]?.isMeasure == true
        else { return nil }
        return parts["cluster.\(cluster)"]
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
        if listener == naming.inbound {
            sawOurListener = true
            return number(.inbound, &result)
        }
        guard listener.hasPrefix(naming.outbound), listener.count > naming.outbound.count else { return nil }
        sawOurListener = true
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

extension EnvoyStat {
    /// The counters of gRPC's methods, or of all of them: `grpc.shop.Cart.Add.failure`, `grpc.failure`.
    fileprivate init?(grpc name: Substring) {
        guard name.hasPrefix("grpc.") else { return nil }
        if name.hasSuffix(".failure") {
            self = .grpcFailures
        } else if name.hasSuffix(".total") {
            self = .grpcTotal
        } else {
            return nil
        }
    }
}
