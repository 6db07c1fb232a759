internal import MeshModel

/// Which objects are meant by their labels, as a Deployment or a NetworkPolicy says it.
struct KubeSelector: Equatable, Sendable {
    /// What the object itself has, kept as it is.
    let json: JSON
    private let labels: [(name: String, value: String)]
    private let expressions: [Expression]

    private struct Expression: Equatable, Sendable {
        var key: String
        var isNegated: Bool
        /// Nil where the label only has to be there.
        var values: [String]?

        init?(_ json: JSON) {
            guard let key = json["key"]?.string else { return nil }
            self.key = key
            let values = (json["values"]?.array ?? []).compactMap(\.string)
            switch json["operator"]?.string {
            case "In": (isNegated, self.values) = (false, values)
            case "NotIn": (isNegated, self.values) = (true, values)
            case "Exists": (isNegated, self.values) = (false, nil)
            case "DoesNotExist": (isNegated, self.values) = (true, nil)
            default: return nil
            }
        }

        func matches(_ labels: [String: String]) -> Bool {
            guard let values else { return (labels[key] != nil) != isNegated }
            return (labels[key].map(values.contains) ?? false) != isNegated
        }

        var query: String {
            guard let values else { return (isNegated ? "!" : "") + key }
            return "\(key) \(isNegated ? "notin" : "in") (\(values.joined(separator: ",")))"
        }
    }

    /// Nil for what can't be read, and for one that means everything.
    init?(_ json: JSON?) {
        guard let json else { return nil }
        self.json = json
        labels = (json["matchLabels"]?.members ?? []).compactMap { member in
            member.value.string.map { (member.name, $0) }
        }
        let wanted = json["matchExpressions"]?.array ?? []
        expressions = wanted.compactMap(Expression.init)
        guard expressions.count == wanted.count, !(labels.isEmpty && expressions.isEmpty) else { return nil }
    }

    static func == (one: KubeSelector, other: KubeSelector) -> Bool { one.json == other.json }

    func matches(_ labels: [String: String]) -> Bool {
        self.labels.allSatisfy { labels[$0.name] == $0.value } && expressions.allSatisfy { $0.matches(labels) }
    }

    /// As a list takes it for `labelSelector`.
    var query: String {
        (labels.map { "\($0.name)=\($0.value)" } + expressions.map(\.query)).joined(separator: ",")
    }
}
