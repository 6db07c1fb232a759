import MeshClient
import MeshModel
import Testing

@testable import ControlPlane

@Suite struct GuardRailsTests {
    private static func problem(
        of request: FaultRequest, _ description: MeshDescription = MeshDescription(name: "the bar"),
        abilities: [FaultAbility] = [], before: (DeskStage) -> Void = { _ in }
    ) throws -> Problem? {
        let scratch = try Scratch()
        let stage = DeskStage(ledger: scratch.file("ledger"), description: description)
        before(stage)
        let rails = GuardRails(description: description)
        do throws(Problem) {
            try stage.log.read { state throws(Problem) in
                try rails.check(request, in: state, open: [], abilities: abilities)
                _ = try rails.absent(among: [request.edge.from.text], in: state, at: stage.mesh.clock.now())
            }
            return nil
        } catch {
            return error
        }
    }

    private static func request(
        _ kind: FaultKind = .abort(status: 503), from: ServiceName = "bar", to: ServiceName = "taps",
        share: Double = 0.5, lease: Double = 60
    ) -> FaultRequest {
        FaultRequest(kind: kind, edge: Edge(from: from, to: to), share: share, lease: lease, by: "anna")
    }

    @Test(arguments: [
        request(share: 0), request(share: -1), request(share: 1.01), request(share: .nan), request(share: .infinity),
        request(share: 0.00001), request(lease: 0.5), request(lease: 3601), request(lease: .nan),
        request(.abort(status: 199)), request(.abort(status: 600)), request(.abort(status: 0)),
        request(.delay(milliseconds: 0)), request(.delay(milliseconds: -5)), request(.delay(milliseconds: .max)),
        request(.rateLimit(kbps: 0)), request(.rateLimit(kbps: .max)),
    ])
    func `What Envoy would silently take for something else is refused with its numbers`(
        request: FaultRequest
    ) throws {
        #expect(try Self.problem(of: request)?.kind == .refusedByGuardRail)
    }

    @Test func `What is within bounds passes`() throws {
        #expect(try Self.problem(of: Self.request(share: 0.0001, lease: 1)) == nil)
        #expect(try Self.problem(of: Self.request(.abort(status: 200), share: 1, lease: 3600)) == nil)
    }

    @Test func `An unknown edge is refused with the nearest that is known`() throws {
        let problem = try #require(try Self.problem(of: Self.request(to: "tap")))
        #expect(problem.kind == .unknownEdge)
        #expect(problem.detail?.contains("did you mean bar>taps?") == true)
    }

    @Test func `A protected service is touched neither as caller nor as callee`() throws {
        for name: ServiceName in ["bar", "taps"] {
            let description = MeshDescription(name: "the bar", protected: [name])
            #expect(try Self.problem(of: Self.request(), description)?.kind == .refusedByGuardRail)
        }
    }

    /// Only the ends of the edge were looked at, and its callee is not all theirs.
    @Test func `What is done to a callee is refused where a protected service calls it too`() throws {
        let description = MeshDescription(name: "the bar", protected: ["kitchen"])
        let scaling = Self.request(FaultKind("scale", ["scale": 0]), from: "taps", to: "cellar", share: 1)
        let problem = try #require(try Self.problem(of: scaling, description))
        #expect(problem.detail == "kitchen is protected in gameday.yaml and calls cellar")
        #expect(try Self.problem(of: Self.request(from: "taps", to: "cellar"), description) == nil)
    }

    @Test func `What the injector there can't do is refused with its bounds or its reason`() throws {
        var ability = FaultAbility(injector: "envoy", word: "abort", bounds: ["abort": 503...503])
        ability.smallestShare = 0.01
        ability.note = "by maintenance mode"
        let status = try Self.problem(of: Self.request(.abort(status: 500)), abilities: [ability])
        #expect(status?.detail?.contains("supports only 503 there") == true)
        #expect(try Self.problem(of: Self.request(share: 0.005), abilities: [ability])?.title == "invalid percentage")
        #expect(try Self.problem(of: Self.request(share: 0.01), abilities: [ability]) == nil)
        ability.refusal = "no fault filter"
        ability.remedy = "Add one."
        let refused = try #require(try Self.problem(of: Self.request(), abilities: [ability]))
        #expect(refused.title == "not possible on this edge" && refused.remedy == "Add one.")
        // One farther away that can do it is taken instead.
        let other = FaultAbility(injector: "toxiproxy", word: "abort", evidence: .held)
        #expect(try Self.problem(of: Self.request(), abilities: [ability, other]) == nil)
    }

    @Test func `Nothing is put into a proxy that is not heard`() throws {
        let silent = SourceReport(
            name: "bar", kind: .envoy, endpoint: "http://bar", service: "bar", state: .unreachable,
            explanation: "refused")
        let unreachable = try Self.problem(of: Self.request()) { $0.log.append([.source(silent)]) }
        #expect(unreachable?.title == "data is stale")
        let old = try Self.problem(of: Self.request()) { $0.mesh.advance(.seconds(10)) }
        #expect(old?.title == "data is stale")
    }
}
