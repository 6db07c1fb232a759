internal import MeshModel

/// Who owns which fields of an object, as `managedFields` tells it, and how it is after everything of ours is gone.
struct FieldOwnership {
    /// Our name as a field manager.
    static let ours = "gameday"
    /// What all our annotations begin with.
    static let prefix = "gameday.dev/"

    var entries: [JSON]
    /// The field of the spec that faults are written into, as ownership spells it.
    private let field: String

    init(_ entries: [JSON], of field: String = "http") {
        self.entries = entries
        self.field = "f:" + field
    }

    init(_ object: KubeObject, of field: String = "http") {
        self.init(object.managedFields?.array ?? [], of: field)
    }

    /// Who wrote the field last, other than us: a name, and when.
    var writer: (name: String, time: String?)? {
        let all = entries.filter { !Self.isOurs($0) && owns($0) }
        let last = all.max { ($0["time"]?.string ?? "") < ($1["time"]?.string ?? "") }
        return last.map { ($0["manager"]?.string ?? "somebody", $0["time"]?.string) }
    }

    /// Whether we own the field by a write of ours.
    var isOursByWriting: Bool { entries.contains { Self.isOurs($0) && owns($0) } }

    /// This ownership without us: a field that we took goes back to whoever had them, and what others did since stays.
    func restored(to original: FieldOwnership) -> [JSON] {
        var result: [JSON] = []
        for entry in entries {
            guard Self.isOurs(entry) else {
                result.append(entry)
                continue
            }
            // Somebody may have called himself gameday before.
            if let left = withoutOurs(entry) { result.append(left) }
        }
        if isOursByWriting {
            for owner in original.entries where owns(owner) { give(fieldTo: owner, in: &result) }
        }
        // What is as it was is as it was to the letter, its time too.
        return result.map { entry in
            let before = original.entries.first { Self.isSameManager($0, entry) }
            guard let before, before["fieldsV1"]?.canonical == entry["fieldsV1"]?.canonical else { return entry }
            return before
        }
    }

    private func give(fieldTo owner: JSON, in entries: inout [JSON]) {
        if let place = entries.firstIndex(where: { Self.isSameManager($0, owner) }) {
            let fields = entries[place]["fieldsV1"] ?? .object([])
            let spec = (fields["f:spec"] ?? .object([])).setting(field, to: .object([]))
            entries[place] = entries[place].setting("fieldsV1", to: fields.setting("f:spec", to: spec))
        } else {
            // It owned nothing else, or what else it owned is gone by another's hand.
            entries.append(owner.setting("fieldsV1", to: ["f:spec": .object([JSON.Member(field, .object([]))])]))
        }
    }

    private func withoutOurs(_ entry: JSON) -> JSON? {
        var fields = entry["fieldsV1"] ?? .object([])
        if let spec = fields["f:spec"] {
            let left = spec.setting(field, to: nil)
            fields = fields.setting("f:spec", to: left.members.isEmpty ? nil : left)
        }
        if let metadata = fields["f:metadata"] {
            let left = Self.without(marksIn: metadata)
            fields = fields.setting("f:metadata", to: left.members.isEmpty ? nil : left)
        }
        return fields.members.isEmpty ? nil : entry.setting("fieldsV1", to: fields)
    }

    private static func without(marksIn metadata: JSON) -> JSON {
        ["f:annotations", "f:labels"].reduce(metadata) { metadata, kind in
            guard let marks = metadata[kind] else { return metadata }
            let left = marks.members.filter { !$0.name.hasPrefix("f:" + prefix) }
            let isEmpty = left.allSatisfy { $0.name == "." }
            return metadata.setting(kind, to: isEmpty ? nil : .object(left))
        }
    }

    private func owns(_ entry: JSON) -> Bool { entry["fieldsV1"]?["f:spec"]?[field] != nil }

    private static func isOurs(_ entry: JSON) -> Bool {
        entry["manager"]?.string == ours && entry["operation"]?.string == "Update"
    }

    private static func isSameManager(_ one: JSON, _ other: JSON) -> Bool {
        ["manager", "operation", "apiVersion", "subresource"].allSatisfy { one[$0]?.string == other[$0]?.string }
    }
}
