internal import MeshModel

/// What goes along with faults in a namespace: its Lease, the dead-man Job, and Events for whoever reads along.
actor IstioUpkeep {
    /// What an Event tells.
    enum Happening: String { case injected = "FaultInjected", removed = "FaultRemoved" }

    private let directory: IstioDirectory
    /// What runs the dead-man Job; nil for none.
    private let image: String?
    private var leases: NamespaceLeases?
    /// The VirtualServices that hold faults of this process, by namespace.
    private var active: [String: Set<String>] = [:]
    /// Looks after the dead-man Jobs, by namespace.
    private var watches: [String: Task<Void, Never>] = [:]

    /// What was removed while istiod could not tell the sidecars.
    private var unconfirmed: Set<String> = []

    init(_ directory: IstioDirectory, image: String? = DeadMan.usualImage) {
        self.directory = directory
        self.image = image
    }

    /// Before the first fault in a namespace: whose it is, and who ends the fault if we can't.
    func begin(
        _ source: String, in namespace: String, _ reach: IstioReach, isGuarded: Bool = true
    ) async throws(InjectionError) {
        directory.setLease(try await leases(reach).acquire(namespace), in: namespace)
        if isGuarded, watches[namespace] == nil { await makeDeadMan(in: namespace, reach) }
        active[namespace, default: []].insert(source)
    }

    /// After an undo. A VirtualService that still holds another fault of ours is begun again by its next change.
    func end(_ source: String, in namespace: String, _ reach: IstioReach) async {
        guard active[namespace]?.remove(source) != nil, active[namespace]?.isEmpty == true else { return }
        active[namespace] = nil
        await leases(reach).release(namespace)
        guard let image, let watch = watches[namespace].take() else { return }
        watch.cancel()
        directory.set(deadManTrouble: nil, in: namespace)
        for object in DeadMan(namespace: namespace, image: image).objects.reversed() {
            guard let resource = DeadMan.resource(of: object) else { continue }
            try? await remove(resource, object["metadata"]?["name"]?.string ?? "", in: namespace, reach)
        }
    }

    /// Whether the sidecars have taken what an undo wrote.
    func confirm(_ source: String, isTaken: Bool) {
        if isTaken { unconfirmed.remove(source) } else { unconfirmed.insert(source) }
    }

    func isUnconfirmed(_ source: String) -> Bool { unconfirmed.contains(source) }

    /// Who else holds the namespace.
    func other(in namespace: String, _ reach: IstioReach) async -> String? {
        await leases(reach).other(in: namespace)
    }

    private func leases(_ reach: IstioReach) -> NamespaceLeases {
        if let leases { return leases }
        let made = NamespaceLeases(reach, owner: directory.cluster.owner)
        leases = made
        return made
    }

    private func makeDeadMan(in namespace: String, _ reach: IstioReach) async {
        guard let image else { return directory.setDeadMan(false, in: namespace) }
        var isThere = true
        let endsWorkloads = directory.missing(of: IstioRights.mending, in: namespace).isEmpty
        for object in DeadMan(namespace: namespace, image: image, endsWorkloads: endsWorkloads).objects {
            guard let resource = DeadMan.resource(of: object) else { continue }
            do throws(KubeError) {
                try await make(object, resource, in: namespace, reach)
            } catch { isThere = false }
        }
        directory.setDeadMan(isThere, in: namespace)
        watches[namespace] = Task { [directory] in
            if isThere { await DeadManWatch(namespace, directory, reach).run() }
        }
    }

    /// Makes it unless it is there. A Job that has ended, or is on its way out, watches over nothing.
    private func make(
        _ object: JSON, _ resource: KubeResource, in namespace: String, _ reach: IstioReach
    ) async throws(KubeError) {
        do throws(KubeError) {
            _ = try await reach.cluster.ask(.create(resource, object, in: namespace))
        } catch {
            guard error.refusal?.reason == "AlreadyExists" else { throw error }
            guard resource == .jobs else { return }
            let name = object["metadata"]?["name"]?.string ?? ""
            let there = try await reach.cluster.ask(.get(resource, name, in: namespace)).object
            let ends = (there.status?["conditions"]?.array ?? []).filter {
                ["Complete", "Failed"].contains($0["type"]?.string) && $0["status"] == "True"
            }
            guard there.isGoing || !ends.isEmpty else { return }
            if !there.isGoing { try await remove(resource, name, in: namespace, reach) }
            _ = try await reach.cluster.ask(.create(resource, object, in: namespace))
        }
    }

    private func remove(
        _ resource: KubeResource, _ name: String, in namespace: String, _ reach: IstioReach
    ) async throws(KubeError) {
        var request = KubeRequest.delete(resource, name, in: namespace)
        // Else the API server leaves the Job's pods behind.
        request.body = request.body?.setting("propagationPolicy", to: "Background")
        _ = try await reach.cluster.ask(request)
    }

    /// An Event at the VirtualService. Nothing depends on it.
    func tell(
        _ happening: Happening, _ faults: [VirtualServiceFault], _ object: KubeObject, _ reach: IstioReach
    ) async {
        await tell(happening, faults.map(Self.words), object, reach)
    }

    /// The same of what was done, in words, to any object.
    func tell(_ happening: Happening, _ what: [String], _ object: KubeObject, _ reach: IstioReach) async {
        let event = Self.event(happening, what, object, owner: directory.cluster.owner, at: reach.now())
        _ = try? await reach.cluster.ask(.create(.events, event, in: object.namespace))
    }

    /// The API server takes notes of so many characters.
    static let longestNote = 1024

    static func words(_ fault: VirtualServiceFault) -> String {
        let percent = JSON.double((fault.share * 1_000_000).rounded() / 10_000).text
        return "\(fault.kind.label) on \(percent)% of the requests: \(fault.key)"
    }

    static func event(
        _ happening: Happening, _ what: [String], _ object: KubeObject, owner: String, at: Timestamp
    ) -> JSON {
        let note =
            (happening == .injected ? "Injected by " : "Removed by ") + "gameday of \(owner): "
            + what.joined(separator: "; ")
        return [
            "apiVersion": .string(KubeResource.events.apiVersion), "kind": .string(KubeResource.events.kind),
            "metadata": ["generateName": "gameday-", "namespace": .string(object.namespace)],
            "eventTime": .string(KubeTime.micro(at)), "reportingController": "gameday.dev/gameday",
            "reportingInstance": .string(String("gameday-\(owner)".prefix(128))),
            "action": .string(happening == .injected ? "InjectFault" : "RemoveFault"),
            "reason": .string(happening.rawValue), "type": .string(happening == .injected ? "Warning" : "Normal"),
            "regarding": [
                "apiVersion": object.json["apiVersion"] ?? .null, "kind": object.json["kind"] ?? .null,
                "namespace": .string(object.namespace),
                "name": .string(object.name), "uid": .string(object.uid),
            ],
            "note": .string(String(note.prefix(longestNote))),
        ]
    }
}
