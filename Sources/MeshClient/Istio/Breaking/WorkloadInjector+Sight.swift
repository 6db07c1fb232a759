internal import MeshModel

extension WorkloadInjector {
    func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        await each(plan.undo.parts) { part in
            guard let its = try? WorkloadPart(part), let reach = reach(part) else {
                return FaultEvidence(source: part.source, state: .unknown)
            }
            do throws(InjectionError) { return try await evidence(its, reach) } catch {
                return FaultEvidence(source: part.source, state: .unknown, explanation: error.summary)
            }
        }
    }

    private func evidence(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> FaultEvidence {
        func told(_ state: FaultEvidence.State, _ words: String?, isOver: Bool = false) -> FaultEvidence {
            FaultEvidence(source: part.id, state: state, explanation: words, isOver: isOver)
        }
        if part.isPartition {
            do throws(KubeError) {
                let policy = try await readPolicy(part, reach)
                let isWhole = policy.spec?["podSelector"]?.says(part.selector) == true
                return told(isWhole && !policy.isGoing ? .held : .changed, nil)
            } catch {
                guard error.refusal?.isMissing == true else { throw error.injection(at: part.id) }
                return told(.gone, "the NetworkPolicy \(part.policyName) was deleted by someone else")
            }
        }
        guard let object = try await readIfThere(part, reach) else { return told(.gone, "\(part.id) was deleted") }
        guard object.uid == part.uid else { return told(.gone, "\(part.id) was recreated") }
        switch part.word {
        case "scale": return told(Self.scaling(part, object), Self.seen(object))
        case "restart":
            guard WorkloadFault.restartedAt(object) == part.stamp else {
                return told(.gone, "it was not restarted, or was restarted again by someone else")
            }
            return told(
                .held, "every pod was replaced: \(Self.seen(object))", isOver: WorkloadFault.isRolledOut(object))
        default: return try await taken(part, object, reach)
        }
    }

    private static func scaling(_ part: WorkloadPart, _ object: KubeObject) -> FaultEvidence.State {
        let marks = ScaleMarks(object)
        if object.replicas == part.replicas { return marks != nil || !part.isMarked ? .held : .changed }
        return marks == nil ? .gone : .changed
    }

    /// What became of the pods that were taken: it is over when as many as there should be are ready without them.
    private func taken(
        _ part: WorkloadPart, _ object: KubeObject, _ reach: IstioReach
    ) async throws(InjectionError) -> FaultEvidence {
        let names = Set(part.pods.map(\.uid))
        for pod in part.pods {
            do throws(KubeError) {
                let there = try await reach.cluster.ask(timed(.get(.pods, pod.name, in: part.namespace))).object
                guard there.uid == pod.uid, !there.isGoing else { continue }
                return FaultEvidence(source: part.id, state: .gone, explanation: "the pod \(pod.name) still exists")
            } catch {
                guard error.refusal?.isMissing == true else { throw error.injection(at: part.id) }
            }
        }
        let ready = await readyPods(part, reach)?.filter { !names.contains($0.uid) } ?? []
        let words =
            "\(part.pods.map(\.name).joined(separator: ", ")) gone; \(ready.count) of \(object.replicas) pods ready"
        return FaultEvidence(
            source: part.id, state: .held, explanation: words, isOver: ready.count >= object.replicas)
    }

    func look(at undo: FaultUndo) async -> [ProxySight] {
        await each(undo.parts) { part in
            func sight(_ state: ProxySight.State, _ words: String) -> ProxySight {
                ProxySight(source: part.source, state: state, explanation: "\(part.source): \(words)")
            }
            guard let its = try? WorkloadPart(part), let reach = reach(part) else {
                return sight(.silent, "unknown cluster")
            }
            guard its.isReversible else { return sight(.clean, "it has nothing to undo") }
            do throws(InjectionError) {
                if its.isPartition {
                    do throws(KubeError) { _ = try await readPolicy(its, reach) } catch {
                        if error.refusal?.isMissing == true { return sight(.clean, "the NetworkPolicy is gone") }
                        throw error.injection(at: its.id)
                    }
                    return sight(.holds, "the NetworkPolicy \(its.policyName) exists")
                }
                guard let object = try await readIfThere(its, reach) else { return sight(.clean, "it was deleted") }
                guard object.uid == its.uid else { return sight(.replaced, "it was recreated") }
                let isHeld = ScaleMarks(object) != nil || object.replicas == its.replicas && !its.isMarked
                return sight(isHeld ? .holds : .clean, Self.seen(object))
            } catch {
                // An API server that is away keeps every fault: it is never taken for a proxy that is gone.
                return sight(.silent, error.summary)
            }
        }
    }

    func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        let named = sources.map { $0.compactMap { source in Workload.parts(of: source).map { (source, $0) } } }
        let wanted = named ?? directory.workloads.map { ($0.id, ($0.namespace, $0.kind, $0.name)) }
        let byNamespace = Dictionary(grouping: wanted, by: \.1.0).sorted { $0.key < $1.key }
        return await each(byNamespace.map { ($0.key, $0.value.map(\.0).sorted()) }) { namespace, sources in
            await survey(sources, in: namespace)
        }.flatMap(\.self)
    }

    private func survey(_ sources: [String], in namespace: String) async -> [FaultSurvey] {
        let anywhere = FaultUndo.Part(
            injector: name, source: namespace, place: directory.cluster.server + "/", keys: [],
            payload: directory.cluster.members)
        guard let reach = reach(anywhere) else {
            return sources.map { FaultSurvey(source: $0, faults: nil, explanation: "unknown cluster") }
        }
        do throws(KubeError) {
            var held: [String: [FaultSurvey.Held]] = [:]
            for kind in Workload.Kind.allCases where sources.contains(where: { Workload.parts(of: $0)?.kind == kind }) {
                for object in try await marked(kind.resource, in: namespace, reach) {
                    guard let workload = Workload(object, kind), let found = await scaled(object, workload, reach)
                    else { continue }
                    held[workload.id, default: []].append(found)
                }
            }
            // Who may not see them can't have made any.
            let mayLook = directory.missing(of: [KubeRight("list", .networkPolicies)], in: namespace).isEmpty
            for policy in mayLook ? try await marked(.networkPolicies, in: namespace, reach) : [] {
                guard let source = policy.annotations[WorkloadFault.workloadMark],
                    let found = await cut(policy, source, reach)
                else { continue }
                held[source, default: []].append(found)
            }
            return sources.map { FaultSurvey(source: $0, faults: held[$0] ?? []) }
        } catch {
            return sources.map { FaultSurvey(source: $0, faults: nil, explanation: error.summary) }
        }
    }

    private func marked(
        _ resource: KubeResource, in namespace: String, _ reach: IstioReach
    ) async throws(KubeError) -> [KubeObject] {
        var list = KubeRequest.list(resource, in: namespace)
        list.query.append(("labelSelector", WorkloadFault.label))
        return try await reach.cluster.all(timed(list))
    }

    private func scaled(_ object: KubeObject, _ workload: Workload, _ reach: IstioReach) async -> FaultSurvey.Held? {
        guard let marks = ScaleMarks(object) else { return nil }
        var part = WorkloadPart("scale", workload)
        (part.replicas, part.original, part.managedFields) = (marks.replicas, marks.original, marks.managedFields)
        return FaultSurvey.Held(
            kind: FaultKind("scale", ["scale": marks.replicas]), share: 1, scope: .service(service(of: workload.id)),
            undo: FaultUndo(parts: [part.undo(in: directory.cluster)]), evidence: .held,
            isOthers: await isOthers(marks.owner, in: workload.namespace, reach))
    }

    private func cut(_ policy: KubeObject, _ source: String, _ reach: IstioReach) async -> FaultSurvey.Held? {
        guard let workload = directory.workloads.first(where: { $0.id == source }) else { return nil }
        let owner = policy.annotations[ScaleMarks.Name.owner.rawValue] ?? ""
        return FaultSurvey.Held(
            kind: FaultKind("partition"), share: 1, scope: .service(service(of: source)),
            undo: FaultUndo(parts: [WorkloadPart("partition", workload).undo(in: directory.cluster)]), evidence: .held,
            isOthers: await isOthers(owner, in: policy.namespace, reach))
    }

    private func isOthers(_ owner: String, in namespace: String, _ reach: IstioReach) async -> Bool {
        guard owner != directory.cluster.owner else { return false }
        return await upkeep.other(in: namespace, reach) != nil
    }

    private func service(of source: String) -> ServiceName {
        directory.service(ofWorkload: source) ?? ServiceName(source)
    }
}
