internal import MeshModel

extension IstioInjector {
    func undo(_ undos: [FaultUndo]) async -> [Halt.Proof] {
        await each(Self.merged(undos)) { part in
            func proof(_ isClean: Bool, _ words: String?) -> Halt.Proof {
                Halt.Proof(source: part.source, isClean: isClean, explanation: words)
            }
            do throws(InjectionError) {
                let its = try IstioPart.read(part)
                guard let reach = reach(part) else { return proof(false, "unknown cluster") }
                switch its.way {
                case .runtime: return try await SidecarRuntime(its, reach).clear()
                case .virtualService: return proof(true, try await take(its, reach))
                }
            } catch {
                return proof(false, error.summary)
            }
        }
    }

    /// Takes what the part speaks of from its VirtualService; returns words where something is to be said.
    private func take(_ part: IstioPart, _ reach: IstioReach) async throws(InjectionError) -> String? {
        for _ in 0..<Self.mostTries {
            do throws(BreakingError) { return try await tryToTake(part, reach) } catch {
                // Deleted in the same moment, it is found missing by the next try.
                if error.refusal?.isConflict == true || error.refusal?.isMissing == true { continue }
                guard error.isWebhookDown else { throw error.injection(at: part.source) }
                directory.noteWebhook(isDown: true)
                throw .unprepared(
                    "istiod is down: its webhook rejects the removal in \(part.source), and the sidecars still inject the fault; "
                        + "retrying until istiod is back. \(waysOut(of: part))", remedy: KubeError.otherWays)
            }
        }
        throw .unprepared("\(part.source) is constantly changed by others", remedy: nil)
    }

    /// What ends or contains a fault while nothing of Istio's can be written. An Envoy that has no other word from its
    /// control plane still obeys its own runtime, which comes before the percentage of its routes.
    private func waysOut(of part: IstioPart) -> String {
        let fault = part.fault
        let caller = fault?.caller.flatMap { directory.service(calling: $0) }
        let callee = fault.flatMap { directory.service(host: $0.host) }
        let pods = caller?.pods.filter(\.hasSidecar).map { ($0.namespace, $0.name) } ?? []
        let key = if case .delay? = fault?.effect { "delay.fixed_delay_percent" } else { "abort.abort_percent" }
        let (namespace, pod) = pods.first ?? (part.namespace, "POD")
        let each = pods.count == 1 ? "" : ", for each pod of \(caller?.name.text ?? "its callers")"
        let edge = "--from \(caller?.name.text ?? "CALLER") --to \(callee?.name.text ?? "CALLEE")"
        return "Until then these work: stop it in the sidecar by its own runtime (kubectl -n \(namespace) exec \(pod) "
            + "-c istio-proxy -- pilot-agent request POST 'runtime_modify?fault.http.\(key)=0'\(each); "
            + "with nothing after the = it obeys istiod again); cut the callee off (gameday fault start \(edge) --partition); delete the callers' "
            + "pods, of which no new ones come with a sidecar before istiod is back"
    }

    private func tryToTake(_ part: IstioPart, _ reach: IstioReach) async throws(BreakingError) -> String? {
        let object: KubeObject
        do throws(KubeError) { object = try await read(part, reach) } catch {
            guard error.refusal?.isMissing == true else { throw .cluster(error) }
            await upkeep.end(part.source, in: part.namespace, reach)
            return "the VirtualService was deleted meanwhile"
        }
        let broken: BrokenVirtualService
        let change: BrokenVirtualService.Change
        do throws(VirtualServiceRefusal) {
            broken = try BrokenVirtualService(object, domain: directory.cluster.domain)
            change = try broken.change(undoing: part)
        } catch { throw BreakingError(error) }
        let watch =
            change == .nothing
            ? nil
            : await PushWatch(
                reach, namespace: part.namespace, proxies: nil, patience: .seconds(1))
        do throws(KubeError) { try await perform(change, part, object, reach) } catch { throw .cluster(error) }
        if change != .nothing { directory.noteWebhook(isDown: false) }
        if broken.faults.allSatisfy({ part.keys.contains($0.key) }) {
            await upkeep.end(part.source, in: part.namespace, reach)
        }
        guard let watch else { return try await settled(part, reach) }
        let gone = broken.faults.filter { part.keys.contains($0.key) }
        await upkeep.tell(.removed, gone.isEmpty ? part.faults : gone, object, reach)
        switch await watch.outcome() {
        case .taken, .refused(_, isSilence: true): await upkeep.confirm(part.source, isTaken: true)
        case .refused(let why, isSilence: false):
            await upkeep.confirm(part.source, isTaken: false)
            throw .reason(.unprepared("\(part.source): removed, but \(why)", remedy: nil))
        case .unknown:
            guard reach.sync != nil else { break }
            await upkeep.confirm(part.source, isTaken: false)
            throw .reason(Self.unconfirmed(part))
        }
        return broken.changer.map { "\($0); only gameday's own fault was removed" }
    }

    /// Nothing is left in the object; the sidecars have heard of that too, unless istiod could not tell them.
    private func settled(_ part: IstioPart, _ reach: IstioReach) async throws(BreakingError) -> String? {
        guard await upkeep.isUnconfirmed(part.source) else { return nil }
        guard await PushWatch.isSettled(reach, namespace: part.namespace) else {
            throw .reason(Self.unconfirmed(part))
        }
        await upkeep.confirm(part.source, isTaken: true)
        return nil
    }

    private static func unconfirmed(_ part: IstioPart) -> InjectionError {
        .unprepared(
            "\(part.source): removed, but istiod does not respond, so the sidecars may still inject it",
            remedy: KubeError.otherWays)
    }

    private func perform(
        _ change: BrokenVirtualService.Change, _ part: IstioPart, _ object: KubeObject, _ reach: IstioReach
    ) async throws(KubeError) {
        switch change {
        case .nothing: return
        case .delete:
            _ = try await reach.cluster.ask(
                timed(
                    .delete(
                        .virtualServices, part.name, in: part.namespace, uid: object.uid,
                        resourceVersion: object.resourceVersion)))
        case .restore(let ownership):
            await restore(ownership, of: object, part, reach)
        case .patch(let patch, let ownership):
            let after = try await reach.cluster.ask(
                timed(.patch(.virtualServices, part.name, in: part.namespace, .json, patch))
            ).object
            if let ownership { await restore(ownership, of: after, part, reach) }
        }
    }

    /// Gives the routes back to whoever owned them. The fault is gone whether it works or not.
    private func restore(
        _ ownership: [JSON], of object: KubeObject, _ part: IstioPart, _ reach: IstioReach
    ) async {
        var (object, wanted) = (object, ownership)
        for _ in 0..<3 {
            guard !JSON.array(wanted).says(object.managedFields ?? .array([])) else { return }
            let patch = BrokenVirtualService.restoring(wanted, of: object)
            do throws(KubeError) {
                _ = try await reach.cluster.ask(
                    timed(.patch(.virtualServices, part.name, in: part.namespace, .json, patch)))
                return
            } catch {
                guard error.refusal?.isConflict == true, let now = try? await read(part, reach) else { return }
                (object, wanted) = (now, FieldOwnership(now).restored(to: FieldOwnership(wanted)))
            }
        }
    }
}

extension BrokenVirtualService {
    /// What takes away what an undo speaks of, wherever it is told: in the object itself, or in the ledger alone.
    func change(undoing part: IstioPart) throws(VirtualServiceRefusal) -> Change {
        if faults.contains(where: { part.keys.contains($0.key) }) { return try removing(Set(part.keys)) }
        let others = part.keys.filter { $0.hasPrefix(OthersFault.prefix) }
        if !others.isEmpty { return try OthersFault.removing(Set(others), from: self) }
        guard marks == nil, part.uid == nil || part.uid == object.uid else { return .nothing }
        // Somebody took the annotations away: the ledger says what was ours.
        var added: [JSON] = []
        if let before = part.http, let faulted = try? routes.adding(part.faults, to: before) {
            added = VirtualServiceRoutes.added(faulted, beyond: before)
        }
        let left = VirtualServiceRoutes.removing(part.faults, added: added, from: http)
        let original = part.managedFields.map { FieldOwnership(object).restored(to: FieldOwnership($0)) }
        if !JSON.array(left).says(.array(http)), !left.isEmpty {
            return .patch(replacing(left), ownership: original)
        }
        // We were stopped between the two patches.
        guard FieldOwnership(object).isOursByWriting, let original, let before = part.http,
            JSON.array(before).says(.array(http)), !JSON.array(original).says(object.managedFields ?? .null)
        else { return .nothing }
        return .restore(ownership: original)
    }
}
