public import TerminalCanvas

/// Which key does what, on the main screen and in dialogs.
public struct Keymap: Equatable, Sendable {
    private var actions: [Key: Action.ID] = [:]
    private var keys: [Action.ID: [Key]] = [:]
    private var answers: [DialogKey: [Key]] = [:]

    /// The keys of the table, and others which a person chose instead, by the name of the action.
    /// Keys of the halt can be added to and never taken away.
    public init(changes: [String: [Key]] = [:]) {
        for action in Action.all {
            for key in changes[action.name] ?? action.keys { actions[key] = action.id }
        }
        for key in Action.with(.halt).keys { actions[key] = .halt }
        for action in Action.all {
            let wanted = changes[action.name] ?? action.keys
            let all = action.id == .halt ? action.keys + wanted.filter { !action.keys.contains($0) } : wanted
            keys[action.id] = all.filter { actions[$0] == action.id }
        }
        for answer in DialogKey.allCases { answers[answer] = changes[answer.name] ?? answer.keys }
    }

    /// The keys of an action, in the order of the table or of the person's file.
    public func keys(of id: Action.ID) -> [Key] { keys[id] ?? [] }

    /// The keys of an answer, in the order of the list or of the person's file.
    public func keys(of answer: DialogKey) -> [Key] { answers[answer] ?? [] }

    func isKey(_ key: Key, of answer: DialogKey) -> Bool { keys(of: answer).contains(key) }

    public func action(for key: Key) -> Action.ID? { actions[key] }

    /// True for keys which halt even where text is typed: no text has them.
    public func haltsEverywhere(_ key: Key) -> Bool {
        if case .character = key { return false }
        return actions[key] == .halt
    }
}
