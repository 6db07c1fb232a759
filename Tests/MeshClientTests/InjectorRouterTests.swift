import MeshClient
import MeshModel
import TestKit
import Testing

@Suite(.timeLimit(.minutes(5))) struct InjectorRouterTests {
    private let envoy = StubInjector(.envoy, callers: ["bar"], words: ["abort"], evidence: .counted)
    private let toxiproxy = StubInjector(.toxiproxy, callers: ["bar", "till"])
    private let router: InjectorRouter

    init() {
        // Whatever the order of the list.
        router = InjectorRouter([toxiproxy, envoy])
    }

    private func edge(_ from: ServiceName) -> Scope { .edge(Edge(from: from, to: "taps")) }

    private func stranger(_ source: String = "s") -> FaultUndo {
        FaultUndo(parts: [FaultUndo.Part(injector: "abacus", source: source, place: "a", keys: ["k"])])
    }

    @Test func `the nearest to the traffic that can do it, does it`() async throws {
        func injector(_ kind: FaultKind, _ from: ServiceName) throws -> String? {
            try router.plan(kind, share: 1, at: edge(from)).injector
        }
        #expect(try injector(.abort(status: 503), "bar") == "envoy")
        #expect(try injector(.delay(milliseconds: 1), "bar") == "toxiproxy")
        #expect(try injector(.abort(status: 503), "till") == "toxiproxy")
        let abilities = await router.abilities(at: edge("bar"))
        #expect(abilities.map(\.injector) == ["envoy", "toxiproxy", "toxiproxy"])
        #expect(abilities.best(for: "abort")?.evidence == .counted)
        #expect(abilities.best(for: "delay")?.evidence == .held)
        #expect(abilities.best(for: "rate-limit") == nil)
    }

    @Test func `of several refusals the one of who is there is told`() {
        #expect(throws: InjectionError.impossible("toxiproxy can't do rate-limit")) {
            try router.plan(.rateLimit(kbps: 8), share: 1, at: edge("till"))
        }
        #expect(throws: InjectionError.unknownService("nobody")) {
            try router.plan(.abort(status: 503), share: 1, at: edge("nobody"))
        }
        #expect(throws: InjectionError.self) {
            try InjectorRouter([]).plan(.abort(status: 503), share: 1, at: edge("bar"))
        }
    }

    @Test func `undos of several injectors go each to its own, with a proof for every part`() async throws {
        let plans = try [
            router.plan(.abort(status: 503), share: 1, at: edge("bar")),
            router.plan(.delay(milliseconds: 1), share: 1, at: edge("bar")),
        ]
        for plan in plans {
            try await router.apply(plan)
            #expect(await router.inspect(plan).map(\.state) == [.held])
            #expect(await router.look(at: plan.undo).map(\.state) == [.holds])
        }
        #expect(envoy.keys.count == 1 && toxiproxy.keys.count == 1)
        #expect(await router.survey(nil).compactMap(\.faults).joined().count == 2)
        let undo = plans[0].undo.joined(with: plans[1].undo).joined(with: stranger())
        let proofs = await router.undo([undo])
        #expect(Set(proofs.filter(\.isClean).map(\.source)) == ["bar envoy", "bar toxiproxy"])
        #expect(proofs.filter { !$0.isClean }.map(\.source) == ["s"])
        #expect(envoy.keys.isEmpty && toxiproxy.keys.isEmpty)
    }

    @Test func `what nobody here can undo is never clean, and never nothing`() async {
        let proofs = await router.undo([stranger("a"), stranger("b")])
        #expect(proofs.map(\.isClean) == [false, false])
        #expect(proofs.map(\.explanation) == Array(repeating: "unknown injector 'abacus'", count: 2))
        #expect(await router.look(at: stranger()).map(\.state) == [.silent])
        #expect(await router.hits(of: .abort(status: 503), at: edge("bar"), in: stranger()) == nil)
        #expect(router.isNamed(stranger().parts[0]) == nil)
        let plan = FaultPlan(
            kind: .abort(status: 503), share: 1, scope: edge("bar"), undo: stranger(), work: .null)
        #expect(await router.inspect(plan).map(\.state) == [.unknown])
        await #expect(throws: InjectionError.self) { try await router.apply(plan) }
    }

    @Test func `only sources of an injector can hold faults`() {
        #expect(router.canHold(.envoy) && router.canHold(.toxiproxy))
        #expect(!router.canHold(.prometheus) && !router.canHold(SourceKind(rawValue: "abacus")))
    }

    @Test func `an ability survives the wire`() throws {
        var ability = FaultAbility(
            injector: "abacus", word: "wobble", bounds: ["width": 1...5], evidence: Evidence(rawValue: "hearsay"))
        for text in [nil, "a\u{1B}"] {
            (ability.note, ability.refusal, ability.remedy) = (text, text, text)
            ability.steps = text == nil ? [:] : ["width": [1, 3]]
            let read = try FaultAbility(WireFields(JSON(parsing: ability.json.bytes), page: "abilities"))
            #expect(read == ability)
        }
    }
}
