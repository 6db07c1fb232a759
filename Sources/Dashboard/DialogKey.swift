public import TerminalCanvas

/// An answer in a dialog whose keys a person can choose. Enter, esc and the arrows mean the same in every dialog; what
/// else moves, scrolls and aborts there are the keys of the main screen.
public enum DialogKey: String, CaseIterable, Sendable {
    case yes, no, override, haltAndQuit, leaveAndQuit, stay, failing, copy

    /// The name for key files.
    public var name: String { rawValue }

    /// What it does, for lists of keys.
    public var title: String {
        switch self {
        case .yes: "confirm a question that asks for a letter"
        case .no: "answer no, as esc does"
        case .override: "override an experiment's gate: asks for a word"
        case .haltAndQuit: "quitting while faults are active: halt everything, then quit"
        case .leaveAndQuit: "quitting while faults are active: quit; faults run until their leases expire"
        case .stay: "quitting while faults are active: stay, as esc does"
        case .failing: "access log: only failing requests, or all"
        case .copy: "access log: copy the trace id"
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
        case .failing: [.character("f")]
        case .copy: [.character("c")]
        }
    }

    /// Those that are asked for at once, so that no key can mean two of them.
    public static let together: [[DialogKey]] = [
        [.yes, .no, .override], [.no, .haltAndQuit, .leaveAndQuit, .stay], [.failing, .copy],
    ]
}
