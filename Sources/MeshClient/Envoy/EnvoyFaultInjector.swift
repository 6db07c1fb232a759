public import MeshModel

/// Puts faults on edges through the runtime settings of the caller's Envoy, without a restart: `POST /runtime_modify`
/// on its admin page, as Envoy 1.40 has it. The Envoys must have fault filters which read these settings.
public struct EnvoyFaultInjector: Injector {
    /// The rate of a limit is configuration, not a setting: there is a filter for each of these, in KiB a second.
    public static let rateSteps = [8, 16, 32, 64, 128, 256, 512, 1024]

    private static let statuses = 200...599
    private static let delays = 1...600_000
    private static let rates = 1...1_000_000

    private let directory: EnvoyDirectory
    private let transport: any HTTPTransport
    private let naming: EnvoyNaming
    private let deadline: Duration
    /// The places that gameday.yaml names; nil where it names none.
    private let named: Set<String>?

    public var kind: SourceKind { .envoy }

    /// `deadline` is for each request to a proxy; a fault or an undo takes two of them, all proxies at once.
    public init(
        directory: EnvoyDirectory, transport: any HTTPTransport, naming: EnvoyNaming = EnvoyNaming(),
        deadline: Duration = .milliseconds(800), named endpoints: [EnvoyEndpoint] = []
    ) {
        self.directory = directory
        self.transport = transport
        self.naming = naming
        self.deadline = deadline
        named = endpoints.isEmpty ? nil : Set(endpoints.map(\.place))
    }

    public func isNamed(_ part: FaultUndo.Part) -> Bool? { named?.contains(part.place) }

    public func abilities(at scope: Scope) async -> [FaultAbility] {
        guard !directory.sidecars(of: caller(of: scope)).isEmpty else { return [] }
        return [
            FaultAbility(injector: name, word: "abort", bounds: ["status": Self.statuses]),
            FaultAbility(injector: name, word: "delay", bounds: ["milliseconds": Self.delays]),
            FaultAbility(injector: name, word: "rate-limit", bounds: ["kbps": Self.rates]),
        ]
    }

    private func caller(of scope: Scope) -> ServiceName {
        switch scope {
        case .service(let service): service
        case .edge(let edge): edge.from
        }
    }

    public func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        guard share > 0, share <= 1 else { throw .impossible("A fault hits more than 0 % and at most 100 %") }
        let caller = caller(of: scope)
        let prefix =
            switch scope {
            case .service: naming.inboundKeys
            case .edge(let edge): naming.keyPrefix(to: edge.to)
            }
        let sidecars = directory.sidecars(of: caller)
        guard !sidecars.isEmpty else { throw .unknownService(caller) }
        let (actual, explanation) = try Self.possible(kind)
        let settings = Self.settings(actual, share).map { EnvoySetting(key: prefix + $0.key, value: $0.value) }
        let parts = sidecars.map {
            FaultUndo.Part($0, keys: settings.map(\.key))
        }
        return FaultPlan(
            kind: actual, share: share, scope: scope, explanation: explanation, undo: FaultUndo(parts: parts),
            work: EnvoySetting.json(settings))
    }

    /// What Envoy can do that comes nearest. It checks nothing itself: a wrong value silently means something else.
    private static func possible(_ kind: FaultKind) throws(InjectionError) -> (FaultKind, String?) {
        switch kind {
        case .abort(let status):
            guard statuses.contains(status) else { throw .impossible("A status lies between 200 and 599") }
            return (kind, nil)
        case .delay(let milliseconds):
            guard delays.contains(milliseconds) else {
                throw .impossible("A delay lies between 1 ms and 10 minutes")
            }
            return (kind, nil)
        case .rateLimit(let kbps):
            guard rates.contains(kbps) else {
                throw .impossible("A limit lies between 1 and \(rates.upperBound) KiB/s")
            }
            // Nearest by ratio: 90 is nearer to 128 than to 64.
            let step = rateSteps.min { distance($0, kbps) < distance($1, kbps) } ?? kbps
            let explanation = step == kbps ? nil : "\(step) KiB/s is the step nearest to \(kbps)"
            return (.rateLimit(kbps: step), explanation)
        }
    }

    private static func distance(_ step: Int, _ wish: Int) -> Double {
        Double(max(step, wish)) / Double(min(step, wish))
    }

    private static func settings(_ kind: FaultKind, _ share: Double) -> [EnvoySetting] {
        let parts = max(1, Int((share * 10_000).rounded()))
        let percent = "{\"numerator\":\(parts),\"denominator\":\"TEN_THOUSAND\"}"
        return switch kind {
        case .abort(let status):
            [EnvoySetting(key: "abort_pct", value: percent), EnvoySetting(key: "abort_status", value: "\(status)")]
        case .delay(let milliseconds):
            [EnvoySetting(key: "delay_pct", value: percent), EnvoySetting(key: "delay_ms", value: "\(milliseconds)")]
        case .rateLimit(let kbps): [EnvoySetting(key: "rl_\(kbps)_pct", value: percent)]
        }
    }

    public func apply(_ plan: FaultPlan) async throws(InjectionError) {
        let failures = await each(plan.undo.parts) { part in
            await modify(part, plan.settings)
        }
        if let failure = failures.compactMap({ $0 }).first { throw failure }
    }

    public func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        await each(plan.undo.parts) { part in
            do throws(InjectionError) {
                let values = try await runtime(part).values
                let found = plan.settings.filter { values[$0.key] != nil }
                let isHeld = plan.settings.allSatisfy { values[$0.key] == $0.value }
                return FaultEvidence(
                    source: part.source, state: isHeld ? .held : found.isEmpty ? .gone : .changed)
            } catch {
                return FaultEvidence(source: part.source, state: .unknown, explanation: error.summary)
            }
        }
    }

    public func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        await each(Self.merged(undos)) { part in
            let failure = await modify(part, part.keys.map { EnvoySetting(key: $0, value: "") })
            // One that says no may have nothing to take back; what it shows decides.
            if let failure, !failure.isAnswer {
                return Halt.Proof(source: part.source, isClean: false, explanation: failure.summary)
            }
            do throws(InjectionError) {
                let values = try await runtime(part).values
                let left = part.keys.filter { values[$0] != nil }
                return Halt.Proof(
                    source: part.source, isClean: left.isEmpty,
                    explanation: left.isEmpty ? nil : failure?.summary ?? "Still there: \(left.joined(separator: ", "))"
                )
            } catch {
                return Halt.Proof(source: part.source, isClean: false, explanation: error.summary)
            }
        }
    }

    /// One part a proxy, with all its keys.
    private static func merged(_ undos: [FaultUndo]) -> [FaultUndo.Part] {
        var parts: [FaultUndo.Part] = []
        var places: [String: Int] = [:]
        for part in undos.flatMap(\.parts) {
            if let place = places[part.place] {
                parts[place].keys += part.keys.filter { !parts[place].keys.contains($0) }
            } else {
                places[part.place] = parts.count
                parts.append(part)
            }
        }
        return parts
    }
}

extension EnvoyFaultInjector {
    public func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        let entries = directory.sidecars(named: sources)
        return await each(entries) { entry in
            let part = FaultUndo.Part(entry, keys: [])
            do throws(InjectionError) {
                let held = try await runtime(part).foreignFaults(naming: naming).map { fault in
                    var own = part
                    own.keys = fault.keys
                    let scope = fault.to.map { Scope.edge(Edge(from: entry.service, to: $0)) }
                    return FaultSurvey.Held(
                        kind: fault.kind, share: fault.share, scope: scope ?? .service(entry.service),
                        undo: FaultUndo(parts: [own]))
                }
                return FaultSurvey(source: entry.source, faults: held)
            } catch {
                return FaultSurvey(source: entry.source, faults: nil, explanation: error.summary)
            }
        }
    }

    public func hits(of kind: FaultKind, at scope: Scope, in undo: FaultUndo) async -> UInt64? {
        let counter =
            switch kind {
            case .abort: "aborts_injected"
            case .delay: "delays_injected"
            case .rateLimit: "response_rl_injected"
            }
        let listener =
            switch scope {
            case .service: naming.inbound
            case .edge(let edge): naming.outbound + edge.to.text
            }
        let filter = ControlPlaneRoute.escaped("^http\\..*\\.fault\\.\(counter)$")
        let hits = await each(Self.merged([undo])) { part -> UInt64? in
            guard let page = try? await send("GET", "/stats?format=json&filter=\(filter)", to: part),
                page.status == 200,
                let stats = (try? JSON(parsing: page.body))?["stats"]?.array
            else { return nil }
            // A counter that was never moved may be left out.
            let name = "http.\(listener).fault.\(counter)"
            let value = stats.first { $0["name"]?.string == name }?["value"]?.double ?? 0
            return UInt64(max(0, Int64(clamping: value)))
        }
        return hits.reduce(0) { sum, hits in sum.flatMap { sum in hits.map { sum &+ $0 } } }
    }

    /// What a proxy holds; for the search for faults that nobody here started.
    public func runtime(of entry: EnvoyDirectory.Entry) async throws(InjectionError) -> EnvoyRuntime {
        try await runtime(FaultUndo.Part(entry, keys: []))
    }

    func runtime(_ part: FaultUndo.Part) async throws(InjectionError) -> EnvoyRuntime {
        let response = try await send("GET", "/runtime", to: part)
        guard response.status == 200 else { throw .rejected(source: part.source, answer: "status \(response.status)") }
        do { return try EnvoyRuntime(response.body) } catch {
            throw .rejected(source: part.source, answer: error.summary)
        }
    }

    /// Sets or, with empty values, removes settings; nil when the proxy took them.
    private func modify(_ part: FaultUndo.Part, _ settings: [EnvoySetting]) async -> InjectionError? {
        guard !settings.isEmpty else { return nil }
        let query = settings.map { "\(ControlPlaneRoute.escaped($0.key))=\(ControlPlaneRoute.escaped($0.value))" }
        do throws(InjectionError) {
            let response = try await send("POST", "/runtime_modify?" + query.joined(separator: "&"), to: part)
            guard response.status == 200 else {
                let text = String(decoding: response.body.prefix(120), as: UTF8.self)
                return .rejected(source: part.source, answer: "status \(response.status), \(text)")
            }
            return nil
        } catch {
            return error
        }
    }

    func send(_ method: String, _ path: String, to part: FaultUndo.Part) async throws(InjectionError) -> HTTPResponse {
        let endpoint: EnvoyEndpoint
        do { endpoint = try EnvoyEndpoint(undoing: part.fields) } catch {
            throw .rejected(source: part.source, answer: error.summary)
        }
        var request = endpoint.request(method, path, deadline: deadline)
        if method == "POST" { request.body = [] }
        do { return try await transport.send(request) } catch { throw .unreachable(source: part.source, error) }
    }
}
