internal import MeshModel

extension IstioInjector {
    func survey(_ sources: Set<String>?) async -> [FaultSurvey] {
        guard let reach = reach(Self.anyPart(in: directory.cluster)) else {
            return (sources ?? []).sorted().map {
                FaultSurvey(source: $0, faults: nil, explanation: "unknown cluster")
            }
        }
        let pods = (sources ?? []).sorted().compactMap { source in
            directory.virtualService(source) == nil ? directory.pod(source: source) : nil
        }
        let known = directory.virtualServices.map { "\($0.namespace)/\($0.name)" }
        var names: [String: Set<String>] = [:]
        var others: [FaultSurvey] = []
        for source in (sources ?? Set(known)).subtracting(pods.map(\.source))
        where Workload.parts(of: source) == nil && ChaosFacts.parts(of: source) == nil {
            let parts = source.split(separator: "/", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                names[parts[0], default: []].insert(parts[1])
            } else {
                // Neither a VirtualService nor a sidecar, so that there is nothing in it that could hold a fault.
                others.append(FaultSurvey(source: source, faults: []))
            }
        }
        async let held = each(names.sorted { $0.key < $1.key }) { namespace, names in
            await survey(names, in: namespace, reach)
        }
        let runtimes = await each(pods) { await SidecarRuntime.survey($0, directory, reach) }
        return await held.flatMap(\.self) + runtimes + others
    }

    private static func anyPart(in cluster: IstioDirectory.Cluster) -> FaultUndo.Part {
        FaultUndo.Part(
            injector: SourceKind.istio.rawValue, source: cluster.server, place: cluster.server, keys: [],
            payload: cluster.members)
    }

    private func survey(_ names: Set<String>, in namespace: String, _ reach: IstioReach) async -> [FaultSurvey] {
        do throws(KubeError) {
            let objects = try await objects(names, in: namespace, reach)
            var surveys: [FaultSurvey] = []
            for object in objects { surveys.append(await survey(object, reach)) }
            // One that was deleted holds nothing.
            let gone = names.subtracting(objects.map(\.name)).sorted()
            return surveys + gone.map { FaultSurvey(source: "\(namespace)/\($0)", faults: []) }
        } catch {
            return names.sorted().map {
                FaultSurvey(source: "\(namespace)/\($0)", faults: nil, explanation: error.summary)
            }
        }
    }

    private func objects(
        _ names: Set<String>, in namespace: String, _ reach: IstioReach
    ) async throws(KubeError) -> [KubeObject] {
        if names.count <= 2 {
            var objects: [KubeObject] = []
            for name in names.sorted() {
                do throws(KubeError) {
                    objects.append(
                        try await reach.cluster.ask(timed(.get(.virtualServices, name, in: namespace))).object)
                } catch {
                    guard error.refusal?.isMissing == true else { throw error }
                }
            }
            return objects
        }
        let objects = try await reach.cluster.all(timed(.list(.virtualServices, in: namespace)))
        return objects.filter { names.contains($0.name) }
    }

    private func survey(_ object: KubeObject, _ reach: IstioReach) async -> FaultSurvey {
        let source = "\(object.namespace)/\(object.name)"
        let broken: BrokenVirtualService
        do { broken = try BrokenVirtualService(object, domain: directory.cluster.domain) } catch {
            return FaultSurvey(source: source, faults: nil, explanation: error.reason)
        }
        var part = IstioPart(
            way: .virtualService, source: source, namespace: object.namespace, name: object.name, keys: [])
        part.uid = object.uid
        var held: [FaultSurvey.Held] = []
        if let marks = broken.marks {
            let isForeign = marks.owner != directory.cluster.owner
            let isOthers = isForeign ? await upkeep.other(in: object.namespace, reach) != nil : false
            held += marks.faults.filter { broken.presence(of: $0) != .gone }.map { fault in
                part.keys = [fault.key]
                part.faults = [fault]
                return FaultSurvey.Held(
                    kind: fault.kind, share: fault.share, scope: scope(fault.caller, [fault.host], source),
                    undo: FaultUndo(parts: [part.undo(in: directory.cluster)]), evidence: .asked, isOthers: isOthers)
            }
        }
        part.faults = []
        held += OthersFault.all(in: broken.ownHTTP, namespace: object.namespace, domain: directory.cluster.domain)
            .map { fault in
                part.keys = [fault.key]
                return FaultSurvey.Held(
                    kind: fault.kind, share: fault.share, scope: scope(fault.caller, fault.hosts, source),
                    undo: FaultUndo(parts: [part.undo(in: directory.cluster)]), evidence: .asked, isOthers: true)
            }
        return FaultSurvey(source: source, faults: held)
    }

    private func scope(_ caller: VirtualServiceFault.Caller?, _ hosts: [String], _ source: String) -> Scope {
        let to =
            hosts.lazy.compactMap { directory.service(host: $0)?.name }.first
            ?? ServiceName(hosts.first ?? source)
        guard let caller, let from = directory.service(calling: caller)?.name else { return .service(to) }
        return .edge(Edge(from: from, to: to))
    }
}
