/// A day as lines of plain sentences, one for each event that matters, each with the time since the day began.
public struct Narration: Sendable {
    public private(set) var mesh = MeshState()
    /// When it began, as long as how things stand is still to be told.
    private var waitingSince: Timestamp?

    /// Seconds in which every proxy of a mesh that has just started is polled for the first time.
    private static let firstPolls = 2.0

    public init() {}

    /// Takes an event in and returns what is to be said about it; mostly nothing.
    public mutating func tell(_ event: Event) -> [String] {
        let (before, isFirst) = (mesh.told, mesh.session == nil)
        mesh.apply(event)
        if case .keyframe = event.observation, isFirst {
            guard mesh.isUnheard || mesh.isBeginning(at: event.at, within: Self.firstPolls) else {
                return standing(at: event.at)
            }
            waitingSince = event.at
            return [line("\(mesh.session?.name ?? "the mesh"): no proxy has been polled yet", at: event.at)]
        }
        if let waitingSince, !mesh.isUnheard, abs(event.at.seconds(since: waitingSince)) >= Self.firstPolls {
            self.waitingSince = nil
            return standing(at: event.at)
        }
        let new = mesh.timeline.suffix(min(mesh.timeline.count, max(0, mesh.told &- before)))
        return new.map { line(Narrator.sentence(of: $0, in: mesh), at: $0.at) }
    }

    /// How things stand.
    public func standing(at now: Timestamp) -> [String] {
        Narrator.summary(of: mesh, at: now).map { line($0, at: now) }
    }

    /// Another day begins: what was known is no longer true.
    public mutating func forget() { self = Narration() }

    private func line(_ sentence: String, at: Timestamp) -> String {
        let seconds = mesh.session.map { max(0, at.seconds(since: $0.startedAt)) } ?? 0
        // Words of others may end as they like.
        let end = sentence.last.map { ".!?…".contains($0) } ?? false ? "" : "."
        return "\(PlainWords.clock(seconds))  \(sentence)\(end)"
    }
}

extension MeshState {
    /// True in the first seconds of a day, in which some proxies are heard and others not yet.
    fileprivate func isBeginning(at now: Timestamp, within seconds: Double) -> Bool {
        guard let session, activeFaults.isEmpty, !isHalted else { return false }
        return abs(now.seconds(since: session.startedAt)) < seconds
    }

    /// True as long as nothing is known of any proxy or service, and so of no fault either.
    fileprivate var isUnheard: Bool { sources.isEmpty && services.isEmpty && activeFaults.isEmpty && !isHalted }
}
