import MeshModel
import TerminalCanvas

/// Says who would inject a fault, what it would be known by, and what must be known of it before.
enum AbilityWords {
    static func lines(_ ability: FaultAbility?) -> [String] {
        // What can't be done is known by nothing; why stands elsewhere.
        guard let ability, ability.isPossible else { return [] }
        let who = Text.sanitised(ability.injector)
        let note = ability.note.map { [Text.sanitised($0.hasSuffix(".") ? $0 : $0 + ".")] } ?? []
        return ["By \(who): \(Text.sanitised(ability.evidence.words))."] + note
    }
}
