import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// The API server asked as its user: sign-in, patience, and every no in words.
@Suite(.timeLimit(.minutes(2))) struct KubeClusterTests {
    private let folder: KubeFolder
    private let standIn: StandInCluster
    private let pods = KubeRequest.list(.pods, in: "bookinfo")

    init() throws {
        folder = try KubeFolder()
        standIn = try StandInCluster(objects: try KubernetesFixtures.bookinfo())
    }

    /// A plugin that prints a new token each time, and counts how often it was run.
    private func plugin(_ status: String, _ rest: String = "") throws -> String {
        try folder.write(
            "plugin",
            """
            #!/bin/sh
            echo run >> "$COUNT"
            echo "$KUBERNETES_EXEC_INFO" > "$COUNT.info"
            count=$(wc -l < "$COUNT")
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":\(status)}' $count
            \(rest)
            """, isProgram: true)
        return """
            exec: {apiVersion: client.authentication.k8s.io/v1, command: ./plugin, interactiveMode: Never,
                provideClusterInfo: true, env: [{name: COUNT, value: "\(folder.path)/count"}]}
            """
    }

    private var runs: Int { FileContent.text(of: folder.path + "/count")?.split(separator: "\n").count ?? 0 }

    private func failure(_ cluster: KubeCluster, _ request: KubeRequest) async -> KubeError? {
        do throws(KubeError) {
            _ = try await cluster.ask(request)
            return nil
        } catch {
            return error
        }
    }

    @Test func `lists and objects are read, and what the server warns of is told`() async throws {
        let cluster = try folder.cluster(standIn.url)
        let list = try await cluster.ask(pods)
        #expect(list.json["items"]?.array?.count == 6)
        let one = try await cluster.ask(.get(KubeResource.virtualServices, "ratings", in: "bookinfo")).object
        #expect(one.name == "ratings" && one.namespace == "bookinfo" && !one.uid.isEmpty)
        standIn.answer(
            .init(
                200, headers: ["Content-Type: application/json", #"Warning: 299 - "unknown field \"a\"""#],
                body: Array("{}".utf8)))
        #expect(try await cluster.ask(pods).warnings == [#"unknown field "a""#])
        #expect(standIn.requests.allSatisfy { $0.headers["user-agent"] == "gameday" })
    }

    @Test func `what a cluster has in an older version only is listed, watched, made, changed and removed in that`()
        async throws
    {
        standIn.omit(group: "networking.istio.io/v1")
        let cluster = try folder.cluster(standIn.url)
        let listed = try await cluster.all(.list(.virtualServices, in: "bookinfo"))
        #expect(listed.contains { $0.name == "ratings" && $0.json["apiVersion"] == "networking.istio.io/v1beta1" })
        let made: JSON = [
            "apiVersion": .string(KubeResource.virtualServices.apiVersion), "kind": "VirtualService",
            "metadata": ["name": "made", "namespace": "bookinfo"], "spec": ["hosts": ["made"]],
        ]
        let version = try await cluster.ask(.create(.virtualServices, made, in: "bookinfo")).object.resourceVersion
        #expect(!version.isEmpty && standIn.object("VirtualService", "made", in: "bookinfo") != nil)
        var watch = KubeRequest(path: KubeResource.virtualServices.path(namespace: "bookinfo"))
        watch.query = [("watch", "1"), ("resourceVersion", version)]
        #expect(try await cluster.stream(watch).status == 200)
        let patch: JSON = ["metadata": ["labels": ["a": "b"]]]
        let patched = try await cluster.ask(.patch(.virtualServices, "made", in: "bookinfo", .merge, patch)).object
        #expect(patched.labels == ["a": "b"])
        _ = try await cluster.ask(.delete(.virtualServices, "made", in: "bookinfo"))
        #expect(standIn.object("VirtualService", "made", in: "bookinfo") == nil)
        // It is asked once which versions there are.
        #expect(standIn.requests.filter { $0.path == "/apis/networking.istio.io" }.count == 1)
        #expect(standIn.requests.filter { $0.path.contains("istio.io/v1/") }.count == 1)
    }

    @Test func `versions are those of a kind, not of its group, and none is made up`() async throws {
        standIn.omit(group: "security.istio.io/v1/peerauthentications")
        let cluster = try folder.cluster(standIn.url)
        #expect(try await cluster.ask(.list(.peerAuthentications, in: "bookinfo")).status == 200)
        standIn.omit(group: "gateway.networking.k8s.io")
        let error = try #require(await failure(cluster, .list(.httpRoutes, in: "bookinfo")))
        #expect(error.summary == "No such kind of object in this cluster (404)")
        #expect(error.remedy?.contains("/v1/namespaces/bookinfo/httproutes") == true)
    }

    @Test func `a plugin is run once for all, again when the server knows its token no more, and told of the cluster`()
        async throws
    {
        for number in 1...3 { standIn.admit("me", token: "t\(number)") }
        let user = try plugin(#"{"token":"t%s"}"#)
        let cluster = try folder.cluster(
            standIn.url, cluster: ", tls-server-name: k", user: user, environment: ["PATH": "/bin:/usr/bin"])
        try await withThrowingTaskGroup { group in
            for _ in 0..<5 { group.addTask { _ = try await cluster.ask(pods) } }
            try await group.waitForAll()
        }
        #expect(runs == 1)
        let info = try JSON(parsing: FileContent.readText(folder.path + "/count.info"))
        #expect(info["spec"]?["interactive"] == false)
        #expect(info["spec"]?["cluster"]?["server"]?.string == standIn.url)
        standIn.revoke(token: "t1")
        _ = try await cluster.ask(pods)
        #expect(runs == 2)
        for number in 1...9 { standIn.revoke(token: "t\(number)") }
        standIn.admit("somebody", token: "else")
        let error = try #require(await failure(cluster, pods))
        // It was run a moment ago because of a refusal, and is not run again for every request.
        #expect(error.refusal?.status == 401 && runs == 2)
        #expect(error.summary == "The API server rejected the credentials (401)")
    }

    @Test func `what a plugin gave is used until it expires, and one that fails is told without its secrets`()
        async throws
    {
        standIn.admit("me", token: "t1")
        standIn.admit("me", token: "t2")
        let user = try plugin(#"{"token":"t%s","expirationTimestamp":"2001-01-01T00:00:00Z"}"#)
        let cluster = try folder.cluster(standIn.url, user: user, environment: ["PATH": "/bin:/usr/bin"])
        _ = try await cluster.ask(pods)
        _ = try await cluster.ask(pods)
        #expect(runs == 2)
        let failing = try plugin(
            #"{}"#,
            "echo first >&2; echo \"no login: eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMzQ1Njc4OTAxMjM0NTY3ODkwIn0\" >&2; exit 3"
        )
        let other = try folder.cluster(standIn.url, user: failing, environment: ["PATH": "/bin:/usr/bin"])
        let error = try #require(await failure(other, pods))
        #expect(error.summary.hasSuffix("failed (exit code 3)"))
        #expect(error.remedy == "It printed: no login: *** (\(folder.path)/config:8)")
        let before = runs
        #expect(await failure(other, pods) == error && runs == before)
        let none = try folder.cluster(
            standIn.url,
            user:
                "exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program, interactiveMode: Never, installHint: Get it.}"
        )
        #expect(await failure(none, pods)?.remedy?.hasPrefix("Get it.") == true)
    }

    @Test func `a token file that changed is read again when its token is refused`() async throws {
        standIn.admit("me", token: "old")
        try folder.write("token", "old\n")
        let cluster = try folder.cluster(standIn.url, user: "tokenFile: token")
        _ = try await cluster.ask(pods)
        standIn.revoke(token: "old")
        standIn.admit("me", token: "new")
        try folder.write("token", "new\n")
        _ = try await cluster.ask(pods)
        standIn.revoke(token: "new")
        standIn.admit("other", token: "x")
        let before = standIn.requests.count
        #expect(await failure(cluster, pods)?.refusal?.status == 401)
        #expect(standIn.requests.count == before + 1)
    }

    @Test func `whoever signs in anew is known by the kubeconfig that was written then`() async throws {
        standIn.admit("me", token: "old")
        _ = try folder.config(server: standIn.url, user: "token: old")
        let environment = ["KUBECONFIG": folder.path + "/config"]
        let access = try KubeAccess.find(context: "lab", environment: environment)
        let cluster = KubeCluster(access, transport: try CurlTransport())
        _ = try await cluster.ask(pods)
        standIn.revoke(token: "old")
        standIn.admit("me", token: "new")
        #expect(await failure(cluster, pods)?.refusal?.isUnknownUser == true)
        _ = try folder.config(server: standIn.url, user: "token: new")
        _ = try await cluster.ask(pods)
        // What leads to another server is no answer to this one's refusal.
        standIn.revoke(token: "new")
        standIn.admit("me", token: "newer")
        _ = try folder.config(server: "http://127.0.0.1:1", user: "token: newer")
        #expect(await failure(cluster, pods)?.refusal?.isUnknownUser == true)
    }

    @Test func `a busy server is asked again when it wishes, a budget is not`() async throws {
        let cluster = try folder.cluster(standIn.url)
        let busy = StandInCluster.Answer.refusal(429, "TooManyRequests", "too many", headers: ["Retry-After: 1"])
        standIn.answer(busy, times: 1)
        let start = ContinuousClock.now
        _ = try await cluster.ask(pods)
        #expect(start.duration(to: .now) >= .seconds(1))
        standIn.answer(.refusal(429, "TooManyRequests", "too many"), times: 2)
        _ = try await cluster.ask(.create(.leases, ["kind": "Lease", "metadata": ["name": "a"]], in: "bookinfo"))
        standIn.answer(busy)
        var hurried = pods
        hurried.deadline = .milliseconds(500)
        #expect(await failure(cluster, hurried)?.refusal?.retryAfter == .seconds(1))
        standIn.clearScripts()
        standIn.forbidEviction()
        let pod = try #require(try await cluster.ask(pods).json["items"]?.array?.first).text
        let name = KubeObject(try JSON(parsing: pod)).name
        let path = KubeResource.pods.path(namespace: "bookinfo", name: name) + "/eviction"
        let before = standIn.requests.count
        let error = await failure(cluster, KubeRequest(method: "POST", path: path, body: ["kind": "Eviction"]))
        #expect(error?.summary == "Blocked by a disruption budget (429)")
        #expect(error?.remedy?.contains("needs 1 healthy pods and has 1 currently") == true)
        #expect(standIn.requests.count == before + 1)
    }

    @Test func `a connection on which nothing comes any more is not used again`() async throws {
        let cluster = try folder.cluster(standIn.url)
        _ = try await cluster.ask(pods)
        standIn.script(times: 1) { _, connection in
            connection.waitForHangUp()
            return false
        }
        var hurried = pods
        hurried.deadline = .milliseconds(200)
        #expect(await failure(cluster, hurried)?.summary == "Timed out")
        // On a busy machine the hurried one may not have come so far as to be answered by the script.
        standIn.clearScripts()
        _ = try await cluster.ask(pods)
    }

    @Test func `a failing server is asked again only for what changes nothing`() async throws {
        let cluster = try folder.cluster(standIn.url)
        standIn.answer(.refusal(504, "Timeout", "Too large resource version", headers: ["Retry-After: 1"]), times: 1)
        _ = try await cluster.ask(pods)
        standIn.answer(.refusal(500, "InternalError", "failed calling webhook", headers: ["Retry-After: 1"]))
        let write = KubeRequest.create(.leases, ["kind": "Lease", "metadata": ["name": "b"]], in: "bookinfo")
        let before = standIn.requests.count
        #expect(await failure(cluster, write)?.refusal?.status == 500)
        #expect(standIn.requests.count == before + 1)
    }

    @Test func `every no is told in words that a person can follow`() async throws {
        standIn.admit(
            "viewer", token: "v", rules: [["verbs": ["get", "list"], "apiGroups": ["*"], "resources": ["*"]]])
        let cluster = try folder.cluster(standIn.url, user: "token: v")
        let patch = KubeRequest.patch(.virtualServices, "ratings", in: "bookinfo", .merge, [:])
        let forbidden = try #require(await failure(cluster, patch))
        #expect(forbidden.summary == "Not allowed in this cluster (403)")
        #expect(forbidden.remedy?.contains("User \"viewer\" cannot patch resource \"virtualservices\"") == true)
        #expect(forbidden.remedy?.contains("gameday check") == true)
        let unknown = try #require(await failure(cluster, KubeRequest(path: "/apis/a.example/v1/things")))
        #expect(unknown.refusal?.isMissing == true && unknown.summary.contains("No such kind"))
        let missing = await failure(cluster, .get(.pods, "nope", in: "bookinfo"))
        #expect(missing?.summary == "Object not found (404)")
        let stranger = try folder.cluster(standIn.url, user: "token: wrong")
        #expect(await failure(stranger, pods)?.refusal?.isUnknownUser == true)
        standIn.answer(.init(200, body: Array("<html>".utf8)))
        #expect(await failure(cluster, pods)?.remedy?.contains("invalid JSON") == true)
        standIn.stop()
        let gone = await failure(cluster, pods)
        #expect(gone?.summary == "Connection refused")
        #expect(gone?.remedy?.contains(standIn.url) == true)
    }

    @Test func `impersonation and a proxy's path go with every request`() async throws {
        standIn.admit("admin", token: "a")
        standIn.admit("jane", token: "j", rules: [])
        let cluster = try folder.cluster(standIn.url, user: "token: a, act-as: jane, act-as-groups: [x]")
        #expect(await failure(cluster, pods)?.refusal?.message.contains("User \"jane\"") == true)
        #expect(standIn.requests.last?.headers["impersonate-group"] == "x")
    }

    @Test func `a cluster behind a proxy is asked through it`() async throws {
        let proxy = try StubServer { _, connection in
            connection.respond(200, headers: ["Content-Type: application/json"], body: "{}")
        }
        let cluster = try folder.cluster("http://far.example", cluster: ", proxy-url: \"\(proxy.url)\"")
        _ = try await cluster.ask(pods)
        #expect(
            await proxy.waits(
                for: .asked("GET http://far.example/api/v1/namespaces/bookinfo/pods?limit=500")))
    }

    @Test func `questions keep to the pace of client-go`() {
        var pace = KubePace()
        let first = (0..<101).map { _ in pace.reserve(now: .zero) }
        #expect(first.prefix(100).allSatisfy { $0 == .zero } && first[100] == .milliseconds(20))
        let waits = (0..<50).map { _ in pace.reserve(now: .zero) }
        #expect(waits.last == .milliseconds(1020))
        #expect(pace.reserve(now: .seconds(60)) == .zero)
    }
}
