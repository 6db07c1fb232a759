internal import MeshModel

/// The HTTP routes of a VirtualService, and what a fault makes of them.
struct VirtualServiceRoutes {
    /// The VirtualService, as `namespace/name`.
    var source: String
    var namespace: String
    var domain = "cluster.local"

    /// The routes with one more fault. Requests that it does not hit meet exactly what they met before.
    ///
    /// Where it hits some requests only, copies of the routes which those can meet come first, in their order and with
    /// their own matches narrowed; the originals stay as they are behind them.
    func adding(_ fault: VirtualServiceFault, to http: [JSON]) throws(VirtualServiceRefusal) -> [JSON] {
        try fault.validate()
        var isHit: [Bool] = []
        for route in http { isHit.append(try leads(route, to: fault)) }
        guard let last = isHit.lastIndex(of: true) else { throw nowhere(http, fault) }
        guard fault.isNarrow else {
            var result: [JSON] = []
            for (route, isHit) in zip(http, isHit) { result.append(isHit ? try merged(fault, into: route) : route) }
            return result
        }
        let selection = RouteSelection(caller: fault.caller, header: fault.header)
        var copies: [JSON] = []
        var isAnyHit = false
        for (route, isHit) in zip(http[...last], isHit) {
            guard let match = try selection.narrowed(route["match"]) else { continue }
            let copy = route.setting("match", to: match)
            copies.append(isHit ? try merged(fault, into: copy) : copy)
            isAnyHit = isAnyHit || isHit
            // Behind one that takes everything there is nothing left to meet.
            if Self.takesAll(route) { break }
        }
        guard isAnyHit else {
            throw VirtualServiceRefusal("no route of \(source) to \(fault.host) matches the selected requests")
        }
        return copies + http
    }

    /// The routes with all of these faults, each added to what those before it made.
    func adding(_ faults: [VirtualServiceFault], to http: [JSON]) throws(VirtualServiceRefusal) -> [JSON] {
        var result = http
        for fault in faults { result = try adding(fault, to: result) }
        return result
    }

    /// What is left of routes that somebody changed after us, once everything that is exactly ours is gone.
    static func removing(_ faults: [VirtualServiceFault], added: [JSON], from http: [JSON]) -> [JSON] {
        var added = added.map(\.canonical)
        return http.compactMap { route in
            if let place = added.firstIndex(of: route.canonical) {
                added.remove(at: place)
                return nil
            }
            var route = route
            for fault in faults where !fault.isNarrow || isNarrowed(route, as: fault) { route = without(fault, route) }
            return route
        }
    }

    /// The routes of `faulted` that `http` does not have.
    static func added(_ faulted: [JSON], beyond http: [JSON]) -> [JSON] {
        // Copies come first, and the originals stay behind them.
        Array(faulted.prefix(max(0, faulted.count - http.count)))
    }

    private static func without(_ fault: VirtualServiceFault, _ route: JSON) -> JSON {
        guard let its = route["fault"], let block = its[fault.effect.word], block.says(fault.block) else {
            return route
        }
        let left = its.setting(fault.effect.word, to: nil)
        return route.setting("fault", to: left.members.isEmpty ? nil : left)
    }

    /// A copy of ours that somebody changed still asks for what the fault asks for.
    private static func isNarrowed(_ route: JSON, as fault: VirtualServiceFault) -> Bool {
        guard let match = route["match"]?.array, !match.isEmpty else { return false }
        return match.allSatisfy { entry in
            let labels = fault.caller?.labels ?? [:]
            let isOfCaller = labels.allSatisfy { entry["sourceLabels"]?[$0.key]?.string == $0.value }
            guard let header = fault.header else { return isOfCaller }
            return isOfCaller && entry["headers"]?[header.name.lowercased()]?["exact"]?.string == header.value
        }
    }

    private static func takesAll(_ route: JSON) -> Bool {
        guard let match = route["match"]?.array, !match.isEmpty else { return true }
        return match.contains { $0.members.isEmpty }
    }

    private func merged(_ fault: VirtualServiceFault, into route: JSON) throws(VirtualServiceRefusal) -> JSON {
        let its = route["fault"] ?? .object([])
        guard its[fault.effect.word] == nil else {
            throw VirtualServiceRefusal(
                "\(source) already has \(fault.effect.word == "abort" ? "an abort" : "a delay") on that route",
                remedy: "Stop the other fault first: a route can have one \(fault.effect.word).")
        }
        // Envoy waits and aborts by two dice, so that a delay and an abort beside each other change nothing of it.
        return route.setting("fault", to: its.setting(fault.effect.word, to: fault.block))
    }

    /// Whether what this route takes reaches the callee, and nobody else.
    private func leads(_ route: JSON, to fault: VirtualServiceFault) throws(VirtualServiceRefusal) -> Bool {
        if let delegate = route["delegate"] {
            let name = [delegate["namespace"]?.string, delegate["name"]?.string].compactMap(\.self)
            throw VirtualServiceRefusal(
                "\(source) delegates its routes to another VirtualService, \(name.joined(separator: "/"))",
                remedy: "Use the sidecar's runtime: delegated routes are not changed.")
        }
        let all = route["route"]?.array ?? []
        var reached = all.count > 1 ? all.filter { ($0["weight"]?.double ?? 0) > 0 } : all
        if reached.isEmpty { reached = all }
        let hit = reached.filter { isMeant($0["destination"] ?? .null, by: fault) }
        guard !hit.isEmpty else { return false }
        guard hit.count == reached.count else {
            let others = reached.filter { !isMeant($0["destination"] ?? .null, by: fault) }
                .map { Self.label($0["destination"] ?? .null) }
            throw VirtualServiceRefusal(
                "a route of \(source) splits by weight, so a fault there also hits \(others.joined(separator: ", "))",
                remedy: fault.subsets == nil
                    ? "Create separate routes for the destinations first." : "Remove the version to hit all of them."
            )
        }
        return true
    }

    private func isMeant(_ destination: JSON, by fault: VirtualServiceFault) -> Bool {
        let host = destination["host"]?.string ?? ""
        guard IstioHost.resolved(host, in: namespace, domain: domain) == fault.host else { return false }
        guard let subsets = fault.subsets else { return true }
        return destination["subset"]?.string.map { subsets.contains($0) } ?? false
    }

    private static func label(_ destination: JSON) -> String {
        [destination["host"]?.string, destination["subset"]?.string].compactMap(\.self).joined(separator: " ")
    }

    private func nowhere(_ http: [JSON], _ fault: VirtualServiceFault) -> VirtualServiceRefusal {
        if http.isEmpty { return VirtualServiceRefusal("\(source) has no HTTP routes, but faults need HTTP") }
        let ends = http.compactMap { route in ["redirect", "directResponse"].first { route[$0] != nil } }
        if ends.count == http.count {
            return VirtualServiceRefusal("\(source) responds itself (\(ends[0])), where Istio allows no fault")
        }
        guard fault.subsets != nil else { return VirtualServiceRefusal("no route of \(source) leads to \(fault.host)") }
        return VirtualServiceRefusal(
            "no route of \(source) leads only to that version",
            remedy: "Remove the version, or create a route for its subset first.")
    }
}
