import Experiments
import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

/// Runs of the control plane, over its real socket and its real loopback port, in front of a mesh that is faked.
@Suite(.timeLimit(.minutes(1))) struct ExperimentDeskTests {
    private static let wish = ExperimentRequest(name: "taps.yaml", by: "anna")
    private static let served = Objective(name: "orders", service: "bar", indicator: .success(target: 0.99))

    private func stage(
        _ document: ApiExperiment = ApiExperiment(), objectives: [Objective] = [], guards: [Guard] = []
    ) throws -> ControlPlaneStage {
        let stage = try ControlPlaneStage(
            MeshDescription(name: "the bar", objectives: objectives, guards: guards))
        stage.scratch.write(Array(document.text.utf8), to: "taps.yaml")
        return stage
    }

    private var lasting: ApiExperiment {
        var document = ApiExperiment()
        document.lastStep = "sleep 600"
        return document
    }

    /// The run as it is when it is as wanted.
    private func run(
        _ stage: ControlPlaneStage, when isReached: (ExperimentReport) -> Bool
    ) async throws -> ExperimentReport {
        var found: ExperimentReport?
        try await stage.wait { state in
            found = state.experiments.last
            return found.map(isReached) ?? false
        }
        return try #require(found)
    }

    private func isAtLastStep(_ run: ExperimentReport) -> Bool {
        run.activities.count > 1 && run.activities[1].state == .running
    }

    private func journal(_ stage: ControlPlaneStage) throws -> JSON {
        let name = try #require(stage.scratch.names(in: "journals").first { $0.hasSuffix(".json") })
        return try JSON(parsing: stage.scratch.bytes("journals/" + name))
    }

    private static func problem(_ body: () async throws -> Void) async -> Problem? {
        do { try await body() } catch ControlPlaneError.refused(let problem) { return problem } catch {}
        return nil
    }

    @Test func `a run tells its steps and its verdict, and leaves nothing`() async throws {
        let stage = try stage()
        try await stage.run { client in
            let begun = try await client.start(Self.wish)
            #expect(begun.id == "E1" && begun.activities.map(\.touches) == ["ABORT 503 50% bar>taps", "undo bar>taps"])
            let run = try await run(stage, when: \.isOver)
            #expect(run.verdict?.outcome == .held && run.verdict?.isUndone == true)
            #expect(run.activities.map(\.state) == [.succeeded, .succeeded])
            #expect(run.activities[0].output?.hasPrefix("201 ") == true)
            #expect(run.probes[0].before?.isMet == true && run.probes[0].after?.isMet == true)
            let fault = try #require(try await client.faults().first)
            #expect(fault.run == "E1" && fault.phase == .reverted && fault.by == "E1")
            #expect(stage.mesh.held.isEmpty)
            let journal = try journal(stage)
            #expect(journal["status"]?.string == "completed" && journal["gameday"]?["held"]?.bool == true)
            #expect(try JSON(parsing: try await client.journal(of: "E1")) == journal)
            let known = try await client.experiments()
            #expect(known["catalogue"]?.array?.first?["last"]?["outcome"]?.string == "held")
            #expect(known["running"]?.isNull == true)
        }
        #expect(RunMark(at: RunMark.path(beside: stage.scratch.file("ledger"))) == nil)
    }

    @Test func `an abort undoes at once, ends its programs, and says who and why`() async throws {
        let stage = try stage(lasting)
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            _ = try await run(stage, when: isAtLastStep)
            #expect(stage.mesh.held == ["edge.taps.abort"])
            let mark = try #require(RunMark(at: RunMark.path(beside: stage.scratch.file("ledger"))))
            try await stage.eventually { !mark.processes.isEmpty }
            let told = try await client.abortExperiment(nil, by: "anna")
            // Proven before the rollbacks have been played.
            #expect(stage.mesh.held.isEmpty && told.stop == ExperimentReport.Stop(by: "anna", reason: "asked"))
            let run = try await run(stage, when: \.isOver)
            #expect(run.verdict?.outcome == .stopped && run.verdict?.isUndone == true)
            #expect(run.activities.map(\.state) == [.succeeded, .interrupted, .succeeded])
            #expect(mark.processes.isEmpty)
            let journal = try journal(stage)
            #expect(journal["status"]?.string == "interrupted")
            #expect(journal["gameday"]?["stopped"]?["by"]?.string == "anna")
            #expect(await Self.problem { _ = try await client.abortExperiment("E1", by: "anna") }?.kind == .notFound)
        }
    }

    @Test func `an activity of a mesh extension acts on our mesh, without its Python, as the run's`() async throws {
        let stage = try stage()
        let text = """
            title: one tap aborts
            description: as others wrote it for Istio
            method:
              - name: abort
                type: action
                provider:
                  type: python
                  module: chaosistio.fault.actions
                  func: add_abort_fault
                  arguments:
                    virtual_service_name: taps
                    http_status: 503
                    percentage: 50
                    routes: [{destination: {host: taps, subset: v1}}]
              - name: rest
                type: action
                provider: {type: process, path: sleep, arguments: "600"}
            """
        stage.scratch.write(Array(text.utf8), to: "taps.yaml")
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            _ = try await run(stage, when: isAtLastStep)
            let fault = try #require(try await client.faults().first)
            #expect(fault.run == "E1" && fault.by == "anna" && fault.share == 0.5 && fault.kind == .abort(status: 503))
            #expect(stage.mesh.held == ["edge.taps.abort"])
            _ = try await client.abortExperiment(nil, by: "anna")
            #expect(stage.mesh.held.isEmpty)
            _ = try await run(stage, when: \.isOver)
        }
    }

    @Test func `a run without a hypothesis is completed, and says what was not tested`() async throws {
        let stage = try stage()
        let text = """
            title: exploring
            description: no claim is made
            method:
              - {name: a, type: action, provider: {type: http, url: "http://127.0.0.1:9/none"}}
            """
        stage.scratch.write(Array(text.utf8), to: "taps.yaml")
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            let run = try await run(stage, when: \.isOver)
            #expect(run.verdict?.outcome == .completed && run.isSuccess)
            #expect(run.verdict?.words.first == "Completed: no hypothesis was defined; action 'a' failed.")
            #expect(try journal(stage)["gameday"]?["held"]?.bool == false)
            let known = try await client.experiments()
            #expect(known["catalogue"]?.array?.first?["last"]?["outcome"]?.string == "completed")
        }
    }

    @Test func `a program that somebody else killed failed, and the hypothesis did not hold by it`() async throws {
        var document = ApiExperiment()
        document.lastStep = "read pid rest < /proc/self/stat; kill -9 $pid"
        let stage = try stage(document)
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            let run = try await run(stage, when: \.isOver)
            #expect(run.activities.map(\.state) == [.succeeded, .failed, .succeeded])
            #expect(run.activities[1].why == "it was ended by signal 9")
            #expect(run.verdict?.outcome == .completed, "\(run)")
            #expect(run.verdict?.words.first?.hasSuffix("was ended by a signal.") == true)
        }
    }

    @Test func `a halt stops the run and lets no other begin`() async throws {
        let stage = try stage(lasting)
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            _ = try await run(stage, when: isAtLastStep)
            #expect(await Self.problem { _ = try await client.start(Self.wish) }?.kind == .experimentRunning)
            #expect(try await client.halt(by: "anna", reason: "enough").isProven)
            let run = try await run(stage, when: \.isOver)
            #expect(run.verdict?.outcome == .stopped && run.stop?.reason == "enough")
            #expect(await Self.problem { _ = try await client.start(Self.wish) }?.kind == .halted)
        }
    }

    @Test func `the gate is shut while an objective is broken, and what overrides it is recorded`() async throws {
        let stage = try stage(objectives: [Self.served])
        try await stage.run { client in
            try await stage.hear(failing: 9)
            let refused = await Self.problem { _ = try await client.start(Self.wish) }
            #expect(refused?.kind == .gateShut && refused?.detail?.contains("orders is broken") == true)
            var wish = Self.wish
            wish.overridesGate = true
            _ = try await client.start(wish)
            let run = try await run(stage, when: \.isOver)
            #expect(run.override == "orders is broken")
            #expect(try journal(stage)["gameday"]?["override"]?.string == "orders is broken")
        }
    }

    @Test func `without its steady state nothing is tried, unless it was asked for`() async throws {
        var document = ApiExperiment()
        document.probe = "/v1/edges/bar/nowhere"
        let stage = try stage(document)
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            let unsteady = try await run(stage, when: \.isOver)
            #expect(unsteady.verdict?.outcome == .unsteady && unsteady.activities[0].state == .skipped)
            #expect(unsteady.verdict?.words.contains { $0.contains("200 was expected") } == true)
            #expect(try await client.faults().isEmpty)
            var wish = Self.wish
            wish.overridesGate = true
            _ = try await client.start(wish)
            let run = try await run(stage) { $0.id == "E2" && $0.isOver }
            #expect(run.activities[0].state == .succeeded && run.verdict?.outcome == .deviated)
            #expect(run.override != nil)
        }
    }

    @Test func `a guard stops the run by itself, says why, and sets no latch`() async throws {
        let stage = try stage(lasting, guards: [.stale(seconds: 0.5)])
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            let run = try await run(stage, when: \.isOver)
            #expect(run.verdict?.outcome == .stopped && run.stop?.by == "guard")
            #expect(run.stop?.reason.contains("stale") == true)
            #expect(stage.mesh.held.isEmpty)
            #expect(try await client.status()["halted"]?.bool == false)
        }
    }

    /// A guard, how a document writes it, and what it gives as its reason.
    struct Rule: Sendable, CustomTestStringConvertible {
        var rail: Guard
        var written: String
        var reason: String
        var testDescription: String { written }

        static let all = [
            Rule(
                rail: .broken(objective: "orders", seconds: 0.4), written: "{broken: orders, for: 0.4s}",
                reason: "orders has been broken for "),
            Rule(
                rail: .budget(objective: "orders", floor: 0.95), written: "{budget: orders, below: 95%}",
                reason: "orders has 91% of its error budget left, less than 95%"),
        ]
    }

    @Test(arguments: Rule.all, [true, false])
    func `what a run does to an objective stops it`(rule: Rule, isOfDocument: Bool) async throws {
        // The mesh of the stage answers ten requests a millisecond: a second's budget is a hundred of them.
        let served = Objective(name: "orders", service: "bar", indicator: .success(target: 0.99), window: 1)
        let stage = try stage(lasting, objectives: [served], guards: isOfDocument ? [] : [rule.rail])
        let text = "extensions: [{name: gameday, guards: [\(rule.written)]}]\n"
        if isOfDocument { stage.scratch.write(Array((lasting.text + text).utf8), to: "taps.yaml") }
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            let begun = try await run(stage, when: isAtLastStep)
            #expect(begun.stop == nil && stage.mesh.held == ["edge.taps.abort"])
            #expect(begun.guards == (isOfDocument ? [rule.rail] : []))
            try await stage.hear(failing: 9)
            let run = try await run(stage, when: \.isOver)
            #expect(run.verdict?.outcome == .stopped && run.verdict?.isUndone == true && run.stop?.by == "guard")
            #expect(run.stop?.reason.hasPrefix(rule.reason) == true, "\(run.stop?.reason ?? "")")
            #expect(run.activities.map(\.state) == [.succeeded, .interrupted, .succeeded])
            #expect(stage.mesh.held.isEmpty)
            // The fault was the run's own, so nothing else is stopped, and no latch is set.
            #expect(try await client.status()["halted"]?.bool == false)
        }
    }

    @Test func `a guard of the document stops its run too`() async throws {
        let stage = try stage(lasting)
        let guards = "extensions: [{name: gameday, guards: [{stale: 0.5s}]}]\n"
        stage.scratch.write(Array((lasting.text + guards).utf8), to: "taps.yaml")
        try await stage.run { client in
            _ = try await client.start(Self.wish)
            let run = try await run(stage, when: \.isOver)
            #expect(run.stop?.by == "guard" && run.verdict?.isUndone == true)
        }
    }

    @Test func `a run whose dashboard was lost is stopped`() async throws {
        let stage = try stage(lasting)
        try await stage.run { client in
            let (heard, hears) = AsyncStream.makeStream(of: Void.self)
            let watching = Task {
                for await element in client.feed(watcher: "dash-1") {
                    hears.yield()
                    guard case .event(let event) = element, case .experiment(let run) = event.observation else {
                        continue
                    }
                    if run.activities.contains(where: { $0.id == 1 && $0.state == .running }) { return }
                }
            }
            for await _ in heard { break }
            var wish = Self.wish
            wish.by = "dash-1"
            _ = try await client.start(wish)
            await watching.value
            let run = try await run(stage, when: \.isOver)
            #expect(run.stop?.by == "gameday" && stage.mesh.held.isEmpty)
        }
    }

    @Test func `nobody is heard over TCP without a token, and a run only with its own while it is on`() async throws {
        var document = ApiExperiment()
        let stage = try stage(document)
        document.lastStep = "printf %s $GAMEDAY_TOKEN | tee \(stage.scratch.file("token")); sleep 600"
        stage.scratch.write(Array(document.text.utf8), to: "taps.yaml")
        try await stage.run { client in
            let api = try #require(try await client.status()["api"])
            let (address, owner) = (try #require(api["address"]?.string), try #require(api["token"]?.string))
            let transport = try CurlTransport()
            func ask(_ method: String, _ path: String, _ token: String?, _ body: JSON? = nil) async throws -> Int {
                var headers = [HTTPHeader("Content-Type", "application/json")]
                if let token { headers.append(HTTPHeader("Authorization", "Bearer \(token)")) }
                let request = HTTPRequest(method, address + path, headers: headers, body: body?.bytes)
                let answer = try await transport.send(request)
                #expect(!String(decoding: answer.body, as: UTF8.self).contains(owner))
                return answer.status
            }
            #expect(try await ask("GET", "/v1/status", nil) == 401)
            #expect(try await ask("GET", "/v1/status", "nonsense") == 401)
            #expect(try await ask("GET", "/v1/status", owner) == 200)
            let path: JSON = ["path": .string(stage.scratch.file("taps.yaml"))]
            #expect(try await ask("POST", "/v1/experiments", owner, path) == 400)
            _ = try await client.start(Self.wish)
            _ = try await run(stage, when: isAtLastStep)
            try await stage.eventually { !stage.scratch.bytes("token").isEmpty }
            let token = String(decoding: stage.scratch.bytes("token"), as: UTF8.self)
            #expect(try await ask("GET", "/v1/slos/none", token) == 404)
            #expect(try await ask("POST", "/v1/rearm", token) == 403)
            #expect(try await ask("POST", "/v1/experiments", token) == 403)
            _ = try await client.abortExperiment("E1", by: "anna")
            let fault = FaultRequest(kind: .abort(status: 503), edge: DeskStage.edges[0], share: 1, lease: 9, by: "x")
            #expect(try await ask("POST", "/v1/faults", token, fault.json) == 409)
            #expect(stage.mesh.held.isEmpty)
            let run = try await run(stage, when: \.isOver)
            #expect(!String(decoding: run.json.bytes, as: UTF8.self).contains(token))
        }
    }
}
