internal import MeshModel

/// Whether istiod's webhook lets VirtualServices be written: asked of the API server by a write that it keeps nothing of.
struct WebhookProbe: Sendable {
    /// Any that the webhook has nothing against; no host in any cluster has that name.
    private static let host = "gameday-probe.invalid"

    let cluster: any KubeAsking
    let namespace: String

    /// Nil where it can't be told, as for whoever may write none.
    func isDown() async -> Bool? {
        let object: JSON = [
            "apiVersion": .string(KubeResource.virtualServices.apiVersion),
            "kind": .string(KubeResource.virtualServices.kind),
            "metadata": ["name": "gameday-probe", "namespace": .string(namespace)],
            "spec": [
                "hosts": [.string(Self.host)],
                "http": [["route": [["destination": ["host": .string(Self.host)]]]]],
            ],
        ]
        var request = KubeRequest.create(.virtualServices, object, in: namespace, KubeWriting(isDryRun: true))
        // The API server itself waits up to ten seconds for a webhook.
        request.deadline = .seconds(12)
        do throws(KubeError) {
            _ = try await cluster.ask(request)
            return false
        } catch {
            if error.isWebhookDown { return true }
            return error.refusal?.message.contains("admission webhook") == true ? false : nil
        }
    }
}
