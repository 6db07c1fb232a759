import MeshModel

@testable import MeshClient

#if canImport(FoundationEssentials)
    import FoundationEssentials
#endif

/// The captured pages of Istio's sidecars and of istiod.
enum IstioFixtures {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures/istio")

    static func bytes(_ name: String) throws -> [UInt8] {
        try Array(Data(contentsOf: folder.appending(path: name)))
    }

    static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

    /// A label set as Envoy spells it, of requests that productpage sent to reviews unless told otherwise.
    static func labels(_ changes: [String: String] = [:]) -> String {
        let usual = [
            ("reporter", "source"), ("source_workload", "productpage-v1"),
            ("source_canonical_service", "productpage"), ("source_canonical_revision", "v1"),
            ("source_workload_namespace", "bookinfo"), ("destination_workload", "reviews-v1"),
            ("destination_workload_namespace", "bookinfo"), ("destination_canonical_service", "reviews"),
            ("destination_canonical_revision", "v1"), ("destination_service_name", "reviews"),
            ("destination_service_namespace", "bookinfo"), ("request_protocol", "http"), ("response_code", "200"),
            ("grpc_response_status", ""), ("response_flags", "-"), ("connection_security_policy", "unknown"),
        ]
        return usual.map { "\($0.0)=\"\(changes[$0.0] ?? $0.1)\"" }.joined(separator: ",")
    }

    static func requests(_ count: Int, _ changes: [String: String] = [:]) -> String {
        "istio_requests_total{\(labels(changes))} \(count)\n"
    }

    /// Buckets by their bounds, as running sums.
    static func durations(_ buckets: [(String, Int)], _ changes: [String: String] = [:]) -> String {
        buckets.map { bound, count in
            "istio_request_duration_milliseconds_bucket{\(labels(changes)),le=\"\(bound)\"} \(count)\n"
        }
        .joined()
    }
}
