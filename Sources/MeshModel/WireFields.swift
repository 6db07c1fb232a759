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
        guard let value = value(name) else { throw error(name, "missing") }
        return value
    }

    public func string(_ name: String) throws(WireError) -> String {
        guard let text = try required(name).string else { throw error(name, "expected a string") }
        return text
    }

    public func double(_ name: String) throws(WireError) -> Double {
        guard let number = try required(name).double else { throw error(name, "expected a number") }
        return number
    }

    public func integer(_ name: String) throws(WireError) -> Int {
        guard let number = try required(name).integer else { throw error(name, "expected a whole number") }
        return Int(number)
    }

    public func unsigned(_ name: String) throws(WireError) -> UInt64 {
        guard let number = try required(name).count else { throw error(name, "expected a count") }
        return number
    }

    public func bool(_ name: String) throws(WireError) -> Bool {
        guard let value = try required(name).bool else { throw error(name, "expected true or false") }
        return value
    }

    public func timestamp(_ name: String) throws(WireError) -> Timestamp {
        guard let number = try required(name).integer else { throw error(name, "expected a time") }
        return Timestamp(milliseconds: number)
    }

    public func object(_ name: String) throws(WireError) -> WireFields {
        let value = try required(name)
        guard case .object = value else { throw error(name, "expected an object") }
        return WireFields(value, page: page, path: path.isEmpty ? name : "\(path).\(name)")
    }

    /// One of the words of a closed set.
    public func word<Word: RawRepresentable>(_ name: String, _ type: Word.Type) throws(WireError) -> Word
    where Word.RawValue == String {
        let text = try string(name)
        guard let word = Word(rawValue: text) else {
            var strange = error(name, "unknown value '\(text.prefix(30))'")
            strange.isWordOfLater = true
            throw strange
        }
        return word
    }

    /// The items of a list; none when it is absent.
    public func items(_ name: String) throws(WireError) -> [JSON] {
        guard let value = value(name) else { return [] }
        guard let items = value.array else { throw error(name, "expected a list") }
        return items
    }

    /// The objects of a list, each with its place in the path.
    public func objects(_ name: String) throws(WireError) -> [WireFields] {
        let prefix = path.isEmpty ? name : "\(path).\(name)"
        return try items(name).enumerated().map { WireFields($1, page: page, path: "\(prefix)[\($0)]") }
    }

    /// What is read from the objects of a list. One with a word that is not known here is left out: the others are right
    /// without it.
    func known<Item>(_ name: String, _ read: (WireFields) throws(WireError) -> Item) throws(WireError) -> [Item] {
        var items: [Item] = []
        for fields in try objects(name) {
            do {
                items.append(try read(fields))
            } catch {
                guard error.isWordOfLater else { throw error }
            }
        }
        return items
    }

    /// The same of a member, which may be absent.
    func known<Item>(
        member name: String, _ read: (WireFields) throws(WireError) -> Item
    ) throws(WireError) -> Item? {
        guard value(name) != nil else { return nil }
        do {
            return try read(try object(name))
        } catch {
            guard error.isWordOfLater else { throw error }
            return nil
        }
    }

    /// The texts of a list.
    public func strings(_ name: String) throws(WireError) -> [String] {
        var result: [String] = []
        for item in try items(name) {
            guard let text = item.string else { throw error(name, "expected a list of strings") }
            result.append(text)
        }
        return result
    }

    /// A list that is no object itself, as traffic samples are.
    func list(_ name: String) throws(WireError) -> [JSON]? {
        guard let value = value(name) else { return nil }
        guard let items = value.array else { throw error(name, "expected a list") }
        return items
    }

    func wrong(_ name: String, _ found: String) -> WireError { error(name, found) }
}
