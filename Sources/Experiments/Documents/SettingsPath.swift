/// Where a setting is in the settings file: names with dots between, and numbers in brackets, like `controls[0].name`.
public struct SettingsPath: Sendable {
    private enum Step {
        case name(String)
        case index(Int)
    }

    private let steps: [Step]

    /// A backslash before a dot makes it part of the name.
    public init(_ text: String) {
        var parts = [""]
        var isEscaped = false
        for character in text {
            if character == ".", !isEscaped {
                parts.append("")
            } else if character != "\\" {
                parts[parts.count - 1].append(character)
            }
            isEscaped = character == "\\"
        }
        steps = parts.flatMap { part -> [Step] in
            guard part.hasSuffix("]"), let open = part.lastIndex(of: "["),
                let index = Int(part[part.index(after: open)...].dropLast())
            else { return [.name(part)] }
            return [.name(String(part[..<open])), .index(index)]
        }
    }

    /// What stands there; nil when nothing does.
    public func entry(in settings: Value) -> Value? {
        steps.reduce(Optional(settings)) { value, step in
            switch step {
            case .name(let name): return value?[name]
            case .index(let index): return value?.list.flatMap { $0.indices.contains(index) ? $0[index] : nil }
            }
        }
    }

    /// The settings with another value there, or without it.
    public func changed(_ settings: Value, to value: Value?) -> Value {
        Self.changed(settings, steps[...], to: value) ?? .mapping(Fields())
    }

    private static func changed(_ old: Value, _ steps: ArraySlice<Step>, to value: Value?) -> Value? {
        guard let step = steps.first else { return value }
        switch step {
        case .name(let name):
            guard var fields = old.fields, let known = fields[name] else { return old }
            fields[name] = changed(known, steps.dropFirst(), to: value)
            return .mapping(fields)
        case .index(let index):
            guard var items = old.list, items.indices.contains(index) else { return old }
            if let new = changed(items[index], steps.dropFirst(), to: value) {
                items[index] = new
            } else {
                items.remove(at: index)
            }
            return .list(items)
        }
    }
}
