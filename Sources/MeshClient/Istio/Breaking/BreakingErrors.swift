internal import MeshModel

extension KubeError {
    /// The name of a webhook that the API server cannot reach, so that every write which it has to check is refused.
    var unreachableWebhook: String? {
        guard let refusal, refusal.status >= 500,
            let start = refusal.message.firstRange(of: "failed calling webhook \"")?.upperBound
        else { return nil }
        return String(refusal.message[start...].prefix { $0 != "\"" })
    }

    /// istiod's own is the one that cannot be reached.
    var isWebhookDown: Bool { unreachableWebhook?.contains("istio") ?? false }

    /// What it means for a fault.
    func injection(at source: String) -> InjectionError {
        switch self {
        case .unreachable(_, let error): .unreachable(source: source, error)
        case _ where isWebhookDown:
            .unprepared("istiod is down: its webhook rejects every change of \(source)", remedy: Self.otherWays)
        case _ where unreachableWebhook != nil:
            .unprepared(
                "the webhook \(unreachableWebhook ?? "") does not respond, so every change of \(source) is rejected",
                remedy:
                    "Run `kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations` to find its service."
            )
        case .refused(let refusal) where refusal.message.contains("admission webhook"):
            .unprepared("rejected by istiod: \(Self.inner(refusal.message))", remedy: nil)
        case .refused, .login, .malformed: .unprepared("\(source): \(summary)", remedy: remedy)
        }
    }

    /// What still works while istiod is down.
    static let otherWays =
        "Restore istiod (`kubectl -n istio-system get pods`). Until then only the sidecars' own runtime, a NetworkPolicy "
        + "or deleting pods has an effect."

    /// The webhook's own words, without who says them.
    private static func inner(_ message: String) -> String {
        let text = message.firstRange(of: "denied the request: ").map { String(message[$0.upperBound...]) } ?? message
        return text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}

extension VirtualServiceRefusal {
    var injection: InjectionError { .unprepared(reason, remedy: remedy) }
}

/// What ends one try to write: the API server's no, after which there may be another try, or a reason not to try.
enum BreakingError: Error {
    case cluster(KubeError)
    case reason(InjectionError)

    init(_ refusal: VirtualServiceRefusal) { self = .reason(refusal.injection) }

    var refusal: KubeRefusal? { if case .cluster(let error) = self { error.refusal } else { nil } }

    var isWebhookDown: Bool { if case .cluster(let error) = self { error.isWebhookDown } else { false } }

    func injection(at source: String) -> InjectionError {
        switch self {
        case .cluster(let error): error.injection(at: source)
        case .reason(let error): error
        }
    }
}
