import MeshModel

/// What a person typed as a note: its first sign tells what it is meant as.
struct Said: Equatable {
    let kind: Note.Kind
    let text: String

    init(_ typed: String) {
        let signs: [Character: Note.Kind] = ["!": .finding, "?": .prediction]
        let kind = typed.first.flatMap { signs[$0] }
        self.kind = kind ?? .note
        text = String((kind == nil ? Substring(typed) : typed.dropFirst()).drop { $0 == " " })
    }
}
