import MeshModel

extension SidecarResources {
    private static let tls = "type.googleapis.com/envoy.extensions.transport_sockets."
    /// The names of a sidecar's secrets: who it is, and who it was until its certificate expired.
    static let secretNames = ["identity", "expired"]

    /// A certificate with its key, by the name of the secret.
    func secret(_ name: String) -> JSON? {
        guard let certificates, Self.secretNames.contains(name) else { return nil }
        let file = "\(certificates)/\(name == "expired" ? "expired-" : "")\(place.service).pem"
        return [
            "@type": .string(Self.tls + "tls.v3.Secret"), "name": .string(name),
            "tls_certificate": [
                "certificate_chain": ["filename": .string(file)],
                "private_key": ["filename": .string("\(certificates)/\(place.service).key")],
            ],
        ]
    }

    /// Callers have to show a certificate of the bar.
    var downstreamContext: JSON? {
        guard let certificates else { return nil }
        return Self.socket(
            "DownstreamTlsContext",
            [
                .init("require_client_certificate", true),
                .init(
                    "common_tls_context",
                    Self.context("identity", ["trusted_ca": ["filename": .string("\(certificates)/ca.pem")]])),
            ])
    }

    /// The caller shows its certificate, and the callee has to have the callee's. Health checks go without.
    func identity(_ call: CallPlan) -> [JSON.Member] {
        guard let certificates else { return [] }
        let isExpired = policy.value(.expire, at: "\(place.service)>\(call.to)") != nil
        let validation: JSON = [
            "trusted_ca": ["filename": .string("\(certificates)/ca.pem")],
            "match_typed_subject_alt_names": [
                ["san_type": "URI", "matcher": ["exact": .string(BarCertificates.identity(of: call.to))]]
            ],
        ]
        let plain: JSON = [
            "name": "envoy.transport_sockets.raw_buffer",
            "typed_config": ["@type": .string(Self.tls + "raw_buffer.v3.RawBuffer")],
        ]
        return [
            .init(
                "transport_socket_matches",
                [["name": "plain", "match": ["plain": true], "transport_socket": plain]]),
            .init(
                "transport_socket",
                Self.socket(
                    "UpstreamTlsContext",
                    [.init("common_tls_context", Self.context(isExpired ? "expired" : "identity", validation))])),
        ]
    }

    private static func context(_ secret: String, _ validation: JSON) -> JSON {
        [
            "tls_certificate_sds_secret_configs": [
                ["name": .string(secret), "sds_config": EnvoyBootstrap.served]
            ],
            "validation_context": validation,
        ]
    }

    private static func socket(_ type: String, _ settings: [JSON.Member]) -> JSON {
        [
            "name": "envoy.transport_sockets.tls",
            "typed_config": .object([.init("@type", .string(tls + "tls.v3." + type))] + settings),
        ]
    }
}
