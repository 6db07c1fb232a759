internal import MeshModel

/// What is said of everything but the sidecars themselves: the API server, the VirtualServices that hold faults or could,
/// and pods that have no sidecar. Each is told when it changes, and every ten seconds.
struct IstioSources {
    private let server: String
    let serverName: String
    private let naming: IstioNaming
    private var told: [String: (report: SourceReport, at: ContinuousClock.Instant)] = [:]

    init(cluster: KubeCluster, names: SourceNames, naming: IstioNaming) {
        server = cluster.server
        serverName = names.unique(cluster.context.isEmpty ? "cluster" : cluster.context)
        self.naming = naming
    }

    /// The reports that are to be told now.
    mutating func reports(
        of picture: IstioWatch.Picture, _ breaking: IstioDirectory, failure: KubeError?,
        istiodAnswers: Bool?, at now: ContinuousClock.Instant
    ) -> [SourceReport] {
        var all = [serverReport(picture, failure)]
        if let istiod = istiodReport(picture, failure, istiodAnswers) { all.append(istiod) }
        if picture.population.isKnown {
            let rules = picture.blind["virtualservices"] ?? failure
            all += breaking.holders.map { holder(named: $0, rules) }
            all += breaking.workloads.map { holder($0, failure) }
            all += breaking.chaos.map { holder($0, failure) }
            all += breaking.deadManTroubles.sorted { $0.key < $1.key }.map { deadMan(in: $0, troubled: $1) }
            all += picture.population.members().flatMap { member in
                member.pods.filter { !$0.hasSidecar }.map { bare($0, of: member) }
            }
        }
        let names = Set(all.map(\.name))
        for (name, last) in told where !names.contains(name) && !last.report.isGone && picture.population.isKnown {
            var report = last.report
            (report.health, report.state) = (SourceReport.gone, .unreachable)
            all.append(report)
        }
        return all.filter { report in
            if let last = told[report.name], last.report == report {
                if report.isGone || last.at.duration(to: now) < IstioMesh.pace - .milliseconds(500) { return false }
            }
            told[report.name] = (report, now)
            return true
        }
    }

    private func report(_ name: String, _ kind: SourceKind, _ path: String, _ state: SourceState) -> SourceReport {
        SourceReport(
            name: name, kind: kind, endpoint: server + path, service: nil, state: state,
            interval: IstioMesh.pace.seconds)
    }

    /// What a mesh is known without.
    private static let dispensable: Set = [
        "nodes", IstioWatch.system, KubeResource.deployments.plural, KubeResource.statefulSets.plural,
    ]

    private func serverReport(_ picture: IstioWatch.Picture, _ failure: KubeError?) -> SourceReport {
        let blind = picture.blind.filter { !Self.dispensable.contains($0.key) }.sorted { $0.key < $1.key }
        let why = failure ?? picture.blind["pods"] ?? blind.first?.value
        let isKnown = picture.population.isKnown
        var report = report(serverName, .list, "", why == nil ? .fresh : isKnown ? .stale : .unreachable)
        report.explanation = why.map { error in
            error.remedy.map { "\(error.summary). \($0)" } ?? error.summary
        }
        return report
    }

    /// How istiod is: without it no VirtualService can be changed, while the sidecars go on as they were told. Nil where
    /// nobody may look, and before it was asked.
    private func istiodReport(
        _ picture: IstioWatch.Picture, _ failure: KubeError?, _ answers: Bool?
    ) -> SourceReport? {
        guard let pods = picture.istiods else { return nil }
        let path = KubeResource.pods.path(namespace: IstioWatch.system)
        var report = report("istiod", .list, path, .fresh)
        let trouble: String?
        if let failure {
            (report.state, trouble) = (.stale, failure.summary)
        } else if !pods.contains(where: \.isReady) {
            (report.state, trouble) = (.unreachable, pods.isEmpty ? "no istiod runs" : "no istiod is ready")
        } else if answers == false {
            (report.state, trouble) = (.stale, "it runs but does not respond")
        } else if answers == nil {
            return nil
        } else {
            trouble = nil
        }
        report.explanation = trouble.map {
            "\($0): sidecars keep their last configuration, and a fault in a VirtualService cannot be removed until istiod is back"
        }
        return report
    }

    /// A VirtualService, which holds a fault or could.
    private func holder(named name: String, _ trouble: KubeError?) -> SourceReport {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        let path = KubeResource.virtualServices.path(namespace: parts.first, name: parts.last)
        var report = report(name, .istio, path, trouble == nil ? .fresh : .stale)
        report.explanation = trouble?.summary
        return report
    }

    /// A workload, to which faults can be done, and how many of its pods are ready.
    private func holder(_ workload: Workload, _ trouble: KubeError?) -> SourceReport {
        let path = workload.kind.resource.path(namespace: workload.namespace, name: workload.name)
        var report = report(workload.id, .workload, path, trouble == nil ? .fresh : .stale)
        report.explanation = trouble?.summary
        if workload.ready < workload.replicas || workload.replicas == 0 {
            report.health = "\(workload.ready) of \(workload.replicas) ready"
        }
        report.version = workload.version
        return report
    }

    /// An object of Chaos Mesh, which holds a fault while it is active.
    private func holder(_ chaos: ChaosFacts, _ trouble: KubeError?) -> SourceReport {
        let path = chaos.resource.path(namespace: chaos.namespace, name: chaos.name)
        var report = report(chaos.id, .chaosMesh, path, trouble == nil ? .fresh : .stale)
        report.explanation = trouble?.summary
        if !chaos.isActive { report.health = "not active" }
        return report
    }

    /// The Job that is to end faults if this machine is lost, and does not run.
    private func deadMan(in namespace: String, troubled words: String) -> SourceReport {
        let path = KubeResource.jobs.path(namespace: namespace, name: DeadMan.name)
        var report = report("\(namespace)/job/\(DeadMan.name)", .list, path, .unreachable)
        report.explanation = "\(words): a lost laptop leaves the fault"
        return report
    }

    private func bare(_ pod: PodFacts, of member: IstioPopulation.Member) -> SourceReport {
        var report = report(
            pod.id, .sidecar, KubeResource.pods.path(namespace: pod.namespace, name: pod.name), .fresh)
        report.service = naming.shown(member.name)
        report.explanation =
            pod.isAmbient
            ? "ambient mode: its requests are known only where a waypoint serves them"
            : "it has no sidecar, so its traffic is unknown"
        report.health = pod.isAmbient ? "ambient" : "no sidecar"
        (report.version, report.zone) = (pod.version, pod.zone)
        return report
    }
}
