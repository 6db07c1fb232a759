internal import MeshModel

/// One question to an API server: what to do with which path. Who asks, and whom, is `KubeAsking`'s own matter.
struct KubeRequest: Sendable {
    var method = "GET"
    /// Like /api/v1/namespaces/bookinfo/pods; what stands in it is escaped already.
    var path: String
    /// Names and values as they are meant: `target` escapes them.
    var query: [(name: String, value: String)] = []
    var body: JSON?
    /// What the body is, where that is not plain JSON: a patch says its kind with it.
    var contentType: String?
    var deadline = Duration.seconds(10)

    /// The path and the query as they go out.
    var target: String {
        guard !query.isEmpty else { return path }
        return path + "?" + query.map { "\(Self.escaped($0.name))=\(Self.escaped($0.value))" }.joined(separator: "&")
    }

    /// A text that may stand in a part of a path or in a query (RFC 3986 section 2.3).
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                escaped.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let code = String(byte, radix: 16, uppercase: true)
                escaped += code.count < 2 ? "%0\(code)" : "%\(code)"
            }
        }
        return escaped
    }
}

/// How the body of a PATCH is meant.
enum KubePatch: String, Sendable {
    case json = "application/json-patch+json"
    case merge = "application/merge-patch+json"
    case strategic = "application/strategic-merge-patch+json"
    case apply = "application/apply-patch+yaml"
}

/// As whom and how a write is made.
struct KubeWriting: Sendable {
    /// Who then owns the fields (`managedFields`).
    var fieldManager = "gameday"
    /// All is checked and nothing is kept.
    var isDryRun = false
    /// Unknown fields are refused; else the server drops them with a warning.
    var isStrict = true

    fileprivate var query: [(name: String, value: String)] {
        [("fieldManager", fieldManager)] + (isDryRun ? [("dryRun", "All")] : [])
            + (isStrict ? [("fieldValidation", "Strict")] : [])
    }
}

extension KubeRequest {
    static func get(_ resource: KubeResource, _ name: String, in namespace: String?) -> KubeRequest {
        KubeRequest(path: resource.path(namespace: namespace, name: name))
    }

    /// The first page of a list, at most so many items; without a namespace it is that of all namespaces.
    static func list(_ resource: KubeResource, in namespace: String?, limit: Int = 500) -> KubeRequest {
        KubeRequest(path: resource.path(namespace: namespace), query: [("limit", "\(limit)")])
    }

    static func create(
        _ resource: KubeResource, _ object: JSON, in namespace: String?, _ writing: KubeWriting = KubeWriting()
    ) -> KubeRequest {
        KubeRequest(
            method: "POST", path: resource.path(namespace: namespace), query: writing.query, body: object)
    }

    static func replace(
        _ resource: KubeResource, _ name: String, in namespace: String?, with object: JSON,
        _ writing: KubeWriting = KubeWriting()
    ) -> KubeRequest {
        KubeRequest(
            method: "PUT", path: resource.path(namespace: namespace, name: name), query: writing.query, body: object)
    }

    static func patch(
        _ resource: KubeResource, _ name: String, in namespace: String?, _ kind: KubePatch, _ patch: JSON,
        _ writing: KubeWriting = KubeWriting()
    ) -> KubeRequest {
        KubeRequest(
            method: "PATCH", path: resource.path(namespace: namespace, name: name), query: writing.query, body: patch,
            contentType: kind.rawValue)
    }

    /// Removes the object only while it is the very one that is meant.
    static func delete(
        _ resource: KubeResource, _ name: String, in namespace: String?, uid: String? = nil,
        resourceVersion: String? = nil, isDryRun: Bool = false
    ) -> KubeRequest {
        var preconditions: [JSON.Member] = []
        if let uid { preconditions.append(JSON.Member("uid", .string(uid))) }
        if let resourceVersion { preconditions.append(JSON.Member("resourceVersion", .string(resourceVersion))) }
        var options: [JSON.Member] = [
            JSON.Member("kind", "DeleteOptions"), JSON.Member("apiVersion", "v1"),
        ]
        if !preconditions.isEmpty { options.append(JSON.Member("preconditions", .object(preconditions))) }
        return KubeRequest(
            method: "DELETE", path: resource.path(namespace: namespace, name: name),
            query: isDryRun ? [("dryRun", "All")] : [], body: .object(options))
    }
}

/// What the API server answered to a question that it granted.
struct KubeAnswer: Sendable {
    var status: Int
    /// Null where the body is no JSON, as that of /readyz.
    var json: JSON
    /// What is no JSON, as the log of a pod.
    var body: [UInt8] = []
    /// What the server says beside its answer, for example which unknown field it dropped.
    var warnings: [String] = []
    var headers: [HTTPHeader] = []

    var object: KubeObject { KubeObject(json) }
}

/// Whoever can ask an API server: the product asks a cluster as its user, a test what it likes.
protocol KubeAsking: Sendable {
    /// One question; every answer from 400 on is a `KubeError.refused`.
    func ask(_ request: KubeRequest) async throws(KubeError) -> KubeAnswer
}

extension KubeAsking {
    /// All objects of a list, page by page.
    func all(_ list: KubeRequest) async throws(KubeError) -> [KubeObject] {
        var objects: [KubeObject] = []
        var request = list
        while true {
            let page = try await ask(request).json
            objects += (page["items"]?.array ?? []).map(KubeObject.init)
            guard let rest = page["metadata"]?["continue"]?.string, !rest.isEmpty else { return objects }
            request = list
            request.query.append(("continue", rest))
        }
    }
}
