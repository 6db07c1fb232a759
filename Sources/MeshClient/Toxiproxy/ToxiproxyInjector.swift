internal import MeshModel

/// Puts faults on edges through the toxics of the Toxiproxies that stand for them. Toxics of ours have names of ours, and
/// nothing else is ever touched. The server holds them, and counts nothing.
struct ToxiproxyInjector: Injector {
    private let directory: ToxiproxyDirectory
    private let transport: any HTTPTransport
    /// For each request to a server.
    private let deadline: Duration
    /// The base URLs that the settings name; nil where there are no settings.
    private let named: Set<String>?

    init(
        directory: ToxiproxyDirectory, transport: any HTTPTransport, deadline: Duration = .milliseconds(800),
        named: Set<String>? = nil
    ) {
        self.directory = directory
        self.transport = transport
        self.deadline = deadline
        self.named = named
    }

    var kind: SourceKind { .toxiproxy }

    func abilities(at scope: Scope) async -> [FaultAbility] {
        guard case .edge(let edge) = scope else { return [] }
        let entries = directory.entries(on: edge)
        guard !entries.isEmpty else { return [] }
        let isOff = entries.allSatisfy { !$0.proxy.isEnabled }
        return FaultKindDescription.all.filter { Self.words.contains($0.word) }.map { kind in
            var ability = FaultAbility(injector: name, word: kind.word, evidence: .held)
            let row = ToxiproxyFault.all.first { $0.word == kind.word }
            if kind.word != ToxiproxyFault.off, row == nil {
                ability.refusal = ToxiproxyFault.refusal(of: kind.word)
            } else if isOff {
                ability.refusal = Self.refusal(ofOff: entries)
                ability.remedy = "Switch it on first, or stop the fault that switched it off."
            } else {
                let words = [kind.hasShare ? "the percentage is of connections" : nil, row?.note]
                ability.note = words.compactMap(\.self).joined(separator: "; ")
                if !kind.hasShare { ability.smallestShare = 1 }
            }
            return ability
        }
    }

    /// What somebody may expect of it: all that has a toxic, and what needs more than bytes to be seen.
    private static let words = Set(ToxiproxyFault.all.map(\.word) + [ToxiproxyFault.off, "abort"])

    private static func refusal(ofOff entries: [ToxiproxyDirectory.Entry]) -> String {
        "\(entries.map(\.source).joined(separator: ", ")) is switched off and passes no traffic"
    }

    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        let toxic = try ToxiproxyFault.toxic(kind, share: share)
        guard case .edge(let edge) = scope else {
            throw .impossible("Choose an edge: Toxiproxy works between two services")
        }
        let entries = directory.entries(on: edge)
        guard !entries.isEmpty else { throw .unknownService(edge.from) }
        guard entries.contains(where: { $0.proxy.isEnabled }) else {
            throw .impossible(Self.refusal(ofOff: entries))
        }
        let (actual, explanation) = ToxiproxyFault.possible(kind)
        return FaultPlan(
            kind: actual, share: share, scope: scope, explanation: explanation, evidence: .held,
            undo: FaultUndo(parts: entries.map { ToxiproxyPart.undo($0, keys: [toxic.name]) }), work: toxic.json)
    }

    func apply(_ plan: FaultPlan) async throws(InjectionError) {
        let toxic = try Self.toxic(of: plan)
        let failures = await each(plan.undo.parts) { part -> InjectionError? in
            do throws(ToxiproxyError) {
                let (server, its) = try server(of: part)
                try await put(toxic, into: its.name, of: server)
                return nil
            } catch {
                return error.isHang
                    ? .rejected(source: part.source, answer: Self.hanging) : error.injection(at: part.source)
            }
        }
        if let failure = failures.compactMap(\.self).gravest { throw failure }
    }

    private static let hanging = "no response in time; toxics hang while a client does not read (Toxiproxy #558)"

    private static func toxic(of plan: FaultPlan) throws(InjectionError) -> ToxiproxyToxic {
        do { return try ToxiproxyWire.toxic(WireFields(plan.work, page: "plan")) } catch {
            throw .impossible(error.summary)
        }
    }

    private func put(_ toxic: ToxiproxyToxic, into name: String, of server: ToxiproxyServer)
        async throws(ToxiproxyError)
    {
        guard let proxy = try await server.proxy(name) else { throw .refused(status: 404, "proxy not found") }
        if let old = proxy.toxic(toxic.name) {
            guard old.type == toxic.type, old.stream == toxic.stream else {
                throw .refused(status: 409, "it has another toxic named \(toxic.name)")
            }
            if !toxic.isShown(as: old) { try await server.change(toxic, of: name) }
        } else {
            try await server.add(toxic, to: name)
        }
        // The mark first: a proxy that is off without it was switched off by somebody else.
        if toxic.name == ToxiproxyPart.offMark { try await server.enable(name, false) }
    }

    func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        await each(plan.undo.parts) { part in
            do {
                let toxic = try Self.toxic(of: plan)
                let (server, its) = try server(of: part)
                guard let proxy = try await server.proxy(its.name), let held = proxy.toxic(toxic.name) else {
                    return FaultEvidence(source: part.source, state: .gone)
                }
                let isOff = toxic.name == ToxiproxyPart.offMark && !proxy.isEnabled
                let isHeld = toxic.name == ToxiproxyPart.offMark ? isOff : toxic.isShown(as: held)
                return FaultEvidence(source: part.source, state: isHeld ? .held : .changed)
            } catch let error as ToxiproxyError {
                return FaultEvidence(source: part.source, state: .unknown, explanation: error.summary)
            } catch {
                return FaultEvidence(source: part.source, state: .unknown, explanation: "\(error)")
            }
        }
    }

    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        await each(Self.merged(undos)) { part in
            do throws(ToxiproxyError) {
                let (server, its) = try server(of: part)
                let lastSeen = directory.lastSeen(its.name, at: its.server) ?? its.proxy
                let mending = ToxiproxyMending(server: server, name: its.name, keys: part.keys, lastSeen: lastSeen)
                let words = try await mending.run()
                let left = try await server.proxy(its.name).map { its.shown(by: $0) } ?? []
                return Halt.Proof(
                    source: part.source, isClean: left.isEmpty,
                    explanation: left.isEmpty ? words : "Still there: \(left.joined(separator: ", "))")
            } catch {
                return Halt.Proof(source: part.source, isClean: false, explanation: error.summary)
            }
        }
    }

    /// One part a proxy, with all its keys.
    private static func merged(_ undos: [FaultUndo]) -> [FaultUndo.Part] {
        var parts: [FaultUndo.Part] = []
        for part in undos.flatMap(\.parts) {
            if let place = parts.firstIndex(where: { $0.place == part.place }) {
                parts[place].keys += part.keys.filter { !parts[place].keys.contains($0) }
            } else {
                parts.append(part)
            }
        }
        return parts
    }

    func look(at undo: FaultUndo) async -> [ProxySight] {
        await each(Self.merged([undo])) { part in
            func sight(_ state: ProxySight.State, _ words: String) -> ProxySight {
                ProxySight(source: part.source, state: state, explanation: "\(part.source): \(words)")
            }
            do throws(ToxiproxyError) {
                let (server, its) = try server(of: part)
                guard let proxy = try await server.proxy(its.name) else {
                    return sight(.clean, "the server does not have this proxy")
                }
                let left = its.shown(by: proxy)
                return left.isEmpty
                    ? sight(.clean, "verified clean") : sight(.holds, "still shows \(left.joined(separator: ", "))")
            } catch {
                if case .silent(let cause) = error, cause.isAbsence { return sight(.absent, cause.summary) }
                return sight(.silent, error.summary)
            }
        }
    }

    func isNamed(_ part: FaultUndo.Part) -> Bool? {
        guard let named, !named.isEmpty, let its = try? ToxiproxyPart(part) else { return nil }
        return named.contains(its.server)
    }

    private func server(of part: FaultUndo.Part) throws(ToxiproxyError) -> (ToxiproxyServer, ToxiproxyPart) {
        do {
            let its = try ToxiproxyPart(part)
            return (server(its.server), its)
        } catch {
            throw .unreadable(error.summary)
        }
    }

    private func server(_ url: String) -> ToxiproxyServer {
        ToxiproxyServer(url: url, transport: transport, deadline: deadline)
    }
}

extension ToxiproxyInjector {
    func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        let proxies = await each(directory.entries(named: sources)) { entry -> FaultSurvey in
            do throws(ToxiproxyError) {
                let proxy = try await server(entry.server).proxy(entry.proxy.name)
                return FaultSurvey(source: entry.source, faults: proxy.map { Self.faults(of: $0, at: entry) } ?? [])
            } catch {
                return FaultSurvey(source: entry.source, faults: nil, explanation: error.summary)
            }
        }
        // A whole server holds nothing but its proxies.
        let servers = await each(directory.servers(named: sources)) { source, url -> FaultSurvey in
            do throws(ToxiproxyError) {
                _ = try await server(url).version()
                return FaultSurvey(source: source, faults: [])
            } catch {
                return FaultSurvey(source: source, faults: nil, explanation: error.summary)
            }
        }
        return proxies + servers
    }

    private static func faults(of proxy: ToxiproxyProxy, at entry: ToxiproxyDirectory.Entry) -> [FaultSurvey.Held] {
        var entry = entry
        entry.proxy = proxy
        func held(_ kind: FaultKind, _ share: Double, _ key: String) -> FaultSurvey.Held {
            FaultSurvey.Held(
                kind: kind, share: share, scope: .edge(entry.edge),
                undo: FaultUndo(parts: [ToxiproxyPart.undo(entry, keys: [key])]), evidence: .held,
                isOthers: !key.hasPrefix(ToxiproxyPart.prefix))
        }
        var faults = proxy.toxics.filter { $0.type != "noop" }.map { toxic in
            held(ToxiproxyFault.kind(of: toxic), min(1, max(0, toxic.toxicity)), toxic.name)
        }
        if !proxy.isEnabled {
            let isOurs = proxy.toxic(ToxiproxyPart.offMark) != nil
            faults.append(
                held(FaultKind(ToxiproxyFault.off), 1, isOurs ? ToxiproxyPart.offMark : ToxiproxyPart.enabled))
        }
        return faults
    }
}
