/// A pattern of the settings for a whole name: `*` stands for any text, `?` for any one character.
struct Glob: Equatable, Sendable {
    let pattern: String

    /// Takes no longer than the product of both lengths, whatever the pattern.
    func matches(_ name: String) -> Bool {
        let name = Array(name)
        let pattern = Array(pattern)
        var (place, sign) = (0, 0)
        var back: (place: Int, sign: Int)?
        while place < name.count {
            if sign < pattern.count, pattern[sign] == "*" {
                back = (place, sign)
                sign += 1
            } else if sign < pattern.count, pattern[sign] == "?" || pattern[sign] == name[place] {
                (place, sign) = (place + 1, sign + 1)
            } else if let last = back {
                back?.place += 1
                (place, sign) = (last.place + 1, last.sign + 1)
            } else {
                return false
            }
        }
        return pattern[sign...].allSatisfy { $0 == "*" }
    }
}
