/// What `/` narrows a list to: `text` must be in it, `!text` must not. The case of letters does not matter.
struct Filter: Equatable, Sendable {
    var text = ""

    var isEmpty: Bool { wanted.isEmpty }

    func matches(_ candidate: String) -> Bool {
        let wanted = wanted
        guard !wanted.isEmpty else { return true }
        return candidate.lowercased().contains(wanted) != text.hasPrefix("!")
    }

    private var wanted: String {
        (text.hasPrefix("!") ? String(text.dropFirst()) : text).lowercased()
    }
}
