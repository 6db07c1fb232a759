import Foundation
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// What must never happen: a fault that nobody can undo, and work of others that is lost.
@Suite(.timeLimit(.minutes(5))) struct BreakingSafetyTests {
    @Test func `Killed at any request, the fault is undone from the ledger to the letter`() async throws {
        for isMade in [false, true] {
            for death in 0..<30 {
                let trial = try BreakingTrial()
                if isMade { trial.cluster.remove("VirtualService", "ratings", in: "bookinfo") }
                let before = try trial.essence()
                let plan = await (try trial.injector()).identified(
                    try trial.injector().plan(.delay(milliseconds: 100), share: 0.5, at: .edge(BreakingTrial.edge)))
                let dying = try trial.injector(asker: trial.asker(diesAfter: death))
                let isWhole: Bool
                do {
                    try await dying.apply(plan)
                    isWhole = await dying.undo([plan.undo]).allSatisfy(\.isClean)
                } catch { isWhole = false }
                let undo = try FaultUndo(WireFields(JSON(parsing: plan.undo.json.bytes), page: "ledger"))
                let next = try trial.injector(IstioDirectory(.init(server: trial.cluster.url)))
                #expect(await next.undo([undo]).allSatisfy(\.isClean))
                #expect(try trial.essence() == before, "died after \(death) requests")
                #expect(try trial.object("gameday-ratings") == nil)
                if isWhole { break }
            }
        }
    }

    /// One made-up VirtualService, what others do to it meanwhile, and the same done to its twin which is never broken.
    private struct Story {
        var random: SeededGenerator
        let trial: BreakingTrial
        let twin: BreakingTrial

        init(seed: UInt64) throws {
            random = SeededGenerator(seed: seed)
            trial = try BreakingTrial()
            twin = try BreakingTrial()
            let http = JSON.array((0...random.int(in: 0...3)).map { _ in Self.route(&random) } + [Self.rest])
            let managers = ["kubectl-client-side-apply", "shop-operator", "kubectl-edit", "gameday"]
            let manager = managers[random.int(in: 0...3)]
            try both(by: manager) { $0.changing("spec", "http", to: http) }
            if random.bool() { try both(by: "kubectl-edit") { $0.changing("metadata", "annotations", to: nil) } }
        }

        static let rest: JSON = ["route": [["destination": ["host": "ratings"]]], "name": "rest"]

        static func route(_ random: inout SeededGenerator) -> JSON {
            var match: JSON = ["uri": ["prefix": .string("/\(random.int(in: 0...9))")]]
            if random.bool() {
                match = match.setting("headers", to: ["x-team": ["exact": .string("t\(random.int(in: 0...3))")]])
            }
            if random.bool() { match = match.setting("sourceLabels", to: ["app": random.bool() ? "reviews" : "other"]) }
            var route: JSON = ["match": [match], "route": [["destination": ["host": "ratings", "subset": "v1"]]]]
            if random.bool() { route = route.setting("timeout", to: .string("\(random.int(in: 1...9))s")) }
            if random.int(in: 0...4) == 0 { route = route.setting("route", to: [["destination": ["host": "details"]]]) }
            if random.int(in: 0...4) == 0 {
                route = route.setting("retries", to: ["attempts": 3, "perTryTimeout": "0.25s"])
            }
            return route
        }

        func both(by manager: String, _ body: (JSON) -> JSON) throws {
            try trial.change(by: manager, body)
            try twin.change(by: manager, body)
        }

        /// Somebody does something; what he does to the routes he does to the last, which is never a copy of ours.
        mutating func disturb() throws {
            let number = random.int(in: 0...99)
            switch random.int(in: 0...4) {
            case 0: try both(by: "kubectl-label") { $0.changing("metadata", "labels", "n", to: .string("\(number)")) }
            case 1:
                try both(by: "kubectl-annotate") {
                    $0.changing("metadata", "annotations", "shop/n", to: .string("\(number)"))
                }
            case 2: try both(by: "shop-operator") { $0.changing("spec", "exportTo", to: ["*"]) }
            case 3:
                try both(by: "canary-tool") { object in
                    var http = object["spec"]?["http"]?.array ?? []
                    http[http.count - 1] = http[http.count - 1].setting("timeout", to: .string("\(number + 1)s"))
                    return object.changing("spec", "http", to: .array(http))
                }
            default: break
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(24))
    func `Faults come and go, and what others did meanwhile stays, who owns it too`(seed: UInt64) async throws {
        var story = try Story(seed: seed)
        let injector = try story.trial.injector()
        let wanted: [(FaultKind, Scope)] = [
            (.delay(milliseconds: 100), .edge(BreakingTrial.edge)), (.abort(status: 503), .service("ratings")),
            (.abort(status: 500), .edge(Edge(from: "productpage", to: "ratings"))),
        ]
        var plans: [FaultPlan] = []
        for (kind, scope) in wanted.shuffled(using: &story.random).prefix(story.random.int(in: 1...3)) {
            for object in [try story.trial.object()].compactMap(\.self) { injector.directory.put(object) }
            guard let plan = try? injector.plan(kind, share: 0.5, at: scope) else { continue }
            plans.append(await injector.identified(plan))
            try await injector.apply(plans[plans.count - 1])
            try story.disturb()
        }
        for plan in plans.shuffled(using: &story.random) {
            #expect(await injector.undo([plan.undo]).allSatisfy(\.isClean))
            try story.disturb()
        }
        #expect(try story.trial.object()?.annotations.keys.contains { $0.hasPrefix("gameday.dev/") } == false)
        #expect(try story.trial.essence(timeless: true) == story.twin.essence(timeless: true))
    }

    @Test func `One team holds a namespace, and another takes it over only when its own clock says so`() async throws {
        let trial = try BreakingTrial()
        let elapsed = Mutex(Duration.zero)
        let first = try trial.injector()
        let plan = try first.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        try await first.apply(plan)
        let lease = try #require(trial.cluster.object("Lease", "gameday", in: "bookinfo"))
        #expect(lease["spec"]?["renewTime"]?.string?.wholeMatch(of: /[-0-9]+T[:0-9]+\.[0-9]{6}Z/) != nil)
        let other = try trial.injector(try trial.directory(owner: "bob@desk")) {
            $0.elapsed = { elapsed.withLock { $0 } }
        }
        let wanted = try other.plan(.delay(milliseconds: 5), share: 1, at: .service("details"))
        for step in [0, 14] {
            elapsed.withLock { $0 += .seconds(step) }
            let error = await #expect(throws: InjectionError.self) { try await other.apply(wanted) }
            #expect(error?.summary.hasPrefix("olivia@laptop:") == true)
            #expect(error?.summary.hasSuffix("is injecting faults in bookinfo and holds its Lease gameday") == true)
        }
        #expect(await other.survey(["bookinfo/ratings"]).flatMap { $0.faults ?? [] }.map(\.isOthers) == [true])
        elapsed.withLock { $0 += .seconds(2) }
        try await other.apply(wanted)
        #expect(trial.cluster.object("Lease", "gameday", in: "bookinfo")?["spec"]?["leaseTransitions"] == 1)
        #expect(await other.undo([wanted.undo]).allSatisfy(\.isClean))
        #expect(trial.cluster.object("Lease", "gameday", in: "bookinfo") == nil)
        trial.cluster.answer(.refusal(403, "Forbidden", "no")) { $0.path.contains("/leases") }
        try await other.apply(wanted)
        let note = await other.abilities(at: .service("details")).best(for: "abort")?.note
        #expect(
            note?.contains("no Lease can be written in bookinfo, so another team can inject faults there too") == true)
    }

    @Test func `Events tell what was done, in as many characters as the server takes`() async throws {
        let trial = try BreakingTrial()
        let injector = try trial.injector()
        let plan = try injector.plan(.abort(status: 503), share: 0.25, at: .edge(BreakingTrial.edge))
        try await injector.apply(plan)
        _ = await injector.undo([plan.undo])
        let events = trial.cluster.requests.filter { $0.method == "POST" && $0.path.hasSuffix("/events") }.compactMap(
            \.json)
        #expect(events.map { $0["reason"]?.string } == ["FaultInjected", "FaultRemoved"])
        #expect(
            events.first?["note"]?.string?.hasPrefix("Injected by gameday of olivia@laptop: ABORT 503 on 25% of")
                == true)
        let fault = VirtualServiceFault(
            effect: .abort(status: 503), share: 1, host: String(repeating: "h", count: 2000))
        let long = IstioUpkeep.event(
            .removed, [IstioUpkeep.words(fault)], KubeObject(.null), owner: "o", at: Timestamp(milliseconds: 0))
        #expect(long["note"]?.string?.count == 1024 && long["eventTime"] == "1970-01-01T00:00:00.000000Z")
    }

    @Test func `Times are written and read as the API server does`() {
        let time = Timestamp(milliseconds: 1_795_830_868_123)
        #expect(KubeTime.micro(time) == "2026-11-28T01:54:28.123000Z")
        #expect(KubeTime.read("2026-11-28T01:54:28.123000Z") == time)
        #expect(KubeTime.read("2026-11-28T01:54:28Z") == Timestamp(milliseconds: 1_795_830_868_000))
        #expect(KubeTime.read("soon") == nil)
    }

    @Test func `A VirtualService whose marks would be larger than the server takes is refused`() throws {
        let trial = try BreakingTrial()
        let many = (0..<2000).map { number -> JSON in
            [
                "match": [["uri": ["exact": .string("/a/rather/long/path/\(number)")]]],
                "route": [["destination": ["host": "ratings"]]],
            ]
        }
        try trial.change { $0.changing("spec", "http", to: .array(many)) }
        let error = #expect(throws: InjectionError.self) {
            try trial.injector().plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        }
        #expect(error?.summary.contains("is too large") == true)
    }

    @Test func `Marks that somebody spoilt are told, never guessed`() async throws {
        let trial = try BreakingTrial()
        let injector = try trial.injector()
        let plan = try injector.plan(.abort(status: 503), share: 1, at: .edge(BreakingTrial.edge))
        try await injector.apply(plan)
        try trial.change { $0.changing("metadata", "annotations", "gameday.dev/original-http", to: "[{") }
        let proof = try #require(await injector.undo([plan.undo]).first)
        #expect(!proof.isClean && proof.explanation?.contains("gameday.dev/original-http cannot be read") == true)
        #expect(await injector.survey(["bookinfo/ratings"]).first?.faults == nil)
    }
}
