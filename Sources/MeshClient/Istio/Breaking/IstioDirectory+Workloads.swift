internal import MeshModel

/// What is known of the workloads behind services, for whoever breaks those.
extension IstioDirectory {
    /// All that there are from now on, each with the service that it stands behind. `blindness` says why nobody can see
    /// them.
    func replace(workloads: [(workload: Workload, service: ServiceName)], blindness: String?) {
        let byName = Dictionary(workloads.map { ($0.workload.id, $0) }) { one, _ in one }
        change { ($0.workloads, $0.blindness) = (byName, blindness) }
    }

    var workloads: [Workload] { look { $0.workloads.values.map(\.workload).sorted { $0.id < $1.id } } }

    /// Why Deployments and StatefulSets can't be seen; nil where they can.
    var blindness: String? { look(\.blindness) }

    func workloads(of service: ServiceName) -> [Workload] {
        look { $0.workloads.values.filter { $0.service == service }.map(\.workload).sorted { $0.id < $1.id } }
    }

    func service(ofWorkload source: String) -> ServiceName? { look { $0.workloads[source]?.service } }

    /// The pods that a workload has made.
    func pods(of workload: Workload) -> [Pod] {
        let service = service(ofWorkload: workload.id).flatMap { self.service($0) }
        return (service?.pods ?? []).filter {
            $0.namespace == workload.namespace && workload.selector.matches($0.labels)
        }
    }

    /// Which of these the user may not do in a namespace. Before it was asked everything is taken for allowed: the API
    /// server will say no.
    func missing(of rights: [KubeRight], in namespace: String) -> [KubeRight] {
        look { state in
            let missing = state.missing[namespace] ?? state.missing[""] ?? []
            return rights.filter(missing.contains)
        }
    }

    /// The namespace of all namespaces has the empty name.
    func set(missing rights: [KubeRight], in namespace: String?) {
        change { $0.missing[namespace ?? ""] = Set(rights) }
    }

    /// Why the Job that watches over a namespace does not run, by namespace.
    var deadManTroubles: [String: String] { look(\.deadManTroubles) }

    func set(deadManTrouble words: String?, in namespace: String) {
        change { $0.deadManTroubles[namespace] = words }
    }
}
