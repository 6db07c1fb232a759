/// One line of the day's story.
public struct TimelineEntry: Equatable, Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        case session, source, fault, objective, halt, note, experiment
    }

    public enum Tone: String, CaseIterable, Sendable {
        case plain, good, warn, bad
    }

    public var at: Timestamp
    public var kind: Kind
    public var tone: Tone
    public var text: String

    public init(at: Timestamp, kind: Kind, tone: Tone, text: String) {
        self.at = at
        self.kind = kind
        self.tone = tone
        self.text = text
    }
}
