/// What a theme says about one meaning or one ground. Whatever it leaves out comes from the theme it inherits from, or
/// is computed: the nearest colour of a tier, emphasis for terminals without colours.
public struct Look: Hashable, Sendable {
    /// Stands for the state in place of the glyph set's own mark.
    public var glyph: String?
    public var fg: Ink?
    public var bg: Ink?
    public var attr: Emphasis?
    public var fg256: Ink?
    public var bg256: Ink?
    public var fg16: Ink?
    public var bg16: Ink?
    /// What is added where there are no colours.
    public var mono: Emphasis?

    public init(
        glyph: String? = nil, fg: Ink? = nil, bg: Ink? = nil, attr: Emphasis? = nil, fg256: Ink? = nil,
        bg256: Ink? = nil, fg16: Ink? = nil, bg16: Ink? = nil, mono: Emphasis? = nil
    ) {
        self.glyph = glyph
        self.fg = fg
        self.bg = bg
        self.attr = attr
        self.fg256 = fg256
        self.bg256 = bg256
        self.fg16 = fg16
        self.bg16 = bg16
        self.mono = mono
    }

    /// The foreground on a terminal of that tier, if the look has one.
    public func foreground(_ tier: ColorTier) -> Ink? { ink(fg, fg256, fg16, tier) }

    /// The background on a terminal of that tier, if the look has one.
    public func background(_ tier: ColorTier) -> Ink? { ink(bg, bg256, bg16, tier) }

    /// A tier takes from a richer one, never from a poorer: what is said for few colours is meant for few colours.
    private func ink(_ full: Ink?, _ indexed: Ink?, _ sixteen: Ink?, _ tier: ColorTier) -> Ink? {
        switch tier {
        case .mono: nil
        case .sixteen: sixteen ?? (indexed ?? full)?.reduced(to: tier)
        case .indexed: indexed ?? full?.reduced(to: tier)
        case .trueColor: full
        }
    }

    /// The emphasis that the look adds on a terminal of that tier.
    public func emphasis(_ tier: ColorTier) -> Emphasis { (tier == .mono ? mono ?? attr : attr) ?? [] }

    /// This look, with what it leaves out taken from another. A colour that is given brings its own tiers.
    public func filled(from other: Look) -> Look {
        Look(
            glyph: glyph ?? other.glyph, fg: fg ?? other.fg, bg: bg ?? other.bg, attr: attr ?? other.attr,
            fg256: fg256 ?? (fg == nil ? other.fg256 : nil), bg256: bg256 ?? (bg == nil ? other.bg256 : nil),
            fg16: fg16 ?? (fg == nil ? other.fg16 : nil), bg16: bg16 ?? (bg == nil ? other.bg16 : nil),
            mono: mono ?? other.mono)
    }
}

extension Look: Codable {
    private enum Field: String, CodingKey, CaseIterable {
        case glyph, fg, bg, attr, fg256, bg256, fg16, bg16, mono
    }

    public init(from decoder: any Decoder) throws {
        try decoder.refuseFields(except: Field.allCases.map(\.rawValue))
        let fields = try decoder.container(keyedBy: Field.self)
        self.init(
            glyph: try fields.decodeIfPresent(String.self, forKey: .glyph),
            fg: try fields.decodeIfPresent(Ink.self, forKey: .fg),
            bg: try fields.decodeIfPresent(Ink.self, forKey: .bg),
            attr: try fields.decodeIfPresent(Emphasis.self, forKey: .attr),
            fg256: try fields.decodeIfPresent(Ink.self, forKey: .fg256),
            bg256: try fields.decodeIfPresent(Ink.self, forKey: .bg256),
            fg16: try fields.decodeIfPresent(Ink.self, forKey: .fg16),
            bg16: try fields.decodeIfPresent(Ink.self, forKey: .bg16),
            mono: try fields.decodeIfPresent(Emphasis.self, forKey: .mono))
    }

    public func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        try fields.encodeIfPresent(glyph, forKey: .glyph)
        try fields.encodeIfPresent(fg, forKey: .fg)
        try fields.encodeIfPresent(bg, forKey: .bg)
        try fields.encodeIfPresent(attr, forKey: .attr)
        try fields.encodeIfPresent(fg256, forKey: .fg256)
        try fields.encodeIfPresent(bg256, forKey: .bg256)
        try fields.encodeIfPresent(fg16, forKey: .fg16)
        try fields.encodeIfPresent(bg16, forKey: .bg16)
        try fields.encodeIfPresent(mono, forKey: .mono)
    }
}

extension Emphasis: Codable {
    private static let names: [(name: String, emphasis: Emphasis)] = [
        ("bold", .bold), ("underline", .underline), ("reverse", .reverse), ("dim", .dim), ("normal", []),
    ]

    /// Reads words such as `bold reverse`.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = []
        for word in try container.decode(String.self).split(separator: " ") {
            guard let known = Emphasis.names.first(where: { $0.name == word }) else {
                throw DecodingError.dataCorruptedError(
                    in: container,
                    debugDescription: "“\(Text.sanitised(word))” is none of "
                        + Emphasis.names.map(\.name).joined(separator: ", "))
            }
            formUnion(known.emphasis)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        let words = Emphasis.names.filter { !$0.emphasis.isEmpty && contains($0.emphasis) }.map(\.name)
        var container = encoder.singleValueContainer()
        try container.encode(words.isEmpty ? "normal" : words.joined(separator: " "))
    }
}

/// A field of a file by whatever name it has.
struct AnyField: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// A misspelt field would otherwise be passed over in silence.
    func refuseFields(except known: [String]) throws {
        let fields = try container(keyedBy: AnyField.self)
        for field in fields.allKeys where !known.contains(field.stringValue) {
            throw DecodingError.dataCorruptedError(
                forKey: field, in: fields,
                debugDescription: "“\(Text.sanitised(field.stringValue))” is none of \(known.joined(separator: ", "))")
        }
    }
}
