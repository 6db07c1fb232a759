/// A theme as it is written in a file: what differs from the theme it inherits from.
public struct ThemeDocument: Hashable, Sendable {
    public enum Background: String, Codable, Hashable, Sendable { case dark, light }

    public var name: String
    public var description: String?
    public var background: Background?
    public var inherits: String?
    public var roles: [String: Look]
    public var grounds: [String: Look]

    public init(
        name: String, description: String? = nil, background: Background? = nil, inherits: String? = nil,
        roles: [String: Look] = [:], grounds: [String: Look] = [:]
    ) {
        self.name = name
        self.description = description
        self.background = background
        self.inherits = inherits
        self.roles = roles
        self.grounds = grounds
    }
}

extension ThemeDocument: Codable {
    private enum Field: String, CodingKey, CaseIterable {
        case name, description, background, inherits, roles, grounds
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseFields(except: Field.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: Field.self)
        self.init(
            name: try fields.decode(String.self, forKey: .name),
            description: try fields.decodeIfPresent(String.self, forKey: .description),
            background: try fields.decodeIfPresent(Background.self, forKey: .background),
            inherits: try fields.decodeIfPresent(String.self, forKey: .inherits),
            roles: try fields.decodeIfPresent([String: Look].self, forKey: .roles) ?? [:],
            grounds: try fields.decodeIfPresent([String: Look].self, forKey: .grounds) ?? [:])
    }
}
