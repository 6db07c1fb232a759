extension MeshPlan {
    /// The bar of the joke: a tester walks in, and everybody behind the counter depends on the cellar.
    public static let bar = MeshPlan(name: "the bar", entrance: "door", services: frontOfHouse + backOfHouse)

    private static let frontOfHouse: [ServicePlan] = [
        ServicePlan(
            "door", workers: 64, work: WorkTime(median: .milliseconds(1)),
            calls: [
                CallPlan("bouncer", timeout: .seconds(1)),
                CallPlan("bar", chance: 0.9, timeout: .seconds(2), mostAtOnce: 128),
                CallPlan("bathroom", chance: 0.1, timeout: .milliseconds(1_500)),
            ]),
        // The dependency that nobody drew: fire regulations let nobody in while there is no bathroom.
        ServicePlan("bouncer", workers: 16, work: WorkTime(median: .milliseconds(2)), glances: ["bathroom"]),
        ServicePlan(
            "bar", workers: 48, work: WorkTime(median: .milliseconds(4)), refusing: 0.167,
            calls: [
                CallPlan("menu", chance: 0.733, timeout: .milliseconds(250), isNeeded: false),
                CallPlan("taps", chance: 0.689, timeout: .seconds(1)),
                CallPlan(
                    "kitchen", chance: 0.22, timeout: .milliseconds(1_200), isNeeded: false, isTogether: true,
                    mostAtOnce: 6, leavesOut: true),
                CallPlan("tab", chance: 0.833, timeout: .seconds(1)),
            ]),
    ]

    private static let backOfHouse: [ServicePlan] = [
        ServicePlan("menu", workers: 8, work: WorkTime(median: .milliseconds(2)), answerBytes: 6_000),
        ServicePlan(
            "taps", workers: 12, work: WorkTime(median: .milliseconds(6)),
            calls: [CallPlan("cellar", timeout: .milliseconds(600), leavesOut: true)],
            // The second is a canary, and nobody gets it who does not ask for it. Three of ten beers are only foam.
            instances: [InstancePlan(version: "v1"), InstancePlan(version: "v2", failing: 0.3)]),
        ServicePlan(
            "kitchen", workers: 12, work: WorkTime(median: .milliseconds(18)), answerBytes: 1_500,
            calls: [CallPlan("cellar", timeout: .milliseconds(600), leavesOut: true)],
            instances: [InstancePlan(), InstancePlan(), InstancePlan()]),
        ServicePlan(
            "tab", workers: 16, work: WorkTime(median: .milliseconds(3)),
            calls: [
                CallPlan(
                    "till", chance: 0.173, timeout: .seconds(1), retries: 2, tryTimeout: .milliseconds(300))
            ]),
        ServicePlan("till", workers: 8, work: WorkTime(median: .milliseconds(7)), failing: 0.02),
        ServicePlan(
            "bathroom", workers: 4, work: WorkTime(median: .milliseconds(3)),
            calls: [CallPlan("cellar", timeout: .milliseconds(600), leavesOut: true)]),
        // The second is next door, for the day when nobody can go down to the first.
        ServicePlan(
            "cellar", workers: 16, work: WorkTime(median: .milliseconds(4)), answerBytes: 2_500,
            instances: [InstancePlan(zone: "here"), InstancePlan(zone: "next door")]),
    ]
}
