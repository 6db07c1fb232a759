import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#endif

/// A whole mesh by its settings alone: a stand-in for the API server, and pods behind its port-forward that tell what
/// sidecars of Istio told.
@Suite(.timeLimit(.minutes(2))) final class IstioMeshTests: Sendable {
    private let cluster: StandInCluster
    private let pages: StubServer
    private let istiod: StubServer
    private let config = "/tmp/gameday-kubeconfig-\(UUID().uuidString)"
    private let transport: CurlTransport

    init() throws {
        let objects = try IstioFixtures.text("population.jsonl").split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
        let rules = try KubernetesFixtures.bookinfo().filter {
            ["VirtualService", "DestinationRule", "Deployment"].contains($0["kind"]?.string ?? "")
        }
        cluster = try StandInCluster(objects: objects + rules)
        transport = try CurlTransport()
        // Each look finds more requests that reviews sent to ratings.
        let looks = Mutex(0)
        pages = try StubServer { request, connection in
            let count = looks.withLock { looks in
                looks += 1
                return looks * 10
            }
            let sent = IstioFixtures.requests(
                count,
                [
                    "source_workload": "reviews-v1", "source_canonical_service": "reviews",
                    "destination_service_name": "ratings", "destination_canonical_service": "ratings",
                    "destination_workload": "ratings-v1",
                ])
            return connection.respond(200, headers: ["Content-Type: text/plain"], body: Array(sent.utf8))
        }
        let forward = StandInForward(accept: WebSocketHandshake.accept)
        // As istiod does, it sends each version of the routes, and every sidecar takes it.
        istiod = try StubServer { [cluster] _, connection in
            let version = cluster.object("VirtualService", "ratings", in: "bookinfo")?["metadata"]?["resourceVersion"]
            let nonce = version?.string ?? "0"
            let rows = objects.filter { $0["kind"]?.string == "Pod" }.map { pod -> JSON in
                let name = "\(KubeObject(pod).name).\(KubeObject(pod).namespace)"
                return [
                    "proxy": .string(name), "proxy_type": "sidecar", "route_sent": .string(nonce),
                    "route_acked": .string(nonce),
                ]
            }
            return connection.respond(200, headers: ["Content-Type: application/json"], body: JSON.array(rows).bytes)
        }
        cluster.script { [pages, istiod] request, connection in
            guard request.path.hasSuffix("/portforward") else { return nil }
            let headers = request.headers.map { "\($0.key): \($0.value)" }
            let stub = StubRequest(
                line: "\(request.line)?ports=\(request.query["ports"] ?? "")", headers: headers)
            // Only reviews has anything to tell; the others' ports are closed.
            if request.path.contains("/istiod-") {
                return forward.serve(stub, connection, .relay(to: istiod.port))
            }
            let isTeller = request.path.contains("/reviews-v1-")
            return forward.serve(stub, connection, isTeller ? .relay(to: pages.port) : .trouble("connection refused"))
        }
        let text = """
            {apiVersion: v1, kind: Config, current-context: lab,
             clusters: [{name: lab, cluster: {server: "\(cluster.url)"}}],
             contexts: [{name: lab, context: {cluster: lab, namespace: bookinfo}}]}
            """
        try Data(text.utf8).write(to: URL(filePath: config))
    }

    deinit { try? FileManager.default.removeItem(atPath: config) }

    private func adapter() throws -> any Adapter {
        let log = SettingsMistakes()
        let text = "kubernetes: {kubeconfig: \(config), namespaces: [bookinfo]}"
        let root = try #require(SettingsNode(yaml: text, log: log))
        let members = try #require(root.members(of: "the file", keys: Adapters.keys))
        let part = try #require(Adapters.parts(of: members, in: "").first)
        #expect(log.all.isEmpty, "\(log.all)")
        return part.make(AdapterSurroundings(transport: transport, pollInterval: .milliseconds(200)))
    }

    /// Observes until it is so.
    private func observe(_ adapter: any Adapter, until isEnough: @escaping ([Observation]) -> Bool) async
        -> [Observation]
    {
        let (turns, told) = AsyncStream.makeStream(of: AdapterTurn.self)
        let observing = Task { await adapter.observe { told.yield($0) } }
        defer { observing.cancel() }
        var all: [Observation] = []
        for await turn in turns {
            all += turn.observations
            if isEnough(all) { break }
        }
        return all
    }

    private func requests(from: ServiceName, to: ServiceName, in observations: [Observation]) -> UInt64 {
        observations.reduce(0) { sum, observation in
            guard case .traffic(let report) = observation, report.service == from else { return sum }
            return sum + report.outbound.filter { $0.to == to }.reduce(0) { $0 + ($1.sample?.completed ?? 0) }
        }
    }

    private func sources(_ observations: [Observation]) -> [String: SourceReport] {
        observations.reduce(into: [:]) { sources, observation in
            if case .source(let report) = observation { sources[report.name] = report }
        }
    }

    @Test func `Pods are found and polled, and edges told by the names of their services`() async throws {
        let seen = await observe(try adapter()) { all in
            self.requests(from: "reviews", to: "ratings", in: all) >= 20 && self.sources(all).count >= 10
                && self.sources(all)["istiod"] != nil
        }
        let sources = sources(seen)
        let teller = try #require(sources.values.first { $0.name.hasPrefix("reviews-v1-") })
        #expect(teller.service == "reviews" && teller.version == "v1" && teller.kind == .sidecar)
        #expect(teller.state == .fresh)
        let silent = sources.values.filter { $0.kind == .sidecar && $0.state != .fresh }
        #expect(silent.allSatisfy { $0.explanation?.isEmpty == false })
        #expect(sources["bookinfo/ratings"]?.kind == .istio)
        #expect(sources["lab"]?.kind == .list && sources["lab"]?.state == .fresh)
        #expect(sources["istiod"]?.state == .fresh)
    }

    @Test func `What pods logged of an edge is read through the API server, and a right that is missing is named`()
        async throws
    {
        let text = try String(decoding: AccessLogFormatTests.fixture("istio-text.log"), as: UTF8.self)
            .replacing("outbound|9080||abort.", with: "outbound|9080|v2|reviews.")
        let isForbidden = Mutex(false)
        cluster.script { request, connection in
            guard request.path.hasSuffix("/log") else { return nil }
            #expect(request.path.contains("/pods/productpage-v1-"))
            #expect(request.query["container"] == "istio-proxy")
            #expect(request.query["limitBytes"] == "524288")
            if isForbidden.withLock({ $0 }) {
                let answer = StandInCluster.Answer.refusal(403, "Forbidden", "pods is forbidden")
                return connection.respond(answer.status, headers: answer.headers, body: answer.body)
            }
            let own = "2026-11-28T01:07:05.760Z\tinfo\txdsproxy\tconnected\n"
            return connection.respond(200, headers: ["Content-Type: text/plain"], body: Array((own + text).utf8))
        }
        let adapter = try adapter()
        _ = await observe(adapter) { self.sources($0).keys.contains { $0.hasPrefix("productpage-v1-") } }
        let edge = Edge(from: "productpage", to: "reviews")
        let log = try #require(await adapter.log(of: edge).first)
        #expect(log.source.hasPrefix("productpage-v1-"))
        #expect(log.lines.map(\.flags) == [[], ["FI"]])
        #expect(log.problem == nil)
        isForbidden.withLock { $0 = true }
        let refused = try #require(await adapter.log(of: edge).first?.problem)
        #expect(refused == "Not allowed in this cluster (403); the right `get pods/log` is needed in bookinfo")
    }

    /// Takes istiod's pod away.
    private func removeIstiod() throws {
        let name = try #require(
            IstioFixtures.text("population.jsonl").split(separator: "\n").compactMap { line in
                let object = KubeObject((try? JSON(parsing: String(line))) ?? .null)
                return object.name.hasPrefix("istiod-") ? object.name : nil
            }.first)
        cluster.remove("Pod", name, in: "istio-system")
    }

    @Test func `An istiod that is gone is told, with what that means for faults`() async throws {
        try removeIstiod()
        let seen = await observe(try adapter()) { self.sources($0)["istiod"] != nil }
        let report = try #require(sources(seen)["istiod"])
        #expect(report.state == .unreachable)
        #expect(report.explanation?.contains("cannot be removed") == true)
    }

    @Test func `That nothing gets past istiod's webhook is known before somebody tries, and when it does again`()
        async throws
    {
        try removeIstiod()
        let isDown = Mutex(true)
        cluster.answer(IstioInjectorTests.webhookDown) { request in
            request.method == "POST" && request.path.hasSuffix("/virtualservices") && isDown.withLock { $0 }
        }
        let adapter = try adapter()
        let observing = Task { await adapter.observe { _ in } }
        defer { observing.cancel() }
        let injector = try #require(adapter.injectors.first)
        let edge = Scope.edge(Edge(from: "reviews", to: "ratings"))
        func isSaid() async -> Bool {
            String(describing: await injector.abilities(at: edge).best(for: "delay")).contains("istiod is down")
        }
        while await !isSaid() { try await Task.sleep(for: .milliseconds(20)) }
        let writes = cluster.requests.filter { $0.method == "POST" && $0.path.hasSuffix("/virtualservices") }
        #expect(!writes.isEmpty && writes.allSatisfy { $0.query["dryRun"] == "All" })
        isDown.withLock { $0 = false }
        while await isSaid() { try await Task.sleep(for: .milliseconds(20)) }
    }

    @Test func `A fault is planned, put and proven gone by what the watch told`() async throws {
        let adapter = try adapter()
        let observing = Task { await adapter.observe { _ in } }
        defer { observing.cancel() }
        let injector = try #require(adapter.injectors.first)
        let edge = Scope.edge(Edge(from: "reviews", to: "ratings"))
        // What can be broken is said as soon as the service is known, and how only when its VirtualService is.
        while await injector.abilities(at: edge).best(for: "abort")?.isPossible != true {
            try await Task.sleep(for: .milliseconds(20))
        }
        let kind = FaultKind.abort(status: 503).only(try FaultCondition("end-user=jason"))
        let before = cluster.object("VirtualService", "ratings", in: "bookinfo")?["spec"]
        let plan = await injector.identified(try injector.plan(kind, share: 0.25, at: edge))
        try await injector.apply(plan)
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        let during = try #require(cluster.object("VirtualService", "ratings", in: "bookinfo"))
        #expect(during["spec"]?.text.contains("jason") == true)
        let held = await injector.survey(nil).flatMap { $0.faults ?? [] }
        #expect(held.map(\.kind) == [kind] && held.map(\.scope) == [edge])
        // Whoever comes after a crash has no settings, only what is on the disk.
        let undo = try FaultUndo(WireFields(plan.undo.json, page: "ledger"))
        let proofs = await Adapters.injectors(transport).undo([undo])
        #expect(proofs.map(\.isClean) == [true], "\(proofs)")
        #expect(cluster.object("VirtualService", "ratings", in: "bookinfo")?["spec"] == before)
    }

    @Test(arguments: [FaultKind("scale", ["scale": 0]), FaultKind("partition")])
    func `A workload is broken and proven whole by what the watch told`(kind: FaultKind) async throws {
        let adapter = try adapter()
        let observing = Task { await adapter.observe { _ in } }
        defer { observing.cancel() }
        let injector = try #require(adapter.injectors.first { $0.kind == .workload })
        let edge = Scope.edge(Edge(from: "reviews", to: "ratings"))
        while await injector.abilities(at: edge).best(for: kind.word)?.isPossible != true {
            try await Task.sleep(for: .milliseconds(20))
        }
        let plan = await injector.identified(try injector.plan(kind, share: 1, at: edge))
        #expect(plan.undo.parts.map(\.source) == ["bookinfo/deployment/ratings-v1"])
        let before = cluster.object("Deployment", "ratings-v1", in: "bookinfo")?["spec"]
        try await injector.apply(plan)
        #expect(await injector.inspect(plan).map(\.state) == [.held])
        #expect(await injector.survey(nil).flatMap { $0.faults ?? [] }.map(\.kind) == [kind])
        let undo = try FaultUndo(WireFields(plan.undo.json, page: "ledger"))
        let proofs = await Adapters.injectors(transport).undo([undo])
        #expect(proofs.map(\.isClean) == [true], "\(proofs)")
        #expect(cluster.object("Deployment", "ratings-v1", in: "bookinfo")?["spec"] == before)
        #expect(await injector.inspect(plan).map(\.state) == [.gone])
    }

    @Test func `The policies of an edge are told once, and again when they change`() async throws {
        let adapter = try adapter()
        let observing = Task { await adapter.observe { _ in } }
        defer { observing.cancel() }
        let edge = Edge(from: "reviews", to: "ratings")
        func policy() async -> EdgePolicy? { await adapter.standings(of: [edge]).compactMap(\.policy).first }
        func wait(for mode: String) async throws {
            while await policy()?.mutual.map(\.mode) != [mode] { try await Task.sleep(for: .milliseconds(20)) }
        }
        try await wait(for: "PERMISSIVE")
        // The watches settle one after the other.
        while await policy() != nil { try await Task.sleep(for: .milliseconds(20)) }
        #expect(await adapter.knowledge(of: edge).compactMap(\.policy).count == 1, "whoever asks for it hears it again")
        cluster.put([
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": ["name": "default", "namespace": "bookinfo"], "spec": ["mtls": ["mode": "STRICT"]],
        ])
        try await wait(for: "STRICT")
    }

    @Test func `A pod that is gone is told, and one without a sidecar is shown as that`() async throws {
        let bare = try #require(
            cluster.object("Pod", "details-v1-65bd58d55f-lslp2", in: "bookinfo")?
                .changing("spec", "initContainers", to: nil))
        cluster.put(bare)
        let adapter = try adapter()
        let hasAsked = Mutex(false)
        let seen = await observe(adapter) { all in
            let sources = self.sources(all)
            if sources.values.contains(where: { $0.service == "details" && $0.health == "no sidecar" }) {
                let isFirst = hasAsked.withLock { asked in
                    defer { asked = true }
                    return !asked
                }
                if isFirst { self.cluster.remove("Pod", "details-v1-65bd58d55f-lslp2", in: "bookinfo") }
            }
            // A VirtualService that might have been made for a host is gone once the host's own is heard of.
            return sources.values.contains { $0.isGone && $0.kind == .sidecar }
        }
        let gone = sources(seen).values.filter { $0.isGone && $0.kind == .sidecar }
        #expect(gone.map(\.service) == ["details"], "\(gone)")
    }

    @Test func `A server that does not know the user is told with what to do, and nothing hangs`() async throws {
        cluster.admit("ana", token: "right")
        let seen = await observe(try adapter()) { all in
            self.sources(all)["lab"].map { $0.state != .fresh } ?? false
        }
        let report = try #require(sources(seen)["lab"])
        #expect(report.state == .unreachable)
        #expect(report.explanation?.isEmpty == false)
    }
}
