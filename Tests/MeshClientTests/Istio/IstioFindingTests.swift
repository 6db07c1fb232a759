import MeshModel
import TestKit
import Testing

@testable import MeshClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#endif

/// Who is in a mesh, worked out of what an API server tells.
@Suite struct IstioFindingTests {
    private static func objects() throws -> [KubeObject] {
        try IstioFixtures.text("population.jsonl").split(separator: "\n").map {
            KubeObject(try JSON(parsing: String($0)))
        }
    }

    private static func population(
        _ change: (inout KubeObject) -> Void = { _ in }
    ) throws -> (IstioPopulation, gateways: [PodFacts]) {
        var population = IstioPopulation(pods: [:], services: [:])
        var gateways: [PodFacts] = []
        for var object in try objects() {
            change(&object)
            if object.json["kind"]?.string == "Service" {
                population.services?[KubeName(object)] = ServiceFacts(object)
            } else if let pod = PodFacts(object) {
                if object.namespace == "bookinfo" { population.pods?[KubeName(object)] = pod }
                if pod.isGateway { gateways.append(pod) }
            }
        }
        return (population, gateways)
    }

    @Test func `Services stand with their pods, versions and sidecars, and the gateway before them`() throws {
        let (population, gateways) = try Self.population()
        let members = population.members(with: gateways)
        #expect(
            members.map(\.name.text) == [
                "details.bookinfo", "istio-ingressgateway.istio-system", "productpage.bookinfo", "ratings.bookinfo",
                "reviews.bookinfo",
            ])
        #expect(members.map(\.pods.count) == [1, 1, 1, 1, 3])
        #expect(members.map(\.isGateway) == [false, true, false, false, false])
        let reviews = try #require(members.last)
        #expect(reviews.pods.map(\.version) == ["v1", "v2", "v3"])
        #expect(reviews.pods.allSatisfy { $0.hasSidecar && $0.isReady && $0.workload.hasPrefix("reviews-v") })
        #expect(reviews.pods[0].workload == "reviews-v1")
        #expect(reviews.service?.ports == [9080])
        let pod = population.pod(reviews.pods[0], of: reviews)
        #expect(pod.service == "reviews.bookinfo" && pod.canonicalService == "reviews")
        #expect(pod.scrape == IstioPod.Scrape(port: 15020, path: "/stats/prometheus"))
        #expect(pod.id.hasSuffix(".bookinfo"))
    }

    @Test func `A pod that ends, or has ended, is none any more`() throws {
        let pods = try Self.objects().filter { $0.json["kind"]?.string == "Pod" }
        let first = try #require(pods.first)
        #expect(PodFacts(first) != nil)
        #expect(PodFacts(KubeObject(first.json.setting("status", to: ["phase": "Succeeded"]))) == nil)
        let going = first.json.changing("metadata", "deletionTimestamp", to: "2026-11-28T12:00:00Z")
        #expect(PodFacts(KubeObject(going)) == nil)
    }

    @Test func `The pod of our own Job is nobody of the mesh`() throws {
        var (population, _) = try Self.population()
        let names = population.members().map(\.name)
        let pod: JSON = [
            "kind": "Pod", "status": ["phase": "Running"],
            "metadata": [
                "name": "gameday-dead-man-x", "namespace": "bookinfo",
                "labels": .object([JSON.Member("job-name", .string(DeadMan.name))]),
            ],
        ]
        population.pods?[KubeName("bookinfo", "gameday-dead-man-x")] = PodFacts(KubeObject(pod))
        #expect(population.pods?.count == 7 && population.members().map(\.name) == names)
    }

    @Test func `Of several Services a pod is the one that its metrics name, and without any it goes by itself`() throws
    {
        var (population, _) = try Self.population()
        let other: JSON = [
            "kind": "Service", "metadata": ["name": "all", "namespace": "bookinfo"],
            "spec": ["selector": ["security.istio.io/tlsMode": "istio"], "ports": [["port": 80]]],
        ]
        let service = KubeObject(other)
        population.services?[KubeName(service)] = ServiceFacts(service)
        let members = population.members()
        #expect(members.first { $0.name == "ratings.bookinfo" }?.pods.count == 1)
        #expect(members.first { $0.name == "all.bookinfo" }?.pods.isEmpty == true)
        population.services = [:]
        #expect(population.members().map(\.service).allSatisfy { $0 == nil })
        #expect(population.members().first { $0.name == "reviews.bookinfo" }?.pods.count == 3)
    }

    @Test func `Names stand alone where one namespace is watched`() {
        let naming = IstioNaming(home: "bookinfo")
        #expect(naming.shown("ratings.bookinfo") == "ratings")
        #expect(naming.shown("istio-ingressgateway.istio-system") == "istio-ingressgateway")
        #expect(naming.shown("ratings.test") == "ratings.test")
        #expect(IstioNaming(home: nil).shown("ratings.bookinfo") == "ratings.bookinfo")
    }

    @Test func `A caller that nobody knows is left out where one that is known calls the same`() {
        let start = ContinuousClock.now
        var strangers = IstioStrangers(at: start)
        var sample = TrafficSample(seconds: 1)
        sample.completed = 3
        let stranger = Observation.traffic(
            TrafficReport(
                source: "p", service: IstioStrangers.name, inbound: nil,
                outbound: [.init(to: "productpage", sample: sample), .init(to: "details", sample: sample)]))
        let gateway = Observation.traffic(
            TrafficReport(
                source: "g", service: "gateway", inbound: nil, outbound: [.init(to: "productpage", sample: sample)]))
        #expect(strangers.filter(stranger, at: start) == nil, "it is too early to say")
        #expect(strangers.filter(gateway, at: start) == gateway)
        let later = start + .seconds(10)
        guard case .traffic(let report)? = strangers.filter(stranger, at: later) else {
            Issue.record("nothing is left")
            return
        }
        #expect(report.outbound.map(\.to) == ["details"])
        guard case .traffic(let all)? = strangers.filter(stranger, at: start + .seconds(100)) else {
            Issue.record("nothing is left")
            return
        }
        #expect(all.outbound.count == 2, "the gateway has not been seen to call for long")
    }

    private func settings(_ text: String) throws -> (settings: IstioSettings?, mistakes: [String]) {
        let log = SettingsMistakes()
        let node = try #require(SettingsNode(yaml: text, log: log))
        return (IstioSettings(node, in: "/"), log.all.map(\.message))
    }

    @Test func `The settings name a context and namespaces, and every mistake is told`() throws {
        let (settings, mistakes) = try settings("{context: lab, namespaces: [bookinfo, shop, shop], dead-man: off}")
        #expect(mistakes.isEmpty)
        #expect(settings?.context == "lab" && settings?.namespaces == .some(["bookinfo", "shop"]))
        #expect(settings?.deadManImage == nil)
        #expect(settings?.watched(usual: "default") == ["bookinfo", "shop"])
        #expect(try self.settings("{namespaces: all}").settings?.watched(usual: "default") == [nil])
        #expect(try self.settings("{}").settings?.watched(usual: "default") == ["default"])
        #expect(try self.settings("{namespaces: Shop_1}").mistakes == ["invalid namespace 'Shop_1'"])
        #expect(try self.settings("{namespaces: []}").mistakes == ["namespaces is empty"])
        #expect(try self.settings("{contxt: lab}").mistakes == ["unknown key 'contxt' in kubernetes"])
    }

    @Test func `The cluster of a fault is found again by what the ledger has of it`() throws {
        let path = "/tmp/gameday-kubeconfig-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let config = """
            apiVersion: v1
            kind: Config
            current-context: lab
            clusters: [{name: lab, cluster: {server: "http://127.0.0.1:1"}}]
            contexts: [{name: lab, context: {cluster: lab, namespace: bookinfo}}]
            """
        try Data(config.utf8).write(to: URL(filePath: path))
        let book = IstioClusterBook(ScriptedTransport { _ in .failure(.timedOut) })
        func part(_ place: String, _ context: String) -> FaultUndo.Part {
            FaultUndo.Part(
                injector: "istio", source: "bookinfo/ratings", place: place, keys: [],
                payload: [JSON.Member("context", .string(context)), JSON.Member("kubeconfig", .string(path))])
        }
        #expect(book.reach(of: part("http://127.0.0.1:1/apis/x", "lab")) != nil)
        #expect(book.reach(of: part("http://127.0.0.1:1/apis/x", "gone")) == nil)
        #expect(book.reach(of: part("http://127.0.0.1:2/apis/x", "lab")) == nil, "it is another cluster now")
    }
}
