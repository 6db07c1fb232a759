import MeshModel
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#endif

/// The captured answers of Envoy.
enum EnvoyFixtures {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/envoy")

    static let pages = [
        "load/front.poll_json_detailed.json", "load/cart.poll_json_detailed.json", "load/pay.poll_json_detailed.json",
        "load/front.stats_detailed.json", "idle_fresh/front.poll_json_detailed.json",
        "idle_fresh/pay.poll_json_detailed.json", "odd/stats.json", "fault_edge/front.poll_json_detailed.json",
        "restart/catalog_0s.json", "restart/catalog_4s.json", "reset/pay.json",
    ]

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: folder.appending(path: name)))
    }

    /// One poll of the timeline; the body is nil when there was no answer.
    struct Poll {
        var second: Double
        var service: String
        var body: [UInt8]?
    }

    static func timeline(of service: String) throws -> [Poll] {
        try bytes("timeline_30s.jsonl").split(separator: 0x0A).compactMap { line in
            let json = try JSON(parsing: Array(line))
            guard json["svc"]?.string == service else { return nil }
            return Poll(
                second: try #require(json["t"]?.double), service: service,
                body: json["body"]?.string.map { Array($0.utf8) })
        }
    }
}
