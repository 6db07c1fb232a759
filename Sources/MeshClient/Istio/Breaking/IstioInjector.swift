internal import MeshModel

/// Puts faults into VirtualServices, where all sidecars of the callers take them from, and where that can't be, into the
/// runtime of one caller's sidecars.
///
/// Everything that an undo needs stands in the VirtualService itself before the fault acts; others' changes and faults
/// are never overwritten.
struct IstioInjector: Injector {
    let directory: IstioDirectory
    /// How the cluster of a part is reached; nil where nothing is known of it.
    let reach: @Sendable (FaultUndo.Part) -> IstioReach?
    let upkeep: IstioUpkeep
    /// For each request to the API server.
    var deadline = Duration.seconds(3)
    /// Reads again so often when somebody else was faster.
    static let mostTries = 6

    var kind: SourceKind { .istio }
    var takesConditions: Bool { true }

    func isNamed(_ part: FaultUndo.Part) -> Bool? { directory.isNamed(part) }

    func identified(_ plan: FaultPlan) async -> FaultPlan {
        var plan = plan
        plan.undo.parts = await each(plan.undo.parts) { part in
            guard let its = try? IstioPart(part), its.way == .virtualService, let reach = reach(part),
                let object = try? await read(its, reach), let broken = try? BrokenVirtualService(object)
            else { return part }
            return its.identified(part, broken)
        }
        return plan
    }

    func apply(_ plan: FaultPlan) async throws(InjectionError) {
        let failures = await each(plan.undo.parts) { part -> InjectionError? in
            do throws(InjectionError) {
                let its = try IstioPart.read(part)
                guard let reach = reach(part) else { throw .impossible("\(part.source): unknown cluster") }
                switch its.way {
                case .virtualService: try await apply(its, reach, mustBeHeld: plan.evidence == .held)
                case .runtime: try await SidecarRuntime(its, reach).set(plan.share)
                }
                return nil
            } catch {
                return error
            }
        }
        if let failure = failures.compactMap(\.self).gravest { throw failure }
    }

    func inspect(_ plan: FaultPlan) async -> [FaultEvidence] {
        await each(plan.undo.parts) { part in
            func evidence(_ state: FaultEvidence.State, _ words: String? = nil) -> FaultEvidence {
                FaultEvidence(source: part.source, state: state, explanation: words)
            }
            guard let its = try? IstioPart(part), let reach = reach(part) else { return evidence(.unknown) }
            do throws(InjectionError) {
                guard its.way == .virtualService else {
                    return evidence(try await SidecarRuntime(its, reach).state(plan.share))
                }
                guard let object = try await readIfThere(its, reach) else {
                    return evidence(.gone, "\(part.source) was deleted")
                }
                let broken = try Self.broken(object, directory)
                guard let fault = its.fault else { return evidence(.unknown) }
                return evidence(broken.presence(of: fault), broken.changer)
            } catch {
                return evidence(.unknown, error.summary)
            }
        }
    }

    func look(at undo: FaultUndo) async -> [ProxySight] {
        await each(Self.merged([undo])) { part in
            func sight(_ state: ProxySight.State, _ words: String) -> ProxySight {
                ProxySight(source: part.source, state: state, explanation: "\(part.source): \(words)")
            }
            guard let its = try? IstioPart(part), let reach = reach(part) else {
                return sight(.silent, "unknown cluster")
            }
            do throws(InjectionError) {
                guard its.way == .virtualService else { return try await SidecarRuntime(its, reach).sight() }
                guard let object = try await readIfThere(its, reach) else { return sight(.clean, "it was deleted") }
                let left = try Self.broken(object, directory).faults.map(\.key).filter { its.keys.contains($0) }
                if let uid = its.uid, uid != object.uid, left.isEmpty { return sight(.replaced, "it was recreated") }
                return left.isEmpty
                    ? sight(.clean, "verified clean") : sight(.holds, "still has \(left.joined(separator: ", "))")
            } catch {
                // An API server that is away keeps every fault: it is never taken for a proxy that is gone.
                return sight(.silent, error.summary)
            }
        }
    }

    /// One part a place, with all its keys and faults.
    static func merged(_ undos: [FaultUndo]) -> [FaultUndo.Part] {
        var parts: [FaultUndo.Part] = []
        for part in undos.flatMap(\.parts) {
            if let place = parts.firstIndex(where: { $0.place == part.place }) {
                parts[place].keys += part.keys.filter { !parts[place].keys.contains($0) }
                parts[place].payload = IstioPart.joined(parts[place].payload, part.payload)
            } else {
                parts.append(part)
            }
        }
        return parts
    }

    static func broken(_ object: KubeObject, _ directory: IstioDirectory) throws(InjectionError) -> BrokenVirtualService
    {
        do { return try BrokenVirtualService(object, domain: directory.cluster.domain) } catch {
            throw error.injection
        }
    }

    func read(_ part: IstioPart, _ reach: IstioReach) async throws(KubeError) -> KubeObject {
        try await reach.cluster.ask(timed(.get(.virtualServices, part.name, in: part.namespace))).object
    }

    func readIfThere(_ part: IstioPart, _ reach: IstioReach) async throws(InjectionError) -> KubeObject? {
        do throws(KubeError) { return try await read(part, reach) } catch {
            if error.refusal?.isMissing == true { return nil }
            throw error.injection(at: part.source)
        }
    }

    func timed(_ request: KubeRequest) -> KubeRequest {
        var request = request
        request.deadline = deadline
        return request
    }
}

extension IstioInjector {
    /// Writes a fault into its VirtualService, or makes one for it, and returns once the sidecars have taken it.
    private func apply(
        _ part: IstioPart, _ reach: IstioReach, mustBeHeld: Bool
    ) async throws(InjectionError) {
        guard let fault = part.fault else { throw .impossible("\(part.source): the plan has no fault") }
        try await upkeep.begin(part.source, in: part.namespace, reach)
        let watch = await PushWatch(reach, namespace: part.namespace, proxies: part.proxies)
        let object = try await write(fault, part, reach)
        await upkeep.tell(.injected, [fault], object, reach)
        switch await watch.outcome() {
        case .refused(let why, _): throw .unprepared("\(part.source) has the fault, but \(why)", remedy: nil)
        case .unknown where mustBeHeld:
            throw .unprepared(
                "\(part.source) has the fault, but istiod does not report which sidecars accepted it", remedy: nil)
        case .taken, .unknown: return
        }
    }

    private func write(
        _ fault: VirtualServiceFault, _ part: IstioPart, _ reach: IstioReach
    ) async throws(InjectionError) -> KubeObject {
        for _ in 0..<Self.mostTries {
            do throws(BreakingError) { return try await tryToWrite(fault, part, reach) } catch {
                if error.refusal?.isConflict == true { continue }
                if error.isWebhookDown { directory.noteWebhook(isDown: true) }
                throw error.injection(at: part.source)
            }
        }
        throw .unprepared("\(part.source) is constantly changed by others", remedy: "Try again in a moment.")
    }

    /// Reads it afresh, and writes on top of just that.
    private func tryToWrite(
        _ fault: VirtualServiceFault, _ part: IstioPart, _ reach: IstioReach
    ) async throws(BreakingError) -> KubeObject {
        let object: KubeObject
        do throws(KubeError) { object = try await read(part, reach) } catch {
            guard error.refusal?.isMissing == true else { throw .cluster(error) }
            guard part.isMade else { throw .reason(.impossible("\(part.source) no longer exists")) }
            return try await make(fault, part, reach)
        }
        if let uid = part.uid, uid != object.uid {
            throw .reason(.impossible("\(part.source) was recreated meanwhile; try again"))
        }
        let change: BrokenVirtualService.Change
        do throws(VirtualServiceRefusal) {
            change = try BrokenVirtualService(object, domain: directory.cluster.domain)
                .adding(fault, owner: directory.cluster.owner)
        } catch { throw BreakingError(error) }
        guard case .patch(let patch, _) = change else { return object }
        return try await checked(reach) { writing in
            .patch(.virtualServices, part.name, in: part.namespace, .json, patch, writing)
        }
    }

    private func make(
        _ fault: VirtualServiceFault, _ part: IstioPart, _ reach: IstioReach
    ) async throws(BreakingError) -> KubeObject {
        let object: JSON
        do throws(VirtualServiceRefusal) {
            object = try BrokenVirtualService.made(
                for: fault, named: part.name, in: part.namespace, owner: directory.cluster.owner,
                domain: directory.cluster.domain)
        } catch { throw BreakingError(error) }
        return try await checked(reach) { .create(.virtualServices, object, in: part.namespace, $0) }
    }

    /// Lets it all be checked before anything is kept.
    private func checked(
        _ reach: IstioReach, _ request: (KubeWriting) -> KubeRequest
    ) async throws(BreakingError) -> KubeObject {
        do throws(KubeError) {
            _ = try await reach.cluster.ask(timed(request(KubeWriting(isDryRun: true))))
            let object = try await reach.cluster.ask(timed(request(KubeWriting()))).object
            directory.noteWebhook(isDown: false)
            return object
        } catch { throw .cluster(error) }
    }
}

extension VirtualServiceRefusal {
    /// Nothing of Istio can be written at all.
    static let istiodDown = VirtualServiceRefusal(
        "istiod is down: its webhook rejects every change of a VirtualService, and would reject the removal",
        remedy: KubeError.otherWays)
}
