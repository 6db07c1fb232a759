extension NativeExtension {
    static let kubernetes = NativeExtension(
        "chaostoolkit-kubernetes", "0.37.0",
        """
        action chaosk8s.pod.actions terminate_pods(label_selector: string = null, name_pattern: string = null, \
        all: boolean = false, rand: boolean = false, mode: string = "fixed", qty: integer = 1, grace_period: \
        integer = -1, ns: string = "default", order: string = "alphabetic", secrets: mapping = null)  Deletes \
        pods.
        probe chaosk8s.pod.probes pods_in_phase(label_selector: string, phase: string = "Running", ns: string = \
        "default", raise_on_invalid_phase: boolean = true, secrets: mapping = null) -> boolean  Whether all pods \
        are in a phase.
        probe chaosk8s.pod.probes pods_not_in_phase(label_selector: string, phase: string = "Running", ns: \
        string = "default", raise_on_in_phase: boolean = true, secrets: mapping = null) -> boolean  Whether no \
        pod is in a phase.
        probe chaosk8s.pod.probes pods_in_conditions(label_selector: string, conditions: list, ns: string = \
        "default", raise_on_invalid_conditions: boolean = true, secrets: mapping = null) -> boolean  Whether all \
        pods meet conditions.
        probe chaosk8s.pod.probes count_pods(label_selector: string, phase: string = null, ns: string = \
        "default", secrets: mapping = null) -> integer  Counts pods.
        probe chaosk8s.pod.probes count_min_pods(label_selector: string, phase: string = "Running", min_count: \
        integer = 2, ns: string = "default", secrets: mapping = null) -> boolean  Whether there are enough pods.
        probe chaosk8s.pod.probes pod_is_not_available(name: string, ns: string = "default", label_selector: \
        string = "name in ({name})", raise_on_is_available: boolean = true, secrets: mapping = null) -> boolean  \
        Whether no pod of a name runs.
        action chaosk8s.deployment.actions scale_deployment(name: string, replicas: integer, ns: string = \
        "default", secrets: mapping = null)  Scales a Deployment.
        action chaosk8s.deployment.actions rollout_deployment(name: string = null, ns: string = "default", \
        secrets: mapping = null)  Restarts a Deployment.
        probe chaosk8s.deployment.probes deployment_available_and_healthy(name: string, ns: string = "default", \
        label_selector: string = null, raise_on_unavailable: boolean = true, secrets: mapping = null) -> object  \
        Whether all replicas are available.
        probe chaosk8s.deployment.probes deployment_partially_available(name: string, ns: string = "default", \
        label_selector: string = null, raise_on_not_partially_available: boolean = true, secrets: mapping = \
        null) -> object  Whether a replica is available.
        probe chaosk8s.deployment.probes deployment_fully_available(name: string, ns: string = "default", \
        label_selector: string = null, timeout: integer = 30, raise_on_not_fully_available: boolean = true, \
        secrets: mapping = null) -> object  Waits until all replicas are ready.
        probe chaosk8s.deployment.probes deployment_not_fully_available(name: string, ns: string = "default", \
        label_selector: string = null, timeout: integer = 30, raise_on_fully_available: boolean = true, secrets: \
        mapping = null) -> object  Waits until a replica is not ready.
        action chaosk8s.statefulset.actions scale_statefulset(name: string, replicas: integer, ns: string = \
        "default", secrets: mapping = null)  Scales a StatefulSet.
        probe chaosk8s.statefulset.probes statefulset_fully_available(name: string, ns: string = "default", \
        label_selector: string = null, timeout: integer = 30, raise_on_not_fully_available: boolean = true, \
        secrets: mapping = null)  Waits until all replicas are ready.
        probe chaosk8s.statefulset.probes statefulset_not_fully_available(name: string, ns: string = "default", \
        label_selector: string = null, timeout: integer = 30, raise_on_fully_available: boolean = true, secrets: \
        mapping = null)  Waits until a replica is not ready.
        probe chaosk8s.node.probes get_nodes(label_selector: string = null, configuration: mapping = null, \
        secrets: mapping = null)  Lists nodes.
        probe chaosk8s.node.probes get_all_node_status_conditions(label_selector: string = null, configuration: \
        mapping = null, secrets: mapping = null) -> list  Tells the conditions of all nodes.
        probe chaosk8s.node.probes all_nodes_must_be_ready_to_schedule(label_selector: string = null, \
        configuration: mapping = null, secrets: mapping = null) -> boolean  Whether all nodes are ready.
        probe chaosk8s.node.probes verify_nodes_condition(condition_type: string = "PIDPressure", \
        condition_value: string = "False", label_selector: string = null, configuration: mapping = null, \
        secrets: mapping = null) -> boolean  Whether all nodes have a condition.
        probe chaosk8s.node.probes nodes_must_be_healthy(label_selector: string = null, configuration: mapping = \
        null, secrets: mapping = null) -> boolean  Whether no node tells of trouble.
        action chaosk8s.node.actions cordon_node(name: string = null, label_selector: string = null, secrets: \
        mapping = null) -> list  Keeps new pods off nodes, at most until the run ends.
        action chaosk8s.node.actions uncordon_node(name: string = null, label_selector: string = null, secrets: \
        mapping = null) -> list  Allows pods on nodes again.
        action chaosk8s.node.actions drain_nodes(name: string = null, label_selector: string = null, \
        delete_pods_with_local_storage: boolean = false, timeout: integer = 120, secrets: mapping = null, count: \
        integer = null, pod_label_selector: string = null, pod_namespace: string = null) -> list  Cordons nodes and \
        evicts their pods, which do not return by themselves.
        action chaosk8s.node.actions delete_nodes(label_selector: string = null, all: boolean = false, rand: \
        boolean = false, count: integer = null, grace_period_seconds: integer = null, secrets: mapping = null, \
        pod_label_selector: string = null, pod_namespace: string = null) -> list  Refused: a deleted node cannot be \
        restored.
        action chaosk8s.actions scale_microservice(name: string, replicas: integer, ns: string = "default", \
        secrets: mapping = null)  Scales a Deployment.
        probe chaosk8s.service.probes service_is_initialized(name: string = null, ns: string = "default", \
        label_selector: string = null, raise_if_service_not_initialized: boolean = true, secrets: mapping = null) \
        -> boolean  Whether a Service exists.
        probe chaosk8s.probes microservice_available_and_healthy(name: string, ns: string = "default", \
        label_selector: string = null, secrets: mapping = null) -> object  Whether all replicas are available.
        probe chaosk8s.probes microservice_is_not_available(name: string, ns: string = "default", label_selector: \
        string = "name in ({name})", secrets: mapping = null) -> boolean  Whether no pod of a name runs.
        probe chaosk8s.probes deployment_is_fully_available(name: string, ns: string = "default", label_selector: \
        string = null, timeout: integer = 30, secrets: mapping = null)  Waits until all replicas are ready.
        probe chaosk8s.probes deployment_is_not_fully_available(name: string, ns: string = "default", \
        label_selector: string = null, timeout: integer = 30, secrets: mapping = null)  Waits until a replica is \
        not ready.
        probe chaosk8s.probes all_microservices_healthy(ns: string = "default", secrets: mapping = null) -> \
        object  Whether all pods of a namespace run.
        """)
}
