import MeshModel

/// Changes of JSON values, as an API server makes them.
extension JSON {
    /// The same with this member in place of the one of its name; nil takes it away.
    func with(_ name: String, _ value: JSON?) -> JSON {
        var members: [Member] = if case .object(let members) = self { members } else { [] }
        if let place = members.firstIndex(where: { $0.name == name }) {
            if let value { members[place].value = value } else { members.remove(at: place) }
        } else if let value {
            members.append(Member(name, value))
        }
        return .object(members)
    }

    /// The same with another value deep in it.
    func with(_ path: [String], _ value: JSON?) -> JSON {
        guard let first = path.first else { return value ?? .null }
        if path.count == 1 { return with(first, value) }
        return with(first, (self[first] ?? .object([])).with(Array(path.dropFirst()), value))
    }

    func at(_ path: [String]) -> JSON? { path.reduce(self as JSON?) { $0?[$1] } }

    var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// All members in alphabetical order, however deep: how two values are compared, and how custom objects come back.
    var sorted: JSON {
        switch self {
        case .object(let members):
            .object(members.map { Member($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
        case .array(let items): .array(items.map(\.sorted))
        case .double(let value) where value.rounded() == value && abs(value) < 1e15: .integer(Int64(value))
        default: self
        }
    }

    func equals(_ other: JSON?) -> Bool { other.map { sorted == $0.sorted } ?? false }

    /// RFC 7386.
    func merged(with patch: JSON) -> JSON {
        guard case .object(let members) = patch else { return patch }
        var result: JSON = if case .object = self { self } else { .object([]) }
        for member in members {
            if member.value.isNull {
                result = result.with(member.name, nil)
            } else {
                result = result.with(member.name, (result[member.name] ?? .null).merged(with: member.value))
            }
        }
        return result
    }

    /// RFC 6902; nil where an operation fails.
    func patched(with operations: [JSON]) -> JSON? {
        var result = self
        for operation in operations {
            guard let path = operation["path"]?.string.flatMap(Self.pointer), let kind = operation["op"]?.string
            else { return nil }
            let value = operation["value"]
            switch kind {
            case "test": guard let value, value.equals(result.found(path)) else { return nil }
            case "add", "replace":
                guard let value, kind == "add" || result.found(path) != nil,
                    let changed = result.changed(path[...], kind == "add" ? .add(value) : .replace(value))
                else { return nil }
                result = changed
            case "remove":
                guard result.found(path) != nil, let changed = result.changed(path[...], .remove) else { return nil }
                result = changed
            case "copy", "move":
                guard let from = operation["from"]?.string.flatMap(Self.pointer), let value = result.found(from)
                else { return nil }
                let base = kind == "move" ? result.changed(from[...], .remove) : result
                guard let changed = base?.changed(path[...], .add(value)) else { return nil }
                result = changed
            default: return nil
            }
        }
        return result
    }

    private enum Change {
        case add(JSON), replace(JSON), remove
    }

    private static func pointer(_ text: String) -> [String]? {
        guard !text.isEmpty else { return [] }
        guard text.hasPrefix("/") else { return nil }
        return text.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .map { String($0.replacing("~1", with: "/").replacing("~0", with: "~")) }
    }

    private func found(_ path: [String]) -> JSON? {
        path.reduce(self as JSON?) { value, step in
            guard let items = value?.array else { return value?[step] }
            return Int(step).flatMap { items.indices.contains($0) ? items[$0] : nil }
        }
    }

    private func changed(_ path: ArraySlice<String>, _ change: Change) -> JSON? {
        guard let step = path.first else {
            return if case .add(let value) = change { value } else if case .replace(let value) = change { value } else {
                nil
            }
        }
        let rest = path.dropFirst()
        guard let items = array else {
            guard case .object = self else { return nil }
            if rest.isEmpty {
                if case .add(let value) = change { return with(step, value) }
                if case .replace(let value) = change { return with(step, value) }
                return with(step, nil)
            }
            return self[step]?.changed(rest, change).map { with(step, $0) }
        }
        var list = items
        guard let place = step == "-" ? items.count : Int(step), place >= 0, place <= items.count else { return nil }
        if rest.isEmpty, case .add(let value) = change {
            list.insert(value, at: place)
            return .array(list)
        }
        guard place < items.count else { return nil }
        if rest.isEmpty {
            if case .replace(let value) = change { list[place] = value } else { list.remove(at: place) }
        } else {
            guard let item = items[place].changed(rest, change) else { return nil }
            list[place] = item
        }
        return .array(list)
    }
}
