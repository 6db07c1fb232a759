public import MeshModel

/// A cluster as its user asks it, for whoever needs more of it than a mesh tells: probes of experiments, say.
public struct ClusterDoor: Sendable {
    /// Why it was not done, in the API server's words.
    public struct Refusal: Error, Sendable {
        /// Of HTTP; nil where there was no answer.
        public var status: Int?
        public var message: String

        public init(status: Int?, message: String) {
            (self.status, self.message) = (status, message)
        }
    }

    /// The API server's URL, by which it is known whether this is the cluster that is observed.
    public let server: String
    let perform: @Sendable (KubeRequest) async throws(Refusal) -> JSON

    /// The cluster that kubectl would ask with this context in this environment.
    public init(
        context: String?, environment: [String: String], transport: any HTTPTransport
    ) throws(Refusal) {
        do throws(KubeconfigError) {
            let access = try KubeAccess.find(context: context, environment: environment)
            self.init(KubeCluster(access, transport: transport, environment: environment), server: access.server)
        } catch {
            throw Refusal(status: nil, message: error.summary)
        }
    }

    init(_ cluster: any KubeAsking, server: String) {
        self.server = server
        perform = { request throws(Refusal) in
            do throws(KubeError) { return try await cluster.ask(request).json } catch {
                let message = error.refusal?.message ?? ""
                throw Refusal(
                    status: error.refusal?.status, message: message.isEmpty ? error.summary : message)
            }
        }
    }

    /// A kind of objects that an experiment may ask for.
    public enum Kind: Sendable {
        case pods, nodes, deployments, statefulSets, services

        fileprivate var resource: KubeResource {
            switch self {
            case .pods: .pods
            case .nodes: .nodes
            case .deployments: .deployments
            case .statefulSets: .statefulSets
            case .services: .services
            }
        }
    }

    /// The list as the server has it, whole; nodes have no namespace.
    public func list(
        _ kind: Kind, in namespace: String?, labels: String? = nil, fields: String? = nil
    ) async throws(Refusal) -> JSON {
        var request = KubeRequest(path: kind.resource.path(namespace: namespace))
        if let labels { request.query.append(("labelSelector", labels)) }
        if let fields { request.query.append(("fieldSelector", fields)) }
        return try await perform(request)
    }

    /// Deletes the very pod that is meant; nil for its own grace period.
    public func deletePod(
        _ name: String, uid: String, in namespace: String, grace: Int?
    ) async throws(Refusal) {
        var request = KubeRequest.delete(.pods, name, in: namespace, uid: uid)
        if let grace {
            request.body = request.body?.setting("gracePeriodSeconds", to: .integer(Int64(grace)))
        }
        _ = try await perform(request)
    }
}
