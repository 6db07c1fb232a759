import MeshModel
import Synchronization
import TestKit

@testable import MeshClient

/// Asks the stand-in as a client of this user would; it may die after so many requests, as a process does.
final class TrialAsker: KubeAsking {
    private let cluster: StandInCluster
    private let transport: any HTTPTransport
    private let left: Mutex<Int>
    private let count = Mutex(0)

    init(_ cluster: StandInCluster, _ transport: any HTTPTransport, diesAfter requests: Int = .max) {
        self.cluster = cluster
        self.transport = transport
        left = Mutex(requests)
    }

    var requests: Int { count.withLock { $0 } }

    func ask(_ request: KubeRequest) async throws(KubeError) -> KubeAnswer {
        let isAlive = left.withLock { left in
            left -= 1
            return left >= 0
        }
        guard isAlive else { throw .unreachable(server: cluster.url, .closed("the process died")) }
        count.withLock { $0 += 1 }
        var http = HTTPRequest(request.method, cluster.url + request.target, deadline: request.deadline)
        http.body = request.body?.bytes
        if request.body != nil {
            http.headers = [HTTPHeader("Content-Type", request.contentType ?? "application/json")]
        }
        let answer: HTTPResponse
        do throws(TransportError) { answer = try await transport.send(http) } catch {
            throw .unreachable(server: cluster.url, error)
        }
        let json = (try? JSON(parsing: answer.body)) ?? .null
        guard answer.status >= 400 else { return KubeAnswer(status: answer.status, json: json) }
        throw .refused(
            KubeRefusal(
                status: answer.status, reason: json["reason"]?.string ?? "", message: json["message"]?.string ?? "",
                asked: "\(request.method) \(request.path)"))
    }
}

/// A mesh with the bookinfo sample, and whoever breaks it.
final class BreakingTrial: Sendable {
    let cluster: StandInCluster
    let transport: any HTTPTransport
    static let edge = Edge(from: "reviews", to: "ratings")

    init() throws {
        cluster = try StandInCluster(objects: try KubernetesFixtures.bookinfo())
        transport = try CurlTransport()
    }

    func asker(diesAfter requests: Int = .max) -> TrialAsker {
        TrialAsker(cluster, transport, diesAfter: requests)
    }

    /// What an adapter would know of it.
    func directory(owner: String = "olivia@laptop") throws -> IstioDirectory {
        let directory = IstioDirectory(.init(server: cluster.url, owner: owner))
        for name in ["productpage", "reviews", "ratings", "details"] {
            let pods = try KubernetesFixtures.bookinfo().map(KubeObject.init).filter {
                $0.json["kind"] == "Pod" && $0.labels["app"] == name
            }
            directory.put(
                IstioDirectory.Service(
                    name: ServiceName(name), namespace: "bookinfo", host: name, ports: [9080], selector: ["app": name],
                    pods: pods.map {
                        .init(
                            namespace: "bookinfo", name: $0.name, uid: $0.uid, labels: $0.labels,
                            source: $0.name)
                    }))
        }
        for kind in ["VirtualService", "DestinationRule"] {
            for name in ["bookinfo", "productpage", "reviews", "ratings", "details"] {
                if let object = cluster.object(kind, name, in: "bookinfo") { directory.put(KubeObject(object)) }
            }
        }
        let workloads = try KubernetesFixtures.bookinfo().map(KubeObject.init).filter {
            $0.json["kind"] == "Deployment"
        }
        .compactMap { Workload($0, .deployment) }
        directory.replace(workloads: workloads.map { ($0, ServiceName($0.canonicalService)) }, blindness: nil)
        return directory
    }

    func workloads(
        _ directory: IstioDirectory? = nil, asker: TrialAsker? = nil, image: String? = nil
    ) throws -> WorkloadInjector {
        let directory = try directory ?? self.directory()
        let reach = IstioReach(cluster: asker ?? self.asker())
        return WorkloadInjector(
            directory: directory, reach: { _ in reach }, upkeep: IstioUpkeep(directory, image: image),
            now: { Timestamp(milliseconds: 1_795_830_868_123) })
    }

    func injector(
        _ directory: IstioDirectory? = nil, asker: TrialAsker? = nil, image: String? = nil,
        tuned: (inout IstioReach) -> Void = { _ in }
    ) throws -> IstioInjector {
        let directory = try directory ?? self.directory()
        var reach = IstioReach(cluster: asker ?? self.asker())
        tuned(&reach)
        return IstioInjector(
            directory: directory, reach: { [reach] _ in reach }, upkeep: IstioUpkeep(directory, image: image))
    }

    func object(_ name: String = "ratings") throws -> KubeObject? {
        cluster.object("VirtualService", name, in: "bookinfo").map(KubeObject.init)
    }

    /// What must be the same before a fault and after it: all but the server's own counters.
    func essence(_ name: String = "ratings", timeless: Bool = false) throws -> String? {
        try object(name).map { object in
            var metadata = (object.metadata ?? .null)
            for member in ["resourceVersion", "generation", "uid"] { metadata = metadata.setting(member, to: nil) }
            if timeless {
                metadata = metadata.setting("creationTimestamp", to: nil)
                let entries = (metadata["managedFields"]?.array ?? []).map { $0.setting("time", to: nil).canonical }
                metadata = metadata.setting(
                    "managedFields", to: .array(entries.sorted { $0.text < $1.text }))
            }
            return object.json.setting("metadata", to: metadata).canonical.text
        }
    }

    /// Another hand: changes the object as it is now.
    func change(_ name: String = "ratings", by manager: String = "kubectl-edit", _ body: (JSON) -> JSON) throws {
        if let object = try object(name) { cluster.put(body(object.json), by: manager) }
    }

    static func faulted(_ json: JSON?) -> Bool {
        (json?["spec"]?["http"]?.array ?? []).contains { $0["fault"] != nil }
    }
}

extension JSON {
    /// The same with another value far inside, an object at each step.
    func changing(_ path: String..., to value: JSON?) -> JSON { changing(path[...], to: value) }

    private func changing(_ path: ArraySlice<String>, to value: JSON?) -> JSON {
        guard let first = path.first else { return value ?? .null }
        if path.count == 1 { return setting(first, to: value) }
        return setting(first, to: (self[first] ?? .object([])).changing(path.dropFirst(), to: value))
    }
}
