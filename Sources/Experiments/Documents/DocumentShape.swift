/// The least that a document must be so that it can be run at all, validated or not: where its parts have the wrong shape
/// nothing of them would be done, and that must not pass for a success.
enum DocumentShape {
    /// Why the document is no experiment, or nil.
    static func mistake(in document: Value) -> String? {
        guard let fields = document.fields else { return "an experiment must be a mapping" }
        guard fields.has("title") else { return "it has no title" }
        let lists: [(name: String, value: Value?)] = [
            ("method", fields["method"]), ("rollbacks", fields["rollbacks"]), ("controls", fields["controls"]),
            ("probes", fields["steady-state-hypothesis"]?["probes"]),
        ]
        for (name, value) in lists {
            guard let value else { continue }
            // An empty mapping is as good as an empty list to the original, but for where it adds lists.
            if value.fields?.isEmpty ?? false, name == "rollbacks" || name == "controls" { continue }
            guard let items = value.list else { return "its \(name) must be a list" }
            if items.contains(where: { $0.fields == nil }) { return "its \(name) must be mappings" }
        }
        for name in ["steady-state-hypothesis", "configuration", "secrets"] {
            if let value = fields[name], value.fields == nil { return "its \(name) must be a mapping" }
        }
        return nil
    }
}
