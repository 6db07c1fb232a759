internal import MeshModel

/// What an undo says of one VirtualService or one sidecar: where it is, what of it has to go, and how it was before.
struct IstioPart: Sendable {
    /// Where the fault is.
    enum Way: String { case virtualService = "virtualservice", runtime }

    var way: Way
    var source: String
    var namespace: String
    /// Of the VirtualService, or of the pod.
    var name: String
    var uid: String?
    var keys: [String]
    var faults: [VirtualServiceFault] = []
    /// The VirtualService is made for the fault.
    var isMade = false
    /// Whose sidecars must take it, as `pod.namespace`; nil for whoever gets something.
    var proxies: Set<String>?
    /// Of the VirtualService before: a last resort, for when its annotations are gone.
    var http: [JSON]?
    var managedFields: [JSON]?

    var fault: VirtualServiceFault? { faults.first { keys.contains($0.key) } ?? faults.first }

    init(_ part: FaultUndo.Part) throws(WireError) {
        let fields = part.fields
        way = try fields.word("way", Way.self)
        source = part.source
        keys = part.keys
        namespace = try fields.string("namespace")
        name = try fields.string("name")
        uid = fields.value("uid")?.string
        isMade = fields.value("made")?.bool ?? false
        if fields.value("proxies") != nil { proxies = Set(try fields.strings("proxies")) }
        for fault in try fields.objects("faults") { faults.append(try VirtualServiceFault(fault)) }
        http = fields.value("http")?.array
        managedFields = fields.value("managedFields")?.array
    }

    static func read(_ part: FaultUndo.Part) throws(InjectionError) -> IstioPart {
        do { return try IstioPart(part) } catch { throw .impossible(error.summary) }
    }

    init(way: Way, source: String, namespace: String, name: String, keys: [String]) {
        (self.way, self.source, self.namespace, self.name, self.keys) = (way, source, namespace, name, keys)
    }

    func undo(in cluster: IstioDirectory.Cluster) -> FaultUndo.Part {
        let resource = way == .virtualService ? KubeResource.virtualServices : .pods
        var members =
            cluster.members.filter { !Self.own.contains($0.name) } + [
                JSON.Member("way", .string(way.rawValue)), JSON.Member("namespace", .string(namespace)),
                JSON.Member("name", .string(name)),
            ]
        if let uid { members.append(JSON.Member("uid", .string(uid))) }
        if isMade { members.append(JSON.Member("made", true)) }
        if let proxies { members.append(JSON.Member("proxies", .array(proxies.sorted().map { .string($0) }))) }
        if !faults.isEmpty { members.append(JSON.Member("faults", .array(faults.map(\.json)))) }
        if let http { members.append(JSON.Member("http", .array(http))) }
        if let managedFields { members.append(JSON.Member("managedFields", .array(managedFields))) }
        return FaultUndo.Part(
            injector: SourceKind.istio.rawValue, source: source,
            place: cluster.server + resource.path(namespace: namespace, name: name), keys: keys, payload: members)
    }

    private static let own: Set = [
        "way", "namespace", "name", "uid", "made", "proxies", "faults", "http", "managedFields",
    ]

    /// The part with what the VirtualService is like without anything of ours.
    func identified(_ part: FaultUndo.Part, _ broken: BrokenVirtualService) -> FaultUndo.Part {
        var part = part
        part.payload.removeAll { ["uid", "http", "managedFields"].contains($0.name) }
        part.payload += [
            JSON.Member("uid", .string(broken.object.uid)), JSON.Member("http", .array(broken.ownHTTP)),
            JSON.Member("managedFields", .array(broken.marks?.managedFields ?? broken.ownership)),
        ]
        return part
    }

    /// Of two that speak of the same place: the first, with the faults of both.
    static func joined(_ one: [JSON.Member], _ other: [JSON.Member]) -> [JSON.Member] {
        var result = one
        let faults = [one, other].flatMap { JSON.object($0)["faults"]?.array ?? [] }
        for member in other where !result.contains(where: { $0.name == member.name }) { result.append(member) }
        guard !faults.isEmpty else { return result }
        return JSON.object(result).setting("faults", to: .array(faults)).members
    }
}
