import ChildPrograms
import MeshModel
import TestKit
import Testing

@testable import MeshClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// TLS with real certificates against a real server, which is OpenSSL's own.
@Suite(.timeLimit(.minutes(2))) struct KubeTLSTests {
    private let folder: KubeFolder
    private let environment = ["PATH": "/usr/bin:/bin"]
    private let version = KubeRequest(path: "/version")

    init() throws { folder = try KubeFolder() }

    private struct NoServer: Error {
        var why: String
    }

    private func sh(_ script: String) -> ChildCommand {
        ChildCommand(path: "/bin/sh", arguments: ["sh", "-c", script], environment: environment)
    }

    /// An authority, a server whose certificate says `kubernetes`, and keys of every kind for a user.
    private func makeCertificates() async throws {
        let script = """
            set -e
            cd '\(folder.path)'
            openssl ecparam -name prime256v1 -genkey -noout -out ca.key
            openssl req -x509 -new -key ca.key -subj /CN=lab-ca -days 2 -out ca.crt
            openssl ecparam -name prime256v1 -genkey -noout -out strange.key
            openssl req -x509 -new -key strange.key -subj /CN=strange -days 2 -out strange.crt
            sign() {
                openssl x509 -req -in "$1.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -out "$1.crt" $2 $3
            }
            openssl req -new -newkey rsa:2048 -nodes -keyout server.key -subj /CN=kubernetes -out server.csr
            printf 'subjectAltName=DNS:kubernetes' > san
            sign server -extfile san
            openssl ecparam -name prime256v1 -genkey -out sec1.key
            openssl pkcs8 -topk8 -nocrypt -in sec1.key -out pkcs8.key
            openssl rsa -in server.key -traditional -out rsa.key
            openssl pkcs8 -topk8 -in sec1.key -passout pass:geheim -out locked.key
            for key in sec1 pkcs8 rsa; do
                openssl req -new -key $key.key -subj /CN=olivia/O=gd-operators -out $key.csr
                sign $key
            done
            cp sec1.crt locked.crt
            echo '{"ok":true}' > version
            """
        let end = await ChildProcesses().run(sh(script))
        guard case .finished(0, _, _) = end else { throw NoServer(why: "\(end)") }
    }

    /// Runs a server that would speak HTTP/2 if that were wanted, and lets nobody in without a certificate of the authority, and hands its address over.
    private func serving(_ work: (_ url: String) async throws -> Void) async throws {
        try await makeCertificates()
        let server = sh(
            """
            cd '\(folder.path)' && exec openssl s_server -accept 127.0.0.1:0 -cert server.crt -key server.key \
            -CAfile ca.crt -Verify 2 -verify_return_error -alpn h2,http/1.1 -WWW > out 2>&1
            """)
        let running = Task { await ChildProcesses().run(server) }
        defer { running.cancel() }
        for _ in 0..<600 {
            let words = FileContent.text(of: folder.path + "/out") ?? ""
            if let port = words.firstMatch(of: #/ACCEPT 127\.0\.0\.1:(\d+)/#)?.output.1 {
                return try await work("https://127.0.0.1:\(port)")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw NoServer(why: FileContent.text(of: folder.path + "/out") ?? "")
    }

    private func data(_ name: String) throws -> String {
        Data(try FileContent.read(folder.path + "/" + name)).base64EncodedString()
    }

    private func failure(_ cluster: KubeCluster) async -> KubeError? {
        do throws(KubeError) {
            _ = try await cluster.ask(version)
            return nil
        } catch {
            return error
        }
    }

    @Test func `certificates and keys of every kind are shown, from files and from the kubeconfig itself`() async throws
    {
        try await serving { url in
            let inline = ", tls-server-name: kubernetes, certificate-authority-data: \(try data("ca.crt"))"
            for kind in ["sec1", "pkcs8", "rsa"] {
                let files = "client-certificate: \(kind).crt, client-key: \(kind).key"
                let outside = ", tls-server-name: kubernetes, certificate-authority: ca.crt"
                #expect(
                    await failure(try folder.cluster(url, cluster: outside, user: files)) == nil, "\(kind) in files")
                let datas = try
                    "client-certificate-data: \(data("\(kind).crt")), client-key-data: \(data("\(kind).key"))"
                #expect(await failure(try folder.cluster(url, cluster: inline, user: datas)) == nil, "\(kind) inline")
            }
            // A plugin gives a certificate as well as a token.
            try folder.write(
                "plugin",
                """
                #!/bin/sh
                text() { sed 's/$/\\\\n/' "\(folder.path)/$1" | tr -d '\\n'; }
                printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":'
                printf '{"clientCertificateData":"%s","clientKeyData":"%s"}}' "$(text pkcs8.crt)" "$(text pkcs8.key)"
                """, isProgram: true)
            let exec = "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: ./plugin}"
            let plugin = try folder.cluster(url, cluster: inline, user: exec, environment: environment)
            #expect(await failure(plugin) == nil)
        }
    }

    @Test func `who is not who he should be is told, on both ends`() async throws {
        try await serving { url in
            let me = try "client-certificate-data: \(data("sec1.crt")), client-key-data: \(data("sec1.key"))"
            let named = ", tls-server-name: kubernetes"
            for (cluster, user) in [
                (", certificate-authority: ca.crt", me), (named + ", certificate-authority: strange.crt", me),
                (named + ", certificate-authority-data: \(try data("strange.crt"))", me), (named, me),
                (named + ", certificate-authority: ca.crt", ""),
                (named + ", certificate-authority: ca.crt", "client-certificate: locked.crt, client-key: locked.key"),
            ] {
                let error = await failure(try folder.cluster(url, cluster: cluster, user: user))
                switch error {
                case .unreachable(_, .tls), .unreachable(_, .closed): break
                default: Issue.record("\(cluster) \(user): \(String(describing: error))")
                }
                #expect(error?.remedy?.contains("PRIVATE KEY") != true)
            }
            let blind = try folder.cluster(url, cluster: ", insecure-skip-tls-verify: true", user: me)
            #expect(await failure(blind) == nil)
        }
    }
}
