import MeshModel

/// Who owns which fields of an object (`managedFields`), reckoned as an API server does where lists are atomic: as they
/// are in Istio's objects. What a change touches is then the changer's, and nobody else's.
struct StandInFields {
    typealias Path = [String]

    struct Entry {
        var manager: String
        var isApply: Bool
        var apiVersion: String
        var time: String
        var paths: Set<Path>
        var subresource: String?

        func isUpdate(by manager: String) -> Bool { self.manager == manager && !isApply && subresource == nil }
    }

    var entries: [Entry] = []

    /// Reads `managedFields`; nil for one that can't be read.
    init?(_ json: JSON?) {
        guard let json else { return }
        for item in json.array ?? [] {
            guard let manager = item["manager"]?.string, let fields = item["fieldsV1"] else { return nil }
            entries.append(
                Entry(
                    manager: manager, isApply: item["operation"]?.string == "Apply",
                    apiVersion: item["apiVersion"]?.string ?? "", time: item["time"]?.string ?? "",
                    paths: Self.paths(fields), subresource: item["subresource"]?.string))
        }
    }

    var json: JSON {
        .array(
            entries.sorted { ($0.isApply ? 0 : 1, $0.time, $0.manager) < ($1.isApply ? 0 : 1, $1.time, $1.manager) }.map
            {
                entry in
                let item: JSON = [
                    "apiVersion": .string(entry.apiVersion), "fieldsType": "FieldsV1",
                    "fieldsV1": Self.tree(entry.paths), "manager": .string(entry.manager),
                    "operation": entry.isApply ? "Apply" : "Update",
                ]
                return item.with("subresource", entry.subresource.map { .string($0) })
                    .with("time", entry.time.isEmpty ? nil : .string(entry.time))
            })
    }

    /// What an update by this manager does to the ownership.
    mutating func update(
        by manager: String, _ apiVersion: String, at time: String, from old: JSON?, to new: JSON, hasMarks: Bool
    ) {
        let before = old.map { Self.leaves($0, hasMarks: hasMarks) } ?? [:]
        let after = Self.leaves(new, hasMarks: hasMarks)
        let touched = Set(after.filter { path, value in before[path].map { !value.equals($0) } ?? true }.keys)
        let gone = Set(before.keys).subtracting(after.keys)
        for place in entries.indices {
            let isOwn = entries[place].isUpdate(by: manager)
            let paths = isOwn ? entries[place].paths.union(touched) : entries[place].paths.subtracting(touched)
            entries[place].paths = paths.subtracting(gone)
            // Who only loses fields keeps its time.
            if isOwn, !touched.isEmpty { entries[place].time = time }
        }
        if !touched.isEmpty, !entries.contains(where: { $0.isUpdate(by: manager) }) {
            entries.append(
                Entry(manager: manager, isApply: false, apiVersion: apiVersion, time: time, paths: touched))
        }
        entries.removeAll { $0.paths.isEmpty }
    }

    /// Who else owns what an intent would change: manager and field, like `.spec.http`.
    func conflicts(of manager: String, intent: JSON, with live: JSON) -> [(entry: Entry, path: Path)] {
        let now = Self.leaves(live, hasMarks: false)
        let wanted = Self.leaves(intent, hasMarks: false, isIntent: true).filter { path, value in
            now[path].map { !value.equals($0) } ?? false
        }
        return entries.filter { !($0.manager == manager && $0.isApply) }.flatMap { entry in
            entry.paths.filter { wanted[$0] != nil }.sorted { $0.joined() < $1.joined() }.map { (entry, $0) }
        }
    }

    /// What a manager's intent does to the object: its fields come, and those that it alone had and wants no more go.
    mutating func apply(
        _ intent: JSON, by manager: String, _ apiVersion: String, at time: String, to live: JSON
    ) -> JSON {
        let wanted = Self.leaves(intent, hasMarks: false, isIntent: true)
        let own = entries.firstIndex { $0.manager == manager && $0.isApply }
        let others = entries.filter { !($0.manager == manager && $0.isApply) }
        let dropped = (own.map { entries[$0].paths } ?? []).subtracting(wanted.keys)
            .filter { path in !others.contains { $0.paths.contains(path) } }
        var result = live
        for path in dropped { result = result.with(path, nil) }
        for path in dropped where result.at(path.dropLast())?.members.isEmpty == true && path.count > 2 {
            result = result.with(Array(path.dropLast()), nil)
        }
        let now = Self.leaves(live, hasMarks: false)
        for (path, value) in wanted { result = result.with(path, value) }
        let changed = Set(wanted.filter { path, value in now[path].map { !value.equals($0) } ?? true }.keys)
        for place in entries.indices where place != own { entries[place].paths.subtract(changed) }
        if let own {
            entries[own].paths = Set(wanted.keys)
            if !result.equals(live) { entries[own].time = time }
        } else {
            entries.append(
                // The server leaves the time away where the object stays as it is.
                Entry(
                    manager: manager, isApply: true, apiVersion: apiVersion, time: result.equals(live) ? "" : time,
                    paths: Set(wanted.keys)))
        }
        entries.removeAll { $0.paths.isEmpty }
        return result
    }

    /// All fields that somebody may own. Maps that are there as such have a mark, which is the path that ends in a dot.
    private static func leaves(_ object: JSON, hasMarks: Bool, isIntent: Bool = false) -> [Path: JSON] {
        var found: [Path: JSON] = [:]
        for member in object.members where !["apiVersion", "kind", "metadata"].contains(member.name) {
            collect(member.value, [member.name], hasMarks: hasMarks, into: &found)
        }
        for part in ["annotations", "labels"] {
            guard let value = object["metadata"]?[part] else { continue }
            collect(value, ["metadata", part], hasMarks: !isIntent, into: &found)
        }
        return found
    }

    private static func collect(_ value: JSON, _ path: Path, hasMarks: Bool, into found: inout [Path: JSON]) {
        guard case .object(let members) = value, !members.isEmpty else {
            found[path] = value
            return
        }
        if hasMarks { found[path + ["."]] = [:] }
        for member in members { collect(member.value, path + [member.name], hasMarks: hasMarks, into: &found) }
    }

    private static func paths(_ tree: JSON) -> Set<Path> {
        var found: Set<Path> = []
        for member in tree.members {
            let step = member.name == "." ? "." : String(member.name.dropFirst(2))
            if member.value.members.isEmpty {
                found.insert([step])
            } else {
                found.formUnion(paths(member.value).map { [step] + $0 })
            }
        }
        return found
    }

    private static func tree(_ paths: Set<Path>) -> JSON {
        var tree = JSON.object([])
        for path in paths.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            tree = tree.with(path.map { $0 == "." ? "." : "f:" + $0 }, tree.at(path.map { "f:" + $0 }) ?? [:])
        }
        return tree
    }
}
