import ChildPrograms
import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import Experiments
@testable import MeshClient

/// `chaosk8s` natively, against a stand-in for the API server, and beside the Python module itself.
@Suite(.timeLimit(.minutes(3))) final class ClusterActivitiesTests: Sendable {
    private let cluster: StandInCluster
    private let folder: URL
    private let mesh: Mutex<MeshState>
    private let module: Mutex<ClusterActivities?>

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        cluster = try StandInCluster(objects: Self.objects)
        let config = """
            {apiVersion: v1, kind: Config, current-context: lab,
             clusters: [{name: lab, cluster: {server: "\(cluster.url)"}}],
             contexts: [{name: lab, context: {cluster: lab, user: me, namespace: shop}}], users: [{name: me, user: {}}]}
            """
        try config.write(to: folder.appendingPathComponent("config"), atomically: true, encoding: .utf8)
        var state = MeshState()
        state.session = Session(
            id: "1", name: "m", mode: .live, startedAt: Timestamp(milliseconds: 0), protected: ["vault"])
        for edge in [Edge(from: "door", to: "web"), Edge(from: "door", to: "vault")] {
            state.edges[edge] = ScopeState()
        }
        let places: [(String, SourceKind, ServiceName?)] = [
            ("shop/deployment/web", .workload, nil), ("shop/deployment/half", .workload, nil),
            ("shop/statefulset/db", .workload, nil), ("web-6f-a.shop", .sidecar, "web"),
            ("web-6f-b.shop", .sidecar, "web"), ("vault-1-x.shop", .sidecar, "vault"),
        ]
        for (name, kind, service) in places {
            let report = SourceReport(
                name: name, kind: kind, endpoint: cluster.url + "/apis", service: service, state: .fresh)
            state.sources[name] = .init(report: report, heardAt: nil)
        }
        mesh = Mutex(state)
        module = Mutex(nil)
        let transport = try CurlTransport()
        let environment = self.environment
        var made = ClusterActivities(
            mesh: port,
            door: { context throws(ClusterDoor.Refusal) in
                try ClusterDoor(context: context, environment: environment, transport: transport)
            }, environment: environment)
        made.pace = .milliseconds(50)
        module.withLock { [made] in $0 = made }
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// With the Python that has the extension.
    private var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["KUBECONFIG"] = folder.appendingPathComponent("config").path
        if let python = environment["GAMEDAY_EXTENSIONS"] { environment["GAMEDAY_PYTHON"] = python }
        return environment
    }

    private static var objects: [JSON] {
        func made(_ kind: String, _ name: String, _ labels: JSON, _ rest: [JSON.Member]) -> JSON {
            let isApp = kind == "Deployment" || kind == "StatefulSet"
            var metadata: JSON = ["name": .string(name), "labels": labels, "creationTimestamp": "2026-11-23T11:23:54Z"]
            if kind != "Node" { metadata = metadata.setting("namespace", to: "shop") }
            return .object(
                [
                    JSON.Member("apiVersion", isApp ? "apps/v1" : "v1"), JSON.Member("kind", .string(kind)),
                    JSON.Member("metadata", metadata),
                ] + rest)
        }
        func pod(_ name: String, _ app: String, _ phase: String, ready: Bool) -> JSON {
            let conditions: JSON = [["type": "Ready", "status": .string(ready ? "True" : "False")]]
            return made(
                "Pod", name, ["app": .string(app)],
                [
                    JSON.Member("spec", ["containers": [["name": "main", "image": "x"]]]),
                    JSON.Member("status", ["phase": .string(phase), "conditions": conditions]),
                ])
        }
        func workload(_ kind: String, _ name: String, _ replicas: Int64, _ status: JSON) -> JSON {
            let labels: JSON = ["app": .string(name)]
            let spec: JSON = [
                "replicas": .integer(replicas), "selector": ["matchLabels": labels], "serviceName": "x",
                "template": [
                    "metadata": ["labels": labels], "spec": ["containers": [["name": "main", "image": "x"]]],
                ],
            ]
            return made(kind, name, labels, [JSON.Member("spec", spec), JSON.Member("status", status)])
        }
        func node(_ name: String, _ conditions: JSON) -> JSON {
            made("Node", name, ["zone": .string(name)], [JSON.Member("status", ["conditions": conditions])])
        }
        return [
            made("Namespace", "shop", [:], []).setting("metadata", to: ["name": "shop"]),
            pod("web-6f-a", "web", "Running", ready: true), pod("web-6f-b", "web", "Running", ready: false),
            pod("vault-1-x", "vault", "Running", ready: true), pod("job-1", "job", "Pending", ready: false),
            workload("Deployment", "web", 2, ["replicas": 2, "readyReplicas": 2, "availableReplicas": 2]),
            workload("Deployment", "half", 2, ["replicas": 2, "readyReplicas": 1, "availableReplicas": 1]),
            workload("Deployment", "none", 0, [:]),
            workload("StatefulSet", "db", 1, ["replicas": 1, "readyReplicas": 1]),
            made("Service", "door", ["app": "door"], [JSON.Member("spec", ["ports": [["port": 80]]])]),
            node("a", [["type": "Ready", "status": "True"], ["type": "PIDPressure", "status": "False"]]),
            node("b", [["type": "Ready", "status": "True"], ["type": "DiskPressure", "status": "True"]]),
        ]
    }

    private var port: ExperimentMesh {
        ExperimentMesh(
            state: { self.mesh.withLock { $0 } },
            start: { request throws(ExperimentMesh.Refusal) in
                self.mesh.withLock { state in
                    var fault = Fault(
                        id: "F\(state.faults.count + 1)", kind: request.kind, edge: request.edge, share: request.share,
                        by: request.by, requestedAt: Timestamp(milliseconds: 0), leaseEnds: Timestamp(milliseconds: 1),
                        phase: .active)
                    fault.sources = ["shop/deployment/web"]
                    state.faults.append(fault)
                    return fault
                }
            },
            stop: { id throws(ExperimentMesh.Refusal) in
                let fault = self.mesh.withLock { state -> Fault? in
                    guard let place = state.faults.firstIndex(where: { $0.id == id }) else { return nil }
                    state.faults[place].phase = .reverted
                    return state.faults[place]
                }
                guard let fault else { throw ExperimentMesh.Refusal("no fault \(id)") }
                return fault
            })
    }

    private static func call(_ place: String, _ arguments: Value) -> ActivityCall {
        let parts = place.split(separator: ".").map(String.init)
        let provider: Value = [
            "type": "python", "module": .text("chaosk8s." + parts.dropLast().joined(separator: ".")),
            "func": .text(parts.last ?? ""), "arguments": arguments,
        ]
        return ActivityCall(["type": "probe", "name": "a", "provider": provider], Substitution())
    }

    private func act(_ place: String, _ arguments: Value) async -> Result<Value, ActivityEnd> {
        guard let module = module.withLock({ $0 }) else { return .failure(.interrupted) }
        let call = Self.call(place, arguments)
        #expect(module.signature(of: call)?.mistake(in: call.activity) == nil)
        #expect(await module.acts(for: call, isChecking: false))
        do { return .success(try await module.run(call)) } catch { return .failure(error) }
    }

    private static func shown(_ result: Result<Value, ActivityEnd>) -> String {
        switch result {
        case .success(let value): JSONWriter.text(value)
        case .failure(.failed(let message)): "failed: \(message)"
        case .failure(let end): "\(end)"
        }
    }

    private static let probes: [(String, Value)] = {
        let web: Value = ["label_selector": "app=web", "ns": "shop"]
        func with(_ fields: Value, _ more: (String, Value)...) -> Value {
            .mapping(Fields((fields.fields?.entries.map { ($0.0, $0.1) } ?? []) + more))
        }
        func named(_ name: String, _ more: (String, Value)...) -> Value {
            .mapping(Fields([("name", .text(name)), ("ns", "shop")] + more))
        }
        return [
            ("pod.probes.pods_in_phase", web), ("pod.probes.pods_in_phase", with(web, ("phase", "Pending"))),
            ("pod.probes.pods_in_phase", with(web, ("phase", "Pending"), ("raise_on_invalid_phase", false))),
            ("pod.probes.pods_in_phase", ["label_selector": "app=nobody", "ns": "shop"]),
            ("pod.probes.pods_in_phase", ["label_selector": "", "ns": "shop"]),
            ("pod.probes.pods_in_phase", ["label_selector": "app=web"]),
            ("pod.probes.pods_not_in_phase", web), ("pod.probes.pods_not_in_phase", with(web, ("phase", "Failed"))),
            ("pod.probes.pods_in_conditions", with(web, ("conditions", [["type": "Ready", "status": "True"]]))),
            ("pod.probes.count_pods", web), ("pod.probes.count_pods", with(web, ("phase", "Pending"))),
            ("pod.probes.count_pods", ["label_selector": "", "ns": "shop"]), ("pod.probes.count_min_pods", web),
            ("pod.probes.count_min_pods", with(web, ("min_count", 3))),
            ("pod.probes.pod_is_not_available", named("web", ("label_selector", "app={name}"))),
            ("pod.probes.pod_is_not_available", named("job", ("label_selector", "app in ({name})"))),
            ("probes.all_microservices_healthy", ["ns": "shop"]),
            ("probes.microservice_available_and_healthy", named("web")),
            ("probes.microservice_available_and_healthy", named("half")),
            ("probes.microservice_is_not_available", named("web", ("label_selector", "app={name}"))),
            ("probes.deployment_is_fully_available", named("web")),
            ("probes.deployment_is_not_fully_available", named("half")),
            ("service.probes.service_is_initialized", named("door")),
            ("service.probes.service_is_initialized", named("nobody")),
            (
                "service.probes.service_is_initialized",
                ["label_selector": "app=door", "ns": "shop", "raise_if_service_not_initialized": false]
            ),
            (
                "service.probes.service_is_initialized",
                ["label_selector": "app=web", "ns": "shop", "raise_if_service_not_initialized": false]
            ),
            ("node.actions.cordon_node", ["name": "nobody"]),
            ("node.actions.uncordon_node", ["label_selector": "zone=c"]),
            ("node.actions.drain_nodes", ["name": "a", "pod_label_selector": "app=nobody", "pod_namespace": "shop"]),
            ("deployment.probes.deployment_available_and_healthy", named("web")),
            ("deployment.probes.deployment_available_and_healthy", named("half")),
            ("deployment.probes.deployment_available_and_healthy", named("half", ("raise_on_unavailable", false))),
            ("deployment.probes.deployment_available_and_healthy", named("none")),
            ("deployment.probes.deployment_available_and_healthy", named("nobody")),
            ("deployment.probes.deployment_partially_available", named("half")),
            ("deployment.probes.deployment_partially_available", named("none")),
            ("deployment.probes.deployment_fully_available", named("web")),
            ("deployment.probes.deployment_fully_available", named("half", ("timeout", 1))),
            ("deployment.probes.deployment_not_fully_available", named("half")),
            ("deployment.probes.deployment_not_fully_available", named("web", ("timeout", 1))),
            ("statefulset.probes.statefulset_fully_available", named("db")),
            ("statefulset.probes.statefulset_not_fully_available", named("db", ("timeout", 1))),
            ("node.probes.get_all_node_status_conditions", [:]),
            ("node.probes.get_all_node_status_conditions", ["label_selector": "zone=b"]),
            ("node.probes.all_nodes_must_be_ready_to_schedule", [:]), ("node.probes.verify_nodes_condition", [:]),
            ("node.probes.verify_nodes_condition", ["label_selector": "zone=a"]),
            ("node.probes.nodes_must_be_healthy", [:]),
            ("node.probes.nodes_must_be_healthy", ["label_selector": "zone=a"]),
            ("node.probes.get_nodes", ["label_selector": "zone=a"]),
            ("pod.actions.terminate_pods", ["qty": -1, "ns": "shop"]),
            ("pod.actions.terminate_pods", ["mode": "all", "ns": "shop"]),
            ("pod.actions.terminate_pods", ["order": "size", "ns": "shop"]),
            ("pod.actions.terminate_pods", ["name_pattern": "^nobody$", "ns": "shop"]),
        ]
    }()

    @Test func `what the Python module says of a cluster is said natively, to the letter`() async throws {
        let bridge = PythonBridge(children: ChildProcesses(), environment: environment)
        let python = PythonProvider(bridge: bridge)
        for (place, arguments) in Self.probes {
            let call = Self.call(place, arguments)
            let theirs: Result<Value, ActivityEnd>
            do { theirs = .success(try await python.run(call)) } catch { theirs = .failure(error) }
            let ours = await act(place, arguments)
            #expect(Self.shown(ours) == Self.shown(theirs), "\(place) \(JSONWriter.text(arguments))")
        }
        await bridge.stop()
    }

    @Test func `pods are terminated as they are chosen, but none that is protected or while all is halted`()
        async throws
    {
        func terminate(_ arguments: Value) async -> String {
            Self.shown(await act("pod.actions.terminate_pods", arguments))
        }
        func going() -> [String] {
            ["web-6f-a", "web-6f-b", "vault-1-x", "job-1"].filter {
                cluster.object("Pod", $0, in: "shop")?["metadata"]?["deletionTimestamp"] != nil
            }
        }
        #expect(
            await terminate(["label_selector": "app=vault", "ns": "shop"])
                == "failed: chaosk8s: vault is protected in gameday.yaml, and vault-1-x is a pod of it")
        mesh.withLock { $0.halt = Halt(isLatched: true, by: "a", reason: "b") }
        #expect(await terminate(["label_selector": "app=web", "ns": "shop"]).contains("everything is halted"))
        mesh.withLock { $0.halt = nil }
        #expect(going().isEmpty)
        #expect(await terminate(["name_pattern": "^web.*a$", "ns": "shop"]) == #"["web-6f-a"]"#)
        #expect(going() == ["web-6f-a"])
        #expect(
            await terminate(["label_selector": "app=web", "ns": "shop", "mode": "percentage", "qty": 51]).contains(
                "web-6f-b"))
        #expect(going() == ["web-6f-a", "web-6f-b"])
    }

    private func isClosed(_ node: String) -> Bool {
        cluster.object("Node", node)?["spec"]?["unschedulable"]?.bool == true
    }

    @Test func `what a run cordoned is uncordoned at its end, and nothing that others did`() async throws {
        let started = StartedFaults()
        let base = try #require(module.withLock { $0 })
        let noting = ClusterActivities(
            mesh: base.mesh.noting(in: started), door: base.door, environment: base.environment)
        module.withLock { $0 = noting }
        let other = try #require(cluster.object("Node", "b"))
        cluster.put(other.setting("spec", to: ["unschedulable": true]))
        #expect(Self.shown(await act("node.actions.cordon_node", [:])) == #"["a", "b"]"#)
        #expect(isClosed("a") && isClosed("b"))
        #expect(await started.end(in: base.mesh) == ["Node a was still cordoned and was uncordoned."])
        #expect(!isClosed("a") && isClosed("b"), "b was closed before")
        #expect(cluster.object("Node", "a")?["metadata"]?["annotations"]?.members.isEmpty != false)
        _ = await act("node.actions.cordon_node", ["name": "a"])
        #expect(Self.shown(await act("node.actions.uncordon_node", ["name": "a"])) == #"["a"]"#)
        #expect(!isClosed("a"))
        #expect(await started.end(in: base.mesh).isEmpty)
        mesh.withLock { $0.halt = Halt(isLatched: true, by: "a", reason: "b") }
        #expect(Self.shown(await act("node.actions.cordon_node", ["name": "a"])).contains("everything is halted"))
        #expect(!isClosed("a"))
    }

    @Test func `a drained node is closed and loses the pods that something makes anew`() async throws {
        func pod(_ name: String, owner: String?, _ more: JSON = [:]) {
            var metadata: JSON = ["name": .string(name), "namespace": "shop", "labels": ["app": "d"]]
            if let owner {
                let owners: JSON = [["kind": .string(owner), "name": "x", "controller": true]]
                metadata = metadata.setting("ownerReferences", to: owners)
            }
            let spec: JSON = ["nodeName": "a", "volumes": more["volumes"] ?? [], "containers": []]
            cluster.put([
                "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": ["phase": "Running"],
            ])
        }
        func isThere(_ name: String) -> Bool { cluster.object("Pod", name, in: "shop") != nil }
        pod("web-1", owner: "ReplicaSet")
        pod("log-1", owner: "DaemonSet")
        pod("cache-1", owner: "ReplicaSet", ["volumes": [["name": "tmp", "emptyDir": [:]]]])
        pod("alone", owner: nil)
        let refused = Self.shown(await act("node.actions.drain_nodes", ["name": "a"]))
        #expect(refused.contains("Pod 'alone' on node 'a' is unmanaged"))
        #expect(!isClosed("a"), "nothing is done before all is known to be possible")
        cluster.remove("Pod", "alone", in: "shop")
        mesh.withLock { state in
            let report = SourceReport(name: "web-1.shop", kind: .sidecar, endpoint: "", service: "vault", state: .fresh)
            state.sources["web-1.shop"] = .init(report: report, heardAt: nil)
        }
        #expect(Self.shown(await act("node.actions.drain_nodes", ["name": "a"])).contains("vault is protected"))
        mesh.withLock { $0.sources["web-1.shop"] = nil }
        let picked: Value = ["pod_label_selector": "app=d", "pod_namespace": "shop", "count": 5]
        #expect(Self.shown(await act("node.actions.drain_nodes", picked)) == #"["a"]"#)
        #expect(isClosed("a") && !isThere("web-1") && isThere("log-1") && isThere("cache-1"))
        cluster.forbidEviction()
        let local: Value = ["name": "a", "delete_pods_with_local_storage": true]
        #expect(Self.shown(await act("node.actions.drain_nodes", local)).contains("Failed to evict pod cache-1"))
        let deleted = Self.shown(await act("node.actions.delete_nodes", ["all": true]))
        #expect(deleted.contains("cannot be restored") && cluster.object("Node", "a") != nil)
    }

    @Test func `scaling is a fault of the callee's, and scaling back is its end`() async throws {
        func scale(_ replicas: Value) async -> String {
            Self.shown(
                await act("deployment.actions.scale_deployment", ["name": "web", "replicas": replicas, "ns": "shop"]))
        }
        var active: [String] { mesh.withLock { $0.activeFaults.map { "\($0.kind.label) \($0.edge)" } } }
        #expect(await scale(0) == "null")
        #expect(active == ["SCALE TO 0 only web door>web"])
        #expect(await scale(1) == "null")
        #expect(active == ["SCALE TO 1 only web door>web"])
        #expect(await scale(2) == "null")
        #expect(active.isEmpty)
        #expect(await scale("2").contains("failed: chaosk8s: invalid replicas '2'"))
        let rollout = await act("deployment.actions.rollout_deployment", ["name": "web", "ns": "shop"])
        #expect(Self.shown(rollout) == "null" && active == ["RESTART only web door>web"])
        let stranger = await act("deployment.actions.scale_deployment", ["name": "none", "replicas": 1, "ns": "shop"])
        #expect(
            Self.shown(stranger)
                == "failed: chaoslib.exceptions.ActivityFailed: failed to scale 'none' to 1 replicas: shop/deployment/none is not observed"
        )
    }

    @Test func `what a program starts that is all or nothing is previewed like any other fault`() {
        for (options, kind) in [
            ("--restart", FaultKind("restart")), ("--scale 0", FaultKind("scale", ["scale": 0])),
            ("--off", FaultKind("off")),
        ] {
            let line = "fault start --from door --to web \(options)"
            let touch = ActivityTouch(["type": "process", "path": "gameday", "arguments": .text(line)])
            #expect(touch.fault?.kind == kind && touch.fault?.share == 1, "\(options)")
        }
    }

    @Test func `another cluster than the one that is observed is Python's to ask`() async throws {
        let module = try #require(module.withLock { $0 })
        let call = Self.call("pod.probes.count_pods", ["label_selector": "app=web", "ns": "shop"])
        #expect(await module.acts(for: call, isChecking: false))
        mesh.withLock { state in
            for name in state.sources.keys where name.contains("/") {
                let report = SourceReport(
                    name: name, kind: .workload, endpoint: "https://other/apis", service: nil, state: .fresh)
                state.sources[name] = .init(report: report, heardAt: nil)
            }
        }
        #expect(await !module.acts(for: call, isChecking: false))
        mesh.withLock { $0.sources = [:] }
        #expect(await !module.acts(for: call, isChecking: true), "a mesh without a cluster")
        #expect(module.signature(of: Self.call("pod.actions.exec_in_pods", [:])) == nil, "this is left to Python")
    }
}
