internal import MeshModel

extension IstioInjector {
    func abilities(at scope: Scope) async -> [FaultAbility] {
        guard directory.service(scope.callee) != nil else { return [] }
        return [FaultKind.abort(status: 503), .delay(milliseconds: 200), .rateLimit(kbps: 64)].map { kind in
            ability(kind, at: scope)
        }
    }

    private func ability(_ kind: FaultKind, at scope: Scope) -> FaultAbility {
        var ability = FaultAbility(injector: name, word: kind.word)
        ability.takesConditions = true
        do throws(InjectionError) {
            let plan = try plan(kind, share: 1, at: scope)
            ability.evidence = plan.evidence
            ability.smallestShare = VirtualServiceFault.smallestShare
            if plan.undo.parts.contains(where: { Self.way(of: $0) == .runtime }) {
                ability.bounds = [kind.word: 503...503]
                ability.steps = [kind.word: [503]]
                ability.smallestShare = 0.01
                ability.takesConditions = false
            }
            ability.note = plan.explanation
            ability.outlivesUs = plan.undo.parts.contains { part in
                guard let its = try? IstioPart(part) else { return false }
                return its.way == .runtime || directory.hasDeadMan(in: its.namespace) == false
            }
        } catch {
            (ability.refusal, ability.remedy) = (error.summary, error.remedy)
        }
        return ability
    }

    private static func way(of part: FaultUndo.Part) -> IstioPart.Way? {
        part.fields.value("way")?.string.flatMap(IstioPart.Way.init)
    }

    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        guard share > 0, share <= 1 else { throw .impossible("The percentage must be above 0, at most 100") }
        let callee = scope.callee
        guard let service = directory.service(callee) else { throw .unknownService(callee) }
        guard let host = service.host else {
            throw .impossible("\(callee) has no Service, so it cannot be called by name")
        }
        var fault = VirtualServiceFault(
            effect: try Self.effect(of: kind), share: share,
            host: IstioHost.name(of: host, in: service.namespace, domain: directory.cluster.domain))
        var caller: IstioDirectory.Service?
        if case .edge(let edge) = scope {
            guard let known = directory.service(edge.from) else { throw .unknownService(edge.from) }
            caller = known
        }
        // Where no requests can be told apart as they are meant, no other way will do.
        do { try take(kind.only, into: &fault, callee) } catch { throw error.injection }
        // In a moment the better way may be open.
        for resource in [KubeResource.virtualServices, .destinationRules] where directory.isAwaiting(resource) {
            if let refusal = directory.refusal(by: resource) { throw refusal.injection }
        }
        do throws(VirtualServiceRefusal) {
            try fault.validate()
            if let caller { fault.caller = try calling(caller) }
            return try plan(fault, kind, at: scope, service, caller)
        } catch {
            if let plan = runtimePlan(fault, at: scope, service, caller, since: error) { return plan }
            throw error.injection
        }
    }

    /// What the VirtualService is called that is made for a host without one.
    static func madeName(for host: String) -> String { "gameday-\(host)" }

    private static func effect(of kind: FaultKind) throws(InjectionError) -> VirtualServiceFault.Effect {
        if let description = kind.description, let (field, amount) = description.outOfRange(kind) {
            throw .impossible("\(field.unit.label(amount)) is outside \(field.span)")
        }
        switch (kind.word, kind.mainAmount) {
        case ("abort", let status?): return .abort(status: status)
        case ("delay", let milliseconds?):
            guard kind.amounts.count == 1 else { throw .impossible("Istio does not support jitter") }
            return .delay(milliseconds: milliseconds)
        default: throw .impossible("Istio does not support \(kind.description?.name ?? kind.word)")
        }
    }

    /// Which requests are meant. A version is what the subsets of a DestinationRule make of it.
    private func take(
        _ only: FaultCondition?, into fault: inout VirtualServiceFault, _ callee: ServiceName
    ) throws(VirtualServiceRefusal) {
        switch only {
        case nil: return
        case .header(let name, let value)?: fault.header = .init(name: name, value: value)
        case .version(let version)?:
            if let refusal = directory.refusal(by: .destinationRules) { throw refusal }
            let subsets = directory.subsets(of: fault.host, version: version)
            guard !subsets.isEmpty else {
                throw VirtualServiceRefusal(
                    "\(callee) has no subset for version \(version)",
                    remedy: "Add one in a DestinationRule, with the label version: \(version).")
            }
            fault.subsets = subsets
            fault.version = version
        }
    }

    /// Whose requests those of a service are, as its sidecars know themselves.
    private func calling(_ service: IstioDirectory.Service) throws(VirtualServiceRefusal) -> VirtualServiceFault.Caller
    {
        guard !service.isGateway else {
            throw VirtualServiceRefusal(
                "\(service.name) is a gateway, and the routes of a gateway are not changed",
                remedy: "Choose an edge behind it.")
        }
        guard service.pods.contains(where: \.hasSidecar) else {
            throw VirtualServiceRefusal(
                "no pod of \(service.name) has a sidecar to inject the fault",
                remedy: "Restart the caller's pods with a sidecar: Istio injects faults at the caller.")
        }
        guard let labels = directory.callerLabels(of: service) else {
            throw VirtualServiceRefusal(
                "no label separates the pods of \(service.name) from others in \(service.namespace)",
                remedy: "Add a label to them, such as app: \(service.name).")
        }
        let fleeting: Set = ["pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name"]
        var pods: [[String: String]] = []
        for pod in service.pods {
            let its = pod.labels.filter { !fleeting.contains($0.key) }
            if !pods.contains(its) { pods.append(its) }
        }
        return .init(namespace: service.namespace, labels: labels, pods: pods.count > 20 ? [] : pods)
    }

    /// By the VirtualService that steers the host.
    private func plan(
        _ fault: VirtualServiceFault, _ kind: FaultKind, at scope: Scope, _ service: IstioDirectory.Service,
        _ caller: IstioDirectory.Service?
    ) throws(VirtualServiceRefusal) -> FaultPlan {
        if let refusal = directory.refusal(by: .virtualServices) { throw refusal }
        let choice = try VirtualServiceChoice(
            for: fault.host, calledFrom: caller?.namespace, among: directory.virtualServices,
            domain: directory.cluster.domain)
        let namespace = choice.object?.namespace ?? service.namespace
        if let obstacle = directory.obstacle(in: namespace) { throw obstacle }
        let name = choice.object?.name ?? Self.madeName(for: service.host ?? "")
        var part = IstioPart(
            way: .virtualService, source: "\(namespace)/\(name)", namespace: namespace, name: name, keys: [fault.key])
        if let object = choice.object {
            _ = try BrokenVirtualService(object, domain: directory.cluster.domain)
                .adding(fault, owner: directory.cluster.owner)
        } else {
            part.isMade = true
            _ = try BrokenVirtualService.made(
                for: fault, named: name, in: namespace, owner: directory.cluster.owner,
                domain: directory.cluster.domain)
        }
        part.faults = [fault]
        part.proxies = caller.map { Set($0.pods.filter(\.hasSidecar).map { "\($0.name).\($0.namespace)" }) }
        return FaultPlan(
            kind: kind, share: fault.share, scope: scope, explanation: words(part, choice, caller),
            evidence: directory.confirmsPushes ? .held : .asked,
            undo: FaultUndo(parts: [part.undo(in: directory.cluster)]), work: fault.json)
    }

    /// Which way it goes, and what that costs.
    private func words(
        _ part: IstioPart, _ choice: VirtualServiceChoice, _ caller: IstioDirectory.Service?
    ) -> String {
        var words = [
            part.isMade
                ? "by a VirtualService \(part.source) that gameday creates and deletes"
                : "by the VirtualService \(part.source)",
            "retries and timeouts of its routes are off while it is active", "its removal needs istiod",
        ]
        if let note = choice.note { words.append(note) }
        if let owner = choice.object.flatMap(GitOpsOwner.init) { words.append(owner.warning) }
        if let caller {
            let bare = caller.pods.filter { !$0.hasSidecar }.count
            if bare > 0 { words.append("\(bare) of \(caller.pods.count) pods have no sidecar and are not hit") }
        }
        if directory.hasDeadMan(in: part.namespace) == false {
            words.append(
                "no clean-up Job in \(part.namespace): if this machine is lost, the fault stays until it is removed by hand"
            )
        }
        if directory.hasLease(in: part.namespace) == false {
            words.append("no Lease can be written in \(part.namespace), so another team can inject faults there too")
        }
        return Self.sentence(words)
    }

    private static func sentence(_ words: [String]) -> String {
        let text = words.joined(separator: "; ")
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// By the runtime of the caller's own sidecars, where nothing else is possible: 503 only, in whole percents.
    private func runtimePlan(
        _ fault: VirtualServiceFault, at scope: Scope, _ service: IstioDirectory.Service,
        _ caller: IstioDirectory.Service?, since refusal: VirtualServiceRefusal
    ) -> FaultPlan? {
        // Each subset has a key of its own: who does not know them all would hit some of the requests only.
        guard directory.opensSidecars, directory.refusal(by: .destinationRules) == nil,
            fault.effect == .abort(status: 503), fault.header == nil, let caller, !service.ports.isEmpty
        else {
            return nil
        }
        let pods = caller.pods.filter(\.hasSidecar)
        guard !pods.isEmpty else { return nil }
        let percent = max(1, Int((fault.share * 100).rounded()))
        let subsets = fault.subsets ?? [""] + directory.subsets(of: fault.host)
        let keys = service.ports.flatMap { port in
            subsets.map { EnvoySetting.maintenance + "outbound|\(port)|\($0)|\(fault.host)" }
        }
        let parts = pods.map { pod in
            var part = IstioPart(
                way: .runtime, source: pod.source, namespace: pod.namespace, name: pod.name, keys: keys)
            part.uid = pod.uid
            return part.undo(in: directory.cluster)
        }
        var words = [
            "by the runtime of the caller's sidecars, because \(refusal.reason)", "503 only, in whole percentages",
            "lost when a sidecar restarts, and not active in new pods",
            "no Job can remove it: if this machine is lost, it stays until the sidecars restart",
        ]
        if abs(Double(percent) / 100 - fault.share) > 0.000_05 { words.append("only whole percentages: \(percent)%") }
        return FaultPlan(
            kind: fault.kind, share: Double(percent) / 100, scope: scope,
            explanation: Self.sentence(words), evidence: .held, undo: FaultUndo(parts: parts), work: fault.json
        )
    }
}
