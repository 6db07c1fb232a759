extension FaultKindDescription {
    /// What is done to the mesh and the services of a demo: by its control plane, and to its processes.
    static let box: [FaultKindDescription] = [
        shift, retries, deadline, expire, badRoute, drain, kill, freeze, spoil, killControl,
    ]

    private static let shift = FaultKindDescription(
        word: "shift", name: "shifted to the canary", sign: "SHIFT", mark: "VV", edgeWord: "shifted", fields: [],
        words: "sends a percentage of the requests to the callee's newest version"
    ) { _ in "go to its newest version" }

    private static let retries = FaultKindDescription(
        word: "retries", name: "retries without a budget", sign: "RETRIES", mark: "YY", edgeWord: "retries",
        fields: [
            FaultField(
                "retries", "retries", .count("retries"), 0...10, presets: [0, 1, 2, 3, 5, 10],
                usual: 5,
                isRequired: true, "Number of retries of the route, without a retry budget")
        ], severity: .rough, hasShare: false, words: "retries failed requests, without a retry budget"
    ) { "are retried up to \($0.mainAmount ?? 0) times" }

    private static let deadline = FaultKindDescription(
        word: "deadline", name: "route timeout", sign: "DEADLINE", mark: "WW", edgeWord: "until",
        fields: [
            FaultField(
                "deadline", "timeout", .milliseconds, 1...600_000, step: 1000,
                presets: [5, 10, 20, 50, 100, 500, 1000],
                usual: 10, isRequired: true, "Timeout of the route")
        ], severity: .rough, hasShare: false, words: "changes the timeout of the route"
    ) { "time out after \(FaultUnit.milliseconds.said($0.mainAmount ?? 0))" }

    private static let expire = FaultKindDescription(
        word: "expire", name: "expired certificate", sign: "EXPIRED", mark: "ZZ", edgeWord: "expired", fields: [],
        severity: .total, hasShare: false, words: "gives the caller an expired certificate"
    ) { _ in "use an expired certificate" }

    private static let badRoute = FaultKindDescription(
        word: "bad-route", name: "refused configuration", sign: "BAD ROUTE", mark: "MM", edgeWord: "refused",
        fields: [],
        hasShare: false, words: "sends an invalid route to the caller's proxy"
    ) { _ in "have an invalid route, which the proxy rejects" }

    private static let drain = ofInstance(
        "drain", name: "instance drained", sign: "DRAIN", mark: "GG", edgeWord: "drained", .usual,
        "Number of the callee's instance that gets no new requests"
    ) { "has instance \($0) drained" }

    private static let kill = ofInstance(
        "kill", name: "instance killed", sign: "KILL", mark: "JJ", edgeWord: "killed", .rough,
        "Number of the callee's instance to kill, until the fault ends"
    ) { "has instance \($0) killed" }

    private static let freeze = ofInstance(
        "freeze", name: "instance stopped", sign: "FREEZE", mark: "FF", edgeWord: "frozen", .rough,
        "Number of the callee's instance to stop, until the fault ends"
    ) { "has instance \($0) stopped" }

    private static let spoil = ofInstance(
        "spoil", name: "instance that fails", sign: "SPOIL", mark: "QQ", edgeWord: "spoilt", .rough,
        "Number of the callee's instance that returns 500, except for health checks"
    ) {
        "has instance \($0) return status 500"
    }

    private static let killControl = FaultKindDescription(
        word: "kill-control", name: "control plane killed", sign: "NO CONTROL", mark: "NN", edgeWord: "no control",
        fields: [], hasShare: false, words: "kills the control plane of the mesh until the fault ends"
    ) { _ in "has no control plane in its mesh" }

    private static func ofInstance(
        _ word: String, name: String, sign: String, mark: String, edgeWord: String, _ severity: Severity,
        _ words: String, said: @escaping @Sendable (String) -> String
    ) -> FaultKindDescription {
        let instances = FaultUnit.choice((1...9).map(String.init))
        return FaultKindDescription(
            word: word, name: name, sign: sign, mark: mark, edgeWord: edgeWord,
            fields: [
                FaultField(word, "instance", instances, 0...8, presets: Array(0...8), usual: 0, isRequired: true, words)
            ],
            severity: severity, hasShare: false, isOfCallee: true,
            words: words.prefix(1).lowercased() + words.dropFirst()
        ) { said(instances.label($0.mainAmount ?? 0)) }
    }
}
