internal import MeshModel

/// Does to workloads what no mesh can do to requests: takes pods away, scales, restarts, cuts off.
///
/// What can be undone is undone from the ledger or from the object itself, by any gameday on any machine; what can't is
/// said before it is done. Nothing is told that was not seen at the API server.
struct WorkloadInjector: Injector {
    let directory: IstioDirectory
    /// How the cluster of a part is reached; nil where nothing is known of it.
    let reach: @Sendable (FaultUndo.Part) -> IstioReach?
    let upkeep: IstioUpkeep
    /// For each request to the API server.
    var deadline = Duration.seconds(3)
    /// The wall clock, which a restart is stamped with.
    var now: @Sendable () -> Timestamp = KubeTime.now

    var kind: SourceKind { .workload }
    var takesConditions: Bool { true }

    func isNamed(_ part: FaultUndo.Part) -> Bool? { directory.isNamed(part) }

    /// Writes down how many replicas there were, and who owned them.
    func identified(_ plan: FaultPlan) async -> FaultPlan {
        var plan = plan
        plan.undo.parts = await each(plan.undo.parts) { part in
            guard var its = try? WorkloadPart(part), its.word == "scale", let reach = reach(part),
                let object = try? await read(its, reach), object.uid == its.uid
            else { return part }
            (its.original, its.managedFields) = (object.replicas, object.managedFields?.array ?? [])
            return its.undo(in: directory.cluster)
        }
        return plan
    }

    func apply(_ plan: FaultPlan) async throws(InjectionError) {
        let failures = await each(plan.undo.parts) { part -> InjectionError? in
            do throws(InjectionError) {
                let its = try WorkloadPart.read(part)
                guard let reach = reach(part) else { throw .impossible("\(part.source): unknown cluster") }
                try await upkeep.begin(
                    Self.upkeepName(its), in: its.namespace, reach, isGuarded: its.isReversible)
                let object = try await perform(its, reach)
                await upkeep.tell(.injected, [plan.kind.label], object, reach)
                return nil
            } catch {
                return error
            }
        }
        if let failure = failures.compactMap(\.self).gravest { throw failure }
    }

    static func upkeepName(_ part: WorkloadPart) -> String { "\(part.id) \(part.word)" }

    private func perform(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> KubeObject {
        switch part.word {
        case "delete-pod", "evict-pod": return try await takePods(part, reach)
        case "scale":
            return try await changing(part, reach) { object throws(BreakingError) in
                try await scale(part, object, reach)
            }
        case "restart":
            let stamp = part.stamp ?? ""
            return try await changing(part, reach) { object throws(BreakingError) in
                guard WorkloadFault.restartedAt(object) != stamp else { return object }
                let patch = WorkloadFault.restart(object, at: stamp)
                return try await ask(
                    .patch(part.kind.resource, part.name, in: part.namespace, .strategic, patch), reach)
            }
        case "partition": return try await cutOff(part, reach)
        default: throw .impossible("\(part.word) is not a fault on a workload")
        }
    }

    /// One after the other, so that the first that is refused is the last that is tried.
    private func takePods(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> KubeObject {
        let object: KubeObject
        do throws(KubeError) { object = try await read(part, reach) } catch { throw error.injection(at: part.id) }
        for (place, pod) in part.pods.enumerated() {
            let request =
                part.word == "evict-pod"
                ? WorkloadFault.eviction(of: pod.name, uid: pod.uid, in: part.namespace)
                : .delete(.pods, pod.name, in: part.namespace, uid: pod.uid)
            do throws(KubeError) { _ = try await reach.cluster.ask(timed(request)) } catch {
                // Gone, or another by the same name: there is nothing left to take.
                if error.refusal.map({ $0.isMissing || $0.isConflict }) == true { continue }
                let done = place > 0 ? "\(place) of \(part.pods.count) pods are gone, and then " : ""
                throw .unprepared("\(done)\(pod.name): \(error.summary)", remedy: error.remedy)
            }
        }
        return object
    }

    private func scale(
        _ part: WorkloadPart, _ object: KubeObject, _ reach: IstioReach
    ) async throws(BreakingError) -> KubeObject {
        guard let replicas = part.replicas, let original = part.original else {
            throw .reason(.impossible("\(part.id) was not found when the undo was written"))
        }
        if let marks = ScaleMarks(object) {
            guard marks.owner != directory.cluster.owner || marks.replicas != replicas else { return object }
            throw .reason(
                .unprepared(
                    "\(part.id) is already scaled by a fault of \(marks.owner), to \(marks.replicas)",
                    remedy: "Stop that one first."))
        }
        guard object.replicas != replicas else { return object }
        guard object.replicas == original else {
            throw .reason(.impossible("\(part.id) was scaled by others meanwhile; try again"))
        }
        let resource = part.kind.resource
        guard part.isMarked else {
            var request = KubeRequest.patch(
                resource, part.name, in: part.namespace, .merge, ScaleMarks.scale(replicas, of: object))
            request.path += "/scale"
            _ = try await ask(request, reach)
            return object
        }
        let marks = ScaleMarks(
            replicas: replicas, original: original, owner: directory.cluster.owner,
            managedFields: object.managedFields?.array ?? [])
        return try await ask(
            .patch(resource, part.name, in: part.namespace, .json, marks.patch(of: object)), reach)
    }

    private func cutOff(_ part: WorkloadPart, _ reach: IstioReach) async throws(InjectionError) -> KubeObject {
        let policy = WorkloadFault.policy(
            part.policyName, cutting: part.selector, of: part.id, in: part.namespace, owner: directory.cluster.owner)
        do throws(KubeError) {
            return try await reach.cluster.ask(timed(.create(.networkPolicies, policy, in: part.namespace))).object
        } catch {
            guard error.refusal?.reason == "AlreadyExists", let there = try? await readPolicy(part, reach),
                there.annotations[ScaleMarks.Name.owner.rawValue] == directory.cluster.owner
            else { throw error.injection(at: "NetworkPolicy \(part.namespace)/\(part.policyName)") }
            return there
        }
    }
}

extension WorkloadInjector {
    /// Reads it afresh and changes just that, again where somebody else was faster.
    func changing(
        _ part: WorkloadPart, _ reach: IstioReach,
        _ change: (KubeObject) async throws(BreakingError) -> KubeObject
    ) async throws(InjectionError) -> KubeObject {
        for _ in 0..<IstioInjector.mostTries {
            do throws(BreakingError) {
                let object: KubeObject
                do throws(KubeError) { object = try await read(part, reach) } catch { throw .cluster(error) }
                guard object.uid == part.uid else {
                    throw .reason(.impossible("\(part.id) was recreated meanwhile; try again"))
                }
                return try await change(object)
            } catch {
                if error.refusal?.isConflict == true { continue }
                throw error.injection(at: part.id)
            }
        }
        throw .unprepared("\(part.id) is constantly changed by others", remedy: "Try again in a moment.")
    }

    func ask(_ request: KubeRequest, _ reach: IstioReach) async throws(BreakingError) -> KubeObject {
        do throws(KubeError) { return try await reach.cluster.ask(timed(request)).object } catch {
            throw .cluster(error)
        }
    }

    func read(_ part: WorkloadPart, _ reach: IstioReach) async throws(KubeError) -> KubeObject {
        try await reach.cluster.ask(timed(.get(part.kind.resource, part.name, in: part.namespace))).object
    }

    func readPolicy(_ part: WorkloadPart, _ reach: IstioReach) async throws(KubeError) -> KubeObject {
        try await reach.cluster.ask(timed(.get(.networkPolicies, part.policyName, in: part.namespace))).object
    }

    func timed(_ request: KubeRequest) -> KubeRequest {
        var request = request
        request.deadline = deadline
        return request
    }
}
