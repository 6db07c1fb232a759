internal import MeshClient
internal import MeshModel

/// `chaosk8s.pod`.
struct ClusterPods {
    private let asking: ClusterAsking

    init(_ asking: ClusterAsking) {
        self.asking = asking
    }

    func probe(_ function: String) async throws(ActivityEnd) -> Value {
        switch function {
        case "pod_is_not_available", "microservice_is_not_available": return try await isNotAvailable()
        case "all_microservices_healthy":
            let isIll = try await asking.items(.pods).contains {
                !["Running", "Succeeded"].contains(Self.phase(of: $0))
            }
            return isIll ? try asking.unmet("the system is unhealthy", "") : .bool(true)
        default: break
        }
        let pods = try await asking.items(.pods, labels: asking.labels)
        switch function {
        case "count_pods": return .integer(Self.count(pods, in: asking.text("phase").flatMap { $0.isEmpty ? nil : $0 }))
        case "count_min_pods":
            let least = try asking.count("min_count", usual: 2)
            return .bool(Self.count(pods, in: asking.text("phase") ?? "Running") >= least)
        case "pods_in_phase":
            let phase = asking.text("phase") ?? "Running"
            return try judge(pods, "raise_on_invalid_phase") { pod, selector in
                let its = Self.phase(of: pod)
                return its == phase ? nil : "pod '\(selector)' is in phase '\(its)' but should be '\(phase)'"
            }
        case "pods_not_in_phase":
            let phase = asking.text("phase") ?? "Running"
            return try judge(pods, "raise_on_in_phase") { pod, selector in
                Self.phase(of: pod) == phase ? "pod '\(selector)' should not be in phase '\(phase)'" : nil
            }
        default:
            let wanted = asking["conditions"]?.list ?? []
            return try judge(pods, "raise_on_invalid_conditions") { pod, _ in
                let missing = wanted.first { !Self.hasCondition($0, pod) }
                let name = pod["metadata"]?["name"]?.string ?? ""
                return missing.map {
                    "pod \(name) does not match the following given condition: \(PythonText.representation($0))"
                }
            }
        }
    }

    private func judge(
        _ pods: [JSON], _ argument: String, _ mistake: (JSON, String) -> String?
    ) throws(ActivityEnd) -> Value {
        let selector = asking.text("label_selector") ?? "None"
        if pods.isEmpty { return try asking.unmet("no pods '\(selector)' were found", argument) }
        for pod in pods {
            if let mistake = mistake(pod, selector) { return try asking.unmet(mistake, argument) }
        }
        return .bool(true)
    }

    private static func hasCondition(_ wanted: Value, _ pod: JSON) -> Bool {
        guard let fields = wanted.fields, Set(fields.keys) == ["type", "status"] else { return false }
        return (pod["status"]?["conditions"]?.array ?? []).contains {
            $0["type"]?.string == wanted["type"]?.text && $0["status"]?.string == wanted["status"]?.text
        }
    }

    private func isNotAvailable() async throws(ActivityEnd) -> Value {
        let name = asking.text("name") ?? ""
        let selector = (asking.text("label_selector") ?? "name in ({name})").split(
            separator: "{name}", omittingEmptySubsequences: false
        )
        .joined(separator: name)
        let pods = try await asking.items(.pods, labels: selector.isEmpty ? nil : selector)
        guard pods.contains(where: { Self.phase(of: $0) == "Running" }) else { return .bool(true) }
        return try asking.unmet("pod '\(name)' is actually running", "raise_on_is_available")
    }

    /// `chaosk8s.service.probes.service_is_initialized`: there is a Service by that name or with those labels.
    func isServiceThere() async throws(ActivityEnd) -> Value {
        let name = asking.text("name").flatMap { $0.isEmpty ? nil : $0 }
        let found = try await asking.items(
            .services, labels: asking.labels, fields: name.map { "metadata.name=\($0)" })
        guard found.isEmpty else { return .bool(true) }
        let words = "service '\(asking.text("name") ?? "None")' is not initialized"
        return try asking.unmet(words, "raise_if_service_not_initialized")
    }

    private static func phase(of pod: JSON) -> String { pod["status"]?["phase"]?.string ?? "None" }

    private static func count(_ pods: [JSON], in phase: String?) -> Int {
        pods.count { pod in phase.map { Self.phase(of: pod) == $0 } ?? true }
    }

    /// Deletes pods as `terminate_pods` chooses them, and answers with their names.
    func terminate(in mesh: ExperimentMesh) async throws(ActivityEnd) -> Value {
        let pods = try await chosen()
        let grace = try asking.count("grace_period", usual: -1)
        guard let state = await mesh.state() else { throw .failed("chaosk8s: no control plane answers") }
        for pod in pods {
            let name = pod["metadata"]?["name"]?.string ?? ""
            let service = state.sources["\(name).\(asking.namespace)"]?.report.service
            guard let service, state.session?.protected.contains(service) == true else { continue }
            throw .failed("chaosk8s: \(service) is protected in gameday.yaml, and \(name) is a pod of it")
        }
        var names: [Value] = []
        for pod in pods {
            guard await mesh.state()?.isHalted == false else {
                throw .failed("chaosk8s: everything is halted, so that no pod is deleted")
            }
            let name = pod["metadata"]?["name"]?.string ?? ""
            do {
                try await asking.door.deletePod(
                    name, uid: pod["metadata"]?["uid"]?.string ?? "", in: asking.namespace,
                    grace: grace >= 0 ? grace : nil)
            } catch { throw ClusterAsking.crash(error) }
            names.append(.text(name))
        }
        return .list(names)
    }

    private func chosen() async throws(ActivityEnd) -> [JSON] {
        var count = try asking.count("qty", usual: 1)
        let (mode, order) = (asking.text("mode") ?? "fixed", asking.text("order") ?? "alphabetic")
        guard count >= 0 else { throw ClusterAsking.failed("Cannot select pods. Quantity '\(count)' is negative.") }
        guard ["fixed", "percentage"].contains(mode) else {
            throw ClusterAsking.failed("Cannot select pods. Mode '\(mode)' is invalid.")
        }
        guard ["alphabetic", "oldest"].contains(order) else {
            throw ClusterAsking.failed("Cannot select pods. Order '\(order)' is invalid.")
        }
        var pods = try await asking.items(.pods, labels: asking.labels)
        if let pattern = asking.text("name_pattern"), !pattern.isEmpty { pods = try Self.named(pattern, pods) }
        if order == "oldest" {
            // Times of one form, so that they sort as texts.
            pods = pods.enumerated().sorted {
                let ages = [$0, $1].map { $0.element["metadata"]?["creationTimestamp"]?.string ?? "" }
                return (ages[0], $0.offset) < (ages[1], $1.offset)
            }.map(\.element)
        }
        guard !asking.isTrue("all", unlessSaid: false) else { return pods }
        if mode == "percentage" { count = (count * pods.count + 99) / 100 }
        if asking.isTrue("rand", unlessSaid: false) { pods.shuffle() }
        return Array(pods.prefix(count))
    }

    private static func named(_ pattern: String, _ pods: [JSON]) throws(ActivityEnd) -> [JSON] {
        let regex: PythonRegex
        do { regex = try PythonRegex(pattern) } catch {
            throw .failed("re.error: \(error.message) at position \(error.position)")
        }
        var found: [JSON] = []
        for pod in pods {
            do {
                if try regex.search(pod["metadata"]?["name"]?.string ?? "") != nil { found.append(pod) }
            } catch { throw .crashed(error) }
        }
        return found
    }
}
