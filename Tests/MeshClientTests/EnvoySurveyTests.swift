import MeshModel
import TestKit
import Testing

@testable import MeshClient

@Suite(.timeLimit(.minutes(5))) struct EnvoySurveyTests {
    private let bar: StubEnvoy
    private let directory: EnvoyDirectory
    private let injector: EnvoyFaultInjector
    private let edge = Scope.edge(Edge(from: "bar", to: "taps"))

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        directory = EnvoyDirectory([
            EnvoyDirectory.Entry(source: "bar", service: "bar", endpoint: EnvoyEndpoint(admin: bar.url)),
            EnvoyDirectory.Entry(source: "gone", service: "gone", endpoint: EnvoyEndpoint(admin: "http://127.0.0.1:1")),
        ])
        injector = EnvoyFaultInjector(directory: directory, transport: try CurlTransport(), deadline: .seconds(5))
    }

    @Test func `A survey tells what each proxy holds, with what takes it away, and who did not say`() async throws {
        let plan = try injector.plan(.abort(status: 418), share: 0.25, at: edge)
        try await injector.apply(plan)
        let surveys = await injector.survey(nil)
        #expect(surveys.map(\.source) == ["bar", "gone"])
        let held = try #require(surveys.first?.faults?.first)
        #expect(held.kind == .abort(status: 418))
        #expect(held.share == 0.25)
        #expect(held.scope == edge)
        #expect(surveys.last?.faults == nil)
        #expect(surveys.last?.explanation != nil)
        _ = await injector.undo([held.undo])
        #expect(bar.keys.isEmpty)
        #expect(await injector.survey(["bar"]) == [FaultSurvey(source: "bar", faults: [])])
    }

    @Test func `Hits are counted by kind, stand still without a fault, and are unknown from a silent proxy`()
        async throws
    {
        let plan = try injector.plan(.delay(milliseconds: 200), share: 1, at: edge)
        #expect(await injector.hits(of: plan.kind, at: edge, in: plan.undo) == 0)
        try await injector.apply(plan)
        let during = try #require(await injector.hits(of: plan.kind, at: edge, in: plan.undo))
        #expect(during > 0)
        #expect(await injector.hits(of: .abort(status: 503), at: edge, in: plan.undo) == 0)
        _ = await injector.undo([plan.undo])
        let after = await injector.hits(of: plan.kind, at: edge, in: plan.undo)
        #expect(await injector.hits(of: plan.kind, at: edge, in: plan.undo) == after)
        let silent = FaultUndo(
            parts: plan.undo.parts + directory.sidecars(of: "gone").map { FaultUndo.Part($0, keys: []) })
        #expect(await injector.hits(of: plan.kind, at: edge, in: silent) == nil)
    }
}
