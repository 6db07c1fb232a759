public import MeshModel

/// The state of the mesh as scripts want it: one object, seconds for times, ratios 0...1, null for unknown.
public enum StatusDocument {
    public static func json(_ state: MeshState, at now: Timestamp) -> JSON {
        [
            "session": JSON(state.session?.id), "name": JSON(state.session?.name),
            "mode": JSON(state.session?.mode.rawValue), "entrance": JSON(state.session?.entrance?.text),
            "startedAt": seconds(state.session?.startedAt), "at": seconds(now),
            "sources": .array(
                state.sources.values.sorted { $0.report.name < $1.report.name }.map { source($0, at: now) }),
            "services": .array(services(state).map { service($0, state, at: now) }),
            "edges": .array(state.edges.keys.sorted().map { edge($0, state, at: now) }),
            "slos": .array((state.session?.objectives ?? []).map { objective($0, state, at: now) }),
            "faults": .array(state.faults.map { fault($0, state, at: now) }),
            "halted": .bool(state.isHalted), "halt": state.halt?.json ?? .null,
            "flatPolls": .object(
                state.watch.flatPolls.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .integer(Int64($0.value))) }),
            "guards": .array(
                (state.session?.guards ?? []).map { guardRail in
                    let reading = state.reading(of: guardRail, at: now)
                    return [
                        "guard": guardRail.json, "value": JSON(reading.value), "limit": .double(reading.limit),
                        "tripped": .bool(reading.isMet),
                    ]
                }),
            "older": state.older.json, "recording": state.recording?.json ?? .null, "lastEvent": JSON(state.lastNumber),
        ]
    }

    private static func seconds(_ time: Timestamp?) -> JSON {
        JSON(time.map { Double($0.milliseconds) / 1000 })
    }

    private static func source(_ status: MeshState.SourceStatus, at now: Timestamp) -> JSON {
        [
            "name": .string(status.report.name), "kind": .string(status.report.kind.rawValue),
            "endpoint": .string(status.report.endpoint), "service": JSON(status.report.service?.text),
            "state": .string(status.report.state.rawValue),
            "ageSeconds": JSON(status.heardAt.map { max(0, now.seconds(since: $0)) }),
            "explanation": JSON(status.report.explanation),
        ]
    }

    static func service(_ name: ServiceName, _ state: MeshState, at now: Timestamp) -> JSON {
        let health = state.health(of: name, at: now)
        return .object(
            [JSON.Member("name", .string(name.text))] + traffic(state.services[name], at: now)
                + [JSON.Member("health", .string(health.rawValue))])
    }

    static func edge(_ edge: Edge, _ state: MeshState, at now: Timestamp) -> JSON {
        let health = state.health(of: edge, at: now)
        return .object(
            [JSON.Member("from", .string(edge.from.text)), JSON.Member("to", .string(edge.to.text))]
                + traffic(state.edges[edge], at: now) + [JSON.Member("health", .string(health.rawValue))])
    }

    private static func traffic(_ scope: ScopeState?, at now: Timestamp) -> [JSON.Member] {
        let sample = scope?.sample(until: now)
        func quantile(_ q: Double) -> JSON { JSON(sample?.latency?.quantile(q).map { $0 / 1000 }) }
        return [
            JSON.Member("requestRate", JSON(sample?.requestRate)),
            JSON.Member("successRatio", JSON(sample?.successRatio)),
            JSON.Member("p50", quantile(0.5)), JSON.Member("p95", quantile(0.95)),
            JSON.Member("p99", quantile(0.99)),
            JSON.Member("ageSeconds", JSON(scope?.age(at: now))),
        ]
    }

    /// One objective by its name; nil when there is none of it.
    static func objective(_ name: String, _ state: MeshState, at now: Timestamp) -> JSON? {
        state.session?.objectives.first { $0.name == name }.map { objective($0, state, at: now) }
    }

    private static func objective(_ objective: Objective, _ state: MeshState, at now: Timestamp) -> JSON {
        let reading = state.reading(of: objective, at: now)
        let indicator: JSON
        let target: Double
        var value = reading.value
        switch objective.indicator {
        case .success(let share):
            indicator = "success"
            target = share
        case .latency(let quantile, let limit):
            indicator = .string("p\(GuardRails.plain(quantile * 100))")
            target = limit / 1000
            value = value.map { $0 / 1000 }
        }
        return .object(
            [
                JSON.Member("name", .string(objective.name)),
                JSON.Member("service", .string(objective.service.text)), JSON.Member("indicator", indicator),
                JSON.Member("target", .double(target)), JSON.Member("value", JSON(value)),
                JSON.Member("met", reading.isMet.map { .bool($0) } ?? .null),
                JSON.Member("burnRate", JSON(reading.burnRate)),
                JSON.Member("requests", JSON(objective.query == nil ? reading.requests : nil)),
                JSON.Member("ageSeconds", JSON(state.services[objective.scope]?.age(at: now))),
            ] + watched(objective, state, at: now))
    }

    private static func services(_ state: MeshState) -> [ServiceName] {
        let hidden = state.session?.queryScopes ?? []
        return state.services.keys.filter { !hidden.contains($0) }.sorted()
    }

    /// Since when, what the budget comes to, and how the last spell of faults touched it.
    private static func watched(_ objective: Objective, _ state: MeshState, at now: Timestamp) -> [JSON.Member] {
        let track = state.watch.tracks[objective]
        let budget = state.budget(of: objective, at: now)
        let stopwatch = state.stopwatch(of: objective, at: now)
        return [
            JSON.Member("since", seconds(track?.since)), JSON.Member("window", .double(objective.window)),
            JSON.Member(
                "budget",
                [
                    "left": JSON(budget.left), "dayLeft": JSON(budget.dayLeft),
                    "spentByFaults": JSON(budget.spentByFaults),
                    "secondsToExhaustion": JSON(budget.secondsToExhaustion),
                ]),
            JSON.Member(
                "burn", .array(budget.burns.map { ["seconds": .double($0.window), "rate": JSON($0.rate)] })),
            JSON.Member("alarm", JSON(budget.alarm?.rawValue)),
            JSON.Member("timeToDetect", JSON(stopwatch?.secondsToDetect)),
            JSON.Member("detectedFault", JSON(track?.effect?.detection?.fault)),
            JSON.Member("timeToRecover", JSON(stopwatch?.secondsToRecover)),
        ]
    }

    /// One fault as scripts see it; `gameday faults --json` lists the same.
    public static func fault(_ fault: Fault, _ state: MeshState, at now: Timestamp) -> JSON {
        let seen = state.seen(of: fault)
        let lease: Double? = fault.isOrphan ? nil : fault.phase.isOver ? 0 : fault.leaseRemaining(at: now)
        return [
            "id": .string(fault.id), "evidence": .string(fault.evidence.rawValue), "kind": .string(fault.kind.word),
            "amount": amount(fault.kind), "label": .string(fault.kind.label), "amounts": amounts(fault.kind),
            "from": .string(fault.edge.from.text), "to": .string(fault.edge.to.text), "asked": .double(fault.share),
            "only": JSON(fault.kind.only?.text), "seen": JSON(seen?.ratio),
            "seenInterval": seen?.interval.map { [.double($0.lowerBound), .double($0.upperBound)] } ?? .null,
            "seenRequests": JSON(seen?.requests), "phase": .string(fault.phase.rawValue),
            "leaseRemaining": JSON(lease), "by": .string(fault.by), "requestedAt": seconds(fault.requestedAt),
            "acceptedAt": seconds(fault.acceptedAt), "endedAt": seconds(fault.endedAt),
            "sources": .array(fault.sources.map { .string($0) }), "orphan": .bool(fault.isOrphan),
            "partial": .bool(state.isPartial(fault)),
            "proxies": .array(
                state.presence(of: fault).map { source, presence, seen in
                    [
                        "source": .string(source), "presence": .string(presence.rawValue), "seen": JSON(seen?.ratio),
                        "requests": JSON(seen?.requests),
                    ]
                }),
            "explanation": JSON(fault.explanation), "ending": JSON(fault.ending?.rawValue),
        ]
    }

    /// A status for an abort, seconds for a delay, KiB a second for a rate limit.
    private static func amount(_ kind: FaultKind) -> JSON {
        guard let field = kind.description?.mainField, let amount = kind.mainAmount else { return .null }
        return field.unit.figure(amount)
    }

    /// All that the kind has, by name: `{"delay":0.2,"jitter":0.05}`.
    private static func amounts(_ kind: FaultKind) -> JSON {
        let fields = kind.description?.fields ?? []
        return .object(
            fields.compactMap { field in
                kind.amount(field.name).map { JSON.Member(field.name, field.unit.figure($0)) }
            })
    }
}
