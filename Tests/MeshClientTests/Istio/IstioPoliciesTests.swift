import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// mTLS policies, routes and waypoints of a cluster, and what they come to on an edge.
@Suite(.timeLimit(.minutes(2))) struct IstioPoliciesTests {
    private static func peer(
        _ name: String, in namespace: String = "bookinfo", created: String = "2026-01-01T00:00:00Z",
        _ spec: JSON
    ) -> JSON {
        [
            "apiVersion": "security.istio.io/v1", "kind": "PeerAuthentication",
            "metadata": [
                "name": .string(name), "namespace": .string(namespace), "creationTimestamp": .string(created),
            ],
            "spec": spec,
        ]
    }

    private static func mode(_ mode: String) -> JSON { ["mtls": ["mode": .string(mode)]] }

    private static func route(_ name: String, parent: JSON, _ rules: JSON) -> JSON {
        [
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute",
            "metadata": ["name": .string(name), "namespace": "bookinfo"],
            "spec": ["parentRefs": [parent], "rules": rules],
        ]
    }

    private static let split: JSON = [
        [
            "matches": [["headers": [["name": "end-user", "value": "jason"]]]],
            "backendRefs": [["kind": "Service", "name": "reviews-v2", "port": 9080]],
        ],
        [
            "matches": [["path": ["type": "PathPrefix", "value": "/"]]],
            "backendRefs": [
                ["name": "reviews-v1", "port": 9080, "weight": 90], ["name": "reviews-v2", "port": 9080, "weight": 10],
            ],
        ],
    ]

    private static func waypoint(isReady: Bool = true) -> JSON {
        [
            "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
            "metadata": ["name": "waypoint", "namespace": "bookinfo"],
            "spec": ["gatewayClassName": "istio-waypoint"],
            "status": ["conditions": [["type": "Programmed", "status": .string(isReady ? "True" : "False")]]],
        ]
    }

    private static func policies(_ objects: [JSON]) -> [PeerPolicy] { objects.map { PeerPolicy(KubeObject($0)) } }

    @Test func `the workload's policy comes before the namespace's, and that before the mesh's`() {
        let all = Self.policies([
            Self.peer("default", in: "istio-system", Self.mode("STRICT")),
            Self.peer("late", created: "2026-02-01T00:00:00Z", Self.mode("STRICT")),
            Self.peer("early", Self.mode("DISABLE")),
            Self.peer(
                "ratings",
                [
                    "selector": ["matchLabels": ["app": "ratings"]], "mtls": ["mode": "UNSET"],
                    "portLevelMtls": ["9080": ["mode": "STRICT"], "9081": ["mode": "UNSET"]],
                ]),
            Self.peer("elsewhere", in: "istio-system", ["selector": ["matchLabels": ["app": "ratings"]]]),
        ])
        let policies = PeerPolicies(all, in: "bookinfo")
        #expect(policies.modes(of: ["app": "reviews"]) == [.init(mode: "DISABLE", source: "bookinfo/early")])
        #expect(
            policies.modes(of: ["app": "ratings"]) == [
                .init(mode: "DISABLE", source: "bookinfo/early"),
                .init(mode: "STRICT", source: "bookinfo/ratings", port: 9080),
            ])
        #expect(
            PeerPolicies(all, in: "shop").modes(of: [:]) == [.init(mode: "STRICT", source: "istio-system/default")])
        #expect(PeerPolicies([], in: "shop").modes(of: [:]) == [.init(mode: "PERMISSIVE")])
        #expect(PeerPolicies(all, in: "shop").dependsOnMesh([:]) && !policies.dependsOnMesh([:]))
    }

    @Test func `pods of one service that differ are told with how many they are`() {
        let all = Self.policies([
            Self.peer("v2", ["selector": ["matchLabels": ["version": "v2"]], "mtls": ["mode": "STRICT"]])
        ])
        let modes = PeerPolicies(all, in: "bookinfo").modes(of: [["version": "v1"], ["version": "v2"], [:]])
        #expect(
            modes == [
                .init(mode: "PERMISSIVE", pods: 2), .init(mode: "STRICT", source: "bookinfo/v2", pods: 1),
            ])
    }

    /// A cluster with its watch, looked at for one edge.
    private struct Stage {
        let cluster: StandInCluster
        let watch: IstioPolicyWatch
        let population: IstioPopulation

        init(token: String? = nil) throws {
            let objects = try IstioFixtures.text("population.jsonl").split(separator: "\n").map {
                try JSON(parsing: String($0))
            }
            cluster = try StandInCluster(objects: objects)
            cluster.put([
                "apiVersion": "v1", "kind": "Namespace",
                "metadata": ["name": "bookinfo", "labels": ["istio.io/dataplane-mode": "ambient"]],
            ])
            let kube = try KubeFolder().cluster(cluster.url, user: token.map { "token: \($0)" } ?? "")
            watch = IstioPolicyWatch(kube, namespaces: ["bookinfo"], pulse: KubePulse(of: kube))
            var population = IstioPopulation(pods: [:], services: [:])
            for object in objects.map({ KubeObject($0) }) where object.namespace == "bookinfo" {
                if object.json["kind"]?.string == "Service" {
                    population.services?[KubeName(object)] = ServiceFacts(object)
                } else {
                    population.pods?[KubeName(object)] = PodFacts(object)
                }
            }
            self.population = population
        }

        /// What is known of an edge once it is so.
        func sentences(
            of edge: Edge = Edge(from: "productpage", to: "reviews"), until isMeant: ([String]) -> Bool
        ) async -> [String] {
            let work = Task { [watch] in await watch.run() }
            defer { work.cancel() }
            while !Task.isCancelled {
                let policies = IstioPolicies(
                    watch.picture, population.members(), IstioNaming(home: "bookinfo"))
                if let lines = policies.policies(of: [edge]).first?.policy.sentences, isMeant(lines) { return lines }
                try? await Task.sleep(for: .milliseconds(10))
            }
            return []
        }
    }

    @Test func `what a cluster says of an edge is told in sentences, and follows its changes`() async throws {
        let stage = try Stage()
        #expect(
            await stage.sentences { !$0.isEmpty } == ["mTLS: PERMISSIVE by Istio's default: plain text is accepted too"]
        )
        stage.cluster.put(Self.peer("default", in: "istio-system", Self.mode("STRICT")))
        stage.cluster.put(
            Self.route("reviews", parent: ["group": "", "kind": "Service", "name": "reviews"], Self.split))
        let lines = await stage.sentences { $0.count > 2 && $0[0].contains("STRICT") }
        #expect(
            lines == [
                "mTLS: STRICT by PeerAuthentication istio-system/default: plain text is refused",
                "Route: HTTPRoute bookinfo/reviews sends 100% to reviews-v2 for requests with header end-user jason",
                "Route: HTTPRoute bookinfo/reviews sends 90% to reviews-v1, 10% to reviews-v2",
            ])
        let behind = await stage.sentences(of: Edge(from: "productpage", to: "ratings")) { !$0.isEmpty }
        #expect(behind.count == 1, "the route is for requests to reviews: \(behind)")
        stage.cluster.remove("PeerAuthentication", "default", in: "istio-system")
        stage.cluster.remove("HTTPRoute", "reviews", in: "bookinfo")
        #expect(await stage.sentences { $0.count == 1 && $0[0].contains("PERMISSIVE") }.count == 1)
    }

    @Test func `a waypoint is told with what it lacks`() async throws {
        let stage = try Stage()
        stage.cluster.put([
            "apiVersion": "v1", "kind": "Namespace",
            "metadata": ["name": "bookinfo", "labels": ["istio.io/use-waypoint": "waypoint"]],
        ])
        func waypoint(_ words: String) async -> Bool {
            await stage.sentences { $0.contains("Waypoint: bookinfo/waypoint\(words)") }.isEmpty == false
        }
        #expect(await waypoint(", which does not exist"))
        stage.cluster.put(Self.waypoint(isReady: false))
        #expect(await waypoint(", which is not ready"))
        stage.cluster.put(Self.waypoint())
        #expect(await waypoint(""))
    }

    @Test func `a gateway's route is told on the edge from its pods`() async throws {
        let stage = try Stage()
        var population = stage.population
        let gateway: JSON = [
            "kind": "Pod",
            "metadata": [
                "name": "front-istio-1", "namespace": "bookinfo",
                "labels": ["app": "front-istio", "gateway.networking.k8s.io/gateway-name": "front"],
            ],
            "status": ["phase": "Running"],
        ]
        population.pods?[KubeName("bookinfo", "front-istio-1")] = PodFacts(KubeObject(gateway))
        let rules: JSON = [
            [
                "matches": [["path": ["type": "PathPrefix", "value": "/product"]], ["method": "POST"]],
                "backendRefs": [["name": "productpage", "port": 9080]],
            ],
            ["filters": [["type": "RequestRedirect"]]],
        ]
        let route = RouteFacts(KubeObject(Self.route("shop", parent: ["name": "front"], rules)))
        var picture = IstioPolicyWatch.Picture()
        picture.peers = ["bookinfo": .init(items: [:]), "istio-system": .init(items: [:])]
        picture.routes = ["bookinfo": .init(items: [KubeName("bookinfo", "shop"): route])]
        picture.gateways = ["bookinfo": .init(items: [:])]
        let policies = IstioPolicies(picture, population.members(), IstioNaming(home: "bookinfo"))
        let lines = policies.policies(of: [Edge(from: "front-istio", to: "productpage")]).first?.policy.sentences
            .dropFirst()
        #expect(
            lines == [
                "Route: HTTPRoute bookinfo/shop of gateway front sends 100% to productpage for requests to /product* "
                    + "or POST requests"
            ])
        #expect(policies.policies(of: [Edge(from: "reviews", to: "productpage")]).first?.policy.routes == [])
        #expect(policies.policies(of: [Edge(from: "reviews", to: "nowhere")]).isEmpty)
    }

    @Test func `what may not be seen is told once, and what a cluster does not have is no trouble`() async throws {
        let stage = try Stage(token: "t")
        let rules: [JSON] = [
            ["verbs": ["list", "watch"], "apiGroups": ["gateway.networking.k8s.io"], "resources": ["*"]]
        ]
        stage.cluster.admit("me", token: "t", rules: rules)
        stage.cluster.omit(group: "gateway.networking.k8s.io")
        let lines = await stage.sentences { !$0.isEmpty }
        #expect(
            lines == ["mTLS: unknown, PeerAuthentications cannot be read: Not allowed in this cluster (403)"])
        let bare = try Stage()
        for group in ["security.istio.io", "gateway.networking.k8s.io"] { bare.cluster.omit(group: group) }
        #expect(await bare.sentences { _ in true } == [])
        #expect(bare.cluster.requests.filter { $0.path.contains("httproutes") }.count == 1)
    }

    @Test func `check prints the rights that policies take, and a role for Istio's own namespace`() async throws {
        let folder = try KubeFolder()
        let standIn = try StandInCluster()
        let mine = IstioRights.watching + IstioRights.breaking + IstioRights.workloads + IstioRights.guarding
        standIn.admit(
            "me", token: "t",
            rules: mine.map {
                [
                    "verbs": [.string($0.verb)], "apiGroups": [.string($0.group)], "resources": [.string($0.resource)],
                    "namespaces": ["bookinfo"],
                ]
            })
        standIn.answer(StandInCluster.Answer(200, body: Array("{}".utf8))) { $0.path == "/apis/chaos-mesh.org" }
        let access = try folder.config(server: standIn.url, user: "token: t").access()
        let cluster = IstioCluster(IstioSettings(), access, transport: try CurlTransport())
        let lines = await IstioInspection(cluster).lines()
        #expect(
            lines.contains {
                $0.contains("mTLS policies, routes and waypoints are not shown") && $0.contains("get namespaces")
            }, "\(lines)")
        #expect(lines.contains { $0.contains("resources: [\"peerauthentications\"]") })
        #expect(lines.contains { $0.contains("istio-system: istiod or the mTLS policy of the mesh is not shown") })
        #expect(lines.contains("  namespace: \"istio-system\""))
        #expect(lines.contains { $0.contains("faults of Chaos Mesh are not shown, since you may not list podchaos") })
        #expect(lines.contains { $0.contains("access logs are not shown, since you may not get pods/log") })
    }

    @Test func `check prints what the clean-up Job takes too, which faults do without`() async throws {
        let folder = try KubeFolder()
        let standIn = try StandInCluster()
        let mine =
            IstioRights.watching + IstioRights.breaking + IstioRights.workloads + IstioRights.policies
            + [IstioRights.logs]
        standIn.admit(
            "me", token: "t",
            rules: mine.map {
                ["verbs": [.string($0.verb)], "apiGroups": [.string($0.group)], "resources": [.string($0.resource)]]
            })
        let access = try folder.config(server: standIn.url, user: "token: t").access()
        let cluster = IstioCluster(IstioSettings(), access, transport: try CurlTransport())
        let lines = await IstioInspection(cluster).lines()
        let sentence = "if this machine is lost, faults stay until removed by hand, since you may not get leases"
        #expect(lines.contains { $0.contains(sentence) }, "\(lines)")
        #expect(lines.contains { $0.hasSuffix(": faults are allowed") })
        let all = lines.joined(separator: "\n")
        for resources in [#"["leases"]"#, #"["jobs"]"#, #"["serviceaccounts"]"#, #"["rolebindings", "roles"]"#] {
            #expect(all.contains("  resources: \(resources)\n"), "\(resources)")
        }
        #expect(all.contains(#"verbs: ["get", "create", "update", "delete"]"#))
    }
}
