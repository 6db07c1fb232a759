internal import MeshModel

/// A node while an experiment cordons it: who did that stands on the node itself, so that whoever finds it cordoned after a
/// crash knows whom to ask.
extension ClusterDoor {
    /// The annotation of a node that gameday cordoned; its value is who did.
    static let cordonMark = "gameday.dev/cordoned-by"

    /// Lets no more pods be put on a node. One that was cordoned already is somebody else's, and stays as it is.
    ///
    /// - Returns: whether it was this that cordoned it.
    public func cordon(_ node: String) async throws(Refusal) -> Bool {
        let object = try await self.node(node)
        guard object.spec?["unschedulable"]?.bool != true else { return false }
        try await patch(object, isClosed: true, mark: .string(IstioCluster.owner))
        return true
    }

    /// Uncordons a node, whoever cordoned it.
    public func uncordon(_ node: String) async throws(Refusal) {
        let object = try await self.node(node)
        guard object.spec?["unschedulable"]?.bool == true || object.annotations[Self.cordonMark] != nil else { return }
        try await patch(object, isClosed: false, mark: .null)
    }

    /// Uncordons a node that gameday cordoned. One that others uncordoned, or cordoned anew, is left alone.
    ///
    /// - Returns: whether it was still cordoned by gameday.
    public func uncordonIfOurs(_ node: String) async throws(Refusal) -> Bool {
        let object: KubeObject
        do throws(Refusal) { object = try await self.node(node) } catch {
            if error.status == 404 { return false }
            throw error
        }
        guard object.annotations[Self.cordonMark] != nil else { return false }
        let wasClosed = object.spec?["unschedulable"]?.bool == true
        try await patch(object, isClosed: false, mark: .null)
        return wasClosed
    }

    /// Asks that a pod be taken away, as far as its disruption budget allows.
    public func evictPod(_ name: String, uid: String, in namespace: String) async throws(Refusal) {
        _ = try await perform(WorkloadFault.eviction(of: name, uid: uid, in: namespace))
    }

    /// Whether that very pod is still there.
    public func hasPod(_ name: String, uid: String, in namespace: String) async throws(Refusal) -> Bool {
        do throws(Refusal) {
            return KubeObject(try await perform(.get(.pods, name, in: namespace))).uid == uid
        } catch {
            if error.status == 404 { return false }
            throw error
        }
    }

    private func node(_ name: String) async throws(Refusal) -> KubeObject {
        KubeObject(try await perform(.get(.nodes, name, in: nil)))
    }

    /// Nodes are written to by their kubelets all the time: the version is not named, so that none of those is in the way.
    private func patch(_ object: KubeObject, isClosed: Bool, mark: JSON) async throws(Refusal) {
        let patch: JSON = [
            "metadata": ["uid": .string(object.uid), "annotations": .object([JSON.Member(Self.cordonMark, mark)])],
            "spec": ["unschedulable": isClosed ? true : .null],
        ]
        _ = try await perform(.patch(.nodes, object.name, in: nil, .merge, patch))
    }
}
