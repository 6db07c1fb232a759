import Glibc
import Testing

@testable import MeshClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A folder of a test's own for kubeconfigs and what they name.
final class KubeFolder: Sendable {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "gameday-kube-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    @discardableResult
    func write(_ name: String, _ text: String, isProgram: Bool = false) throws -> String {
        let file = path + "/" + name
        let folder = String(file[..<(file.lastIndex(of: "/") ?? file.startIndex)])
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A program that another test starts meanwhile must not inherit this: what is open for writing can't be run.
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, isProgram ? 0o755 : 0o644)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        try #require(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
        return file
    }

    /// The kubeconfig of one cluster and one user.
    func config(server: String, cluster: String = "", user: String = "", name: String = "config") throws -> Kubeconfig {
        let file = try write(
            name,
            """
            apiVersion: v1
            kind: Config
            current-context: lab
            clusters:
            - name: lab
              cluster: {server: "\(server)"\(cluster)}
            users:
            - name: me
              user: {\(user)}
            contexts:
            - name: lab
              context: {cluster: lab, user: me, namespace: bookinfo}

            """)
        return try Kubeconfig.read(environment: [:], file: file)
    }

    /// A cluster as that user.
    func cluster(
        _ server: String, cluster: String = "", user: String = "", environment: [String: String] = [:]
    ) throws -> KubeCluster {
        let access = try config(server: server, cluster: cluster, user: user).access()
        return KubeCluster(access, transport: try CurlTransport(), environment: environment)
    }
}
