public import TerminalCanvas

/// An answer in a dialog whose keys a person can choose. Enter, esc and the arrows mean the same in every dialog; what
/// else moves, scrolls and aborts there are the keys of the main screen.
public enum DialogKey: String, CaseIterable, Sendable {
    case yes, no, override, haltAndQuit, leaveAndQuit, stay

    /// The name for key files.
    public var name: String { rawValue }

    /// What it does, for lists of keys.
    public var title: String {
        switch self {
        case .yes: "agree to a question that asks for a letter"
        case .no: "say no to a question, as esc does"
        case .override: "run an experiment over its gate: asks for a word"
        case .haltAndQuit: "leaving while faults are active: halt everything, then quit"
        case .leaveAndQuit: "leaving while faults are active: leave them to their leases"
        case .stay: "leaving while faults are active: stay, as esc does"
        }
    }

    /// The keys without a person's own.
    public var keys: [Key] {
        switch self {
        case .yes: [.character("y"), .character("Y")]
        case .no: [.character("n"), .character("N")]
        case .override: [.character("o")]
        case .haltAndQuit: [.character("h"), .character("H")]
        case .leaveAndQuit: [.character("l"), .character("L")]
        case .stay: [.character("s")]
        }
    }

    /// Those that are asked for at once, so that no key can mean two of them.
    public static let together: [[DialogKey]] = [[.yes, .no, .override], [.no, .haltAndQuit, .leaveAndQuit, .stay]]
}
