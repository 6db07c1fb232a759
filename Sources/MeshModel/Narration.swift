/// A day as lines of plain sentences, one for each event that matters, each with the time since the day began.
public struct Narration: Sendable {
    public private(set) var mesh = MeshState()

    public init() {}

    /// Takes an event in and returns what is to be said about it; mostly nothing.
    public mutating func tell(_ event: Event) -> [String] {
        let (before, isFirst) = (mesh.told, mesh.session == nil)
        mesh.apply(event)
        if case .keyframe = event.observation, isFirst { return standing(at: event.at) }
        let new = mesh.timeline.suffix(min(mesh.timeline.count, max(0, mesh.told &- before)))
        return new.map { line(Narrator.sentence(of: $0, in: mesh), at: $0.at) }
    }

    /// How things stand.
    public func standing(at now: Timestamp) -> [String] {
        Narrator.summary(of: mesh, at: now).map { line($0, at: now) }
    }

    /// Another day begins: what was known is no longer true.
    public mutating func forget() { mesh = MeshState() }

    private func line(_ sentence: String, at: Timestamp) -> String {
        let seconds = mesh.session.map { max(0, at.seconds(since: $0.startedAt)) } ?? 0
        return "\(PlainWords.clock(seconds))  \(sentence)."
    }
}
