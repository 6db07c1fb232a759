/// What observers of a run are told, as it happens.
public enum RunProgress: Sendable {
    case began(title: String, RunOutline)
    case entered(phase: String)
    case pausing(ActivityPlace, name: String, seconds: Double, isBefore: Bool)
    case started(ActivityPlace, name: String, type: String, inBackground: Bool)
    /// `status` is nil when it was interrupted or ended unexpectedly; `detail` says why it did not succeed.
    case finished(ActivityPlace, name: String, status: String?, seconds: Double, output: Value, detail: String?)
    case judged(ActivityPlace, name: String, isWithinTolerance: Bool)
    case checked(moment: String, isMet: Bool?)
    case stopping(reason: String)
    case warned(String)
    /// An extension wrote to its log.
    case logged(LogRecord)
    case ended(RunVerdict)

    /// As an object for one line of JSON.
    public var value: Value {
        switch self {
        case .began(let title, _): ["event": "began", "title": .text(title)]
        case .entered(let phase): ["event": "entered", "phase": .text(phase)]
        case .pausing(let place, let name, let seconds, let isBefore):
            Self.event("pausing", place, name, [("seconds", .number(seconds)), ("before", .bool(isBefore))])
        case .started(let place, let name, let type, let inBackground):
            Self.event("started", place, name, [("type", .text(type)), ("background", .bool(inBackground))])
        case .finished(let place, let name, let status, let seconds, let output, let detail):
            Self.event(
                "finished", place, name,
                [
                    ("status", status.map { .text($0) } ?? .null), ("seconds", .number(seconds)), ("output", output),
                    ("detail", detail.map { .text($0) } ?? .null),
                ])
        case .judged(let place, let name, let isWithinTolerance):
            Self.event("judged", place, name, [("tolerance_met", .bool(isWithinTolerance))])
        case .checked(let moment, let isMet):
            ["event": "checked", "moment": .text(moment), "steady_state_met": isMet.map { .bool($0) } ?? .null]
        case .stopping(let reason): ["event": "stopping", "reason": .text(reason)]
        case .warned(let text): ["event": "warned", "text": .text(text)]
        case .logged(let record): record.value
        case .ended(let verdict):
            [
                "event": "ended", "status": .text(verdict.status.rawValue), "deviated": .bool(verdict.hasDeviated),
                "held": .bool(verdict.hasHeld), "undone": .bool(verdict.isUndone), "summary": .text(verdict.summary),
                "untested": .list(verdict.untested.map { .text($0.words) }),
            ]
        }
    }

    private static func event(
        _ event: String, _ place: ActivityPlace, _ name: String, _ more: [(String, Value)]
    ) -> Value {
        let head: [(String, Value)] = [
            ("event", .text(event)), ("section", .text(place.section.rawValue)), ("index", .integer(place.index)),
            ("name", .text(name)),
        ]
        return .mapping(Fields(head + more))
    }

    /// Writes the event as one line of JSON.
    public var line: String { JSONWriter.text(value) }
}
