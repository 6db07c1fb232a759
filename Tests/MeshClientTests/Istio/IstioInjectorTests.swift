import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// Faults by VirtualServices come and go, and nobody else's work is touched.
@Suite(.timeLimit(.minutes(2))) struct IstioInjectorTests {
    private static let kinds: [FaultKind] = [.abort(status: 503), .delay(milliseconds: 250)]
    static let webhookDown = StandInCluster.Answer.refusal(
        500, "InternalError",
        "Internal error occurred: failed calling webhook \"rev.validation.istio.io\": failed to call webhook: "
            + "Post \"https://istiod.istio-system.svc:443/validate?timeout=10s\": dial tcp: connection refused")

    private func start(
        _ injector: IstioInjector, _ kind: FaultKind = .abort(status: 503), _ share: Double = 1,
        at scope: Scope = .edge(BreakingTrial.edge)
    ) async throws -> FaultPlan {
        let plan = await injector.identified(try injector.plan(kind, share: share, at: scope))
        try await injector.apply(plan)
        return plan
    }

    @Test(arguments: [
        Scope.edge(BreakingTrial.edge), .service("ratings"), .edge(Edge(from: "productpage", to: "reviews")),
    ])
    func `Every kind of fault comes and goes as every injector's do`(scope: Scope) async throws {
        let trial = try BreakingTrial()
        let before = try (trial.essence(), trial.essence("reviews"))
        try await InjectorContract.check(trial.injector(), at: scope, kinds: Self.kinds)
        let after = try (trial.essence(), trial.essence("reviews"))
        #expect(after == before)
    }

    @Test func `A host without a VirtualService gets one of ours, which goes with the fault`() async throws {
        let trial = try BreakingTrial()
        trial.cluster.remove("VirtualService", "ratings", in: "bookinfo")
        let injector = try trial.injector()
        try await InjectorContract.check(injector, at: .edge(BreakingTrial.edge), kinds: Self.kinds)
        let plan = try await start(injector)
        #expect(try trial.object("gameday-ratings")?.labels["app.kubernetes.io/managed-by"] == "gameday")
        let seen = await injector.survey(["bookinfo/gameday-ratings", "istiod"])
        #expect(seen.map { $0.faults?.count } == [1, 0], "the watch has not told of it yet")
        // Somebody makes it his own.
        try trial.change("gameday-ratings") { $0.changing("metadata", "labels", "team", to: "shop") }
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        let left = try #require(try trial.object("gameday-ratings"))
        #expect(!BreakingTrial.faulted(left.json) && left.annotations.isEmpty && left.labels["team"] == "shop")
    }

    @Test func `The object itself tells all that another machine needs to undo a fault`() async throws {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        _ = try await start(try trial.injector(), .delay(milliseconds: 7000), 0.125)
        let other = try trial.injector(try trial.directory(owner: "bob@desk"))
        let held = await other.survey(nil).flatMap { $0.faults ?? [] }
        #expect(held.map(\.kind) == [.delay(milliseconds: 7000)] && held.map(\.share) == [0.125])
        #expect(held.first?.scope == .edge(BreakingTrial.edge))
        let undo = try FaultUndo(WireFields(try #require(held.first).undo.json, page: "ledger"))
        #expect(await other.undo([undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
    }

    @Test func `A machine that knows nothing but the ledger undoes it`() async throws {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        let plan = try await start(try trial.injector())
        let empty = IstioDirectory(.init(server: trial.cluster.url))
        let undo = try FaultUndo(WireFields(JSON(parsing: plan.undo.json.bytes), page: "ledger"))
        #expect(await (try trial.injector(empty)).undo([undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
    }

    @Test func `Two faults in one VirtualService end each by itself, and a share is dialled in place`() async throws {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        let injector = try trial.injector()
        let delay = try await start(injector, .delay(milliseconds: 100), 0.5)
        let abort = try await start(injector, .abort(status: 500), 0.1, at: .service("ratings"))
        let dialled = try injector.plan(.abort(status: 500), share: 0.2, at: .service("ratings"))
        try await injector.apply(dialled)
        #expect(await injector.inspect(dialled).map(\.state) == [.held])
        #expect(await injector.inspect(abort).map(\.state) == [.changed])
        #expect(await injector.inspect(delay).map(\.state) == [.held])
        #expect(await injector.undo([abort.undo]).allSatisfy(\.isClean))
        #expect(await injector.inspect(delay).map(\.state) == [.held])
        #expect(await injector.undo([delay.undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
    }

    @Test func `Whoever was faster is read again, and nothing of his is lost`() async throws {
        let trial = try BreakingTrial()
        let times = Mutex(0)
        trial.cluster.script { [trial] request, _ in
            let isWrite = request.method == "PATCH" && request.query["dryRun"] == nil
            if isWrite,
                times.withLock({
                    $0 += 1; return $0 < 3
                })
            {
                try? trial.change { $0.changing("metadata", "labels", "build", to: .string("\(request.body.count)")) }
            }
            return nil
        }
        let injector = try trial.injector()
        let plan = try await start(injector)
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        let left = try #require(try trial.object())
        #expect(left.labels["build"] != nil && !BreakingTrial.faulted(left.json))
        #expect(!JSON.array(FieldOwnership(left).entries).text.contains("\"gameday\""))
    }

    @Test func `Others' routes stay as they made them, and who did it is named`() async throws {
        let trial = try BreakingTrial()
        let injector = try trial.injector()
        let plan = try await start(injector)
        try trial.change { object in
            var http = object["spec"]?["http"]?.array ?? []
            http[1] = http[1].setting("timeout", to: "9s")
            return object.changing("spec", "http", to: .array(http))
        }
        // The route that injects is as it was, and the first that its requests meet.
        let evidence = await injector.inspect(plan)
        #expect(evidence.map(\.state) == [.held])
        #expect(evidence.first?.explanation?.hasPrefix("kubectl-edit changed its routes at ") == true)
        let proofs = await injector.undo([plan.undo])
        #expect(proofs.allSatisfy { $0.isClean })
        #expect(proofs.first?.explanation?.hasPrefix("kubectl-edit changed its routes at ") == true)
        let http = try trial.object()?.spec?["http"]?.array ?? []
        #expect(http.count == 1 && http.first?["timeout"] == "9s" && http.first?["fault"] == nil)
        #expect(try trial.object()?.annotations.keys.contains { $0.hasPrefix("gameday.dev/") } == false)
        #expect(try trial.object().map { FieldOwnership($0) }?.writer?.name == "kubectl-edit")
    }

    @Test func `A fault that kubectl apply took away is gone, and only the marks are cleaned up`() async throws {
        let trial = try BreakingTrial()
        let original = try trial.object()?.spec
        let injector = try trial.injector()
        let plan = try await start(injector)
        try trial.change(by: "kubectl-client-side-apply") { $0.changing("spec", to: original) }
        let evidence = await injector.inspect(plan)
        #expect(evidence.map(\.state) == [.gone])
        #expect(evidence.first?.explanation?.contains("kubectl-client-side-apply changed its routes") == true)
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(try trial.object()?.annotations.count == 1)
        #expect(try trial.object()?.spec == original)
    }

    @Test func `With istiod down nothing starts, and an undo says that the fault goes on and that it is tried again`()
        async throws
    {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        let injector = try trial.injector()
        let plan = try await start(injector)
        trial.cluster.answer(Self.webhookDown) { $0.method != "GET" && $0.path.contains("virtualservices") }
        let proof = try #require(await injector.undo([plan.undo]).first)
        #expect(!proof.isClean)
        #expect(
            proof.explanation?.hasPrefix("istiod is down: its webhook rejects the removal in bookinfo/ratings") == true)
        for way in [
            "exec reviews-v1-69fdbc4fcc-q42gf -c istio-proxy -- pilot-agent request POST", "for each pod of reviews",
            "gameday fault start --from reviews --to ratings --partition", "delete the callers' pods",
        ] { #expect(proof.explanation?.contains(way) == true) }
        #expect(await injector.look(at: plan.undo).map(\.state) == [.holds])
        let refused = #expect(throws: InjectionError.self) {
            try injector.plan(.delay(milliseconds: 5), share: 1, at: .edge(Edge(from: "productpage", to: "details")))
        }
        #expect(refused?.summary.hasPrefix("istiod is down") == true)
        injector.directory.opensSidecars = true
        let other = try injector.plan(
            .abort(status: 503), share: 0.255, at: .edge(Edge(from: "productpage", to: "details")))
        #expect(other.explanation?.hasPrefix("By the runtime of the caller's sidecars, because istiod is down") == true)
        #expect(other.share == 0.26 && other.evidence == .held)
        trial.cluster.clearScripts()
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
    }

    @Test func `A header and a version narrow a fault, and a version without a subset is refused`() async throws {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        let injector = try trial.injector()
        let plan = try injector.plan(
            .delay(milliseconds: 7000).only(try FaultCondition("end-user=jason")), share: 1, at: .service("ratings"))
        try await injector.apply(plan)
        let wanted = try JSON.array(BreakingFixtures.http("ratings.http-jason.json"))
        #expect(try trial.object()?.spec?["http"]?.canonical == wanted.canonical)
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
        #expect(throws: InjectionError.self) {
            try injector.plan(.abort(status: 503).only(.version("v9")), share: 1, at: .service("ratings"))
        }
        // Nor does it fall back on another way, which could not tell versions apart.
        injector.directory.opensSidecars = true
        #expect(throws: InjectionError.self) {
            try injector.plan(
                .abort(status: 503).only(.version("v9")), share: 1, at: .edge(BreakingTrial.edge))
        }
        let narrow = try injector.plan(.abort(status: 503).only(.version("v1")), share: 1, at: .service("ratings"))
        try await injector.apply(narrow)
        #expect(await injector.survey(nil).flatMap { $0.faults ?? [] }.map(\.kind) == [narrow.kind])
        #expect(await injector.undo([narrow.undo]).allSatisfy(\.isClean))
    }

    @Test func `What istiod's webhook says of a fault is said, and nothing stays behind`() async throws {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        trial.cluster.answer(
            .refusal(
                400, nil,
                "admission webhook \"rev.validation.istio.io\" denied the request: configuration is invalid: 1 error "
                    + "occurred:\n\t* HTTP fault injection must have an abort and/or a delay\n\n")
        ) { $0.query["dryRun"] == "All" }
        let error = await #expect(throws: InjectionError.self) { try await start(try trial.injector()) }
        #expect(
            error?.summary
                == "rejected by istiod: configuration is invalid: 1 error occurred: * HTTP fault injection must have an "
                + "abort and/or a delay")
        #expect(try trial.essence() == before)
    }

    @Test(arguments: [
        ("metadata.labels.kustomize.toolkit.fluxcd.io/name", "apps", "Flux (Kustomization apps)"),
        ("metadata.annotations.argocd.argoproj.io/tracking-id", "shop:networking", "Argo CD (application shop)"),
    ])
    func `What a GitOps tool owns is told beforehand, and what that tool does about a fault stays`(
        path: String, value: String, words: String
    ) async throws {
        let trial = try BreakingTrial()
        let parts = path.split(separator: ".", maxSplits: 2).map(String.init)
        try trial.change { $0.changing(parts[0], parts[1], parts[2], to: .string(value)) }
        let before = try #require(try trial.object()).json
        let injector = try trial.injector()
        let plan = try await start(injector)
        let told = "managed by \(words), whose next sync may remove the fault or report drift: to prevent that, run `"
        #expect(plan.explanation?.contains(told) == true)
        #expect(await injector.abilities(at: .edge(BreakingTrial.edge)).first?.note?.contains(words) == true)
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        // It puts the routes back while the fault is active.
        try trial.change(by: "argocd-controller") { $0.changing("spec", "http", to: before["spec"]?["http"]) }
        #expect(await injector.inspect(plan).map(\.state) == [.gone])
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        let after = try #require(try trial.object())
        #expect(after.spec == before["spec"] && after.annotations.keys.allSatisfy { !$0.hasPrefix("gameday.dev") })
    }

    @Test func `Faults of others are found, kept by every undo of ours, and end when just that is asked`() async throws
    {
        let trial = try BreakingTrial()
        try trial.change { object in
            let http = (object["spec"]?["http"]?.array ?? []).map {
                $0.setting("fault", to: ["delay": ["fixedDelay": "1.5s", "percentage": ["value": 10]]])
            }
            return object.changing("spec", "http", to: .array(http))
        }
        let before = try trial.essence()
        let injector = try trial.injector()
        #expect(throws: InjectionError.self) {
            try injector.plan(.delay(milliseconds: 5), share: 1, at: .service("ratings"))
        }
        let plan = try await start(injector)
        let held = await injector.survey(["bookinfo/ratings"]).flatMap { $0.faults ?? [] }
        #expect(held.map(\.isOthers) == [false, true] && held.map(\.share) == [1, 0.1])
        #expect(held.last?.kind == .delay(milliseconds: 1500) && held.last?.scope == .service("ratings"))
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
        #expect(await injector.undo([try #require(held.last).undo]).allSatisfy(\.isClean))
        #expect(try BreakingTrial.faulted(trial.object()?.json) == false)
    }

    @Test func `Of several VirtualServices for a host the oldest is broken, and that is said`() throws {
        let trial = try BreakingTrial()
        let directory = try trial.directory()
        let spec: JSON = [
            "hosts": ["ratings.bookinfo.svc.cluster.local"],
            "http": [["route": [["destination": ["host": "ratings"]]]]],
        ]
        let younger: JSON = [
            "kind": "VirtualService", "spec": spec,
            "metadata": [
                "name": "a", "namespace": "bookinfo", "uid": "7", "creationTimestamp": "2036-01-01T00:00:00Z",
            ],
        ]
        directory.put(KubeObject(younger))
        let injector = try trial.injector(directory)
        let plan = try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        #expect(plan.undo.parts.map(\.source) == ["bookinfo/ratings"])
        #expect(plan.explanation?.contains("bookinfo/ratings is the oldest for that host, so bookinfo/a") == true)
        let wide = younger.changing("spec", "hosts", to: ["*.svc.cluster.local"])
        directory.remove(KubeObject(try #require(try trial.object()?.json)))
        directory.put(KubeObject(wide))
        #expect(throws: InjectionError.self) {
            try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        }
    }

    @Test func `No second VirtualService is made for a host whose own is not known yet`() async throws {
        let trial = try BreakingTrial()
        let directory = try trial.directory()
        let services = directory.look { Array($0.services.values) }
        let injector = try trial.injector(directory)
        func reason() -> String? {
            do {
                _ = try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
                return nil
            } catch { return error.summary }
        }
        directory.replace(services: services, rules: [], unseen: ["virtualservices": .awaited])
        #expect(directory.holders.isEmpty)
        #expect(reason()?.contains("the VirtualServices are not known yet") == true)
        directory.opensSidecars = true
        #expect(reason()?.contains("not known yet") == true, "in a moment a better way may be open")
        directory.replace(services: services, rules: [], unseen: ["virtualservices": .hidden("no right to list")])
        #expect(reason() == nil, "by the runtime of the caller's sidecars")
        directory.replace(
            services: services, rules: [],
            unseen: ["virtualservices": .hidden("no right to list"), "destinationrules": .hidden("no right to list")])
        #expect(reason()?.contains("cannot be read: no right to list") == true)
        directory.replace(services: services, rules: [])
        #expect(reason() == nil && directory.holders.contains("bookinfo/gameday-ratings"))
    }

    @Test func `A configuration that an Envoy refuses is told, with the Envoy's own words`() async throws {
        let trial = try BreakingTrial()
        let looks = Mutex(0)
        let quiet = try IstiodSync(IstioFixtures.bytes("syncz-quiet.json"))
        let refused = try IstiodSync(IstioFixtures.bytes("syncz-refused.json"))
        let injector = try trial.injector {
            $0.sync = { _ in
                looks.withLock {
                    $0 += 1; return $0
                } == 1 ? quiet : refused
            }
        }
        let error = await #expect(throws: InjectionError.self) {
            _ = try await start(injector, at: .service("ratings"))
        }
        #expect(error?.summary.contains("rejected its routes") == true)
        #expect(error?.summary.contains("value must be inside range [200, 600)") == true)
        #expect(PushWatch.judge(PushWatch.routes(of: quiet), PushWatch.routes(of: quiet), nil) != .taken)
    }

    /// istiod's page: quiet, and each sidecar's routes pushed and taken so many times.
    private static func sync(_ pushes: Int) throws -> IstiodSync {
        let page = String(decoding: try IstioFixtures.bytes("syncz-quiet.json"), as: UTF8.self)
        return try IstiodSync(Array(page.replacing("2026-11-28T01:54:19Z/", with: "\(pushes)/").utf8))
    }

    @Test func `While istiod can tell nobody, a removed fault is not called over`() async throws {
        let trial = try BreakingTrial()
        let before = try trial.essence()
        let pushes = Mutex(0)
        let isUp = Mutex(true)
        trial.cluster.script { request, _ in
            let isWrite = ["PATCH", "POST", "DELETE"].contains(request.method) && request.query["dryRun"] == nil
            if isWrite, request.path.contains("virtualservices") { pushes.withLock { $0 += 1 } }
            return nil
        }
        let directory = try trial.directory()
        directory.confirmsPushes = true
        let injector = try trial.injector(directory) {
            $0.sync = { _ in isUp.withLock { $0 } ? try? Self.sync(pushes.withLock { $0 }) : nil }
        }
        let plan = try await start(injector, at: .service("ratings"))
        #expect(plan.evidence == .held)
        isUp.withLock { $0 = false }
        for _ in 1...2 {
            let proof = try #require(await injector.undo([plan.undo]).first)
            #expect(!proof.isClean)
            #expect(
                proof.explanation
                    == "bookinfo/ratings: removed, but istiod does not respond, so the sidecars may still inject it"
            )
        }
        #expect(try trial.essence() == before)
        await #expect(throws: InjectionError.self) { try await injector.apply(plan) }
        isUp.withLock { $0 = true }
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(try trial.essence() == before)
    }

    @Test func `A sidecar's runtime takes an abort for one caller and gives it back`() async throws {
        let trial = try BreakingTrial()
        let envoy = try StubEnvoy(service: "reviews", callees: [])
        let directory = try trial.directory()
        directory.opensSidecars = true
        directory.setObstacle(VirtualServiceRefusal("virtualservices may not be patched in bookinfo"))
        let injector = try trial.injector(directory) { [trial] in
            $0.admin = { _, method, path throws(TransportError) in
                try await trial.transport.send(HTTPRequest(method, envoy.url + path))
            }
        }
        let edge = Scope.edge(BreakingTrial.edge)
        let ability = try #require(await injector.abilities(at: edge).best(for: "abort"))
        #expect(ability.bounds["abort"] == 503...503 && ability.smallestShare == 0.01)
        #expect(ability.note?.contains("virtualservices may not be patched in bookinfo") == true)
        #expect(await injector.abilities(at: edge).best(for: "delay")?.isPossible == false)
        let plan = try await start(injector, .abort(status: 503), 0.5)
        #expect(envoy.keys.contains("upstream.maintenance_mode.outbound|9080|v1|ratings.bookinfo.svc.cluster.local"))
        #expect(await injector.inspect(plan).allSatisfy { $0.state == .held })
        let held = await injector.survey(Set(plan.undo.parts.map(\.source))).flatMap { $0.faults ?? [] }
        #expect(Set(held.map(\.scope)) == [edge] && Set(held.map(\.share)) == [0.5])
        #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
        #expect(envoy.keys.isEmpty)
        // A pod that is gone took its runtime with it.
        trial.cluster.remove("Pod", plan.undo.parts[0].source, in: "bookinfo")
        let lost = try trial.injector(directory) {
            $0.admin = { _, _, _ throws(TransportError) in throw .closed("no such pod") }
        }
        #expect(await lost.undo([plan.undo]).filter(\.isClean).map(\.source) == [plan.undo.parts[0].source])
    }
}
