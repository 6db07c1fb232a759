import Foundation
import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// What ends faults when the laptop is gone.
@Suite(.timeLimit(.minutes(2))) struct DeadManTests {
    @Test func `What a Job is made of can be read before it is made`() throws {
        let deadMan = DeadMan(namespace: "bookinfo", image: DeadMan.usualImage)
        Golden.check(try deadMan.printed(), "dead-man.yaml", in: "../Fixtures/istio/breaking")
    }

    @Test func `The Job is there while faults are, and where it may not be made that is said beforehand`() async throws
    {
        let trial = try BreakingTrial()
        let injector = try trial.injector(image: DeadMan.usualImage)
        let plan = try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        try await injector.apply(plan)
        #expect(trial.cluster.object("Job", "gameday-dead-man", in: "bookinfo") != nil)
        #expect(injector.directory.hasDeadMan(in: "bookinfo") == true)
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        for kind in ["Job", "Role", "RoleBinding", "ServiceAccount"] {
            #expect(trial.cluster.object(kind, "gameday-dead-man", in: "bookinfo") == nil, "\(kind)")
        }
        trial.cluster.answer(.refusal(403, "Forbidden", "no")) { $0.path.hasSuffix("/jobs") }
        try await injector.apply(plan)
        let ability = await injector.abilities(at: .service("details")).best(for: "abort")
        #expect(
            ability?.note?.contains("no clean-up Job in bookinfo: if this machine is lost, the fault stays") == true)
    }

    @Test func `A Job that has ended watches over nothing, so that another takes its place`() async throws {
        let trial = try BreakingTrial()
        var job = try #require(DeadMan(namespace: "bookinfo", image: "x").objects.last)
        job = job.setting("status", to: ["conditions": [["type": "Complete", "status": "True"]]])
        trial.cluster.put(job)
        let injector = try trial.injector(image: DeadMan.usualImage)
        try await injector.apply(try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge)))
        let now = try #require(trial.cluster.object("Job", "gameday-dead-man", in: "bookinfo"))
        #expect(now["status"]?["conditions"] == nil)
    }

    /// As much of kubectl as the script needs, by curl and jq.
    private static let kubectl = #"""
        #!/usr/bin/env bash
        set -eu
        words=() manager= out= patch= label=
        while [ $# -gt 0 ]; do
          case "$1" in
          --namespace) namespace=$2; shift ;;
          -l) label=$2; shift ;;
          --field-manager=*) manager=${1#*=} ;;
          -o) out=$2; shift ;;
          -p) patch=$2; shift ;;
          --*) ;;
          *) words+=("$1") ;;
          esac
          shift
        done
        case ${words[1]} in
        lease) url=$CLUSTER/apis/coordination.k8s.io/v1/namespaces/$namespace/leases/${words[2]} ;;
        deployments* | statefulsets*) url=$CLUSTER/apis/apps/v1/namespaces/$namespace/${words[1]%%.*}/${words[2]-} ;;
        networkpolicies*)
          url=$CLUSTER/apis/networking.k8s.io/v1/namespaces/$namespace/networkpolicies/${words[2]-} ;;
        *) url=$CLUSTER/apis/networking.istio.io/v1/namespaces/$namespace/virtualservices/${words[2]-} ;;
        esac
        url=${url%/}
        case ${words[0]} in
        get)
          if [ "${words[1]}" = lease ]; then curl -s "$url" | jq -r '.spec.renewTime // empty'; else curl -sf "$url${label:+?labelSelector=${label//=/%3D}}"; fi ;;
        patch)
          curl -sf -X PATCH -H 'Content-Type: application/json-patch+json' --data "$patch" "$url?fieldManager=$manager" ;;
        delete) curl -sf -X DELETE "$url" >/dev/null ;;
        esac
        """#

    /// Runs what the Job would, with its patience cut to a second.
    private func runScript(_ trial: BreakingTrial) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appending(path: "dead-man-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let kubectl = folder.appending(path: "kubectl")
        try Data(Self.kubectl.utf8).write(to: kubectl)
        try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: kubectl.path)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["timeout", "30", "bash", "-c", DeadMan(namespace: "bookinfo", image: "", wait: 1).script]
        process.environment = ProcessInfo.processInfo.environment.merging(
            [
                "PATH": folder.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? ""),
                "CLUSTER": trial.cluster.url,
            ]
        ) { $1 }
        let (output, errors) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        #expect(process.terminationStatus == 0, "\(complaint)")
        return text
    }

    @Test(arguments: ["ratings", "gameday-ratings"])
    func `When nobody renews the Lease the script leaves everything as it was, to the letter`(name: String) async throws
    {
        let trial = try BreakingTrial()
        if name != "ratings" { trial.cluster.remove("VirtualService", "ratings", in: "bookinfo") }
        let before = try trial.essence(name)
        let injector = try trial.injector()
        for (kind, scope) in [
            (FaultKind.delay(milliseconds: 1050), Scope.edge(BreakingTrial.edge)),
            (.abort(status: 503), .service("ratings")),
        ] { try await injector.apply(try injector.plan(kind, share: 0.3, at: scope)) }
        #expect(BreakingTrial.faulted(try trial.object(name)?.json))
        #expect(try runScript(trial).contains("ended the faults in \(name)\n"))
        #expect(try trial.essence(name) == before)
    }

    @Test func `What was done to workloads ends by the script too, to the letter`() async throws {
        let trial = try BreakingTrial()
        func deployment() throws -> KubeObject {
            KubeObject(try #require(trial.cluster.object("Deployment", "ratings-v1", in: "bookinfo")))
        }
        let before = try deployment()
        let injector = try trial.workloads()
        for kind in [FaultKind("scale", ["scale": 0]), FaultKind("partition")] {
            let plan = try injector.plan(kind, share: 1, at: .edge(BreakingTrial.edge))
            try await injector.apply(await injector.identified(plan))
        }
        #expect(try deployment().replicas == 0)
        let text = try runScript(trial)
        #expect(text.contains("ended the fault in deployments.apps/ratings-v1\n"))
        #expect(try deployment().spec == before.spec && deployment().annotations == before.annotations)
        #expect(try deployment().labels == before.labels)
        #expect(try deployment().managedFields?.canonical == before.managedFields?.canonical)
        #expect(trial.cluster.object("NetworkPolicy", "gameday-partition-deployment-ratings-v1", in: "bookinfo") == nil)
    }

    /// A Deployment's status is written while its pods come, and then the second patch finds another version.
    @Test func `Who owned the replicas owns them again although the controller writes in between`() async throws {
        let trial = try BreakingTrial()
        func deployment() throws -> KubeObject {
            KubeObject(try #require(trial.cluster.object("Deployment", "ratings-v1", in: "bookinfo")))
        }
        let before = try deployment()
        let injector = try trial.workloads()
        let plan = try injector.plan(FaultKind("scale", ["scale": 0]), share: 1, at: .edge(BreakingTrial.edge))
        try await injector.apply(await injector.identified(plan))
        trial.cluster.answer(.refusal(409, "Conflict", "the object has been modified"), times: 1) {
            $0.method == "PATCH" && $0.json?.text.contains("/metadata/managedFields") == true
        }
        _ = try runScript(trial)
        #expect(try deployment().managedFields?.canonical == before.managedFields?.canonical)
    }

    /// It took no answer for no faults, and ended.
    @Test func `A server that does not answer in the wrong moment is asked again`() async throws {
        let trial = try BreakingTrial()
        let injector = try trial.injector()
        try await injector.apply(try injector.plan(.abort(status: 503), share: 1, at: .service("ratings")))
        trial.cluster.answer(.refusal(503, "ServiceUnavailable", "no"), times: 1) {
            $0.path.hasSuffix("/virtualservices") && $0.method == "GET"
        }
        #expect(try runScript(trial).contains("ended the faults in ratings\n"))
        #expect(BreakingTrial.faulted(try trial.object()?.json) == false)
    }

    private static func pod(_ status: JSON) -> KubeObject { KubeObject(["status": status]) }

    private static func waiting(_ reason: String) -> JSON {
        let state: JSON = ["waiting": ["reason": .string(reason), "message": "Back-off pulling image \"x\""]]
        return ["phase": "Pending", "containerStatuses": [["name": "dead-man", "state": state]]]
    }

    @Test func `A Job whose image can't be pulled is told, one that starts is waited for`() {
        for reason in ["ErrImagePull", "ImagePullBackOff", "InvalidImageName"] {
            let words = DeadManWatch.trouble(of: [Self.pod(Self.waiting(reason))], isLate: false)
            #expect(words == "\(reason), Back-off pulling image \"x\"")
        }
        let begins = Self.pod(Self.waiting("ContainerCreating"))
        #expect(DeadManWatch.trouble(of: [begins], isLate: false) == nil)
        #expect(DeadManWatch.trouble(of: [begins], isLate: true)?.hasPrefix("ContainerCreating") == true)
        #expect(DeadManWatch.trouble(of: [begins, Self.pod(["phase": "Running"])], isLate: true) == nil)
        #expect(DeadManWatch.trouble(of: [], isLate: false) == nil)
        #expect(DeadManWatch.trouble(of: [], isLate: true) == "it has no pod")
        let condition: JSON = [
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/1 nodes",
        ]
        let unscheduled = Self.pod(["phase": "Pending", "conditions": [condition]])
        #expect(DeadManWatch.trouble(of: [unscheduled], isLate: true) == "Unschedulable, 0/1 nodes")
    }

    @Test func `While the Job can't run, the screen and the next question say so`() async throws {
        let trial = try BreakingTrial()
        let clock = ManualClock()
        let injector = try trial.injector(image: DeadMan.usualImage) { $0.clock = clock }
        let plan = try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        try await injector.apply(plan)
        var pod = JSON.object([])
        pod = pod.setting("apiVersion", to: "v1").setting("kind", to: "Pod").setting(
            "status", to: Self.waiting("ErrImagePull"))
        pod = pod.setting(
            "metadata",
            to: [
                "name": "gameday-dead-man-x", "namespace": "bookinfo",
                "labels": .object([JSON.Member("job-name", "gameday-dead-man")]),
            ])
        trial.cluster.put(pod)
        let directory = injector.directory
        func pass(until isDone: () -> Bool) async {
            while !isDone() {
                await clock.waitForSleepers(2)
                clock.advance(by: .seconds(5))
            }
        }
        await pass { !directory.deadManTroubles.isEmpty }
        #expect(directory.deadManTroubles["bookinfo"]?.contains("ErrImagePull") == true)
        #expect(await injector.abilities(at: .service("details")).best(for: "abort")?.outlivesUs == true)
        trial.cluster.put(pod.setting("status", to: ["phase": "Running"]))
        await pass { directory.deadManTroubles.isEmpty }
        #expect(directory.hasDeadMan(in: "bookinfo") == true)
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
    }

    @Test func `What others did meanwhile outlives the script`() async throws {
        let trial = try BreakingTrial()
        let injector = try trial.injector()
        try await injector.apply(try injector.plan(.abort(status: 503), share: 1, at: .service("ratings")))
        try await injector.apply(
            try injector.plan(.delay(milliseconds: 7000), share: 0.5, at: .edge(BreakingTrial.edge)))
        try trial.change(by: "canary-tool") { object in
            var http = object["spec"]?["http"]?.array ?? []
            http[http.count - 1] = http[http.count - 1].setting("timeout", to: "3s")
            return object.changing("spec", "http", to: .array(http))
        }
        _ = try runScript(trial)
        let object = try #require(try trial.object())
        let http = object.spec?["http"]?.array ?? []
        #expect(http.count == 1 && http.first?["timeout"] == "3s" && http.first?["fault"] == nil)
        #expect(object.annotations.count == 1)
    }
}
