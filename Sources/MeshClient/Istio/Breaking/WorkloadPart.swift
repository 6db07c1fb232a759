internal import MeshModel

/// What an undo says of one workload: what was done to it, and how it was before.
struct WorkloadPart: Sendable {
    struct Pod: Equatable, Sendable {
        var name: String
        var uid: String
    }

    /// The word of the kind of fault.
    var word: String
    var kind: Workload.Kind
    var namespace: String
    var name: String
    var uid: String
    var selector: JSON
    /// The pods that are taken away.
    var pods: [Pod] = []
    /// How many it is scaled to, and from.
    var replicas: Int?
    var original: Int?
    /// The undo of a scaling stands in the workload itself, and not on our disk alone.
    var isMarked = true
    /// Who owned what of it before.
    var managedFields: [JSON]?
    /// When it is restarted.
    var stamp: String?

    init(_ word: String, _ workload: Workload) {
        self.word = word
        (kind, namespace, name, uid) = (workload.kind, workload.namespace, workload.name, workload.uid)
        selector = workload.selector.json
    }

    init(_ part: FaultUndo.Part) throws(WireError) {
        let fields = part.fields
        word = try fields.string("what")
        kind = try fields.word("workload", Workload.Kind.self)
        namespace = try fields.string("namespace")
        name = try fields.string("name")
        uid = try fields.string("uid")
        selector = fields.value("selector") ?? .null
        if fields.value("pods") != nil {
            for pod in try fields.objects("pods") {
                pods.append(Pod(name: try pod.string("name"), uid: try pod.string("uid")))
            }
        }
        replicas = fields.value("replicas")?.integer.map { Int(clamping: $0) }
        original = fields.value("original")?.integer.map { Int(clamping: $0) }
        isMarked = fields.value("marked")?.bool ?? true
        managedFields = fields.value("managedFields")?.array
        stamp = fields.value("stamp")?.string
    }

    static func read(_ part: FaultUndo.Part) throws(InjectionError) -> WorkloadPart {
        do { return try WorkloadPart(part) } catch { throw .impossible(error.summary) }
    }

    /// The name of its source.
    var id: String { Workload.id(kind, namespace, name) }
    var isPartition: Bool { word == "partition" }
    var policyName: String { WorkloadFault.policyName("\(kind.rawValue)-\(name)") }
    /// Something has to be taken back of it.
    var isReversible: Bool { word == "scale" || isPartition }

    func undo(in cluster: IstioDirectory.Cluster) -> FaultUndo.Part {
        var members =
            cluster.members + [
                JSON.Member("what", .string(word)), JSON.Member("workload", .string(kind.rawValue)),
                JSON.Member("namespace", .string(namespace)), JSON.Member("name", .string(name)),
                JSON.Member("uid", .string(uid)), JSON.Member("selector", selector),
            ]
        if !pods.isEmpty {
            let list = pods.map { pod -> JSON in ["name": .string(pod.name), "uid": .string(pod.uid)] }
            members.append(JSON.Member("pods", .array(list)))
        }
        if let replicas { members.append(JSON.Member("replicas", .integer(Int64(replicas)))) }
        if let original { members.append(JSON.Member("original", .integer(Int64(original)))) }
        if !isMarked { members.append(JSON.Member("marked", false)) }
        if let managedFields { members.append(JSON.Member("managedFields", .array(managedFields))) }
        if let stamp { members.append(JSON.Member("stamp", .string(stamp))) }
        let path =
            isPartition
            ? KubeResource.networkPolicies.path(namespace: namespace, name: policyName)
            : kind.resource.path(namespace: namespace, name: name)
        return FaultUndo.Part(
            injector: SourceKind.workload.rawValue, source: id, place: cluster.server + path, keys: [word],
            payload: members)
    }
}
