internal import MeshModel

/// The tool that owns an object and puts it back as it stands in a repository. A fault may be put there all the same: it is
/// the owner's right to end it, and its undo gives every field back to whoever owned it.
struct GitOpsOwner: Equatable, Sendable {
    /// Like `Argo CD (application shop)`.
    var words: String
    /// What keeps it from ending a fault, as an imperative.
    var prevention: String

    /// By the labels and annotations that each tool puts on what it applies, else by who wrote its fields. Nil for an
    /// object that no such tool owns.
    init?(_ object: KubeObject) {
        let labels = object.labels.merging(object.annotations) { label, _ in label }
        if let name = labels["kustomize.toolkit.fluxcd.io/name"] {
            words = "Flux (Kustomization \(name))"
            prevention = "run `flux suspend kustomization \(name)`"
            return
        }
        if let name = labels["helm.toolkit.fluxcd.io/name"] {
            words = "Flux (HelmRelease \(name))"
            prevention = "run `flux suspend helmrelease \(name)`"
            return
        }
        let tracking = labels["argocd.argoproj.io/tracking-id"]?.split(separator: ":").first.map(String.init)
        let managers = (object.managedFields?.array ?? []).compactMap { $0["manager"]?.string }
        if let name = tracking ?? labels["argocd.argoproj.io/instance"] {
            words = "Argo CD (application \(name))"
            prevention = "run `argocd app set \(name) --sync-policy none`"
        } else if managers.contains(where: { $0.hasPrefix("argocd") }) {
            words = "Argo CD"
            prevention = "switch off the automated sync of its application"
        } else if let name = managers.first(where: { ["kustomize-controller", "helm-controller"].contains($0) }) {
            words = "Flux (\(name))"
            prevention = "suspend its Kustomization or HelmRelease with `flux suspend`"
        } else if labels["configmanagement.gke.io/managed"] == "enabled" {
            words = "Config Sync"
            prevention = "stop its sync"
        } else {
            return nil
        }
    }

    /// What the confirmation says of it.
    var warning: String {
        "managed by \(words), whose next sync may remove the fault or report drift: to prevent that, \(prevention) first"
    }
}
