/// One amount of a kind of fault: what it is called, what it is counted in, and what it may be.
public struct FaultField: Equatable, Sendable {
    /// Its name on the wire and its option of the command line. The amount that a kind is named with has the kind's word.
    public var name: String
    /// What a form calls it.
    public var title: String
    public var unit: FaultUnit
    public var range: ClosedRange<Int>
    /// By how much it changes beyond the presets.
    public var step: Int
    public var presets: [Int]
    /// What it is when nobody says; a form begins with it.
    public var usual: Int
    /// True where it has to be said.
    public var isRequired: Bool
    /// What stands before it in a label.
    public var sign: String
    /// What it does, for a list of options: `Wait so long first`.
    public var words: String

    init(
        _ name: String, _ title: String, _ unit: FaultUnit, _ range: ClosedRange<Int>, step: Int = 1, presets: [Int],
        usual: Int, isRequired: Bool = false, sign: String = "", _ words: String
    ) {
        self.name = name
        self.title = title
        self.unit = unit
        self.range = range
        self.step = step
        self.presets = presets
        self.usual = usual
        self.isRequired = isRequired
        self.sign = sign
        self.words = words
    }

    /// `200 to 599`, `1 ms to 600 s`.
    public var span: String { span(range) }

    /// The same of a narrower range.
    public func span(_ range: ClosedRange<Int>) -> String {
        "\(unit.said(range.lowerBound)) to \(unit.said(range.upperBound))"
    }

    /// The next amount above or below: the next preset, or a step where there is none.
    public func next(after amount: Int, isUp: Bool, in range: ClosedRange<Int>) -> Int {
        let preset =
            isUp
            ? presets.first { $0 > amount && range.contains($0) } : presets.last { $0 < amount && range.contains($0) }
        let moved = amount.addingReportingOverflow(isUp ? step : -step)
        return preset ?? min(range.upperBound, max(range.lowerBound, moved.overflow ? amount : moved.partialValue))
    }
}

/// What the amounts of faults are counted in: how they are written, read and said.
public enum FaultUnit: Equatable, Sendable {
    case status
    case milliseconds, microseconds
    case kibibytesPerSecond
    case bytes
    /// So many of something, whose name is in the plural.
    case count(String)
    /// One of some words, by its place.
    case choice([String])

    /// With its unit, as a label has it: `503`, `200 ms`, `64 KiB/s`.
    public func label(_ amount: Int) -> String {
        switch self {
        case .status: "\(amount)"
        case .milliseconds: "\(amount) ms"
        case .microseconds: "\(amount) µs"
        case .kibibytesPerSecond: "\(amount) KiB/s"
        case .bytes: "\(amount) B"
        case .count: "\(amount)"
        case .choice(let words): words.indices.contains(amount) ? words[amount] : "\(amount)"
        }
    }

    /// As a sentence has it: `503`, `1.2 s`, `64 KiB/s`, `100 bytes`.
    public func said(_ amount: Int) -> String {
        switch self {
        case .status, .kibibytesPerSecond, .choice: label(amount)
        case .count(let noun): "\(amount) \(amount == 1 && noun.hasSuffix("s") ? String(noun.dropLast()) : noun)"
        case .milliseconds: PlainWords.latency(Double(amount))
        case .microseconds: amount < 1000 ? label(amount) : PlainWords.latency(Double(amount) / 1000)
        case .bytes: amount == 1 ? "1 byte" : "\(amount) bytes"
        }
    }

    /// In a few cells: `503`, `1.2s`, `64K/s`.
    public func short(_ amount: Int) -> String {
        switch self {
        case .status, .choice, .count: label(amount)
        case .milliseconds, .microseconds: said(amount).split(separator: " ").joined()
        case .kibibytesPerSecond: "\(amount)K/s"
        case .bytes: "\(amount)B"
        }
    }

    /// As it is typed after an option: `503`, `200ms`, `64`.
    public func typed(_ amount: Int) -> String {
        switch self {
        case .status, .kibibytesPerSecond, .bytes, .count: "\(amount)"
        case .milliseconds: "\(amount)ms"
        case .microseconds: "\(amount)us"
        case .choice: label(amount)
        }
    }

    /// As a form shows it, in its largest whole unit: `200ms`, `2s`.
    public func entry(_ amount: Int) -> String {
        switch self {
        case .milliseconds where amount >= 1000 && amount.isMultiple(of: 1000): "\(amount / 1000)s"
        case .microseconds where amount >= 1000 && amount.isMultiple(of: 1000): "\(amount / 1000)ms"
        default: typed(amount)
        }
    }

    /// Reads what was typed. Where a bare number is one of the unit, as in a form that names it, `allowsBare` says so.
    public func amount(typed text: String, allowsBare: Bool = false) -> Int? {
        switch self {
        case .status, .kibibytesPerSecond, .bytes, .count: return Int(text)
        case .milliseconds, .microseconds:
            if allowsBare, let bare = Int(text) { return bare }
            guard text != "0" else { return 0 }
            let isMicro = self == .microseconds
            if isMicro, text.hasSuffix("us") { return Int(text.dropLast(2)) }
            guard let seconds = Quantity.seconds(text) else { return nil }
            let amount = min(seconds, 1e9) * (isMicro ? 1e6 : 1e3)
            // What is too short to be counted is not nothing.
            return amount > 0 && amount < 1 ? nil : Int(Int64(clamping: amount.rounded()))
        case .choice(let words): return words.firstIndex(of: text.lowercased())
        }
    }

    /// What an option takes: `200ms or 2s`.
    public var example: String {
        switch self {
        case .status: "503"
        case .milliseconds: "200ms or 2s"
        case .microseconds: "100us or 2ms"
        case .kibibytesPerSecond: "64"
        case .bytes: "1024"
        case .count: "1"
        case .choice(let words): words.joined(separator: " or ")
        }
    }

    /// What is wanted, where something else was typed.
    public var noun: String {
        switch self {
        case .status: "status"
        case .milliseconds, .microseconds: "duration"
        case .kibibytesPerSecond: "number of KiB/s"
        case .bytes: "number of bytes"
        case .count(let noun): "number of \(noun)"
        case .choice: "choice"
        }
    }

    /// The name of an option's value.
    public var valueName: String {
        switch self {
        case .status: "status"
        case .milliseconds, .microseconds: "duration"
        case .kibibytesPerSecond: "KiB/s"
        case .bytes: "bytes"
        case .count(let noun): noun
        case .choice(let words): words.joined(separator: "|")
        }
    }

    /// As scripts have it: seconds for times, what is counted for the rest.
    public func figure(_ amount: Int) -> JSON {
        switch self {
        case .milliseconds: .double(Double(amount) / 1000)
        case .microseconds: .double(Double(amount) / 1_000_000)
        case .status, .kibibytesPerSecond, .bytes, .count, .choice: json(amount)
        }
    }

    /// A figure of a script with its unit.
    public func words(figure: JSON) -> String {
        guard let number = figure.double else { return figure.string ?? "-" }
        return switch self {
        case .milliseconds, .microseconds: "\(number) s"
        case .status, .kibibytesPerSecond, .bytes, .count, .choice: label(Int(Int64(clamping: number)))
        }
    }

    func json(_ amount: Int) -> JSON {
        if case .choice = self { return .string(label(amount)) }
        return .integer(Int64(amount))
    }

    func amount(of json: JSON) -> Int? {
        if case .choice(let words) = self { return json.string.flatMap { words.firstIndex(of: $0) } }
        return json.integer.map { Int($0) }
    }
}
