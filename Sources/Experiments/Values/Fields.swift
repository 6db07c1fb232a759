/// The fields of a mapping in the order in which they were written; the last value of a name wins.
public struct Fields: Sendable {
    private var names: [String] = []
    private var values: [Value] = []
    /// Where each name is, kept only once looking through the names would be slow.
    private var places: [String: Int]?

    public init() {}

    public init(_ entries: [(String, Value)]) {
        for (name, value) in entries { self[name] = value }
    }

    public var count: Int { names.count }
    public var isEmpty: Bool { names.isEmpty }
    public var keys: [String] { names }
    public var entries: Zip2Sequence<[String], [Value]> { zip(names, values) }

    public subscript(_ name: String) -> Value? {
        get { place(of: name).map { values[$0] } }
        set {
            switch (place(of: name), newValue) {
            case (let place?, let value?): values[place] = value
            case (nil, let value?): append(name, value)
            case (let place?, nil): remove(at: place)
            case (nil, nil): break
            }
        }
    }

    public func has(_ name: String) -> Bool { place(of: name) != nil }

    private func place(of name: String) -> Int? {
        if let places { return places[name] }
        return names.firstIndex(of: name)
    }

    private mutating func append(_ name: String, _ value: Value) {
        names.append(name)
        values.append(value)
        if places != nil {
            places?[name] = names.count - 1
        } else if names.count > 16 {
            indexNames()
        }
    }

    private mutating func remove(at place: Int) {
        names.remove(at: place)
        values.remove(at: place)
        if places != nil { indexNames() }
    }

    private mutating func indexNames() {
        places = Dictionary(names.enumerated().map { ($1, $0) }) { _, last in last }
    }
}
