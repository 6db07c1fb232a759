internal import MeshModel

/// A fault in a VirtualService that somebody else put there.
struct OthersFault {
    /// What the keys of such faults begin with.
    static let prefix = "others' "

    var kind: FaultKind
    var share: Double
    /// Whose requests it hits, where its route says so by labels.
    var caller: VirtualServiceFault.Caller?
    /// Where its route leads.
    var hosts: [String]
    var key: String

    /// All of them in some routes.
    static func all(in http: [JSON], namespace: String, domain: String) -> [OthersFault] {
        http.flatMap { route -> [OthersFault] in
            ["abort", "delay"].compactMap { word in
                guard let block = route["fault"]?[word] else { return nil }
                let percent = block["percentage"]?["value"]?.double ?? block["percent"]?.double ?? 0
                // Without a percentage Istio injects it never.
                guard percent > 0 else { return nil }
                let hosts = (route["route"]?.array ?? []).compactMap { $0["destination"]?["host"]?.string }
                    .map { IstioHost.resolved($0, in: namespace, domain: domain) }
                return OthersFault(
                    kind: kind(word, block), share: min(1, percent / 100), caller: caller(of: route, namespace),
                    hosts: hosts, key: "\(prefix)\(word) \(route.mark)")
            }
        }
    }

    private static func kind(_ word: String, _ block: JSON) -> FaultKind {
        guard word == "delay" else { return .abort(status: Int(block["httpStatus"]?.integer ?? 0)) }
        return .delay(milliseconds: milliseconds(block["fixedDelay"]?.string ?? ""))
    }

    /// A duration as Go writes it: `7s`, `1m30s`, `0.4s`, `250ms`.
    static func milliseconds(_ text: String) -> Int {
        let units: [(String, Double)] = [
            ("ms", 1), ("us", 0.001), ("µs", 0.001), ("h", 3_600_000), ("m", 60_000), ("s", 1000),
        ]
        var rest = Substring(text)
        var sum = 0.0
        while !rest.isEmpty {
            let number = rest.prefix { $0.isNumber || $0 == "." }
            rest = rest.dropFirst(number.count)
            guard let value = Double(number), let unit = units.first(where: { rest.hasPrefix($0.0) }) else { return 0 }
            sum += value * unit.1
            rest = rest.dropFirst(unit.0.count)
        }
        return Int(Int64(clamping: sum))
    }

    private static func caller(of route: JSON, _ namespace: String) -> VirtualServiceFault.Caller? {
        let matches = route["match"]?.array ?? []
        guard let first = matches.first, matches.count == 1, let labels = first["sourceLabels"]?.members,
            !labels.isEmpty
        else { return nil }
        let its = labels.reduce(into: [String: String]()) { $0[$1.name] = $1.value.string }
        return .init(namespace: first["sourceNamespace"]?.string ?? namespace, labels: its)
    }

    static func removing(
        _ keys: Set<String>, from broken: BrokenVirtualService
    ) throws(VirtualServiceRefusal) -> BrokenVirtualService.Change {
        guard broken.marks == nil else {
            throw VirtualServiceRefusal("\(broken.source) also has faults of gameday", remedy: "Stop those first.")
        }
        let http = broken.http.map { route -> JSON in
            var route = route
            let mark = route.mark
            for word in ["abort", "delay"] where keys.contains("\(prefix)\(word) \(mark)") {
                let left = (route["fault"] ?? .object([])).setting(word, to: nil)
                route = route.setting("fault", to: left.members.isEmpty ? nil : left)
            }
            return route
        }
        guard !JSON.array(http).says(.array(broken.http)) else { return .nothing }
        return .patch(broken.replacing(http), ownership: broken.object.managedFields?.array)
    }
}
