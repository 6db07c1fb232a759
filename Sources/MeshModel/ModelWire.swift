extension Session {
    public var json: JSON {
        var members = [
            JSON.Member("id", .string(id)), JSON.Member("name", .string(name)),
            JSON.Member("mode", .string(mode.rawValue)), JSON.Member("started", .integer(startedAt.milliseconds)),
            JSON.Member("entrance", JSON(entrance?.text)), JSON.Member("poll", .double(pollInterval)),
            JSON.Member("slos", .array(objectives.map(\.json))),
        ]
        if !guards.isEmpty { members.append(JSON.Member("guards", .array(guards.map(\.json)))) }
        if !protected.isEmpty {
            members.append(JSON.Member("protected", .array(protected.sorted().map { .string($0.text) })))
        }
        if longestLease != Self.usualLongestLease {
            members.append(JSON.Member("longestLease", .double(longestLease)))
        }
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        var objectives: [Objective] = []
        for item in try fields.objects("slos") { objectives.append(try Objective(item)) }
        self.init(
            id: try fields.string("id"), name: try fields.string("name"),
            mode: try fields.word("mode", SessionMode.self), startedAt: try fields.timestamp("started"),
            entrance: fields.value("entrance")?.string.map { ServiceName($0) },
            pollInterval: try fields.double("poll"), objectives: objectives,
            protected: Set(try fields.strings("protected").map { ServiceName($0) }),
            longestLease: max(1, fields.value("longestLease")?.double ?? Self.usualLongestLease))
        for item in try fields.objects("guards") {
            if let guardRail = try Guard(item) { guards.append(guardRail) }
        }
    }
}

extension Objective {
    public var json: JSON {
        let bound: JSON =
            switch indicator {
            case .success(let target): ["success": .double(target)]
            case .latency(let quantile, let limit): ["quantile": .double(quantile), "limit": .double(limit)]
            }
        var members = [
            JSON.Member("name", .string(name)), JSON.Member("service", .string(service.text)),
            JSON.Member("bound", bound),
        ]
        if window != Self.usualWindow { members.append(JSON.Member("window", .double(window))) }
        if budgetAtStart != 1 { members.append(JSON.Member("left", .double(budgetAtStart))) }
        if let query {
            members.append(JSON.Member("query", .string(query.text)))
            if query.factor != 1 { members.append(JSON.Member("factor", .double(query.factor))) }
        }
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        let bound = try fields.object("bound")
        let indicator: Indicator
        if bound.value("success") != nil {
            indicator = .success(target: try bound.double("success"))
        } else {
            indicator = .latency(quantile: try bound.double("quantile"), limit: try bound.double("limit"))
        }
        self.init(
            name: try fields.string("name"), service: ServiceName(try fields.string("service")), indicator: indicator,
            window: fields.value("window")?.double ?? Self.usualWindow,
            budgetAtStart: fields.value("left")?.double ?? 1)
        if let text = fields.value("query")?.string {
            query = Query(text, factor: fields.value("factor")?.double ?? 1)
        }
    }
}

extension SourceReport {
    public var json: JSON {
        var members = [
            JSON.Member("name", .string(name)), JSON.Member("kind", .string(kind.rawValue)),
            JSON.Member("endpoint", .string(endpoint)), JSON.Member("service", JSON(service?.text)),
            JSON.Member("state", .string(state.rawValue)), JSON.Member("why", JSON(explanation)),
        ]
        if let interval { members.append(JSON.Member("interval", .double(interval))) }
        let texts = [("callee", callee?.text), ("version", version), ("zone", zone), ("health", health)]
        for (name, text) in texts {
            if let text { members.append(JSON.Member(name, .string(text))) }
        }
        return .object(members)
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            name: try fields.string("name"), kind: try fields.word("kind", SourceKind.self),
            endpoint: try fields.string("endpoint"), service: fields.value("service")?.string.map { ServiceName($0) },
            state: try fields.word("state", SourceState.self), explanation: fields.value("why")?.string,
            interval: fields.value("interval")?.double)
        callee = fields.value("callee")?.string.map { ServiceName($0) }
        version = fields.value("version")?.string
        zone = fields.value("zone")?.string
        health = fields.value("health")?.string
    }
}

extension Fault {
    public var json: JSON {
        .object(
            members + (ending.map { [JSON.Member("ending", .string($0.rawValue))] } ?? [])
                + (evidence == .counted ? [] : [JSON.Member("evidence", .string(evidence.rawValue))]))
    }

    private var members: [JSON.Member] {
        let json: JSON = [
            "id": .string(id), "kind": kind.json, "from": .string(edge.from.text), "to": .string(edge.to.text),
            "share": .double(share), "by": .string(by), "requested": .integer(requestedAt.milliseconds),
            "accepted": acceptedAt.map { .integer($0.milliseconds) } ?? .null,
            "ended": endedAt.map { .integer($0.milliseconds) } ?? .null, "lease": .integer(leaseEnds.milliseconds),
            "phase": .string(phase.rawValue), "sources": .array(sources.map { .string($0) }),
            "why": JSON(explanation), "orphan": .bool(isOrphan),
            "renewed": renewedAt.map { .integer($0.milliseconds) } ?? .null,
            "missing": missing.isEmpty ? .null : .array(missing.map { .string($0) }), "run": JSON(run),
        ]
        guard case .object(let members) = json else { return [] }
        return members
    }

    public init(_ fields: WireFields) throws(WireError) {
        self.init(
            id: try fields.string("id"), kind: try FaultKind(try fields.object("kind")),
            edge: Edge(from: ServiceName(try fields.string("from")), to: ServiceName(try fields.string("to"))),
            share: try fields.double("share"), by: try fields.string("by"),
            requestedAt: try fields.timestamp("requested"), leaseEnds: try fields.timestamp("lease"),
            phase: try fields.word("phase", FaultPhase.self), sources: try fields.strings("sources"))
        if fields.value("accepted") != nil { acceptedAt = try fields.timestamp("accepted") }
        if fields.value("ended") != nil { endedAt = try fields.timestamp("ended") }
        explanation = fields.value("why")?.string
        isOrphan = fields.value("orphan")?.bool ?? false
        missing = try fields.strings("missing")
        if fields.value("renewed") != nil { renewedAt = try fields.timestamp("renewed") }
        run = fields.value("run")?.string
        ending = fields.value("ending")?.string.flatMap { FaultEnding(rawValue: $0) }
        if let word = fields.value("evidence")?.string { evidence = Evidence(rawValue: word) }
    }
}

extension FaultRequest {
    public var json: JSON {
        [
            "kind": kind.json, "from": .string(edge.from.text), "to": .string(edge.to.text), "share": .double(share),
            "lease": .double(lease), "by": .string(by),
        ]
    }

    public init(_ fields: WireFields) throws(WireError) {
        try self.init(fields, kind: try FaultKind(try fields.object("kind")))
    }

    /// Takes a wish from outside, of which everything must be known.
    public init(asked fields: WireFields) throws(WireError) {
        try self.init(fields, kind: try FaultKind(asked: try fields.object("kind")))
    }

    private init(_ fields: WireFields, kind: FaultKind) throws(WireError) {
        self.init(
            kind: kind,
            edge: Edge(from: ServiceName(try fields.string("from")), to: ServiceName(try fields.string("to"))),
            share: try fields.double("share"), lease: try fields.double("lease"), by: fields.value("by")?.string ?? "")
    }
}

extension Halt {
    public var json: JSON {
        let proofs: [JSON] = proofs.map { proof in
            let unheard = proof.unheardSince.map { [JSON.Member("unheardSince", .integer($0.milliseconds))] } ?? []
            return .object(
                [
                    JSON.Member("source", .string(proof.source)), JSON.Member("clean", .bool(proof.isClean)),
                    JSON.Member("why", JSON(proof.explanation)),
                ] + unheard)
        }
        let members = [
            JSON.Member("latched", .bool(isLatched)), JSON.Member("by", .string(by)),
            JSON.Member("reason", .string(reason)), JSON.Member("proofs", .array(proofs)),
        ]
        return .object(members + (isEnd ? [JSON.Member("end", .bool(true))] : []))
    }

    public init(_ fields: WireFields) throws(WireError) {
        var proofs: [Proof] = []
        for item in try fields.objects("proofs") {
            var proof = Proof(
                source: try item.string("source"), isClean: try item.bool("clean"),
                explanation: item.value("why")?.string)
            if item.value("unheardSince") != nil { proof.unheardSince = try item.timestamp("unheardSince") }
            proofs.append(proof)
        }
        self.init(
            isLatched: try fields.bool("latched"), by: try fields.string("by"), reason: try fields.string("reason"),
            proofs: proofs, isEnd: fields.value("end")?.bool ?? false)
    }
}
