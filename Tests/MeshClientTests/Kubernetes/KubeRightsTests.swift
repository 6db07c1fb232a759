import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Rights are asked for before anything is tried, and those that are missing become a role to apply.
@Suite(.timeLimit(.minutes(1))) struct KubeRightsTests {
    private let folder: KubeFolder
    private let standIn: StandInCluster
    private let patch = KubeRight("patch", .virtualServices)
    private let forward = KubeRight("create", .pods, subresource: "portforward")

    init() throws {
        folder = try KubeFolder()
        standIn = try StandInCluster()
    }

    @Test func `rules say what may be done, with wildcards, subresources and single names`() async throws {
        let rules: [JSON] = [
            ["verbs": ["get", "list"], "apiGroups": ["networking.istio.io"], "resources": ["*"]],
            ["verbs": ["*"], "apiGroups": [""], "resources": ["pods"]],
            ["verbs": ["update"], "apiGroups": ["apps"], "resources": ["*/scale"]],
            [
                "verbs": ["get"], "apiGroups": ["coordination.k8s.io"], "resources": ["leases"],
                "resourceNames": ["gameday"],
            ],
        ]
        standIn.admit("me", token: "t", rules: rules)
        let wanted = [
            patch, forward, KubeRight("list", .virtualServices), KubeRight("delete", .pods),
            KubeRight("update", .deployments, subresource: "scale"), KubeRight("update", .deployments),
            KubeRight("get", .leases, name: "gameday"), KubeRight("get", .leases),
        ]
        let cluster = try folder.cluster(standIn.url, user: "token: t")
        let rights = try await KubeRights.ask(wanted, in: ["bookinfo"], of: cluster)
        #expect(
            rights.missing(of: wanted, in: "bookinfo") == [
                patch, forward, KubeRight("update", .deployments), KubeRight("get", .leases),
            ])
        #expect(!rights.may(patch, in: "default"))
        #expect(standIn.requests.count == 1)
    }

    @Test func `where rules are not all there is, each right is asked for by itself`() async throws {
        standIn.admit(
            "me", token: "t", rules: [["verbs": ["create"], "apiGroups": [""], "resources": ["pods/portforward"]]])
        standIn.setIncomplete(true)
        let cluster = try folder.cluster(standIn.url, user: "token: t")
        let rights = try await KubeRights.ask([patch, forward], in: ["bookinfo"], of: cluster)
        #expect(rights.missing(of: [patch, forward], in: "bookinfo") == [patch])
        #expect(standIn.requests.map(\.path).last?.hasSuffix("/selfsubjectaccessreviews") == true)
        #expect(standIn.requests.last?.json?["spec"]?["resourceAttributes"]?["group"] == "networking.istio.io")
        let all = try await KubeRights.ask([forward], in: [nil], of: cluster)
        #expect(all.may(forward, in: nil) && all.may(forward, in: "anywhere"))
    }

    @Test func `what is missing is printed as a role and its binding`() async throws {
        standIn.admit("jane@example.com", token: "t", rules: [])
        let user = await KubeRole.User.ask(try folder.cluster(standIn.url, user: "token: t"))
        let rights = [
            patch, forward, KubeRight("get", .virtualServices), KubeRight("get", .pods, subresource: "portforward"),
            KubeRight("get", .leases, name: "gameday"), KubeRight("list", .pods), KubeRight("list", .services),
        ]
        let yaml = KubeRole(rights: rights, namespace: "bookinfo", user: user).yaml
        #expect(
            yaml == """
                apiVersion: rbac.authorization.k8s.io/v1
                kind: Role
                metadata:
                  name: "gameday"
                  namespace: "bookinfo"
                rules:
                - apiGroups: [""]
                  resources: ["pods", "services"]
                  verbs: ["list"]
                - apiGroups: [""]
                  resources: ["pods/portforward"]
                  verbs: ["get", "create"]
                - apiGroups: ["coordination.k8s.io"]
                  resources: ["leases"]
                  resourceNames: ["gameday"]
                  verbs: ["get"]
                - apiGroups: ["networking.istio.io"]
                  resources: ["virtualservices"]
                  verbs: ["get", "patch"]
                ---
                apiVersion: rbac.authorization.k8s.io/v1
                kind: RoleBinding
                metadata:
                  name: "gameday"
                  namespace: "bookinfo"
                roleRef:
                  apiGroup: rbac.authorization.k8s.io
                  kind: Role
                  name: "gameday"
                subjects:
                - kind: User
                  apiGroup: rbac.authorization.k8s.io
                  name: "jane@example.com"

                """)
        let account = KubeRole.User(name: "system:serviceaccount:tools:gameday")
        let wide = KubeRole(rights: [patch], user: account).yaml
        #expect(
            wide.contains("kind: ClusterRoleBinding") && wide.contains("- kind: ServiceAccount\n  namespace: \"tools\"")
        )
        #expect(!wide.contains("bookinfo"))
    }
}
