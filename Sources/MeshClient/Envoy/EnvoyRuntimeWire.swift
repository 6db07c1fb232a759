internal import MeshModel

/// The faults on Envoy's runtime page, `GET /runtime` (read with Envoy 1.40): `entries` by key, each with the value in
/// force as text. Keys that are none of a fault are somebody else's business and left out.
struct EnvoyRuntimeWire {
    let naming: EnvoyNaming

    /// What the page holds, in the order of the keys.
    func faults(in page: [UInt8]) throws(WireError) -> [HeldFault] {
        let json: JSON
        do {
            json = try JSON(parsing: page)
        } catch {
            throw WireError(page: "/runtime", path: "", found: error.message)
        }
        guard case .object(let entries)? = json["entries"] else {
            throw WireError(page: "/runtime", path: "entries", found: "it is missing")
        }
        var values: [String: String] = [:]
        for entry in entries {
            guard let value = entry.value["final_value"]?.string, !value.isEmpty else { continue }
            values[entry.name] = value
        }
        return faults(values)
    }

    /// The parts of one fault, as they are found one key at a time.
    private struct Found {
        var keys: [String] = []
        var share = 0.0
        var amount: Int?
    }

    /// What keys of one fault have in common.
    private struct Place: Hashable, Comparable {
        var to: ServiceName?
        var word: String
        /// The step of a rate limit, which is part of its key.
        var step: Int?

        static func < (left: Place, right: Place) -> Bool {
            let (one, other) = (left.to?.text ?? "", right.to?.text ?? "")
            if one != other { return one < other }
            return (left.word, left.step ?? 0) < (right.word, right.step ?? 0)
        }
    }

    private func faults(_ values: [String: String]) -> [HeldFault] {
        var found: [Place: Found] = [:]
        for (key, value) in values {
            guard let (to, rest) = naming.split(key: key), let part = Self.part(rest) else { continue }
            let place = Place(to: to, word: part.word, step: part.step)
            found[place, default: Found()].keys.append(key)
            if part.isShare {
                found[place]?.share = Self.share(value)
            } else {
                found[place]?.amount = Double(value).map { Int(Int64(clamping: min(abs($0), 1e9))) }
            }
        }
        return found.keys.sorted().compactMap { place in
            guard let parts = found[place] else { return nil }
            let kind: FaultKind =
                switch place.word {
                // What Envoy's own configuration says where there is no key.
                case "abort": .abort(status: parts.amount ?? 503)
                case "delay": .delay(milliseconds: parts.amount ?? 0)
                default: .rateLimit(kbps: place.step ?? 0)
                }
            return HeldFault(keys: parts.keys.sorted(), to: place.to, kind: kind, share: parts.share)
        }
    }

    private static func part(_ rest: String) -> (word: String, step: Int?, isShare: Bool)? {
        switch rest {
        case "abort_pct": return ("abort", nil, true)
        case "abort_status": return ("abort", nil, false)
        case "delay_pct": return ("delay", nil, true)
        case "delay_ms": return ("delay", nil, false)
        default:
            guard rest.hasPrefix("rl_"), rest.hasSuffix("_pct"), let step = Int(rest.dropFirst(3).dropLast(4)) else {
                return nil
            }
            return ("rate-limit", step, true)
        }
    }

    /// A fraction as an object with its denominator, or a whole percentage; what Envoy can't read it takes for 0.
    private static func share(_ value: String) -> Double {
        if let fraction = try? JSON(parsing: value), let numerator = fraction["numerator"]?.double {
            let denominators = ["HUNDRED": 100.0, "TEN_THOUSAND": 10_000, "MILLION": 1_000_000]
            let denominator = denominators[fraction["denominator"]?.string ?? "HUNDRED"] ?? 100
            return min(1, max(0, numerator / denominator))
        }
        guard let percent = Int(value), percent > 0 else { return 0 }
        return min(1, Double(percent) / 100)
    }
}
