internal import MeshModel

/// Looks whether the Job that is to end faults really runs: an image that can't be pulled watches over nothing.
struct DeadManWatch: Sendable {
    private static let pace = Duration.seconds(5)
    /// So long a pod may take to start.
    private static let patience = Duration.seconds(30)

    private let namespace: String
    private let directory: IstioDirectory
    private let reach: IstioReach

    init(_ namespace: String, _ directory: IstioDirectory, _ reach: IstioReach) {
        (self.namespace, self.directory, self.reach) = (namespace, directory, reach)
    }

    /// Looks until the task is cancelled.
    func run() async {
        let begun = reach.elapsed()
        while !Task.isCancelled {
            try? await reach.clock.sleep(for: Self.pace)
            guard !Task.isCancelled, let pods = await pods() else { continue }
            let trouble = Self.trouble(of: pods, isLate: reach.elapsed() - begun > Self.patience)
            guard !Task.isCancelled else { return }
            let words = trouble.map { "the clean-up Job in \(namespace) does not run: \($0)" }
            directory.set(deadManTrouble: words, in: namespace)
            directory.setDeadMan(words == nil, in: namespace)
        }
    }

    /// Nil when they can't be had, which says nothing of them.
    private func pods() async -> [KubeObject]? {
        var list = KubeRequest.list(.pods, in: namespace)
        list.query.append(("labelSelector", "job-name=\(DeadMan.name)"))
        return try? await reach.cluster.all(list)
    }

    /// Why none of the pods runs; nil while one does, or may yet.
    static func trouble(of pods: [KubeObject], isLate: Bool) -> String? {
        guard !pods.contains(where: { $0.status?["phase"] == "Running" || $0.status?["phase"] == "Succeeded" }) else {
            return nil
        }
        let waits = pods.flatMap { pod in
            (pod.status?["containerStatuses"]?.array ?? []).compactMap { $0["state"]?["waiting"] }
        }
        if let failed = waits.first(where: { hopeless.contains($0["reason"]?.string ?? "") }) {
            return words(failed)
        }
        guard isLate else { return nil }
        if let wait = waits.first(where: { $0["reason"]?.string != nil }) { return words(wait) }
        let conditions = pods.flatMap { $0.status?["conditions"]?.array ?? [] }
        let unscheduled = conditions.first { $0["type"] == "PodScheduled" && $0["status"] == "False" }
        return unscheduled.map(words) ?? (pods.isEmpty ? "it has no pod" : "its pod does not start")
    }

    /// What the kubelet says of an image that it can't have, or a container that it can't make.
    private static let hopeless: Set = [
        "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable",
        "CreateContainerConfigError", "CreateContainerError", "RunContainerError", "CrashLoopBackOff",
    ]

    private static func words(_ state: JSON) -> String {
        let message = (state["message"]?.string ?? "").split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let short = message.count > 160 ? message.prefix(159) + "…" : message
        return (state["reason"]?.string ?? "") + (short.isEmpty ? "" : ", \(short)")
    }
}
