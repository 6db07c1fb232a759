/// An object from outside, read field by field; what is missing or of the wrong kind is told with its path.
public struct WireFields: Sendable {
    private let json: JSON
    private let page: String
    private let path: String

    public init(_ json: JSON, page: String, path: String = "") {
        self.json = json
        self.page = page
        self.path = path
    }

    /// All members, as they are.
    public var members: [JSON.Member] {
        if case .object(let members) = json { members } else { [] }
    }

    private func error(_ name: String, _ found: String) -> WireError {
        WireError(page: page, path: path.isEmpty ? name : "\(path).\(name)", found: found)
    }

    /// The member, or nil when it is absent or null.
    public func value(_ name: String) -> JSON? {
        guard let value = json[name], !value.isNull else { return nil }
        return value
    }

    func required(_ name: String) throws(WireError) -> JSON {
        guard let value = value(name) else { throw error(name, "it is missing") }
        return value
    }

    public func string(_ name: String) throws(WireError) -> String {
        guard let text = try required(name).string else { throw error(name, "it is no text") }
        return text
    }

    public func double(_ name: String) throws(WireError) -> Double {
        guard let number = try required(name).double else { throw error(name, "it is no number") }
        return number
    }

    public func integer(_ name: String) throws(WireError) -> Int {
        guard let number = try required(name).integer else { throw error(name, "it is no whole number") }
        return Int(number)
    }

    public func unsigned(_ name: String) throws(WireError) -> UInt64 {
        guard let number = try required(name).count else { throw error(name, "it is no count") }
        return number
    }

    public func bool(_ name: String) throws(WireError) -> Bool {
        guard let value = try required(name).bool else { throw error(name, "it is neither true nor false") }
        return value
    }

    public func timestamp(_ name: String) throws(WireError) -> Timestamp {
        guard let number = try required(name).integer else { throw error(name, "it is no time") }
        return Timestamp(milliseconds: number)
    }

    public func object(_ name: String) throws(WireError) -> WireFields {
        let value = try required(name)
        guard case .object = value else { throw error(name, "it is no object") }
        return WireFields(value, page: page, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// One of the words of a closed set.
    public func word<Word: RawRepresentable>(_ name: String, _ type: Word.Type) throws(WireError) -> Word
    where Word.RawValue == String {
        let text = try string(name)
        guard let word = Word(rawValue: text) else { throw error(name, "'\(text.prefix(30))' is not known") }
        return word
    }

    /// The items of a list; none when it is absent.
    public func items(_ name: String) throws(WireError) -> [JSON] {
        guard let value = value(name) else { return [] }
        guard let items = value.array else { throw error(name, "it is no list") }
        return items
    }

    /// The objects of a list, each with its place in the path.
    public func objects(_ name: String) throws(WireError) -> [WireFields] {
        let prefix = path.isEmpty ? name : "\(path).\(name)"
        return try items(name).enumerated().map { WireFields($1, page: page, path: "\(prefix)[\($0)]") }
    }

    /// The texts of a list.
    public func strings(_ name: String) throws(WireError) -> [String] {
        var result: [String] = []
        for item in try items(name) {
            guard let text = item.string else { throw error(name, "an item is no text") }
            result.append(text)
        }
        return result
    }

    /// A list that is no object itself, as traffic samples are.
    func list(_ name: String) throws(WireError) -> [JSON]? {
        guard let value = value(name) else { return nil }
        guard let items = value.array else { throw error(name, "it is no list") }
        return items
    }

    func wrong(_ name: String, _ found: String) -> WireError { error(name, found) }
}
