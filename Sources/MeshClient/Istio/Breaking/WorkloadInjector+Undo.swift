internal import MeshModel

extension WorkloadInjector {
    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        var parts: [FaultUndo.Part] = []
        for part in undos.flatMap(\.parts)
        where !parts.contains(where: { $0.place == part.place && $0.keys == part.keys && $0.payload == part.payload }) {
            parts.append(part)
        }
        return await each(parts) { part in
            func proof(_ isClean: Bool, _ words: String?) -> Halt.Proof {
                Halt.Proof(source: part.source, isClean: isClean, explanation: words)
            }
            do throws(InjectionError) {
                let its = try WorkloadPart.read(part)
                guard let reach = reach(part) else { return proof(false, "unknown cluster") }
                let words = try await take(its, reach)
                await upkeep.end(Self.upkeepName(its), in: its.namespace, reach)
                return proof(true, words)
            } catch {
                return proof(false, error.summary)
            }
        }
    }

    /// Takes it back and looks whether it is gone; returns what was seen.
    private func take(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> String? {
        switch part.word {
        case "scale": return try await scaleBack(part, reach)
        case "partition": return try await join(part, reach)
        default:
            // Nothing of it is left to take away; how the pods are is told, and waited for by nobody.
            guard let object = try await readIfThere(part, reach) else { return "the \(part.kind.rawValue) is gone" }
            let ready = await readyPods(part, reach).map { "\($0.count) of \(object.replicas) pods are ready" }
            return ["nothing to undo", ready].compactMap(\.self).joined(separator: "; ")
        }
    }

    private func scaleBack(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> String? {
        guard let before = try await readIfThere(part, reach) else { return "it was deleted meanwhile" }
        guard before.uid == part.uid else { return "it was recreated meanwhile" }
        let marks = ScaleMarks(before)
        guard let scaled = marks?.replicas ?? part.replicas, let original = marks?.original ?? part.original else {
            return nil
        }
        let isOthers = before.replicas != scaled && before.replicas != original
        if marks == nil, before.replicas != scaled || part.isMarked && !isStillOurs(before) { return Self.seen(before) }
        let after = try await changing(part, reach) { object throws(BreakingError) in
            let now = ScaleMarks(object)
            guard now != nil || object.replicas == scaled else { return object }
            let resource = part.kind.resource
            if part.isMarked {
                let patch = ScaleMarks.patchBack(of: object, to: original, from: scaled)
                return try await ask(.patch(resource, part.name, in: part.namespace, .json, patch), reach)
            }
            var request = KubeRequest.patch(
                resource, part.name, in: part.namespace, .merge, ScaleMarks.scale(original, of: object))
            request.path += "/scale"
            _ = try await ask(request, reach)
            do throws(KubeError) { return try await read(part, reach) } catch { throw .cluster(error) }
        }
        let fields = marks?.managedFields ?? part.managedFields
        if part.isMarked, let fields { await restore(fields, of: after, part, reach) }
        await upkeep.tell(.removed, ["SCALE TO \(scaled)"], after, reach)
        guard let proof = try await readIfThere(part, reach) else { return "it was deleted meanwhile" }
        if proof.replicas == scaled, scaled != original {
            throw .unprepared("\(part.id) still has \(scaled) replicas", remedy: nil)
        }
        return isOthers ? "others scaled it to \(proof.replicas) meanwhile; that stays" : Self.seen(proof)
    }

    /// Our marks are gone from it: it is ours as long as nobody else has written how many there are.
    private func isStillOurs(_ object: KubeObject) -> Bool {
        FieldOwnership(object, of: "replicas").isOursByWriting
    }

    /// Gives the replicas back to whoever owned them. It is scaled back whether this works or not.
    private func restore(
        _ original: [JSON], of object: KubeObject, _ part: WorkloadPart, _ reach: IstioReach
    ) async {
        var object = object
        for _ in 0..<IstioInjector.mostTries {
            let wanted = FieldOwnership(object, of: "replicas").restored(to: FieldOwnership(original, of: "replicas"))
            guard !JSON.array(wanted).says(object.managedFields ?? .array([])) else { return }
            let patch = BrokenVirtualService.restoring(wanted, of: object)
            do throws(KubeError) {
                _ = try await reach.cluster.ask(
                    timed(.patch(part.kind.resource, part.name, in: part.namespace, .json, patch)))
                return
            } catch {
                guard error.refusal?.isConflict == true, let now = try? await read(part, reach) else { return }
                object = now
            }
        }
    }

    private func join(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> String? {
        do throws(KubeError) {
            let policy = try await readPolicy(part, reach)
            guard policy.labels[WorkloadFault.label] != nil else { return "another NetworkPolicy has that name" }
            if !policy.isGoing {
                _ = try await reach.cluster.ask(
                    timed(.delete(.networkPolicies, part.policyName, in: part.namespace, uid: policy.uid)))
                await upkeep.tell(.removed, ["PARTITION"], policy, reach)
            }
        } catch {
            guard error.refusal?.isMissing != true else { return "the NetworkPolicy is gone" }
            throw error.injection(at: "NetworkPolicy \(part.namespace)/\(part.policyName)")
        }
        do throws(KubeError) { _ = try await readPolicy(part, reach) } catch {
            if error.refusal?.isMissing == true { return "the NetworkPolicy is gone" }
            throw error.injection(at: "NetworkPolicy \(part.namespace)/\(part.policyName)")
        }
        throw .unprepared("the NetworkPolicy \(part.policyName) is being deleted but still exists", remedy: nil)
    }

    func readIfThere(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> KubeObject? {
        do throws(KubeError) { return try await read(part, reach) } catch {
            if error.refusal?.isMissing == true { return nil }
            throw error.injection(at: part.id)
        }
    }

    /// How many there should be and are, as the object says.
    static func seen(_ object: KubeObject) -> String {
        let ready = object.status?["readyReplicas"]?.integer ?? 0
        return "\(FaultUnit.count("replicas").said(object.replicas)), \(ready) ready"
    }

    /// The pods of a workload that are ready and stay; nil when they can't be had.
    func readyPods(_ part: WorkloadPart, _ reach: IstioReach) async -> [PodFacts]? {
        guard let selector = KubeSelector(part.selector) else { return nil }
        var list = KubeRequest.list(.pods, in: part.namespace)
        list.query.append(("labelSelector", selector.query))
        guard let pods = try? await reach.cluster.all(timed(list)) else { return nil }
        return pods.compactMap(PodFacts.init).filter(\.isReady)
    }
}
