public import MeshModel

extension EnvoyFaultInjector {
    private static let words = ["abort", "delay", "rate-limit"]

    public func abilities(at scope: Scope) async -> [FaultAbility] {
        let sidecars = directory.sidecars(of: caller(of: scope))
        guard !sidecars.isEmpty else { return [] }
        return Self.words.map { word in
            do throws(EnvoyFaultWay.Refusal) {
                let ways = try ways(word, at: scope, sidecars)
                var ability = FaultAbility(
                    injector: name, word: word,
                    bounds: [ways[0].field: ways.map(\.amounts).reduce(ways[0].amounts) { $0.clamped(to: $1) }],
                    evidence: ways.contains { $0.evidence == .held } ? .held : .counted)
                if !ways[0].steps.isEmpty { ability.steps[ways[0].field] = ways[0].steps }
                if ways.contains(where: \.wantsWholePercents) { ability.smallestShare = 0.01 }
                ability.note = ways.lazy.compactMap(\.note).first
                return ability
            } catch {
                var ability = FaultAbility(injector: name, word: word)
                (ability.refusal, ability.remedy) = (error.reason, error.remedy)
                return ability
            }
        }
    }

    private func caller(of scope: Scope) -> ServiceName {
        switch scope {
        case .service(let service): service
        case .edge(let edge): edge.from
        }
    }

    public func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        guard share > 0, share <= 1 else { throw .impossible("The percentage must be above 0, at most 100") }
        let caller = caller(of: scope)
        let sidecars = directory.sidecars(of: caller)
        guard !sidecars.isEmpty else { throw .unknownService(caller) }
        guard Self.words.contains(kind.word) else { throw .impossible("Envoy does not support \(kind.word)") }
        let amount = try Self.amount(of: kind)
        let ways: [EnvoyFaultWay]
        do throws(EnvoyFaultWay.Refusal) { ways = try self.ways(kind.word, at: scope, sidecars) } catch {
            throw .unprepared(error.reason, remedy: error.remedy)
        }
        let plans = ways.map { $0.settings(amount: amount, share: share) }
        guard let first = plans.first, plans.allSatisfy({ $0.amount == first.amount }) else {
            throw .impossible("The proxies of \(caller) support only different amounts")
        }
        guard let way = ways.first, way.wantsWholePercents == false || way.amounts.contains(amount) else {
            throw .impossible("Without a fault filter, the only possible status is 503")
        }
        var settings: [EnvoySetting] = []
        for one in plans.flatMap(\.settings) where !settings.contains(one) { settings.append(one) }
        var plan = FaultPlan(
            kind: Self.kind(kind, amount: first.amount), share: first.share, scope: scope,
            explanation: plans.lazy.compactMap(\.words).first, undo: FaultUndo(parts: []),
            work: EnvoySetting.json(settings))
        plan.evidence = ways.contains { $0.evidence == .held } ? .held : .counted
        plan.undo.parts = zip(sidecars, plans).map { FaultUndo.Part($0, keys: $1.settings.map(\.key)) }
        return plan
    }

    /// How each of the proxies does it; a fault that one of them can't do would be half a fault.
    private func ways(
        _ word: String, at scope: Scope, _ sidecars: [EnvoyDirectory.Entry]
    ) throws(EnvoyFaultWay.Refusal) -> [EnvoyFaultWay] {
        var ways: [EnvoyFaultWay] = []
        for entry in sidecars {
            guard let shape = directory.shape(of: entry.source) else {
                ways.append(ourWay(word, at: scope))
                continue
            }
            ways.append(try shape.way(word, at: scope, admin: entry.endpoint.shown))
        }
        return ways
    }

    /// In an Envoy whose names are ours.
    private func ourWay(_ word: String, at scope: Scope) -> EnvoyFaultWay {
        let (prefix, listener) =
            switch scope {
            case .service: (naming.inboundKeys, naming.inbound)
            case .edge(let edge): (naming.keyPrefix(to: edge.to), naming.outbound + edge.to.text)
            }
        let (share, amount): (String, String?) =
            switch word {
            case "abort": ("abort_pct", "abort_status")
            case "delay": ("delay_pct", "delay_ms")
            default: ("rl_{step}_pct", nil)
            }
        return EnvoyFaultWay(
            field: word, shareKeys: [prefix + share], amountKey: amount.map { prefix + $0 },
            amounts: EnvoyFaultSettings.amounts(word), steps: word == "rate-limit" ? Self.rateSteps : [],
            counters: ["http.\(listener).fault.\(EnvoyFaultSettings.counter(word))"])
    }

    /// The amount of a kind. Envoy checks nothing itself: a wrong value silently means something else.
    private static func amount(of kind: FaultKind) throws(InjectionError) -> Int {
        guard let description = kind.description, let amount = kind.mainAmount, kind.amounts.count == 1 else {
            throw .impossible("Envoy does not support \(kind.label)")
        }
        if let (field, amount) = description.outOfRange(kind) {
            throw .impossible("\(field.unit.label(amount)) is outside \(field.span)")
        }
        return amount
    }

    static func kind(_ kind: FaultKind, amount: Int) -> FaultKind { Self.kind(kind.word, amount) }

    /// A kind by its word.
    static func kind(_ word: String, _ amount: Int) -> FaultKind {
        FaultKind(word, [word: amount])
    }
}
