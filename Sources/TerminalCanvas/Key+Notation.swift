// The one spelling of keys, in key files, in help and in screenplays: `f`, `ctrl-x`, `alt-f`, `f12`, `shift-left`,
// `enter`, `space`.
extension Key: CustomStringConvertible {
    /// The key's name as people write it; mouse, paste, size and signals have one for logs only.
    public var description: String {
        switch self {
        case .character(" "): "space"
        case .character(let character): Text.sanitised(String(character))
        case .control(" "): "ctrl-space"
        case .control(let character): "ctrl-" + Text.sanitised(String(character))
        case .alt(" "): "alt-space"
        case .alt(let character): "alt-" + Text.sanitised(String(character))
        case .function(let number): "f\(number)"
        case .mouse(let event): "\(event.kind) at \(event.point.column),\(event.point.row)"
        case .pasted: "paste"
        case .resized(let size): "size \(size.columns)x\(size.rows)"
        case .signal(let signal): "\(signal)"
        case .background(let color): "background \(Ink.mixed(color))"
        default: Key.named.first { $0.value == self }?.key ?? ""
        }
    }

    /// Reads a key's name; nil when it is none.
    public init?(_ notation: String) {
        if let key = Key.named[notation] {
            self = key
        } else if let rest = notation.cut(prefix: "ctrl-") {
            guard let key = rest == "space" ? " " : rest.only?.lowercased().only, Key.canBeControlled(key) else {
                return nil
            }
            self = .control(key)
        } else if let rest = notation.cut(prefix: "alt-") {
            guard let key = rest == "space" ? " " : rest.only, Text.sanitised(String(key)) == String(key) else {
                return nil
            }
            self = .alt(key)
        } else if let rest = notation.cut(prefix: "f"), let number = Int(rest), (1...63).contains(number) {
            self = .function(number)
        } else if let character = notation.only, Text.sanitised(notation) == notation {
            self = .character(character)
        } else {
            return nil
        }
    }

    /// Names that have no rule, with a second spelling of some. Each key's own name comes from `description`.
    private static let named: [String: Key] = [
        "space": .character(" "), "enter": .enter, "esc": .escape, "tab": .tab, "shift-tab": .backTab,
        "backspace": .backspace, "delete": .delete, "insert": .insert, "up": .up, "down": .down, "left": .left,
        "right": .right, "home": .home, "end": .end, "pgup": .pageUp, "pgdn": .pageDown, "shift-up": .shiftUp,
        "shift-down": .shiftDown, "shift-left": .shiftLeft, "shift-right": .shiftRight,
    ]

    private static func canBeControlled(_ key: Character) -> Bool {
        key.isASCII && (key.isLowercase || "[\\]^_ ".contains(key))
    }
}

extension StringProtocol {
    fileprivate func cut(prefix: String) -> String? {
        hasPrefix(prefix) && count > prefix.count ? String(dropFirst(prefix.count)) : nil
    }

    /// The character, when it is the only one.
    fileprivate var only: Character? { count == 1 ? first : nil }
}
