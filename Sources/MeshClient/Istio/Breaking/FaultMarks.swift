internal import MeshModel

/// What gameday writes beside a fault into the VirtualService itself: all that an undo needs, so that any gameday on any
/// machine can do it, and the dead-man Job too.
struct FaultMarks: Equatable, Sendable {
    /// The faults that stand, in the order in which they were added.
    var faults: [VirtualServiceFault]
    /// The routes as they were before the first of them.
    var http: [JSON]
    /// Who owned what before the first of them.
    var managedFields: [JSON]
    /// The routes that the faults added.
    var added: [JSON]
    /// The mark of all routes as we left them.
    var mark: String
    /// Who did it, like `olivia@laptop`.
    var owner: String
    /// The VirtualService itself is ours: there was none for its host.
    var isCreated = false

    /// The names of the annotations.
    enum Name: String, CaseIterable {
        case faults = "gameday.dev/faults"
        case http = "gameday.dev/original-http"
        case managedFields = "gameday.dev/original-managed-fields"
        case added = "gameday.dev/added-http"
        case mark = "gameday.dev/faulted-mark"
        case owner = "gameday.dev/owner"
        case created = "gameday.dev/created"
    }

    /// All annotations of one object may have so many bytes.
    static let mostBytes = 256 * 1024

    var annotations: [(name: String, value: String)] {
        let values: [(Name, JSON)] = [
            (.faults, .array(faults.map(\.json))), (.http, .array(http)), (.managedFields, .array(managedFields)),
            (.added, .array(added)),
        ]
        var texts = values.map { ($0.0.rawValue, $0.1.text) }
        texts += [(Name.mark.rawValue, mark), (Name.owner.rawValue, owner)]
        if isCreated { texts.append((Name.created.rawValue, "true")) }
        return texts
    }

    /// What an object says; nil when it has no marks, a mistake when they can't be read.
    init?(_ object: KubeObject) throws(VirtualServiceRefusal) {
        let texts = object.annotations
        guard Name.allCases.contains(where: { texts[$0.rawValue] != nil }) else { return nil }
        func list(_ name: Name) throws(VirtualServiceRefusal) -> [JSON] {
            guard let text = texts[name.rawValue], let items = (try? JSON(parsing: text))?.array else {
                throw VirtualServiceRefusal(
                    "\(object.namespace)/\(object.name): its annotation \(name.rawValue) cannot be read",
                    remedy: "Restore its routes by hand, and remove the annotations that begin with gameday.dev/.")
            }
            return items
        }
        http = try list(.http)
        managedFields = try list(.managedFields)
        added = try list(.added)
        faults = []
        for item in try list(.faults) {
            do { faults.append(try VirtualServiceFault(WireFields(item, page: Name.faults.rawValue))) } catch {
                throw VirtualServiceRefusal("\(object.namespace)/\(object.name): \(error.summary)")
            }
        }
        mark = texts[Name.mark.rawValue] ?? ""
        owner = texts[Name.owner.rawValue] ?? ""
        isCreated = texts[Name.created.rawValue] == "true"
    }

    init(
        faults: [VirtualServiceFault], http: [JSON], managedFields: [JSON], faulted: [JSON], owner: String,
        isCreated: Bool
    ) {
        self.faults = faults
        self.http = http
        self.managedFields = managedFields
        self.added = VirtualServiceRoutes.added(faulted, beyond: http)
        self.mark = JSON.array(faulted).mark
        self.owner = owner
        self.isCreated = isCreated
    }
}
