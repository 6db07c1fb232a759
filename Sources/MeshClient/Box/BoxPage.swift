internal import MeshModel

/// What one program of a demo says of itself, `GET /box`: what was asked of it, what of that holds, and what can be asked.
struct BoxPage: Equatable, Sendable {
    static let path = "/box"

    var values: [String: Int] = [:]
    var held: Set<String> = []
    /// The words that can be asked, by the edge or the service that they are asked at, with how many there are of it.
    var offers: [String: [String: Int]] = [:]
    /// Whether all sidecars have what they were told.
    var isSettled = true

    init(_ bytes: [UInt8]) throws(WireError) {
        guard let json = try? JSON(parsing: bytes), case .object(let values)? = json["values"] else {
            throw WireError(page: Self.path, path: "values", found: "missing")
        }
        for member in values { self.values[member.name] = member.value.integer.map { Int(clamping: $0) } }
        held = Set(json["held"]?.array?.compactMap(\.string) ?? [])
        isSettled = json["settled"]?.bool ?? true
        for offer in json["offers"]?.array ?? [] {
            guard let at = offer["at"]?.string, let word = offer["does"]?.string else { continue }
            offers[at, default: [:]][word] = Int(clamping: offer["of"]?.integer ?? 1)
        }
    }
}
