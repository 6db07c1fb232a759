internal import MeshModel

/// Sees what Chaos Mesh does to a mesh, and ends it for whoever asks for just that. It starts nothing: those who run Chaos
/// Mesh have their own way to do so, and a fault of theirs is nobody else's to halt.
struct ChaosInjector: Injector {
    let directory: IstioDirectory
    /// How the cluster of a part is reached; nil where nothing is known of it.
    let reach: @Sendable (FaultUndo.Part) -> IstioReach?
    /// For each request to the API server.
    var deadline = Duration.seconds(3)

    var kind: SourceKind { .chaosMesh }

    func isNamed(_ part: FaultUndo.Part) -> Bool? { directory.isNamed(part) }

    func abilities(at scope: Scope) async -> [FaultAbility] { [] }

    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        throw .impossible("gameday does not create objects of Chaos Mesh")
    }

    func apply(_ plan: FaultPlan) async throws(InjectionError) {
        throw .impossible("gameday does not create objects of Chaos Mesh")
    }

    func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        await each(plan.undo.parts) { part in
            let sight = await look(at: part)
            func evidence(_ state: FaultEvidence.State, _ words: String) -> FaultEvidence {
                FaultEvidence(source: part.source, state: state, explanation: words)
            }
            switch sight.state {
            case .holds:
                // One that is paused is there, and does nothing.
                let isActive = directory.chaos.first { $0.id == part.source }?.isActive ?? true
                return isActive
                    ? evidence(.held, sight.explanation) : evidence(.gone, "\(part.source) is not active any more")
            case .silent: return evidence(.unknown, sight.explanation)
            default: return evidence(.gone, sight.explanation)
            }
        }
    }

    func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        let known = Dictionary(directory.chaos.map { ($0.id, $0) }) { one, _ in one }
        let wanted = sources.map { $0.filter { ChaosFacts.parts(of: $0) != nil }.sorted() } ?? known.keys.sorted()
        return wanted.map { source in
            // One that was deleted, or is paused, holds nothing.
            guard let facts = known[source], facts.isActive else { return FaultSurvey(source: source, faults: []) }
            let held = FaultSurvey.Held(
                kind: facts.fault, share: 1, scope: scope(of: facts), undo: FaultUndo(parts: [part(of: facts)]),
                evidence: .asked, isOthers: true)
            return FaultSurvey(source: source, faults: [held])
        }
    }

    private func part(of facts: ChaosFacts) -> FaultUndo.Part {
        let path = facts.resource.path(namespace: facts.namespace, name: facts.name)
        return FaultUndo.Part(
            injector: name, source: facts.id, place: directory.cluster.server + path, keys: [facts.resource.plural],
            payload: directory.cluster.members + [JSON.Member("uid", .string(facts.uid))])
    }

    /// Whose pods it chooses; where that is no service of the mesh its own name stands for it.
    private func scope(of facts: ChaosFacts) -> Scope {
        let own = facts.selector.flatMap(directory.service(chosenBy:)) ?? ServiceName(facts.name)
        guard let peer = facts.peer.flatMap(directory.service(chosenBy:)), peer != own else { return .service(own) }
        return .edge(Edge(from: own, to: peer))
    }

    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        var parts: [FaultUndo.Part] = []
        for part in undos.flatMap(\.parts) where !parts.contains(where: { $0.source == part.source }) {
            parts.append(part)
        }
        return await each(parts) { part in
            func proof(_ isClean: Bool, _ words: String) -> Halt.Proof {
                Halt.Proof(source: part.source, isClean: isClean, explanation: words)
            }
            guard let its = ChaosFacts.parts(of: part.source), let reach = reach(part) else {
                return proof(false, "unknown cluster")
            }
            let uid = part.fields.value("uid")?.string
            do throws(KubeError) {
                let request = KubeRequest.delete(its.resource, its.name, in: its.namespace, uid: uid)
                _ = try await reach.cluster.ask(timed(request))
            } catch {
                // Gone, or another by the same name.
                guard error.refusal.map({ $0.isMissing || $0.isConflict }) == true else {
                    return proof(false, error.summary)
                }
            }
            let sight = await look(at: part)
            return proof(
                sight.state != .holds && sight.state != .silent, sight.explanation)
        }
    }

    func look(at undo: FaultUndo) async -> [ProxySight] { await each(undo.parts) { await look(at: $0) } }

    private func look(at part: FaultUndo.Part) async -> ProxySight {
        func sight(_ state: ProxySight.State, _ words: String) -> ProxySight {
            ProxySight(source: part.source, state: state, explanation: "\(part.source): \(words)")
        }
        guard let its = ChaosFacts.parts(of: part.source), let reach = reach(part) else {
            return sight(.silent, "unknown cluster")
        }
        do throws(KubeError) {
            let object = try await reach.cluster.ask(timed(.get(its.resource, its.name, in: its.namespace))).object
            guard object.uid == part.fields.value("uid")?.string else { return sight(.clean, "it was recreated") }
            // Its finalizer stays until every pod is as it was.
            return sight(.holds, object.isGoing ? "Chaos Mesh is still recovering it" : "it exists")
        } catch {
            return error.refusal?.isMissing == true
                ? sight(.clean, "it was deleted") : sight(.silent, error.summary)
        }
    }

    private func timed(_ request: KubeRequest) -> KubeRequest {
        var request = request
        request.deadline = deadline
        return request
    }
}

extension IstioDirectory {
    /// The objects of Chaos Mesh that there are.
    var chaos: [ChaosFacts] { look(\.chaos) }

    func replace(chaos: [ChaosFacts]) { change { $0.chaos = chaos } }

    /// The service whose pods these labels choose, the first by name of several.
    func service(chosenBy target: ChaosFacts.Target) -> ServiceName? {
        look { state in
            state.services.values.filter { $0.pods.contains(where: target.selects) }.map(\.name).min()
        }
    }
}
