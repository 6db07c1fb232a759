internal import MeshModel

/// Why a VirtualService can't hold a fault, and what to do about it.
struct VirtualServiceRefusal: Error, Equatable {
    var reason: String
    var remedy: String?

    init(_ reason: String, remedy: String? = nil) {
        self.reason = reason
        self.remedy = remedy
    }
}

/// One fault as a VirtualService holds it: what it does, how often, and to which requests.
struct VirtualServiceFault: Equatable, Sendable {
    /// What a hit request gets.
    enum Effect: Equatable, Sendable {
        case abort(status: Int)
        case delay(milliseconds: Int)

        /// As `fault` of an HTTP route spells it.
        var word: String {
            switch self {
            case .abort: "abort"
            case .delay: "delay"
            }
        }
    }

    /// Whose requests it hits: the pods of a namespace that have all of these labels.
    struct Caller: Equatable, Sendable {
        var namespace: String
        var labels: [String: String]
        /// All labels of each of its pods, as far as they are known.
        var pods: [[String: String]] = []
    }

    /// A header that a request must have.
    struct Header: Equatable, Sendable {
        var name: String
        var value: String
    }

    var effect: Effect
    /// Of the requests, above 0 and at most 1.
    var share: Double
    /// The whole name of the callee.
    var host: String
    /// Nil for everybody's requests.
    var caller: Caller?
    var header: Header?
    /// The subsets that stand for the version which is meant; nil for all of the callee.
    var subsets: [String]?
    var version: String?

    /// By it a fault is known in its VirtualService; two that hit the same in the same way have the same.
    var key: String {
        let labels = caller.map { $0.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        let parts: [String?] = [
            effect.word, "to \(host)", labels.map { "from \(caller?.namespace ?? "")/\($0.joined(separator: ","))" },
            header.map { "with \($0.name)=\($0.value)" },
            subsets.map { "in \($0.sorted().joined(separator: ","))" },
        ]
        return parts.compactMap(\.self).joined(separator: " ")
    }

    /// Whether only some requests are hit.
    var isNarrow: Bool { caller != nil || header != nil }

    /// The smallest share that Istio takes, 0.0001%.
    static let smallestShare = 0.000_001

    /// Checks what only istiod's webhook and Envoy would check, and the API server does not.
    func validate() throws(VirtualServiceRefusal) {
        guard share >= Self.smallestShare, share <= 1 else {
            throw VirtualServiceRefusal("Istio injects faults into 0.0001% to 100% of requests")
        }
        switch effect {
        case .abort(let status):
            guard (200...599).contains(status) else {
                // istiod lets 600 pass, and then every Envoy refuses the whole route configuration.
                throw VirtualServiceRefusal("HTTP status \(status) is outside 200 to 599")
            }
        case .delay(let milliseconds):
            guard milliseconds >= 1 else { throw VirtualServiceRefusal("The shortest delay in Istio is 1 ms") }
        }
        if let header {
            guard !header.name.isEmpty, !header.value.isEmpty else {
                throw VirtualServiceRefusal("A header condition needs a name and a value: end-user=jason")
            }
        }
    }

    /// The block of its effect, as it stands in `fault`.
    var block: JSON {
        let percentage: JSON = ["value": .double((share * 1_000_000).rounded() / 10_000)]
        switch effect {
        case .abort(let status): return ["httpStatus": .integer(Int64(status)), "percentage": percentage]
        case .delay(let milliseconds):
            return ["fixedDelay": .string(Self.duration(milliseconds)), "percentage": percentage]
        }
    }

    /// `0.4s`, `7s`.
    static func duration(_ milliseconds: Int) -> String {
        var text = "\(milliseconds / 1000)"
        let rest = milliseconds % 1000
        if rest > 0 {
            var digits = "\(1000 + rest)".dropFirst()
            while digits.last == "0" { digits.removeLast() }
            text += ".\(digits)"
        }
        return text + "s"
    }

    var kind: FaultKind {
        let kind: FaultKind =
            switch effect {
            case .abort(let status): .abort(status: status)
            case .delay(let milliseconds): .delay(milliseconds: milliseconds)
            }
        if let header, let only = try? FaultCondition("\(header.name)=\(header.value)") { return kind.only(only) }
        return kind.only(version.flatMap { try? FaultCondition($0) })
    }
}

extension VirtualServiceFault {
    /// As annotations and ledgers keep it.
    var json: JSON {
        var members: [JSON.Member] =
            switch effect {
            case .abort(let status): [JSON.Member("abort", .integer(Int64(status)))]
            case .delay(let milliseconds): [JSON.Member("delay", .integer(Int64(milliseconds)))]
            }
        members += [JSON.Member("share", JSON.double(share).canonical), JSON.Member("host", .string(host))]
        if let caller {
            members.append(
                JSON.Member(
                    "caller",
                    [
                        "namespace": .string(caller.namespace), "labels": Self.json(caller.labels),
                        "pods": .array(caller.pods.map(Self.json)),
                    ]))
        }
        if let header {
            members.append(JSON.Member("header", ["name": .string(header.name), "value": .string(header.value)]))
        }
        if let subsets { members.append(JSON.Member("subsets", .array(subsets.map { .string($0) }))) }
        if let version { members.append(JSON.Member("version", .string(version))) }
        return .object(members)
    }

    private static func json(_ labels: [String: String]) -> JSON {
        .object(labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }

    init(_ fields: WireFields) throws(WireError) {
        let effect: Effect =
            fields.value("abort") == nil
            ? .delay(milliseconds: try fields.integer("delay")) : .abort(status: try fields.integer("abort"))
        self.init(effect: effect, share: try fields.double("share"), host: try fields.string("host"))
        if fields.value("caller") != nil {
            let its = try fields.object("caller")
            caller = Caller(
                namespace: try its.string("namespace"), labels: Self.labels(try its.object("labels")),
                pods: try its.objects("pods").map(Self.labels))
        }
        if fields.value("header") != nil {
            let its = try fields.object("header")
            header = Header(name: try its.string("name"), value: try its.string("value"))
        }
        if fields.value("subsets") != nil { subsets = try fields.strings("subsets") }
        version = fields.value("version")?.string
    }

    private static func labels(_ fields: WireFields) -> [String: String] {
        fields.members.reduce(into: [:]) { labels, member in
            if let text = member.value.string { labels[member.name] = text }
        }
    }
}
