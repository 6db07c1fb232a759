// A line of the story goes with its words, for readers that do not know what happened, and with what happened as `what`.
// Versions before this one wrote the words alone; what they tell is read back out of them here, and nowhere else.

extension TimelineEntry {
    public var json: JSON {
        var members = [
            JSON.Member("t", .integer(at.milliseconds)), JSON.Member("kind", .string(kind.rawValue)),
            JSON.Member("tone", .string(tone.rawValue)), JSON.Member("text", .string(text)),
        ]
        if let by { members.append(JSON.Member("by", .string(by))) }
        switch scope {
        case .service(let name): members.append(JSON.Member("service", .string(name.text)))
        case .edge(let edge):
            members.append(JSON.Member("from", .string(edge.from.text)))
            members.append(JSON.Member("to", .string(edge.to.text)))
        case nil: break
        }
        if let what = turn.json { members.append(JSON.Member("what", what)) }
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        var scope: Scope?
        if fields.value("service") != nil { scope = .service(ServiceName(try fields.string("service"))) }
        if fields.value("from") != nil {
            scope = .edge(Edge(from: ServiceName(try fields.string("from")), to: ServiceName(try fields.string("to"))))
        }
        let text = try fields.string("text")
        self.init(
            at: try fields.timestamp("t"), kind: Kind(rawValue: try fields.string("kind")) ?? .other,
            tone: Tone(rawValue: try fields.string("tone")) ?? .plain, turn: .words(text),
            by: fields.value("by") == nil ? nil : try fields.string("by"), scope: scope)
        if fields.value("what") != nil {
            // What a later version tells in ways unknown here is still its words.
            turn = (try? Turn(try fields.object("what"))) ?? turn
        } else if let read = Turn(plain: text, kind, by: by, scope) {
            turn = read
            // Whatever can't be told back as it was has another meaning.
            if self.text != Self.today(text) { turn = .words(text) }
        }
    }

    /// A line of an older version in the words that it has today.
    private static func today(_ text: String) -> String {
        let words = [
            ("rearmed by ", "re-armed by "), (" seen clean", " verified clean"), (": holds", ": met"),
            (" accepted", " configured"), (" reverting", " being removed"), (" reverted", " removed"),
        ]
        return words.reduce(text) { $0.replacing($1.0, with: $1.1, maxReplacements: 1) }
    }
}

extension TimelineEntry.Turn {
    private static func tagged(_ tag: String, _ members: [(String, JSON)]) -> JSON {
        .known([("is", .string(tag))] + members)
    }

    var json: JSON? {
        switch self {
        case .began(let name, let session, let mode):
            Self.tagged(
                "began", [("name", .string(name)), ("session", .string(session)), ("mode", .string(mode.rawValue))])
        case .source(let name, let state, let why):
            Self.tagged(
                "source", [("source", .string(name)), ("state", .string(state.rawValue)), ("why", JSON(why))])
        case .restarted(let name): Self.tagged("restarted", [("source", .string(name))])
        case .joined(let name, let why): Self.tagged("joined", [("source", .string(name)), ("why", JSON(why))])
        case .left(let name, let why): Self.tagged("left", [("source", .string(name)), ("why", JSON(why))])
        case .fault(let turn): Self.tagged("fault", turn.members)
        case .dialled(let id, let from, let to, let why):
            Self.tagged(
                "dialled", [("id", .string(id)), ("was", .double(from)), ("now", .double(to)), ("why", JSON(why))])
        case .objective(let name, let isMet, let lag):
            Self.tagged(
                "objective",
                [
                    ("name", .string(name)), ("met", .bool(isMet)), ("after", JSON(lag?.fault)),
                    ("lag", lag.map { .integer($0.milliseconds) } ?? .null),
                ])
        case .halted(let by, let reason):
            Self.tagged("halted", [("by", .string(by)), ("reason", .string(reason))])
        case .proven(let clean, let count): Self.tagged("proven", [("clean", JSON(clean)), ("of", JSON(count))])
        case .rearmed(let by): Self.tagged("rearmed", [("by", .string(by))])
        case .said(let by, let text): Self.tagged("said", [("by", .string(by)), ("text", .string(text))])
        case .run(let id, let turn): Self.tagged("run", [("id", .string(id))] + turn.members)
        case .mechanism(let mechanism, let isActing, let amount, let total):
            Self.tagged(
                "mechanism",
                [
                    ("name", .string(mechanism.rawValue)), ("acts", .bool(isActing)), ("amount", .double(amount)),
                    ("of", .double(total)),
                ])
        case .served(let serving):
            Self.tagged("served", [("home", .string(serving.home)), ("zone", .string(serving.zone))])
        case .certificate(let certificate):
            Self.tagged(
                "certificate",
                [("ends", .integer(certificate.ends.milliseconds)), ("state", .string(certificate.state.rawValue))])
        case .notRecording(let why): Self.tagged("not-recording", [("why", JSON(why))])
        case .recordingAgain(let lost): Self.tagged("recording", [("lost", JSON(lost))])
        case .words: nil
        }
    }

    init?(_ fields: WireFields) throws(WireError) {
        let why = fields.value("why")?.string
        switch try fields.string("is") {
        case "began":
            self = .began(
                name: try fields.string("name"), session: try fields.string("session"),
                mode: try fields.word("mode", SessionMode.self))
        case "source":
            self = .source(try fields.string("source"), try fields.word("state", SourceState.self), why: why)
        case "restarted": self = .restarted(source: try fields.string("source"))
        case "joined": self = .joined(source: try fields.string("source"), why: why)
        case "left": self = .left(source: try fields.string("source"), why: why)
        case "fault": self = .fault(try TimelineEntry.FaultTurn(fields))
        case "dialled":
            self = .dialled(
                fault: try fields.string("id"), from: try fields.double("was"), to: try fields.double("now"), why: why)
        case "objective":
            let lag = fields.value("lag")?.integer.map {
                TimelineEntry.Lag(fault: fields.value("after")?.string, milliseconds: max(0, $0))
            }
            self = .objective(try fields.string("name"), isMet: try fields.bool("met"), lag: lag)
        case "halted": self = .halted(by: try fields.string("by"), reason: try fields.string("reason"))
        case "proven": self = .proven(clean: try fields.integer("clean"), of: try fields.integer("of"))
        case "rearmed": self = .rearmed(by: try fields.string("by"))
        case "said": self = .said(by: try fields.string("by"), try fields.string("text"))
        case "run":
            guard let turn = try TimelineEntry.RunTurn(fields) else { return nil }
            self = .run(id: try fields.string("id"), turn)
        case "mechanism":
            self = .mechanism(
                try fields.word("name", Mechanism.self), isActing: try fields.bool("acts"),
                amount: try fields.double("amount"), of: try fields.double("of"))
        case "served": self = .served(try EdgeServing(fields))
        case "certificate": self = .certificate(try EdgeCertificate(fields))
        case "not-recording": self = .notRecording(why: why)
        case "recording": self = .recordingAgain(lost: try fields.unsigned("lost"))
        default: return nil
        }
    }
}

extension TimelineEntry.FaultTurn {
    fileprivate var members: [(String, JSON)] {
        [
            ("id", .string(id)), ("kind", kind.json), ("share", .double(share)), ("phase", .string(phase.rawValue)),
            ("ending", JSON(ending?.rawValue)), ("orphan", JSON(isTrue: isOrphan)), ("by", JSON(by)),
            ("why", JSON(why)),
        ]
    }

    fileprivate init(_ fields: WireFields) throws(WireError) {
        self.init(
            id: try fields.string("id"), kind: try FaultKind(try fields.object("kind")),
            share: try fields.double("share"), phase: try fields.word("phase", FaultPhase.self),
            ending: fields.value("ending")?.string.flatMap { FaultEnding(rawValue: $0) },
            isOrphan: fields.isTrue("orphan"), by: fields.value("by")?.string, why: fields.value("why")?.string)
    }
}

extension TimelineEntry.RunTurn {
    fileprivate var members: [(String, JSON)] {
        switch self {
        case .started(let title, let by, let override):
            [("did", "start"), ("title", .string(title)), ("by", .string(by)), ("override", JSON(override))]
        case .stopped(let by, let reason): [("did", "stop"), ("by", .string(by)), ("reason", .string(reason))]
        case .action(let name, let isUndo): [("did", "act"), ("name", .string(name)), ("undo", JSON(isTrue: isUndo))]
        case .failed(let name, let state, let why):
            [("did", "fail"), ("name", .string(name)), ("state", .string(state.rawValue)), ("why", JSON(why))]
        case .probe(let name, let moment, let value):
            [("did", "probe"), ("name", .string(name)), ("at", .string(moment.rawValue)), ("value", .string(value))]
        case .ended(let outcome, let summary):
            [("did", "end"), ("outcome", .string(outcome.rawValue)), ("summary", .string(summary))]
        }
    }

    fileprivate init?(_ fields: WireFields) throws(WireError) {
        switch try fields.string("did") {
        case "start":
            self = .started(
                title: try fields.string("title"), by: try fields.string("by"),
                override: fields.value("override")?.string)
        case "stop": self = .stopped(by: try fields.string("by"), reason: try fields.string("reason"))
        case "act": self = .action(try fields.string("name"), isUndo: fields.isTrue("undo"))
        case "fail":
            self = .failed(
                try fields.string("name"), state: try fields.word("state", ExperimentReport.Activity.State.self),
                why: fields.value("why")?.string)
        case "probe":
            self = .probe(
                try fields.string("name"), moment: try fields.word("at", ExperimentReport.Probe.Moment.self),
                value: try fields.string("value"))
        case "end":
            self = .ended(
                try fields.word("outcome", ExperimentReport.Verdict.Outcome.self),
                summary: try fields.string("summary"))
        default: return nil
        }
    }
}
