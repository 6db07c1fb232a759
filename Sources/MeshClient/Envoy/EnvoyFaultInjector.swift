public import MeshModel

/// Puts faults on edges through the runtime settings of the caller's Envoy, without a restart: `POST /runtime_modify`
/// on its admin page, as Envoy 1.22 to 1.40 have it. What an Envoy can do is what its fault filters read; one without any can
/// still be made to refuse a callee's requests.
public struct EnvoyFaultInjector: Injector {
    /// The rate of a limit is configuration, not a setting: there is a filter for each of these, in KiB a second.
    public static let rateSteps = [8, 16, 32, 64, 128, 256, 512, 1024]

    let directory: EnvoyDirectory
    private let transport: any HTTPTransport
    let naming: EnvoyNaming
    private let deadline: Duration
    /// The proxies that gameday.yaml names, itself or by a list; nil where it names none.
    private let roster: EnvoyRoster?

    public var kind: SourceKind { .envoy }

    /// `deadline` is for each request to a proxy; a fault or an undo takes two of them, all proxies at once.
    public init(
        directory: EnvoyDirectory, transport: any HTTPTransport, naming: EnvoyNaming = EnvoyNaming(),
        deadline: Duration = .milliseconds(800)
    ) {
        self.init(directory: directory, transport: transport, naming: naming, deadline: deadline, roster: nil)
    }

    init(
        directory: EnvoyDirectory, transport: any HTTPTransport, naming: EnvoyNaming = EnvoyNaming(),
        deadline: Duration, roster: EnvoyRoster?
    ) {
        self.directory = directory
        self.transport = transport
        self.naming = naming
        self.deadline = deadline
        self.roster = roster
    }

    public func isNamed(_ part: FaultUndo.Part) -> Bool? { roster?.places.contains(part.place) }

    public func apply(_ plan: FaultPlan) async throws(InjectionError) {
        let failures = await each(plan.undo.parts) { part in
            await modify(part, plan.settings(of: part))
        }
        if let failure = failures.compactMap(\.self).gravest { throw failure }
    }

    public func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        await each(plan.undo.parts) { part in
            do throws(InjectionError) {
                let values = try await runtime(part).values
                let settings = plan.settings(of: part)
                let found = settings.filter { values[$0.key] != nil }
                let isHeld = settings.allSatisfy { values[$0.key] == $0.value }
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
                let left = try await left(of: part)
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
    static func merged(_ undos: [FaultUndo]) -> [FaultUndo.Part] {
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
