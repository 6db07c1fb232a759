internal import MeshModel

/// Asks the programs of a demo to change the mesh or its processes, and to change it back.
///
/// What they were asked is in their memory alone: one that begins anew has nothing of it.
struct BoxInjector: Injector {
    let directory: BoxDirectory
    let transport: any HTTPTransport
    let named: Set<String>
    var deadline = Duration.milliseconds(800)
    /// Sidecars take a new configuration with their next question, within half a second or so.
    var patience = Duration.seconds(3)

    var kind: SourceKind { .box }

    func isNamed(_ part: FaultUndo.Part) -> Bool? { named.isEmpty ? nil : named.contains(part.place) }

    func abilities(at scope: Scope) async -> [FaultAbility] {
        guard case .edge(let edge) = scope else { return [] }
        return directory.words(at: edge).map { word in
            var bounds: [String: ClosedRange<Int>] = [:]
            if let found = directory.place(for: word, at: edge), Self.isOfInstance(word) {
                bounds[word] = 0...max(0, found.count - 1)
            }
            var ability = FaultAbility(injector: name, word: word, bounds: bounds, evidence: .held)
            if FaultKindDescription.of(word)?.hasShare == false { ability.smallestShare = 1 }
            return ability
        }
    }

    private static func isOfInstance(_ word: String) -> Bool { ["drain", "kill", "freeze", "spoil"].contains(word) }

    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        guard share > 0, share <= 1 else { throw .impossible("The percentage must be above 0, at most 100") }
        guard case .edge(let edge) = scope else {
            throw .impossible("Choose an edge: the demo is changed at its edges")
        }
        guard let found = directory.place(for: kind.word, at: edge) else { throw .unknownService(edge.from) }
        let amount = kind.mainAmount ?? 1
        var key = "\(found.key)/\(kind.word)"
        var value = amount
        if kind.word == "shift" { value = max(1, Int((share * 10_000).rounded())) }
        if kind.word == "kill-control" { key = "mesh-control/kill" }
        if kind.word == "restart" { key = "\(edge.to)/restart" }
        if Self.isOfInstance(kind.word) {
            guard (0..<found.count).contains(amount) else {
                throw .impossible("\(edge.to) has \(found.count) instances, and no instance \(amount + 1)")
            }
            key = "\(edge.to)\(amount == 0 ? "" : "-\(amount + 1)")/\(kind.word)"
            value = 1
        }
        let part = FaultUndo.Part(
            injector: name, source: found.place.source, place: found.place.socket, keys: [key])
        return FaultPlan(
            kind: kind, share: share, scope: scope, evidence: .held, undo: FaultUndo(parts: [part]),
            work: .object([JSON.Member(key, JSON(value))]))
    }

    func apply(_ plan: FaultPlan) async throws(InjectionError) {
        guard case .object(let members) = plan.work, let part = plan.undo.parts.first else { return }
        try await ask(part, members.map { "\($0.name)=\($0.value.integer ?? 0)" })
        _ = try await waits(part) { page in members.allSatisfy { page.held.contains($0.name) } }
    }

    func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        guard case .object(let members) = plan.work else { return [] }
        return await each(plan.undo.parts) { part in
            do throws(InjectionError) {
                let page = try await page(part)
                let isThere = members.allSatisfy { page.values[$0.name].map { JSON($0) } == $0.value }
                let isHeld = isThere && members.allSatisfy { page.held.contains($0.name) }
                let isGone = members.allSatisfy { page.values[$0.name] == nil }
                return FaultEvidence(
                    source: part.source, state: isHeld ? .held : isGone ? .gone : .changed,
                    explanation: isGone ? "\(part.source) restarted without it" : nil)
            } catch {
                return FaultEvidence(source: part.source, state: .unknown, explanation: error.summary)
            }
        }
    }

    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        await each(Self.merged(undos)) { part in
            do throws(InjectionError) {
                try await ask(part, part.keys.map { "\($0)=" })
                let isDone = try await waits(part) { page in
                    page.isSettled && part.keys.allSatisfy { page.values[$0] == nil }
                }
                return Halt.Proof(
                    source: part.source, isClean: isDone,
                    explanation: isDone ? nil : "not all sidecars have removed it yet")
            } catch {
                return Halt.Proof(source: part.source, isClean: false, explanation: error.summary)
            }
        }
    }

    private static func merged(_ undos: [FaultUndo]) -> [FaultUndo.Part] {
        EnvoyFaultInjector.merged(undos)
    }

    func look(at undo: FaultUndo) async -> [ProxySight] {
        await each(Self.merged([undo])) { part in
            func sight(_ state: ProxySight.State, _ words: String) -> ProxySight {
                ProxySight(source: part.source, state: state, explanation: "\(part.source): \(words)")
            }
            do throws(InjectionError) {
                let page = try await page(part)
                let left = part.keys.filter { page.values[$0] != nil }
                return left.isEmpty
                    ? sight(.clean, "verified clean") : sight(.holds, "still shows \(left.joined(separator: ", "))")
            } catch {
                if case .unreachable(_, let cause) = error, cause.isAbsence { return sight(.absent, cause.summary) }
                return sight(.silent, error.summary)
            }
        }
    }

    func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        await each(directory.all.filter { sources?.contains($0.source) ?? true }) { place in
            let part = FaultUndo.Part(injector: name, source: place.source, place: place.socket, keys: [])
            do throws(InjectionError) {
                return FaultSurvey(source: place.source, faults: Self.faults(of: try await page(part), part))
            } catch {
                return FaultSurvey(source: place.source, faults: nil, explanation: error.summary)
            }
        }
    }

    /// What somebody asked, whoever it was.
    private static func faults(of page: BoxPage, _ part: FaultUndo.Part) -> [FaultSurvey.Held] {
        page.values.sorted { $0.key < $1.key }.compactMap { key, value in
            let words = key.split(separator: "/")
            guard words.count == 2 else { return nil }
            var own = part
            own.keys = [key]
            let (place, word) = (String(words[0]), String(words[1]))
            let ends = place.split(separator: ">").map { ServiceName(String($0)) }
            if ends.count == 2 {
                let edge = Edge(from: ends[0], to: ends[1])
                let isShift = word == "shift"
                let kind = isShift ? FaultKind(word) : FaultKind(word, [word: value])
                return FaultSurvey.Held(
                    kind: kind, share: isShift ? Double(value) / 10_000 : 1, scope: .edge(edge),
                    undo: FaultUndo(parts: [own]), evidence: .held)
            }
            let number = place.split(separator: "-").last.flatMap { Int($0) } ?? 1
            let service = number == 1 ? place : String(place.dropLast("-\(number)".count))
            let kind = place == "mesh-control" ? FaultKind("kill-control") : FaultKind(word, [word: number - 1])
            return FaultSurvey.Held(
                kind: kind, share: 1, scope: .service(ServiceName(service)), undo: FaultUndo(parts: [own]),
                evidence: .held)
        }
    }

    private func page(_ part: FaultUndo.Part) async throws(InjectionError) -> BoxPage {
        let response = try await send("GET", nil, part)
        do { return try BoxPage(response.body) } catch {
            throw .rejected(source: part.source, answer: error.summary)
        }
    }

    private func ask(_ part: FaultUndo.Part, _ settings: [String]) async throws(InjectionError) {
        _ = try await send("POST", settings.joined(separator: "\n"), part)
    }

    private func send(
        _ method: String, _ body: String?, _ part: FaultUndo.Part
    ) async throws(InjectionError) -> HTTPResponse {
        let request = HTTPRequest(
            method, "http://localhost" + BoxPage.path, body: body.map { Array($0.utf8) }, deadline: deadline,
            unixSocket: part.place)
        let response: HTTPResponse
        do { response = try await transport.send(request) } catch { throw .unreachable(source: part.source, error) }
        guard response.status == 200 else {
            let words = (try? JSON(parsing: response.body))?["detail"]?.string ?? "status \(response.status)"
            throw .rejected(source: part.source, answer: words)
        }
        return response
    }

    /// Asks until it is so, or the patience is over.
    private func waits(
        _ part: FaultUndo.Part, until isSo: (BoxPage) -> Bool
    ) async throws(InjectionError) -> Bool {
        let end = ContinuousClock.now + patience
        while true {
            if isSo(try await page(part)) { return true }
            guard ContinuousClock.now < end, (try? await Task.sleep(for: .milliseconds(50))) != nil else {
                return false
            }
        }
    }
}
