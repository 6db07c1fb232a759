internal import Glibc
internal import MeshModel

/// One Lease a namespace while faults of ours are there, so that two game days can't break it at once by accident, and so
/// that the dead-man Job sees when nobody is there any more.
actor NamespaceLeases {
    static let name = "gameday"
    /// Seconds without renewal until others may take it over.
    static let length = 15

    private let reach: IstioReach
    private let identity: String
    private var held: [String: KubeObject] = [:]
    private var loops: [String: Task<Void, Never>] = [:]
    /// When which version of a Lease of others was first seen, by our own clock: only that tells that it ran out.
    private var seen: [String: (version: String, at: Duration)] = [:]

    init(_ reach: IstioReach, owner: String, process: Int32 = getpid()) {
        self.reach = reach
        identity = "\(owner):\(process)"
    }

    /// Takes the Lease of a namespace, or throws whose it is; false where none may be written.
    func acquire(_ namespace: String) async throws(InjectionError) -> Bool {
        guard held[namespace] == nil else { return true }
        do throws(KubeError) {
            let lease = object(in: namespace, acquired: reach.now(), transitions: 0, version: nil)
            hold(try await reach.cluster.ask(.create(.leases, lease, in: namespace)).object, namespace)
        } catch {
            guard error.refusal?.reason == "AlreadyExists" else {
                if error.refusal.map({ $0.isForbidden || $0.isMissing }) == true { return false }
                throw error.injection(at: "Lease \(namespace)/\(Self.name)")
            }
            try await takeOver(namespace)
        }
        return true
    }

    /// Gives it back.
    func release(_ namespace: String) async {
        loops[namespace].take()?.cancel()
        guard let lease = held[namespace].take() else { return }
        _ = try? await reach.cluster.ask(.delete(.leases, Self.name, in: namespace, uid: lease.uid))
    }

    /// Whether somebody else holds the namespace, as far as a look now and then can tell.
    func other(in namespace: String) async -> String? {
        guard held[namespace] == nil,
            let lease = try? await reach.cluster.ask(.get(.leases, Self.name, in: namespace)).object,
            let holder = holder(of: lease), isAlive(holder, lease, in: namespace)
        else { return nil }
        return holder
    }

    private func takeOver(_ namespace: String) async throws(InjectionError) {
        let lease = try await ask(.get(.leases, Self.name, in: namespace), namespace)
        if let holder = holder(of: lease), isAlive(holder, lease, in: namespace) {
            throw .unprepared(
                "\(holder) is injecting faults in \(namespace) and holds its Lease \(Self.name)",
                remedy:
                    "Ask them to stop. An abandoned Lease expires after \(Self.length) s: try again then."
            )
        }
        let transitions = (lease.spec?["leaseTransitions"]?.integer ?? 0) + 1
        let mine = object(
            in: namespace, acquired: reach.now(), transitions: transitions, version: lease.resourceVersion)
        hold(try await ask(.replace(.leases, Self.name, in: namespace, with: mine), namespace), namespace)
    }

    private func ask(_ request: KubeRequest, _ namespace: String) async throws(InjectionError) -> KubeObject {
        do throws(KubeError) { return try await reach.cluster.ask(request).object } catch {
            throw error.injection(at: "Lease \(namespace)/\(Self.name)")
        }
    }

    private func holder(of lease: KubeObject) -> String? {
        let holder = lease.spec?["holderIdentity"]?.string ?? ""
        return holder.isEmpty || holder == identity ? nil : holder
    }

    /// By our own clock it must have stood still for as long as it is good for.
    private func isAlive(_ holder: String, _ lease: KubeObject, in namespace: String) -> Bool {
        if isDeadHere(holder) { return false }
        let length = Duration.seconds(lease.spec?["leaseDurationSeconds"]?.integer ?? Int64(Self.length))
        let now = reach.elapsed()
        guard let first = seen[namespace], first.version == lease.resourceVersion else {
            seen[namespace] = (lease.resourceVersion, now)
            return true
        }
        return now - first.at < length
    }

    /// A process of this user on this machine that is gone.
    private func isDeadHere(_ holder: String) -> Bool {
        guard let colon = holder.lastIndex(of: ":"), let own = identity.lastIndex(of: ":"),
            holder[..<colon] == identity[..<own], let process = Int32(holder[holder.index(after: colon)...])
        else { return false }
        return kill(process, 0) != 0 && errno == ESRCH
    }

    private func hold(_ lease: KubeObject, _ namespace: String) {
        held[namespace] = lease
        seen[namespace] = nil
        guard loops[namespace] == nil else { return }
        loops[namespace] = Task { [weak self, clock = reach.clock] in
            while !Task.isCancelled {
                try? await clock.sleep(for: .seconds(Self.length / 3))
                guard !Task.isCancelled, await self?.renew(namespace) == true else { return }
            }
        }
    }

    /// False when it is not ours any more.
    private func renew(_ namespace: String) async -> Bool {
        guard let lease = held[namespace] else { return false }
        let acquired = lease.spec?["acquireTime"]?.string.flatMap(KubeTime.read) ?? reach.now()
        let transitions = lease.spec?["leaseTransitions"]?.integer ?? 0
        let mine = object(in: namespace, acquired: acquired, transitions: transitions, version: lease.resourceVersion)
        do throws(KubeError) {
            held[namespace] = try await reach.cluster.ask(
                .replace(.leases, Self.name, in: namespace, with: mine)
            ).object
        } catch {
            guard error.refusal?.isConflict == true || error.refusal?.isMissing == true else { return true }
            let now = try? await reach.cluster.ask(.get(.leases, Self.name, in: namespace)).object
            held[namespace] = now.flatMap { $0.spec?["holderIdentity"]?.string == identity ? $0 : nil }
            if held[namespace] == nil { loops[namespace] = nil }
        }
        return held[namespace] != nil
    }

    private func object(in namespace: String, acquired: Timestamp, transitions: Int64, version: String?) -> JSON {
        var metadata: [JSON.Member] = [
            JSON.Member("name", .string(Self.name)), JSON.Member("namespace", .string(namespace)),
        ]
        if let version { metadata.append(JSON.Member("resourceVersion", .string(version))) }
        return [
            "apiVersion": .string(KubeResource.leases.apiVersion), "kind": .string(KubeResource.leases.kind),
            "metadata": .object(metadata),
            "spec": [
                "holderIdentity": .string(identity), "leaseDurationSeconds": .integer(Int64(Self.length)),
                "acquireTime": .string(KubeTime.micro(acquired)), "renewTime": .string(KubeTime.micro(reach.now())),
                "leaseTransitions": .integer(transitions),
            ],
        ]
    }
}
