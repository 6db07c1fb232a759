internal import MeshModel

extension JSON {
    /// The same value in one spelling: members by their names, whole numbers as such. An API server sorts what it is
    /// given, so that only this tells whether two answers say the same.
    var canonical: JSON {
        switch self {
        case .object(let members):
            .object(
                members.sorted { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
                    .map { Member($0.name, $0.value.canonical) })
        case .array(let items): .array(items.map(\.canonical))
        case .double: integer.map { .integer($0) } ?? self
        default: self
        }
    }

    /// Says the same, whatever its spelling.
    func says(_ other: JSON) -> Bool { canonical == other.canonical }

    /// A short mark of what it says (FNV-1a); it tells whether somebody changed it, and protects from nobody.
    var mark: String {
        let hash = canonical.bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    var members: [Member] { if case .object(let members) = self { members } else { [] } }

    /// The same object with another value of one member, or without it.
    func setting(_ name: String, to value: JSON?) -> JSON {
        var members = members
        let place = members.firstIndex { $0.name == name }
        switch (place, value) {
        case (let place?, let value?): members[place].value = value
        case (let place?, nil): members.remove(at: place)
        case (nil, let value?): members.append(Member(name, value))
        case (nil, nil): break
        }
        return .object(members)
    }
}

/// The steps of a JSON patch (RFC 6902).
enum PatchStep {
    static func test(_ path: String..., value: JSON) -> JSON { step("test", path, value) }
    static func add(_ path: String..., value: JSON) -> JSON { step("add", path, value) }
    static func replace(_ path: String..., value: JSON) -> JSON { step("replace", path, value) }
    static func remove(_ path: String...) -> JSON { step("remove", path, nil) }

    private static func step(_ name: String, _ path: [String], _ value: JSON?) -> JSON {
        let members = [JSON.Member("op", .string(name)), JSON.Member("path", .string(pointer(path)))]
        return .object(members + (value.map { [JSON.Member("value", $0)] } ?? []))
    }

    /// A JSON pointer (RFC 6901).
    private static func pointer(_ path: [String]) -> String {
        path.map { name in
            name.reduce(into: "/") { text, character in
                switch character {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.append(character)
                }
            }
        }.joined()
    }
}
