import MeshModel
import TestKit
import Testing

@testable import MeshClient

/// Kubeconfigs mean what kubectl takes them for.
struct KubeconfigTests {
    private let folder: KubeFolder

    init() throws { folder = try KubeFolder() }

    private func refusal(_ cluster: String = "", _ user: String = "", server: String = "https://a:6443") throws
        -> String
    {
        do {
            _ = try folder.config(server: server, cluster: cluster, user: user).access()
            return "taken"
        } catch let error as KubeconfigError {
            return error.description
        }
    }

    @Test func `in a list of files the first to name something is right, and one that is missing is skipped`() throws {
        let first = try folder.write(
            "a/first",
            """
            clusters: [{name: one, cluster: {server: "https://first"}}]
            contexts: [{name: both, context: {cluster: one, user: me, namespace: a}}]
            current-context: ""
            """)
        let second = try folder.write(
            "b/second",
            """
            clusters: [{name: one, cluster: {server: "https://second"}}, {name: two, cluster: {server: "https://two/"}}]
            users: [{name: me, user: {tokenFile: token}}]
            contexts:
            - {name: both, context: {cluster: two, user: me}}
            - {name: more, context: {cluster: two, user: me}}
            current-context: more
            """)
        let token = try folder.write("b/token", "secret\n")
        let list = "\(folder.path)/nowhere:\(first)::\(second):\(first)"
        let config = try Kubeconfig.read(environment: ["KUBECONFIG": list, "HOME": "/nowhere"])
        #expect(config.files == [first, second])
        #expect(config.currentContext == "more")
        #expect(config.contexts.map(\.name) == ["both", "more"])
        #expect(config.contexts.map(\.server) == ["https://first", "https://two/"])
        let both = try config.access(context: "both")
        #expect(both.server == "https://first" && both.namespace == "a")
        let more = try config.access()
        #expect(more.server == "https://two" && more.namespace == "default")
        guard case .tokenFile(let file) = more.proof else { Issue.record("no token file"); return }
        #expect(file == token)
    }

    @Test func `without KUBECONFIG it is the file in the home, and none is no mistake until a context is wanted`()
        throws
    {
        try folder.write(".kube/config", "contexts: [{name: a, context: {cluster: b, user: c}}]")
        #expect(try Kubeconfig.read(environment: ["HOME": folder.path]).contexts.map(\.name) == ["a"])
        let none = try Kubeconfig.read(environment: ["HOME": "/nowhere"])
        #expect(none.contexts.isEmpty && none.files.isEmpty)
        let error = #expect(throws: KubeconfigError.self) { try none.access() }
        #expect(error?.description.contains("no kubeconfig found") == true)
        #expect(throws: KubeconfigError.self) { try Kubeconfig.read(environment: [:], file: "/nowhere/config") }
    }

    @Test func `JSON is YAML too, nulls are nothing, and unknown keys say nothing`() throws {
        let file = try folder.write(
            "json",
            #"{"kind":"Config","clusters":[{"name":"a","cluster":{"server":"https://a","extensions":null,"new":1}}],"users":null,"contexts":[{"name":"c","context":{"cluster":"a","user":"","namespace":null}}],"current-context":"c","preferences":{}}"#
        )
        let access = try Kubeconfig.read(environment: [:], file: file).access()
        #expect(access.server == "https://a" && access.namespace == "default")
    }

    @Test func `the ways to sign in are taken as they are written`() throws {
        let certificate = "client-certificate-data: Y2VydA==, client-key-data: a2V5"
        let access = try folder.config(
            server: "https://a:6443/k8s/c-1/",
            cluster: ", certificate-authority-data: Y2E=, tls-server-name: kubernetes, proxy-url: 'socks5://p:1'",
            user: certificate + ", act-as: jane, act-as-uid: u, act-as-groups: [x, y], act-as-user-extra: {a/b: [c]}"
        ).access()
        #expect(access.server == "https://a:6443/k8s/c-1" && access.proxy == "socks5h://p:1")
        #expect(access.tls.authority == Array("ca".utf8) && access.tls.serverName == "kubernetes")
        #expect(access.tls.certificate == SecretBytes("cert") && access.tls.key == SecretBytes("key"))
        #expect(
            access.impersonation == [
                HTTPHeader("Impersonate-User", "jane"), HTTPHeader("Impersonate-Uid", "u"),
                HTTPHeader("Impersonate-Group", "x"), HTTPHeader("Impersonate-Group", "y"),
                HTTPHeader("Impersonate-Extra-a%2Fb", "c"),
            ])
        #expect(!"\(access)".contains("key\"") && !String(reflecting: access).contains("cert\""))
        let token = try folder.config(server: "a:1", user: "token: abc, tokenFile: t").access
        try folder.write("t", "xyz")
        guard case .tokenFile = try token(nil).proof else { Issue.record("the file comes first"); return }
        let basic = try folder.config(server: "a:1", user: "username: ana, password: geheim").access()
        #expect(basic.server == "http://a:1" && !"\(basic)".contains("geheim"))
        #expect(
            try folder.config(server: "a:1", cluster: ", insecure-skip-tls-verify: true").access().server
                == "https://a:1")
    }

    @Test func `each mistake is told with its file, its line and what to do`() throws {
        let config = folder.path + "/config"
        #expect(try refusal(server: "ftp://a").hasPrefix("\(config):5: invalid server of cluster 'lab': not an http"))
        #expect(
            try refusal(", certificate-authority: ca.pem").contains("\(folder.path)/ca.pem: the file does not exist"))
        #expect(
            try refusal(", certificate-authority-data: '%%'").contains("invalid Base64 in certificate-authority-data"))
        #expect(
            try refusal(", certificate-authority-data: Y2E=, insecure-skip-tls-verify: true").contains(
                "has both an authority and"))
        #expect(try refusal(", proxy-url: 'ftp://a'").contains("invalid proxy-url"))
        #expect(
            try refusal("", "client-certificate-data: Y2U=").hasPrefix(
                "\(config):8: user 'me' has a certificate without"))
        #expect(try refusal("", "client-key-data: '!'").contains("invalid Base64 in client-key-data of user 'me'"))
        #expect(try refusal("", "token: a, username: b").contains("both a token and a username"))
        #expect(try refusal("", "token: 'a b'").contains("invalid token of user 'me'"))
        #expect(
            try refusal("", "auth-provider: {name: gcp}").contains(
                "auth-provider 'gcp', which kubectl no longer supports"))
        #expect(
            try refusal("", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1alpha1}").contains(
                "v1alpha1'"))
        #expect(
            try refusal("", "exec: {command: x, apiVersion: client.authentication.k8s.io/v1}").contains(
                "interactiveMode"))
        let always = "exec: {command: x, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}"
        #expect(try refusal("", always).contains("needs a terminal"))
        let twice = try folder.write("twice", "users:\n- name: a\n- name: a\n")
        let error = #expect(throws: KubeconfigError.self) { try Kubeconfig.read(environment: [:], file: twice) }
        #expect(error?.description == "\(twice):3: 'a' is twice in users\n  Remove one of them.")
        let noYAML = try folder.write("bad", "a: [\n")
        let broken = #expect(throws: KubeconfigError.self) { try Kubeconfig.read(environment: [:], file: noYAML) }
        #expect(broken?.description.contains("invalid YAML") == true)
    }

    @Test func `a context that is not there gets the nearest one named, and what it lacks is told where it stands`()
        throws
    {
        let file = try folder.write(
            "lacking",
            "contexts:\n- name: demo\n  context: {cluster: gone, user: me}\n- name: nobody\n  context: {cluster: c, user: me}\n"
                + "clusters:\n- name: c\n  cluster: {server: \"https://a\"}\n")
        let config = try Kubeconfig.read(environment: [:], file: file)
        for (name, words) in [
            ("dmo", "Did you mean 'demo'?"), ("demo", "\(file):2: context 'demo' names unknown cluster 'gone'"),
            ("nobody", "\(file):4: context 'nobody' names unknown user 'me'"),
        ] {
            let error = #expect(throws: KubeconfigError.self) { try config.access(context: name) }
            #expect(error?.description.contains(words) == true)
        }
        let none = try Kubeconfig.read(environment: ["KUBECONFIG": folder.path + "/missing"])
        let missing = #expect(throws: KubeconfigError.self) { try none.access(context: "demo") }
        #expect(missing?.description.contains("no kubeconfig found") == true)
        let chosen = #expect(throws: KubeconfigError.self) { try config.access() }
        #expect(chosen?.description.contains("no context selected") == true)
    }

    @Test func `inside a cluster its account is used where there is no kubeconfig`() throws {
        try folder.write("token", "abc\n")
        try folder.write("namespace", "bookinfo")
        try folder.write("ca.crt", "ca")
        let environment = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        let access = try #require(KubeAccess.inCluster(environment: environment, folder: folder.path))
        #expect(access.server == "https://[fd00::1]:443" && access.namespace == "bookinfo")
        #expect(access.tls.authorityFile == folder.path + "/ca.crt")
        #expect(KubeAccess.inCluster(environment: [:], folder: folder.path) == nil)
    }
}
