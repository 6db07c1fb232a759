import MeshModel

extension EnvoyBootstrap {
    /// The configuration of a service of the bar as YAML for people to read, with the ports of the first demo on a
    /// machine. Nil when the bar has no such service.
    public static func example(of service: String) -> String? {
        let layout = MeshLayout(of: .bar, base: 21_000)
        return layout.place(of: service).map { place in
            let resources = SidecarResources(place: place, mesh: .bar, layout: layout, isServed: false)
            return yaml(EnvoyBootstrap(place: place, control: "").whole(resources), indent: 0)
        }
    }

    private static func yaml(_ value: JSON, indent: Int) -> String {
        let space = String(repeating: "  ", count: indent)
        switch value {
        case .object(let members):
            return members.map { "\(space)\(key($0.name)):" + inlined($0.value, indent: indent + 1) }.joined()
        case .array(let items):
            return items.map { item in
                let text = yaml(item, indent: indent + 1)
                return item.isNested ? "\(space)- " + text.dropFirst(space.count + 2) : "\(space)- \(item.text)\n"
            }.joined()
        case .null, .bool, .integer, .double, .string:
            return space + value.text + "\n"
        }
    }

    private static func inlined(_ value: JSON, indent: Int) -> String {
        value.isNested ? "\n" + yaml(value, indent: indent) : " \(value.text)\n"
    }

    /// A name of a field needs quotes only where it is no plain word.
    private static func key(_ name: String) -> String {
        name.utf8.allSatisfy { $0 == UInt8(ascii: "_") || (97...122).contains($0) } ? name : quoted(name)
    }
}

extension JSON {
    /// Whether it takes lines of its own: an object or list with something in it.
    fileprivate var isNested: Bool {
        switch self {
        case .object(let members): !members.isEmpty
        case .array(let items): !items.isEmpty
        case .null, .bool, .integer, .double, .string: false
        }
    }
}
