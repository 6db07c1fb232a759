/// The kinds of objects that steer a mesh.
extension KubeResource {
    static let virtualServices = istio("virtualservices", "VirtualService")
    static let destinationRules = istio("destinationrules", "DestinationRule")
    static let istioGateways = istio("gateways", "Gateway")
    static let serviceEntries = istio("serviceentries", "ServiceEntry")
    static let sidecars = istio("sidecars", "Sidecar")
    static let peerAuthentications = KubeResource(
        group: "security.istio.io", plural: "peerauthentications", kind: "PeerAuthentication")
    static let httpRoutes = KubeResource(group: "gateway.networking.k8s.io", plural: "httproutes", kind: "HTTPRoute")
    static let gateways = KubeResource(group: "gateway.networking.k8s.io", plural: "gateways", kind: "Gateway")

    private static func istio(_ plural: String, _ kind: String) -> KubeResource {
        KubeResource(group: "networking.istio.io", plural: plural, kind: kind)
    }
}
