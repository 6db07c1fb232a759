/// The characters which one place of a pattern accepts.
struct RegexSet: Equatable, Sendable {
    enum Item: Equatable, Sendable {
        case range(ClosedRange<UInt32>)
        case category(RegexCategory, isNegative: Bool)
    }

    var items: [Item]
    var isNegative = false
    var ignoresCase = false
    var ascii = false

    static func single(_ scalar: UInt32, ignoresCase: Bool, ascii: Bool) -> RegexSet {
        RegexSet(items: [.range(scalar...scalar)], ignoresCase: ignoresCase, ascii: ascii)
    }

    func contains(_ scalar: UInt32) -> Bool {
        if !ignoresCase { return hasItem(for: scalar) != isNegative }
        let (lower, upper) = (Self.lower(scalar, ascii), Self.upper(scalar, ascii))
        // The long s has an upper case whose lower case is another letter.
        let spellings = [scalar, lower, upper, Self.lower(upper, ascii)]
        return spellings.contains(where: hasItem) != isNegative
    }

    private func hasItem(for scalar: UInt32) -> Bool {
        for item in items {
            switch item {
            case .range(let range): if range.contains(scalar) { return true }
            case .category(let category, let isNegative):
                if category.contains(scalar, ascii: ascii) != isNegative { return true }
            }
        }
        return false
    }

    static func lower(_ scalar: UInt32, _ ascii: Bool) -> UInt32 {
        if scalar < 0x80 || ascii { return (0x41...0x5A).contains(scalar) ? scalar + 0x20 : scalar }
        return mapped(scalar) { $0.lowercaseMapping }
    }

    static func upper(_ scalar: UInt32, _ ascii: Bool) -> UInt32 {
        if scalar < 0x80 || ascii { return (0x61...0x7A).contains(scalar) ? scalar - 0x20 : scalar }
        return mapped(scalar) { $0.uppercaseMapping }
    }

    /// Only mappings of one character to one other count, as in Python.
    private static func mapped(_ scalar: UInt32, _ mapping: (Unicode.Scalar.Properties) -> String) -> UInt32 {
        guard let character = Unicode.Scalar(scalar) else { return scalar }
        let scalars = mapping(character.properties).unicodeScalars
        guard let first = scalars.first, scalars.count == 1 else { return scalar }
        return first.value
    }
}

/// What `\d`, `\s` and `\w` are.
enum RegexCategory: Equatable, Sendable {
    case digit, space, word

    func contains(_ scalar: UInt32, ascii: Bool) -> Bool {
        if scalar < 0x80 {
            return switch self {
            case .digit: (0x30...0x39).contains(scalar)
            case .space: scalar == 0x20 || (0x09...0x0D).contains(scalar) || (!ascii && (0x1C...0x1F).contains(scalar))
            case .word:
                (0x30...0x39).contains(scalar) || (0x41...0x5A).contains(scalar) || scalar == 0x5F
                    || (0x61...0x7A).contains(scalar)
            }
        }
        guard !ascii, let category = Unicode.Scalar(scalar)?.properties.generalCategory else { return false }
        switch self {
        case .digit: return category == .decimalNumber
        case .space: return scalar == 0x85 || [.spaceSeparator, .lineSeparator, .paragraphSeparator].contains(category)
        case .word:
            return switch category {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber:
                true
            default: false
            }
        }
    }
}
