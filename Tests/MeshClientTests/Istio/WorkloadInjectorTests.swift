import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// What is done to workloads: undone and proven, or said to be beyond that.
@Suite(.timeLimit(.minutes(1))) struct WorkloadInjectorTests {
    private let trial: BreakingTrial
    private let directory: IstioDirectory
    private let injector: WorkloadInjector
    private let ratings = Scope.edge(BreakingTrial.edge)
    private let reviews = Scope.edge(Edge(from: "productpage", to: "reviews"))

    init() throws {
        trial = try BreakingTrial()
        directory = try trial.directory()
        injector = try trial.workloads(directory)
    }

    private func object(_ kind: String = "Deployment", _ name: String = "ratings-v1") -> KubeObject? {
        trial.cluster.object(kind, name, in: "bookinfo").map(KubeObject.init)
    }

    private func start(
        _ kind: FaultKind, at scope: Scope? = nil, by injector: WorkloadInjector? = nil
    ) async throws -> FaultPlan {
        let injector = injector ?? self.injector
        let plan = await injector.identified(try injector.plan(kind, share: 1, at: scope ?? ratings))
        // The undo goes through its written form, as it does after a crash.
        #expect(try FaultUndo(WireFields(JSON(parsing: plan.undo.json.bytes), page: "ledger")) == plan.undo)
        try await injector.apply(plan)
        return plan
    }

    private func states(_ plan: FaultPlan) async -> Set<FaultEvidence.State> {
        Set(await injector.inspect(plan).map(\.state))
    }

    private func essence() -> String? {
        object().map { object in
            ["resourceVersion", "generation"].reduce(object.metadata ?? .null) { $0.setting($1, to: nil) }.canonical
                .text
                + (object.spec?.canonical.text ?? "")
        }
    }

    private static let scaled = FaultKind("scale", ["scale": 0])

    @Test(arguments: [FaultKind("scale", ["scale": 0]), FaultKind("scale", ["scale": 4]), FaultKind("partition")])
    func `What can be undone is held, undone to the letter, and proven, again and again`(kind: FaultKind) async throws {
        let before = essence()
        let plan = try injector.plan(kind, share: 1, at: ratings)
        #expect(await states(plan) == [.gone], "planning does nothing")
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean), "to undo what never was is fine")
        let begun = try await start(kind)
        #expect(await states(begun) == [.held])
        #expect(await injector.look(at: begun.undo).map(\.state) == [.holds])
        try await injector.apply(begun)
        #expect(await states(begun) == [.held], "twice is once")
        for _ in 1...2 {
            let proofs = await injector.undo([begun.undo, begun.undo])
            #expect(proofs.map(\.isClean) == [true] && proofs[0].source == "bookinfo/deployment/ratings-v1")
            #expect(await states(begun) == [.gone])
            #expect(await injector.look(at: begun.undo).map(\.state) == [.clean])
        }
        #expect(essence() == before)
        #expect(object("NetworkPolicy", "gameday-partition-deployment-ratings-v1") == nil)
    }

    @Test(arguments: [FaultKind("scale", ["scale": 0]), FaultKind("partition")])
    func `Any gameday on any machine finds it by the object alone, and undoes it`(kind: FaultKind) async throws {
        let before = essence()
        _ = try await start(kind)
        let other = try trial.workloads(try trial.directory(owner: "max@desktop"))
        let surveys = await other.survey(nil)
        #expect(surveys.count == 6)
        let held = surveys.flatMap { $0.faults ?? [] }
        #expect(held.count == 1)
        let found = try #require(held.first)
        #expect(found.kind == kind && found.scope == .service("ratings"))
        #expect(found.isOthers, "its team renews the Lease")
        #expect(await other.undo([found.undo]).allSatisfy(\.isClean))
        #expect(essence() == before)
        #expect(await other.survey(["bookinfo/deployment/ratings-v1"]).first?.faults?.isEmpty == true)
        #expect(await other.survey(["bookinfo/ratings", "ratings"]).isEmpty, "others' sources are others' business")
    }

    @Test func `Killed at any request, a scaling is undone from the ledger to the letter`() async throws {
        for count in 0... {
            let trial = try BreakingTrial()
            let before = trial.cluster.object("Deployment", "ratings-v1", in: "bookinfo")?["spec"]
            let asker = trial.asker(diesAfter: count)
            let dying = try trial.workloads(asker: asker)
            let plan = await dying.identified(try dying.plan(Self.scaled, share: 1, at: ratings))
            try? await dying.apply(plan)
            let isDead = await !dying.undo([plan.undo]).allSatisfy(\.isClean)
            #expect(await (try trial.workloads()).undo([plan.undo]).allSatisfy(\.isClean))
            let after = try #require(trial.cluster.object("Deployment", "ratings-v1", in: "bookinfo"))
            #expect(after["spec"] == before, "after \(count) requests")
            #expect(ScaleMarks(KubeObject(after)) == nil)
            if !isDead { return #expect(count > 4) }
        }
    }

    @Test func `Somebody else's scaling stays, and only our marks go`() async throws {
        let plan = try await start(Self.scaled)
        trial.cluster.put(try #require(object()).json.changing("spec", "replicas", to: 5), by: "autoscaler")
        #expect(await states(plan) == [.changed])
        let proof = await injector.undo([plan.undo]).first
        #expect(proof?.isClean == true && proof?.explanation == "others scaled it to 5 meanwhile; that stays")
        #expect(object()?.replicas == 5 && object().flatMap(ScaleMarks.init) == nil)
        let fields = try #require(object()?.managedFields).text
        #expect(!fields.contains("gameday"))
    }

    @Test func `A workload that a GitOps tool owns is scaled with a word of that`() throws {
        let deployment = try #require(object()).json.changing(
            "metadata", "labels", to: ["argocd.argoproj.io/instance": "shop"])
        let workload = try #require(Workload(KubeObject(deployment), .deployment))
        directory.replace(workloads: [(workload, "ratings")], blindness: nil)
        let scaling = try injector.plan(Self.scaled, share: 1, at: ratings)
        #expect(scaling.explanation?.contains("managed by Argo CD (application shop)") == true)
        let deleting = try injector.plan(FaultKind("delete-pod", ["delete-pod": 1]), share: 1, at: ratings)
        #expect(deleting.explanation?.contains("Argo") == false)
    }

    @Test func `A second scaling of one workload is refused, whoever asks`() async throws {
        _ = try await start(Self.scaled)
        let again = FaultKind("scale", ["scale": 3])
        let plan = await injector.identified(try injector.plan(again, share: 1, at: .service("ratings")))
        let error = await #expect(throws: InjectionError.self) { try await injector.apply(plan) }
        #expect(error?.summary.contains("is already scaled by a fault of olivia@laptop, to 0") == true)
    }

    @Test func `Who may only scale does just that, and is told that this machine alone knows the way back`()
        async throws
    {
        directory.set(missing: [KubeRight("patch", .deployments)], in: "bookinfo")
        let before = object()?.annotations
        let plan = try await start(Self.scaled)
        #expect(plan.explanation?.contains("only this machine can scale it back") == true)
        #expect(object()?.replicas == 0 && object()?.annotations == before)
        #expect(await injector.abilities(at: ratings).best(for: "scale")?.outlivesUs == true)
        #expect(await states(plan) == [.held])
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(object()?.replicas == 1)
        #expect(await states(plan) == [.gone])
    }

    @Test func `What the user may not do is grey with the reason`() async throws {
        directory.set(
            missing: [
                KubeRight("delete", .pods), KubeRight("create", .pods, subresource: "eviction"),
                KubeRight("patch", .deployments), KubeRight("patch", .deployments, subresource: "scale"),
                KubeRight("create", .networkPolicies),
            ], in: "bookinfo")
        let abilities = await injector.abilities(at: ratings)
        #expect(
            abilities.map(\.refusal) == [
                "your user lacks the permission to delete pods",
                "your user lacks the permission to create pods/eviction",
                "your user lacks the permission to patch deployments/scale.apps",
                "your user lacks the permission to patch deployments.apps",
                "your user lacks the permission to create networkpolicies.networking.k8s.io",
            ])
        #expect(abilities.allSatisfy { $0.remedy?.contains("gameday check") == true })
        directory.replace(workloads: [], blindness: "Not allowed in this cluster (403)")
        #expect(
            await injector.abilities(at: ratings).allSatisfy { $0.refusal?.contains("cannot read Deployments") == true }
        )
        #expect(await injector.abilities(at: .service("nobody")).isEmpty)
    }

    @Test func `Pods are deleted as those that were meant, and it is over when others are ready`() async throws {
        let plan = try await start(FaultKind("delete-pod", ["delete-pod": 1]))
        #expect(plan.explanation?.contains("cannot be undone (a deleted pod does not come back") == true)
        let gone = try #require(await injector.inspect(plan).first)
        #expect(gone.state == .held && !gone.isOver)
        #expect(gone.explanation?.hasSuffix("gone; 0 of 1 pods ready") == true)
        let proof = try #require(await injector.undo([plan.undo]).first)
        #expect(proof.isClean && proof.explanation == "nothing to undo; 0 of 1 pods are ready")
        let name = try #require(plan.undo.parts.first.map { try WorkloadPart($0) }?.pods.first?.name)
        let pod = try #require(object("Pod", name)).json
        trial.cluster.put(
            pod.changing("metadata", "name", to: "ratings-v1-new").changing("metadata", "uid", to: "new")
                .changing("metadata", "deletionTimestamp", to: nil)
                .changing("status", to: ["phase": "Running", "conditions": [["type": "Ready", "status": "True"]]]))
        let over = try #require(await injector.inspect(plan).first)
        #expect(over.state == .held && over.isOver)
        #expect(over.explanation?.hasSuffix("gone; 1 of 1 pods ready") == true)
    }

    @Test func `As many pods as there are can be taken, of one version too, and no more`() async throws {
        let three = try injector.plan(FaultKind("delete-pod", ["delete-pod": 3]), share: 1, at: reviews)
        #expect(three.undo.parts.count == 3)
        let one = FaultKind("evict-pod", ["evict-pod": 1]).only(.version("v2"))
        #expect(
            try injector.plan(one, share: 1, at: reviews).undo.parts.map(\.source) == ["bookinfo/deployment/reviews-v2"]
        )
        for kind in [
            FaultKind("delete-pod", ["delete-pod": 4]), one.only(.version("v9")),
            one.only(.header("end-user", value: "jason")), .abort(status: 503), FaultKind("scale", ["scale": 1]),
        ] { #expect(throws: InjectionError.self) { try injector.plan(kind, share: 1, at: reviews) } }
        #expect(throws: InjectionError.self) { try injector.plan(Self.scaled, share: 0.5, at: reviews) }
        #expect(throws: InjectionError.self) { try injector.plan(Self.scaled, share: 1, at: .service("nobody")) }
        #expect(await injector.abilities(at: reviews).best(for: "delete-pod")?.bounds == ["delete-pod": 1...3])
    }

    @Test func `An eviction that a budget forbids is told by the budget's words`() async throws {
        trial.cluster.forbidEviction()
        let plan = try injector.plan(FaultKind("evict-pod", ["evict-pod": 1]), share: 1, at: ratings)
        let error = await #expect(throws: InjectionError.self) { try await injector.apply(plan) }
        #expect(error?.summary.hasPrefix("ratings-v1-") == true)
        #expect(error?.remedy?.contains("violate the pod's disruption budget") == true)
        trial.cluster.forbidEviction(false)
        try await injector.apply(plan)
        #expect(await states(plan) == [.held])
    }

    @Test func `A rollout is restarted as kubectl restarts one, and over when every pod is new`() async throws {
        let plan = try await start(FaultKind("restart"))
        #expect(object().flatMap(WorkloadFault.restartedAt) == "2026-11-28T01:54:28.123000Z")
        #expect(await injector.inspect(plan).map(\.isOver) == [false])
        let generation = try #require(object()?.metadata?["generation"])
        let status: JSON = [
            "observedGeneration": generation, "replicas": 1, "updatedReplicas": 1, "readyReplicas": 1,
        ]
        trial.cluster.put(try #require(object()).json.changing("status", to: status))
        #expect(await injector.inspect(plan).map(\.isOver) == [true])
        let word = WorkloadFault.restartMark
        trial.cluster.put(
            try #require(object()).json.changing("spec", "template", "metadata", "annotations", word, to: "later"))
        #expect(await states(plan) == [.gone])
    }

    @Test func `A NetworkPolicy of others that lets something through is told beforehand`() async throws {
        #expect(await injector.abilities(at: ratings).best(for: "partition")?.note?.contains("allow-all") == false)
        trial.cluster.put([
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": ["name": "allow-all", "namespace": "bookinfo"], "spec": ["podSelector": [:], "ingress": [[:]]],
        ])
        #expect(
            await injector.abilities(at: ratings).best(for: "partition")?.note?.contains(
                "traffic that allow-all allows is not blocked")
                == true)
    }

    @Test func `The Lease and the Job are there while one of several faults is`() async throws {
        let injector = try trial.workloads(directory, image: DeadMan.usualImage)
        let deleted = try await start(FaultKind("delete-pod", ["delete-pod": 1]), by: injector)
        #expect(object("Lease", "gameday") != nil && object("Job", DeadMan.name) == nil, "it would have nothing to do")
        let scaled = try await start(Self.scaled, by: injector)
        let cut = try await start(FaultKind("partition"), by: injector)
        #expect(object("Job", DeadMan.name) != nil)
        let rules = try #require(object("Role", DeadMan.name)?.json["rules"]?.array)
        #expect(rules.contains { $0["resources"] == ["networkpolicies"] })
        for plan in [deleted, scaled] {
            #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
            #expect(object("Lease", "gameday") != nil && object("Job", DeadMan.name) != nil)
        }
        #expect(await injector.undo([cut.undo]).allSatisfy(\.isClean))
        #expect(object("Lease", "gameday") == nil && object("Job", DeadMan.name) == nil)
    }

    /// Nobody can give a role more than they have, and a Role that is refused would end nothing at all.
    @Test func `Who may not mend workloads makes a Job that ends what it can`() async throws {
        directory.set(missing: [KubeRight("patch", .statefulSets)], in: "bookinfo")
        let injector = try trial.workloads(directory, image: DeadMan.usualImage)
        let plan = try await start(Self.scaled, by: injector)
        #expect(plan.explanation?.contains("no clean-up Job in bookinfo") == true)
        let rules = try #require(object("Role", DeadMan.name)?.json["rules"]?.array)
        #expect(rules.count == 2)
    }
}
