import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// What Chaos Mesh does to a mesh is seen, left alone, and ended when just that is asked for.
@Suite(.timeLimit(.minutes(1))) struct ChaosInjectorTests {
    private let trial: BreakingTrial
    private let directory: IstioDirectory
    private let injector: ChaosInjector

    init() throws {
        trial = try BreakingTrial()
        directory = try trial.directory()
        let reach = IstioReach(cluster: trial.asker())
        injector = ChaosInjector(directory: directory) { _ in reach }
    }

    /// As a real API server had them.
    private static func selector(_ app: String) -> JSON {
        ["namespaces": ["bookinfo"], "labelSelectors": ["app": .string(app)]]
    }

    private static func chaos(_ kind: String, _ name: String, _ spec: JSON) -> JSON {
        [
            "apiVersion": "chaos-mesh.org/v1alpha1", "kind": .string(kind),
            "metadata": ["name": .string(name), "namespace": "bookinfo"], "spec": spec,
        ]
    }

    private static let delay = chaos(
        "NetworkChaos", "delay-ratings",
        [
            "action": "delay", "mode": "all", "direction": "to", "duration": "60s", "selector": selector("reviews"),
            "delay": ["latency": "200ms", "jitter": "50ms"],
            "target": ["mode": "all", "selector": selector("ratings")],
        ])

    private func facts(_ json: JSON) throws -> ChaosFacts {
        let kind = json["kind"]?.string
        let resource = try #require(ChaosFacts.resources.first { $0.kind == kind })
        return try #require(ChaosFacts(KubeObject(json), resource))
    }

    private func held() async -> [FaultSurvey.Held] { await injector.survey(nil).flatMap { $0.faults ?? [] } }

    @Test func `each kind is told as what it does, on the edge or the service that it is about`() async throws {
        let all = [
            Self.delay,
            Self.chaos(
                "NetworkChaos", "loss",
                ["action": "loss", "mode": "one", "direction": "both", "selector": Self.selector("details")]),
            Self.chaos(
                "PodChaos", "kill", ["action": "pod-kill", "mode": "one", "selector": Self.selector("ratings")]),
            Self.chaos(
                "HTTPChaos", "abort", ["abort": true, "target": "Request", "selector": Self.selector("nobody")]),
        ]
        directory.replace(chaos: try all.map(facts))
        let found = await injector.survey(nil)
        #expect(
            found.map(\.source) == [
                "bookinfo/httpchaos/abort", "bookinfo/networkchaos/delay-ratings", "bookinfo/networkchaos/loss",
                "bookinfo/podchaos/kill",
            ])
        let faults = found.compactMap { $0.faults?.first }
        #expect(
            faults.map(\.kind.label) == [
                "unknown fault HTTPChaos", "DELAY 200 ms ±50 ms", "unknown fault NetworkChaos loss",
                "DELETE PODS 1",
            ])
        #expect(
            faults.map(\.scope) == [
                .service("abort"), .edge(Edge(from: "reviews", to: "ratings")), .service("details"),
                .service("ratings"),
            ])
        #expect(faults.map(\.isOthers) == [true, true, true, true])
        #expect(await injector.abilities(at: .service("ratings")).isEmpty)
        #expect(throws: InjectionError.self) {
            try injector.plan(.abort(status: 503), share: 1, at: .service("ratings"))
        }
    }

    @Test func `one that is paused, stopped or going acts no more`() throws {
        #expect(try facts(Self.delay).isActive)
        for change in [
            Self.delay.changing(
                "metadata", "annotations", "experiment.chaos-mesh.org/pause", to: "true"),
            Self.delay.changing("status", "experiment", "desiredPhase", to: "Stop"),
            Self.delay.changing("status", "conditions", to: [["type": "AllRecovered", "status": "True"]]),
            Self.delay.changing("metadata", "deletionTimestamp", to: "2026-11-28T12:00:00Z"),
        ] {
            let isActive = try facts(change).isActive
            #expect(!isActive)
        }
    }

    @Test func `whoever asks for just that ends it, and it is proven`() async throws {
        trial.cluster.put(Self.delay)
        let object = try #require(trial.cluster.object("NetworkChaos", "delay-ratings", in: "bookinfo"))
        directory.replace(chaos: [try facts(object)])
        let undo = try #require(await held().first?.undo)
        #expect(await injector.look(at: undo).map(\.state) == [.holds])
        let plan = FaultPlan(
            kind: .delay(milliseconds: 200), share: 1, scope: .service("ratings"), explanation: nil, evidence: .asked,
            undo: undo, work: .null)
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        directory.replace(chaos: [
            try facts(object.changing("metadata", "annotations", "experiment.chaos-mesh.org/pause", to: "true"))
        ])
        #expect(await injector.inspect(plan).map(\.state) == [.gone])
        let proofs = await injector.undo([undo, undo])
        #expect(proofs.map(\.isClean) == [true] && proofs[0].source == "bookinfo/networkchaos/delay-ratings")
        #expect(trial.cluster.object("NetworkChaos", "delay-ratings", in: "bookinfo") == nil)
        #expect(await injector.undo([undo]).map(\.isClean) == [true], "again is fine")
        trial.cluster.put(Self.delay)
        #expect(await injector.undo([undo]).map(\.isClean) == [true])
        #expect(trial.cluster.object("NetworkChaos", "delay-ratings", in: "bookinfo") != nil, "that is another one")
    }

    @Test func `the objects of a cluster are followed, and one without Chaos Mesh is asked once`() async throws {
        let cluster = trial.cluster
        let kube = try KubeFolder().cluster(cluster.url)
        let watch = ChaosWatch(kube, namespaces: ["bookinfo"], pulse: KubePulse(of: kube))
        let (changes, bell) = AsyncStream.makeStream(of: Void.self)
        let work = Task { await watch.run { bell.yield() } }
        defer { work.cancel() }
        cluster.put(Self.delay)
        for await _ in changes where watch.all.map(\.id) == ["bookinfo/networkchaos/delay-ratings"] { break }
        cluster.put(Self.delay.changing("metadata", "annotations", "experiment.chaos-mesh.org/pause", to: "true"))
        for await _ in changes where watch.all.map(\.isActive) == [false] { break }
        cluster.remove("NetworkChaos", "delay-ratings", in: "bookinfo")
        for await _ in changes where watch.all.isEmpty { break }
        let bare = try BreakingTrial().cluster
        bare.omit(group: "chaos-mesh.org")
        let other = try KubeFolder().cluster(bare.url)
        let idle = ChaosWatch(other, namespaces: ["bookinfo"], pulse: KubePulse(of: other))
        let waiting = Task { await idle.run {} }
        while bare.requests.isEmpty { await Task.yield() }
        waiting.cancel()
        await waiting.value
        // Beside the objects themselves it may be asked in which versions there are any.
        #expect(bare.requests.count { $0.path.contains("/namespaces/") } == 1 && idle.all.isEmpty)
    }
}
