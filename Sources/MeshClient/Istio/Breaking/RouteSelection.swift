internal import MeshModel

/// Which requests a fault hits, as the `match` of an HTTP route says it.
struct RouteSelection {
    var caller: VirtualServiceFault.Caller?
    var header: VirtualServiceFault.Header?

    /// The matches of a copy of a route that only the selected requests meet; nil where none of them can meet it.
    func narrowed(_ match: JSON?) throws(VirtualServiceRefusal) -> JSON? {
        let entries = match?.array ?? []
        guard !entries.isEmpty else { return try narrowed(entry: [:]).map { [$0] } }
        var narrow: [JSON] = []
        for entry in entries {
            if let one = try narrowed(entry: entry) { narrow.append(one) }
        }
        return narrow.isEmpty ? nil : .array(narrow)
    }

    /// What one match and the selection ask for, both.
    private func narrowed(entry: JSON) throws(VirtualServiceRefusal) -> JSON? {
        var entry = entry
        if let caller {
            guard let its = Self.narrowed(entry, by: caller) else { return nil }
            entry = its
        }
        if let header {
            guard let its = try Self.narrowed(entry, by: header) else { return nil }
            entry = its
        }
        return entry
    }

    private static func narrowed(_ entry: JSON, by caller: VirtualServiceFault.Caller) -> JSON? {
        if let gateways = entry["gateways"]?.array, !gateways.isEmpty, !gateways.contains("mesh") { return nil }
        if let namespace = entry["sourceNamespace"]?.string, !namespace.isEmpty, namespace != caller.namespace {
            return nil
        }
        var labels = caller.labels
        for member in entry["sourceLabels"]?.members ?? [] {
            guard let value = member.value.string else { return nil }
            if let own = caller.labels[member.name], own != value { return nil }
            labels[member.name] = value
        }
        let isMet = caller.pods.contains { pod in labels.allSatisfy { pod[$0.key] == $0.value } }
        guard caller.pods.isEmpty || isMet else { return nil }
        return entry.setting("sourceNamespace", to: .string(caller.namespace))
            .setting(
                "sourceLabels",
                to: .object(labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) }))
    }

    private static func narrowed(
        _ entry: JSON, by header: VirtualServiceFault.Header
    ) throws(VirtualServiceRefusal) -> JSON? {
        // Envoy knows headers by their names in lower case.
        let name = header.name.lowercased()
        let headers = entry["headers"] ?? .object([])
        let own: JSON = ["exact": .string(header.value)]
        guard let there = headers.members.first(where: { $0.name.lowercased() == name }) else {
            return entry.setting("headers", to: headers.setting(name, to: own))
        }
        if let exact = there.value["exact"]?.string { return exact == header.value ? entry : nil }
        if let prefix = there.value["prefix"]?.string {
            return header.value.hasPrefix(prefix)
                ? entry.setting("headers", to: headers.setting(there.name, to: own)) : nil
        }
        if there.value.members.isEmpty { return entry.setting("headers", to: headers.setting(there.name, to: own)) }
        throw VirtualServiceRefusal(
            "a route already matches the header \(there.name) by a regular expression",
            remedy: "Remove the header condition, or choose another header.")
    }
}
