internal import MeshModel

/// Words about a document that may be run as it is: keys that nobody reads, and are near to one that somebody does.
public enum DocumentHints {
    private static let experiment = [
        "version", "title", "description", "tags", "contributions", "configuration", "secrets", "controls",
        "extensions",
        "runtime", "steady-state-hypothesis", "method", "rollbacks", "dry",
    ]
    private static let hypothesis = ["title", "description", "probes", "controls"]
    private static let activity = [
        "type", "name", "provider", "tolerance", "pauses", "background", "controls", "ref", "dry", "timeout",
        "configuration", "secrets",
    ]

    /// One line a mistyped key, with its place and what was probably meant.
    public static func lines(for document: ExperimentDocument) -> [String] {
        let root = DocumentPath()
        var found = near(document.value, root, experiment)
        let place = root.field("steady-state-hypothesis")
        let checked = document.value["steady-state-hypothesis"] ?? .null
        found += near(checked, place, hypothesis)
        let lists = [
            (checked["probes"], place.field("probes")), (document.value["method"], root.field("method")),
            (document.value["rollbacks"], root.field("rollbacks")),
        ]
        for (list, path) in lists {
            for (index, item) in (list?.list ?? []).enumerated() { found += near(item, path.item(index), activity) }
        }
        return found.map { path, name, known in
            let line = document.map.position(of: path).map { ":\($0.line)" } ?? ""
            return "\(document.source)\(line): unknown key '\(name)'; did you mean '\(known)'?"
        }
    }

    private static func near(
        _ value: Value, _ path: DocumentPath, _ known: [String]
    ) -> [(DocumentPath, String, String)] {
        (value.fields?.keys ?? []).compactMap { name in
            guard !known.contains(name), let meant = Quantity.nearest(to: name, among: known), value[meant] == nil
            else { return nil }
            return (path.field(name), name, meant)
        }
    }
}
