// How a run and the catalogue stand in events and key frames. What is not known is left out.

extension JSON {
    /// An object of those members that have a value.
    static func known(_ members: [(String, JSON)]) -> JSON {
        .object(members.filter { !$0.1.isNull }.map { Member($0.0, $0.1) })
    }

    fileprivate init(_ time: Timestamp?) { self = time.map { .integer($0.milliseconds) } ?? .null }
    init(isTrue: Bool) { self = isTrue ? true : .null }
}

extension WireFields {
    fileprivate func time(_ name: String) throws(WireError) -> Timestamp? {
        value(name) == nil ? nil : try timestamp(name)
    }

    /// The experiments of a catalogue.
    public func plans(_ name: String) throws(WireError) -> [ExperimentPlan] {
        try known(name) { item throws(WireError) in try ExperimentPlan(item) }
    }

    func isTrue(_ name: String) -> Bool { value(name)?.bool ?? false }
}

extension ExperimentReport {
    public var json: JSON {
        .known([
            ("id", .string(id)), ("file", .string(file)), ("title", .string(title)), ("by", .string(by)),
            ("started", JSON(startedAt)), ("ended", JSON(endedAt)), ("phase", .string(phase.rawValue)),
            ("until", JSON(waitsUntil)), ("override", JSON(override)),
            ("stop", stop.map { ["by": .string($0.by), "reason": .string($0.reason)] } ?? .null),
            ("verdict", verdict?.json ?? .null), ("journal", JSON(journal)),
            ("activities", .array(activities.map(\.json))), ("probes", .array(probes.map(\.json))),
            ("guards", guards.isEmpty ? .null : .array(guards.map(\.json))),
        ])
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            id: try fields.string("id"), file: try fields.string("file"), title: try fields.string("title"),
            by: try fields.string("by"), startedAt: try fields.timestamp("started"),
            phase: try fields.word("phase", Phase.self))
        endedAt = try fields.time("ended")
        waitsUntil = try fields.time("until")
        override = fields.value("override")?.string
        journal = fields.value("journal")?.string
        if fields.value("stop") != nil {
            let stop = try fields.object("stop")
            self.stop = Stop(by: try stop.string("by"), reason: try stop.string("reason"))
        }
        if fields.value("verdict") != nil { verdict = try Verdict(try fields.object("verdict")) }
        activities = try fields.known("activities") { item throws(WireError) in try Activity(item) }
        probes = try fields.known("probes") { item throws(WireError) in try Probe(item) }
        for item in try fields.objects("guards") { if let known = try Guard(item) { guards.append(known) } }
    }
}

extension ExperimentReport.Activity {
    var json: JSON {
        .known([
            ("id", JSON(id)), ("part", .string(part.rawValue)), ("kind", .string(kind.rawValue)),
            ("name", .string(name)), ("touches", .string(touches)), ("background", JSON(isTrue: isInBackground)),
            ("state", .string(state.rawValue)), ("output", JSON(output)), ("why", JSON(why)),
            ("started", JSON(startedAt)), ("ended", JSON(endedAt)),
        ])
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            id: try fields.integer("id"), part: try fields.word("part", Part.self),
            kind: try fields.word("kind", Kind.self), name: try fields.string("name"),
            touches: try fields.string("touches"), isInBackground: fields.isTrue("background"),
            state: try fields.word("state", State.self))
        output = fields.value("output")?.string
        why = fields.value("why")?.string
        startedAt = try fields.time("started")
        endedAt = try fields.time("ended")
    }
}

extension ExperimentReport.Probe {
    var json: JSON {
        .known([
            ("id", JSON(id)), ("name", .string(name)), ("expected", .string(expected)),
            ("asking", JSON(asking?.rawValue)), ("before", before?.json ?? .null), ("during", during?.json ?? .null),
            ("after", after?.json ?? .null), ("checks", checksDuring == 0 ? .null : JSON(checksDuring)),
            ("unmet", unmetDuring == 0 ? .null : JSON(unmetDuring)),
        ])
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            id: try fields.integer("id"), name: try fields.string("name"), expected: try fields.string("expected"))
        if fields.value("asking") != nil { asking = try fields.word("asking", Moment.self) }
        for moment in Moment.allCases where fields.value(moment.rawValue) != nil {
            self[moment] = try Finding(try fields.object(moment.rawValue))
        }
        if fields.value("checks") != nil { checksDuring = try fields.integer("checks") }
        if fields.value("unmet") != nil { unmetDuring = try fields.integer("unmet") }
    }
}

extension ExperimentReport.Probe.Finding {
    var json: JSON {
        .known([
            ("value", JSON(value)), ("met", isMet.map { .bool($0) } ?? .null), ("t", JSON(at)), ("why", JSON(why)),
        ])
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            value: fields.value("value")?.string, isMet: fields.value("met")?.bool, at: try fields.timestamp("t"),
            why: fields.value("why")?.string)
    }
}

extension ExperimentReport.Verdict {
    var json: JSON {
        [
            "outcome": .string(outcome.rawValue), "undone": .bool(isUndone),
            "words": .array(words.map { .string($0) }),
        ]
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            try fields.word("outcome", Outcome.self), isUndone: try fields.bool("undone"),
            words: try fields.strings("words"))
    }
}

extension ExperimentPlan {
    public var json: JSON {
        .known([
            ("file", .string(file)), ("title", .string(title)), ("description", .string(description)),
            ("steps", .array(steps.map(\.json))), ("probes", .array(probes.map(\.json))),
            ("problems", problems.isEmpty ? .null : .array(problems.map { .string($0) })),
            (
                "last",
                lastRun.map { ["outcome": .string($0.outcome.rawValue), "t": .integer($0.at.milliseconds)] } ?? .null
            ),
            ("lesson", lesson.map { ["mesh": .string($0.mesh), "code": .string($0.code)] } ?? .null),
        ])
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            file: try fields.string("file"), title: try fields.string("title"),
            description: try fields.string("description"), problems: try fields.strings("problems"))
        for item in try fields.objects("steps") { steps.append(try Step(item)) }
        for item in try fields.objects("probes") { probes.append(try ExperimentReport.Probe(item)) }
        if fields.value("lesson") != nil {
            let lesson = try fields.object("lesson")
            self.lesson = Lesson(mesh: try lesson.string("mesh"), code: try lesson.string("code"))
        }
        guard fields.value("last") != nil else { return }
        let last = try fields.object("last")
        lastRun = LastRun(
            outcome: try last.word("outcome", ExperimentReport.Verdict.Outcome.self), at: try last.timestamp("t"))
    }
}

extension ExperimentPlan.Step {
    var json: JSON {
        .known([
            ("part", .string(part.rawValue)), ("kind", .string(kind.rawValue)), ("name", .string(name)),
            ("touches", .string(touches)), ("background", JSON(isTrue: isInBackground)), ("before", JSON(pauseBefore)),
            ("after", JSON(pauseAfter)),
            (fault?.kind.isEverKnown ?? true ? "fault" : "otherFault", fault?.json ?? .null),
        ])
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            part: try fields.word("part", ExperimentReport.Activity.Part.self),
            kind: try fields.word("kind", ExperimentReport.Activity.Kind.self), name: try fields.string("name"),
            touches: try fields.string("touches"))
        isInBackground = fields.isTrue("background")
        pauseBefore = fields.value("before")?.double
        pauseAfter = fields.value("after")?.double
        for name in ["fault", "otherFault"] where fields.value(name) != nil {
            fault = try FaultRequest(try fields.object(name))
        }
    }
}
