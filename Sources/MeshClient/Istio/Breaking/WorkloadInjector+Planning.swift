internal import MeshModel

extension WorkloadInjector {
    private static let words: Set = ["delete-pod", "evict-pod", "scale", "restart", "partition"]

    func abilities(at scope: Scope) async -> [FaultAbility] {
        let callee = scope.callee
        guard directory.service(callee) != nil else { return [] }
        let shielding = await policiesOfOthers(at: callee)
        return FaultKindDescription.all.filter { Self.words.contains($0.word) }.map { description in
            let usual = description.mainField.map { [$0.name: $0.usual] } ?? [:]
            var ability = ability(FaultKind(description.word, usual), at: scope)
            if description.word == "partition", !shielding.isEmpty, ability.isPossible {
                let names = shielding.prefix(3).joined(separator: ", ")
                ability.note = [
                    ability.note, "traffic that \(names) allow\(shielding.count == 1 ? "s" : "") is not blocked",
                ]
                .compactMap(\.self).joined(separator: "; ")
            }
            return ability
        }
    }

    private func ability(_ kind: FaultKind, at scope: Scope) -> FaultAbility {
        var ability = FaultAbility(injector: name, word: kind.word, evidence: .held)
        (ability.smallestShare, ability.takesConditions) = (1, true)
        do throws(InjectionError) {
            let plan = try plan(kind, share: 1, at: scope)
            ability.note = plan.explanation
            let parts = plan.undo.parts.compactMap { try? WorkloadPart($0) }
            ability.outlivesUs = parts.contains { $0.isReversible && !isGuarded($0) }
            if kind.word.hasSuffix("-pod") {
                let pods = (try? workloads(of: scope.callee, nil))?.flatMap { directory.pods(of: $0) }
                ability.bounds = [kind.word: 1...max(1, pods?.count ?? 1)]
            }
        } catch {
            (ability.refusal, ability.remedy) = (error.summary, error.remedy)
        }
        return ability
    }

    /// NetworkPolicies add up: what another one lets through is not cut off by ours.
    private func policiesOfOthers(at callee: ServiceName) async -> [String] {
        guard let workloads = try? workloads(of: callee, nil), let first = workloads.first,
            let reach = reach(WorkloadPart("partition", first).undo(in: directory.cluster)),
            let all = try? await reach.cluster.all(timed(.list(.networkPolicies, in: first.namespace)))
        else { return [] }
        return all.filter { policy in
            guard policy.labels[WorkloadFault.label] == nil else { return false }
            // One that names no labels is for every pod.
            guard let selector = KubeSelector(policy.spec?["podSelector"]) else { return true }
            return workloads.contains { selector.matches($0.labels) }
        }.map(\.name).sorted()
    }

    func plan(_ kind: FaultKind, share: Double, at scope: Scope) throws(InjectionError) -> FaultPlan {
        guard share == 1 else { throw .impossible("A fault on a workload has no percentage: use 100%") }
        guard let description = kind.description, Self.words.contains(kind.word) else {
            throw .impossible("\(kind.word) is not a fault on a workload")
        }
        if let (field, amount) = description.outOfRange(kind) {
            throw .impossible("\(field.unit.label(amount)) is outside \(field.span)")
        }
        let callee = scope.callee
        var parts = try parts(kind, try workloads(of: callee, kind.only), callee)
        for place in parts.indices { try allow(&parts[place]) }
        var words = [what(kind, parts, callee)]
        if let why = description.beyondUndo { words.append("cannot be undone (\(Self.lowered(why)))") }
        if parts.contains(where: { !$0.isMarked }) {
            words.append("without the permission to annotate it, only this machine can scale it back")
        }
        words += warnings(of: kind, parts)
        if parts.contains(where: \.isPartition) {
            words.append("it needs a network that enforces NetworkPolicies, which gameday cannot check")
        }
        if parts.contains(where: { $0.isReversible && !isGuarded($0) }), let first = parts.first {
            words.append(
                "no clean-up Job in \(first.namespace): if this machine is lost, the fault stays until it is removed by hand"
            )
        }
        let text = words.joined(separator: "; ")
        return FaultPlan(
            kind: kind, share: 1, scope: scope, explanation: text.prefix(1).uppercased() + text.dropFirst(),
            evidence: .held, undo: FaultUndo(parts: parts.map { $0.undo(in: directory.cluster) }), work: kind.json)
    }

    /// What is written into a workload may be put back as a repository has it.
    private func warnings(of kind: FaultKind, _ parts: [WorkloadPart]) -> [String] {
        guard ["scale", "restart"].contains(kind.word) else { return [] }
        let ids = Set(parts.map(\.id))
        let owners = directory.workloads.filter { ids.contains($0.id) }.compactMap(\.owner?.warning)
        return Array(Set(owners)).sorted()
    }

    private static func lowered(_ text: String) -> String { text.prefix(1).lowercased() + text.dropFirst() }

    /// A Job would end it if this machine were lost.
    private func isGuarded(_ part: WorkloadPart) -> Bool {
        part.isMarked && directory.hasDeadMan(in: part.namespace) != false
            && directory.missing(of: IstioRights.mending, in: part.namespace).isEmpty
    }

    /// The workloads behind a callee, or those of one version of it; a workload's own name means that one alone.
    private func workloads(
        of callee: ServiceName, _ only: FaultCondition?
    ) throws(InjectionError) -> [Workload] {
        guard directory.service(callee) != nil else { throw .unknownService(callee) }
        if let why = directory.blindness {
            throw .unprepared(
                "cannot read Deployments: \(why)",
                remedy: "Run `gameday check` to print the missing permissions as YAML.")
        }
        let all = directory.workloads(of: callee)
        guard !all.isEmpty else {
            throw .unprepared("no watched Deployment or StatefulSet belongs to \(callee)", remedy: nil)
        }
        switch only {
        case nil: return all
        case .header?:
            throw .impossible("A fault on a workload cannot be limited by headers")
        case .version(let version)?:
            let meant = all.filter { $0.version == version || $0.name == version }
            guard !meant.isEmpty else {
                let known = Set(all.compactMap(\.version)).sorted().joined(separator: ", ")
                throw .unprepared(
                    "\(callee) has no version \(version)", remedy: known.isEmpty ? nil : "Use one of \(known).")
            }
            return meant
        }
    }

    private func parts(
        _ kind: FaultKind, _ workloads: [Workload], _ callee: ServiceName
    ) throws(InjectionError) -> [WorkloadPart] {
        let amount = kind.mainAmount ?? 0
        switch kind.word {
        case "delete-pod", "evict-pod":
            let all = workloads.flatMap { workload in directory.pods(of: workload).map { (workload, $0) } }
            guard amount <= all.count else {
                throw .unprepared("\(callee) has \(FaultUnit.count("pods").said(all.count))", remedy: nil)
            }
            let chosen = Dictionary(grouping: all.shuffled().prefix(amount), by: \.0.id)
            return chosen.values.map { pods in
                var part = WorkloadPart(kind.word, pods[0].0)
                part.pods = pods.map { .init(name: $0.1.name, uid: $0.1.uid) }
                return part
            }.sorted { $0.id < $1.id }
        case "scale":
            // Those that have so many already are left alone.
            let meant = workloads.filter { $0.replicas != amount }
            guard !meant.isEmpty else {
                throw .unprepared("\(callee) already has \(FaultUnit.count("replicas").said(amount))", remedy: nil)
            }
            return meant.map { workload in
                var part = WorkloadPart(kind.word, workload)
                (part.replicas, part.original) = (amount, workload.replicas)
                return part
            }
        case "restart":
            let stamp = KubeTime.micro(now())
            return workloads.map { workload in
                var part = WorkloadPart(kind.word, workload)
                part.stamp = stamp
                return part
            }
        default: return workloads.map { WorkloadPart(kind.word, $0) }
        }
    }

    /// Whether the user may; who may scale and not annotate goes by the scale alone.
    private func allow(_ part: inout WorkloadPart) throws(InjectionError) {
        var missing = directory.missing(of: IstioRights.needed(part.word, part.kind.resource), in: part.namespace)
        if part.word == "scale", !missing.isEmpty {
            missing = directory.missing(of: [IstioRights.scaling(part.kind.resource)], in: part.namespace)
            part.isMarked = false
        }
        guard let first = missing.first else { return }
        throw .unprepared(
            "your user lacks the permission to \(first)",
            remedy: "Run `gameday check` to print the missing permissions as YAML.")
    }

    /// What will be done, to whom.
    private func what(_ kind: FaultKind, _ parts: [WorkloadPart], _ callee: ServiceName) -> String {
        let names = parts.map { "\($0.kind.rawValue) \($0.name)" }.joined(separator: ", ")
        switch kind.word {
        case "delete-pod", "evict-pod":
            let all = directory.workloads(of: callee).flatMap { directory.pods(of: $0) }.count
            let done = kind.word == "evict-pod" ? "evicts" : "deletes"
            return "\(done) \(kind.mainAmount ?? 0) of the \(FaultUnit.count("pods").said(all)) of \(callee)"
        case "scale":
            let from = parts.map { "\($0.kind.rawValue) \($0.name) from \($0.original ?? 0)" }
            return "scales \(from.joined(separator: ", ")) to \(kind.mainAmount ?? 0)"
        case "restart": return "replaces the pods of \(names), a few at a time"
        default: return "a NetworkPolicy blocks all traffic to and from the pods of \(names)"
        }
    }
}
