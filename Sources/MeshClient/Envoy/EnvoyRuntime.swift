public import MeshModel

/// The runtime settings of one Envoy, as `GET /runtime` of Envoy 1.40 shows them.
public struct EnvoyRuntime: Equatable, Sendable {
    /// The value in force, by key.
    public var values: [String: String]
    /// The names of the layers, and what each says of a key; empty where it says nothing.
    var layers: [String] = []
    var layerValues: [String: [String]] = [:]

    /// A fault that is in force in a proxy.
    public struct ActiveFault: Equatable, Sendable {
        /// The edge's callee; nil for everything that comes in.
        public var to: ServiceName?
        public var kind: FaultKind
        public var share: Double
        /// What has to go so that it is gone.
        public var keys: [String]
    }

    public init(_ bytes: [UInt8]) throws(WireError) {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw WireError(page: "/runtime", path: "", found: error.message)
        }
        guard case .object(let members)? = json["entries"] else {
            throw WireError(page: "/runtime", path: "entries", found: "missing")
        }
        values = [:]
        layers = (json["layers"]?.array ?? []).map { $0.string ?? "" }
        for member in members {
            guard let value = member.value["final_value"]?.string else {
                throw WireError(page: "/runtime", path: "entries.\(member.name)", found: "missing final_value")
            }
            values[member.name] = value
            layerValues[member.name] = (member.value["layer_values"]?.array ?? []).map { $0.string ?? "" }
        }
    }

    /// The keys that have a value in one of these layers, or in any when the layers are not known.
    func keys(_ keys: [String], heldBy admin: Set<String>?) -> [String] {
        keys.filter { key in
            guard values[key] != nil else { return false }
            guard let admin, let held = layerValues[key], held.count == layers.count else { return true }
            return zip(layers, held).contains { admin.contains($0) && !$1.isEmpty }
        }
    }

    /// The faults in force that are none of ours: somebody else's, or left by a session that is gone. A fault is ours
    /// when `ours` has the key of its share.
    public func foreignFaults(naming: EnvoyNaming = EnvoyNaming(), ours: Set<String> = []) -> [ActiveFault] {
        values.keys.sorted().compactMap { key in
            guard !ours.contains(key), let (to, rest) = naming.split(key: key), rest.hasSuffix("_pct"),
                let share = Self.share(values[key] ?? ""), share > 0
            else { return nil }
            let prefix = String(key.dropLast(rest.count))
            switch rest {
            case "abort_pct":
                let status = values[prefix + "abort_status"].flatMap { Int($0) } ?? 503
                return ActiveFault(
                    to: to, kind: .abort(status: status), share: share, keys: keys(prefix, "abort_pct", "abort_status"))
            case "delay_pct":
                let amount = values[prefix + "delay_ms"].flatMap { Int($0) } ?? 0
                return ActiveFault(
                    to: to, kind: .delay(milliseconds: amount), share: share,
                    keys: keys(prefix, "delay_pct", "delay_ms"))
            default:
                guard rest.hasPrefix("rl_"), let step = Int(rest.dropFirst(3).dropLast(4)) else { return nil }
                return ActiveFault(to: to, kind: .rateLimit(kbps: step), share: share, keys: [key])
            }
        }
    }

    private func keys(_ prefix: String, _ names: String...) -> [String] {
        names.map { prefix + $0 }.filter { values[$0] != nil }
    }

    /// What Envoy makes of a percentage: a whole number is one of a hundred, an object names its own denominator, and
    /// anything else means nothing.
    static func share(_ text: String) -> Double? {
        if let percent = UInt64(text) { return min(1, Double(percent) / 100) }
        guard let json = try? JSON(parsing: text), let numerator = json["numerator"]?.double, numerator >= 0 else {
            return nil
        }
        switch json["denominator"]?.string ?? "HUNDRED" {
        case "HUNDRED": return min(1, numerator / 100)
        case "TEN_THOUSAND": return min(1, numerator / 10_000)
        case "MILLION": return min(1, numerator / 1_000_000)
        default: return nil
        }
    }
}
