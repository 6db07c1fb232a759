import MeshModel
import TestKit
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#endif

/// What a real API server (1.36) answered, with the bookinfo sample in it.
enum KubernetesFixtures {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "Fixtures/kubernetes")

    /// The objects of bookinfo: services, pods, deployments, and what Istio has of them.
    static func bookinfo() throws -> [JSON] { try lines("bookinfo.jsonl") }

    /// Requests and their answers, in order.
    static func exchanges() throws -> [JSON] { try lines("exchanges.jsonl") }

    static func exchange(_ number: String) throws -> JSON {
        try #require(try exchanges().first { $0["name"]?.string?.hasPrefix(number) == true })
    }

    private static func lines(_ name: String) throws -> [JSON] {
        try Array(Data(contentsOf: folder.appending(path: name))).split(separator: 0x0A)
            .map { try JSON(parsing: Array($0)) }
    }
}
