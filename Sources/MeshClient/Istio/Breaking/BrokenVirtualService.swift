internal import MeshModel

/// One VirtualService as it was just read, and what has to be written so that it holds these faults of ours or others.
struct BrokenVirtualService {
    let object: KubeObject
    /// What we wrote into it; nil where nothing of ours is.
    let marks: FaultMarks?
    private let domain: String

    init(_ object: KubeObject, domain: String = "cluster.local") throws(VirtualServiceRefusal) {
        self.object = object
        self.domain = domain
        marks = try FaultMarks(object)
    }

    /// As sources are named.
    var source: String { "\(object.namespace)/\(object.name)" }
    var http: [JSON] { object.spec?["http"]?.array ?? [] }
    var faults: [VirtualServiceFault] { marks?.faults ?? [] }

    /// Nobody changed the routes since we did.
    var isAsLeft: Bool { marks.map { $0.mark == JSON.array(http).mark } ?? true }

    /// The routes without anything of ours.
    var ownHTTP: [JSON] {
        guard let marks else { return http }
        return isAsLeft ? marks.http : VirtualServiceRoutes.removing(marks.faults, added: marks.added, from: http)
    }

    /// Who changed the routes after us, in words; nil where nobody did.
    var changer: String? {
        guard !isAsLeft else { return nil }
        guard let writer = FieldOwnership(object).writer else { return "its routes were changed meanwhile" }
        return "\(writer.name) changed its routes" + (writer.time.map { " at \($0)" } ?? "")
    }

    /// Whether the routes show some, all or nothing of one of our faults.
    func presence(of fault: VirtualServiceFault) -> FaultEvidence.State {
        guard let marks, let place = marks.faults.firstIndex(where: { $0.key == fault.key }) else { return .gone }
        if isAsLeft { return marks.faults[place] == fault ? .held : .changed }
        let left = VirtualServiceRoutes.removing([fault], added: marks.added, from: http)
        if left.count == http.count, JSON.array(left).says(.array(http)) { return .gone }
        return marks.faults[place] == fault && isWhole(marks) ? .held : .changed
    }

    /// Others changed the routes, and still each request that the faults mean meets them first.
    private func isWhole(_ marks: FaultMarks) -> Bool {
        guard let rest = try? routes.adding(marks.faults.filter { !$0.isNarrow }, to: ownHTTP) else { return false }
        return JSON.array(marks.added + rest).says(.array(http))
    }

    /// What has to be written.
    enum Change: Equatable {
        /// A JSON patch, and the ownership to be restored after it; nil while faults stay.
        case patch(JSON, ownership: [JSON]?)
        /// The routes are as they should be, and only who owns them is not.
        case restore(ownership: [JSON])
        /// It was ours alone.
        case delete
        case nothing
    }

    var routes: VirtualServiceRoutes {
        VirtualServiceRoutes(source: source, namespace: object.namespace, domain: domain)
    }

    /// Adds a fault, or gives it another share or amount.
    func adding(_ fault: VirtualServiceFault, owner: String) throws(VirtualServiceRefusal) -> Change {
        var wanted = faults
        if let place = wanted.firstIndex(where: { $0.key == fault.key }) {
            wanted[place] = fault
        } else {
            wanted.append(fault)
        }
        let before = ownHTTP
        let faulted = try routes.adding(wanted, to: before)
        // Changed by others, it is theirs now: what they wrote is what has to come back.
        let kept = isAsLeft ? marks?.managedFields : nil
        let marks = FaultMarks(
            faults: wanted, http: before, managedFields: kept ?? ownership, faulted: faulted, owner: owner,
            isCreated: marks?.isCreated ?? false)
        return .patch(try patch(faulted, marks), ownership: nil)
    }

    /// Takes faults away by their keys; what else of ours is there stays.
    func removing(_ keys: Set<String>) throws(VirtualServiceRefusal) -> Change {
        guard let marks else { return .nothing }
        let left = marks.faults.filter { !keys.contains($0.key) }
        let before = ownHTTP
        if !left.isEmpty, let faulted = try? routes.adding(left, to: before) {
            let its = FaultMarks(
                faults: left, http: before, managedFields: isAsLeft ? marks.managedFields : ownership, faulted: faulted,
                owner: marks.owner, isCreated: marks.isCreated)
            return .patch(try patch(faulted, its), ownership: nil)
        }
        if marks.isCreated, isOursAlone(before) { return .delete }
        return .patch(try patch(before, nil), ownership: ownership)
    }

    /// Who owns what once nothing of ours is left.
    var ownership: [JSON] {
        let now = FieldOwnership(object)
        return marks.map { now.restored(to: FieldOwnership($0.managedFields)) } ?? now.entries
    }

    /// Nobody else has written anything into what we made.
    private func isOursAlone(_ http: [JSON]) -> Bool {
        let others = FieldOwnership(object).entries.filter {
            $0["manager"]?.string != FieldOwnership.ours && $0["subresource"] == nil
        }
        return others.isEmpty && JSON.array(http).says(.array(marks?.http ?? []))
    }

    private func patch(_ http: [JSON], _ marks: FaultMarks?) throws(VirtualServiceRefusal) -> JSON {
        var steps = [PatchStep.replace("metadata", "resourceVersion", value: .string(object.resourceVersion))]
        steps += try annotating(marks)
        if !JSON.array(http).says(.array(self.http)) {
            steps.append(PatchStep.replace("spec", "http", value: .array(http)))
        }
        return .array(steps)
    }

    /// A patch of the routes alone.
    func replacing(_ http: [JSON]) -> JSON {
        [
            PatchStep.replace("metadata", "resourceVersion", value: .string(object.resourceVersion)),
            PatchStep.replace("spec", "http", value: .array(http)),
        ]
    }

    private func annotating(_ marks: FaultMarks?) throws(VirtualServiceRefusal) -> [JSON] {
        let there = object.annotations
        let others = there.filter { FaultMarks.Name(rawValue: $0.key) == nil }
        guard let marks else {
            let own = FaultMarks.Name.allCases.filter { there[$0.rawValue] != nil }
            if others.isEmpty, !own.isEmpty { return [PatchStep.remove("metadata", "annotations")] }
            return own.map { PatchStep.remove("metadata", "annotations", $0.rawValue) }
        }
        let all = others.map { ($0.key, $0.value) } + marks.annotations
        let bytes = all.reduce(0) { $0 + $1.0.utf8.count + $1.1.utf8.count }
        guard bytes <= FaultMarks.mostBytes else {
            throw VirtualServiceRefusal(
                "\(source) is too large: its undo needs \(bytes / 1024) KiB of annotations; the limit is 256",
                remedy: "Split the VirtualService, or use the sidecar's runtime for this edge.")
        }
        let first = object.metadata?["annotations"] == nil ? [PatchStep.add("metadata", "annotations", value: [:])] : []
        return first
            + marks.annotations.map { PatchStep.add("metadata", "annotations", $0.name, value: .string($0.value)) }
    }
}

extension BrokenVirtualService {
    /// The second patch of an undo: the first made us owner of the routes, and no patch can change both at once.
    static func restoring(_ ownership: [JSON], of object: KubeObject) -> JSON {
        [
            PatchStep.replace("metadata", "resourceVersion", value: .string(object.resourceVersion)),
            PatchStep.test("spec", value: object.spec ?? .null),
            PatchStep.replace("metadata", "managedFields", value: .array(ownership)),
        ]
    }

    /// A VirtualService of ours for a host that has none: the routes that Istio has without one, and the fault.
    static func made(
        for fault: VirtualServiceFault, named name: String, in namespace: String, owner: String, domain: String
    ) throws(VirtualServiceRefusal) -> JSON {
        let http: [JSON] = [["route": [["destination": ["host": .string(fault.host)]]]]]
        let routes = VirtualServiceRoutes(source: "\(namespace)/\(name)", namespace: namespace, domain: domain)
        let faulted = try routes.adding(fault, to: http)
        let marks = FaultMarks(
            faults: [fault], http: http, managedFields: [], faulted: faulted, owner: owner, isCreated: true)
        return [
            "apiVersion": .string(KubeResource.virtualServices.apiVersion),
            "kind": .string(KubeResource.virtualServices.kind),
            "metadata": [
                "name": .string(name), "namespace": .string(namespace),
                "labels": ["app.kubernetes.io/managed-by": "gameday"],
                "annotations": .object(marks.annotations.map { JSON.Member($0.name, .string($0.value)) }),
            ],
            "spec": ["hosts": [.string(fault.host)], "http": .array(faulted)],
        ]
    }
}
