import Foundation
import MeshClient
import TestKit
import Testing

@testable import Experiments

/// What a run says of itself in the end: what was tested, and what was not.
@Suite(.timeLimit(.minutes(5))) struct RunVerdictTests {
    private static func shell(_ name: String, _ script: String, _ more: [(String, Value)] = []) -> Value {
        let provider: Value = ["type": "process", "path": "/bin/sh", "arguments": ["-c", .text(script)]]
        return .mapping(Fields([("type", "action"), ("name", .text(name)), ("provider", provider)] + more))
    }

    /// An action that can't do what it is for: nobody listens there.
    private static func failing(_ name: String) -> Value {
        ["type": "action", "name": .text(name), "provider": ["type": "http", "url": "http://127.0.0.1:9/none"]]
    }

    private static func probe(_ tolerance: Value) -> Value {
        .mapping(
            Fields([
                ("type", "probe"), ("name", "p"), ("tolerance", tolerance),
                ("provider", ["type": "process", "path": "/bin/sh", "arguments": ["-c", "exit 0"]]),
            ]))
    }

    private func run(
        _ experiment: Value, journal: String? = nil, _ change: (inout RunOptions) -> Void = { _ in }
    ) async throws -> RunVerdict {
        var options = RunOptions()
        options.environment = ProcessInfo.processInfo.environment
        options.journalPath = journal
        change(&options)
        return try await ExperimentRunner(
            ExperimentDocument(source: "test", value: experiment), options: options,
            network: HTTPDoor { () throws(TransportError) in try CurlTransport() }
        ).run()
    }

    private static func experiment(_ method: [Value], hypothesis: Value? = nil) -> Value {
        var fields = Fields([("title", "t"), ("method", .list(method))])
        if let hypothesis { fields["steady-state-hypothesis"] = ["title": "h", "probes": [hypothesis]] }
        return .mapping(fields)
    }

    @Test func `without a hypothesis nothing held, and failed actions are named`() async throws {
        let plain = try await run(Self.experiment([Self.shell("a", "true")]))
        #expect(plain.summary == "Completed: no hypothesis was defined.")
        #expect(!plain.hasHeld && plain.isSuccess)
        let failed = try await run(Self.experiment([Self.failing("a"), Self.failing("b")]))
        #expect(failed.summary == "Completed: no hypothesis was defined; action 'a', 'b' failed.")
        #expect(!failed.hasHeld && failed.isSuccess, "nothing was claimed: 0, as the original has it")
    }

    @Test func `a hypothesis is not held when what should have tested it failed`() async throws {
        let verdict = try await run(Self.experiment([Self.failing("a")], hypothesis: Self.probe(0)))
        #expect(verdict.summary == "Completed: action 'a' failed.")
        #expect(!verdict.hasHeld && !verdict.isSuccess && verdict.isSuccessForOriginal)
        let held = try await run(Self.experiment([Self.shell("a", "true")], hypothesis: Self.probe(0)))
        #expect(held.summary == "The hypothesis held." && held.hasHeld && held.isSuccess)
    }

    @Test(arguments: ["KILL", "TERM"])
    func `a hypothesis is not held when a program of the method was killed`(signal: String) async throws {
        let killed = Self.shell("load", "read pid rest < /proc/self/stat; kill -\(signal) $pid")
        let verdict = try await run(Self.experiment([killed], hypothesis: Self.probe(0)))
        #expect(verdict.summary == "Completed: activity 'load' was ended by a signal.")
        #expect(!verdict.hasHeld && !verdict.isSuccess && verdict.isSuccessForOriginal)
    }

    @Test func `what is only pretended or never checked is told as that`() async throws {
        let experiment = Self.experiment([Self.shell("a", "true")], hypothesis: Self.probe(0))
        let dry = try await run(experiment) { $0.dry = .actions }
        #expect(dry.summary == "Completed: a dry run of actions, in which they were only pretended.")
        let before = try await run(experiment) { $0.hypothesisStrategy = .beforeMethodOnly }
        #expect(before.summary == "Completed: the hypothesis was not checked after the method.")
        #expect(!dry.hasHeld && dry.isSuccess && !before.hasHeld && before.isSuccess)
    }

    @Test func `an activity without a result in the background is no success`() async throws {
        let crashing: Value = [
            "type": "action", "name": "a", "background": true, "provider": ["type": "process", "path": "/no/such"],
        ]
        let verdict = try await run(Self.experiment([crashing, Self.shell("b", "true")]))
        #expect(verdict.status == .completed)
        #expect(verdict.summary == "Completed: no hypothesis was defined; activity 'a' came to no result.")
        #expect(!verdict.isSuccess)
    }

    @Test func `no run of whatever kind held or is a success while something was not judged`() async throws {
        var generator = SeededGenerator(seed: 13)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gameday-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let kinds: [@Sendable (String) -> Value] = [
            { Self.shell($0, "true") }, { Self.shell($0, "exit 3") }, { Self.failing($0) },
            { Self.shell($0, "true", [("background", true)]) }, { ["type": "action", "name": .text($0)] },
            { ["type": "action", "name": .text($0), "provider": ["type": "process", "path": "/no/such"]] },
            { Self.shell($0, "true", [("pauses", ["before": "soon"])]) }, { ["ref": .text("nobody \($0)")] },
        ]
        for round in 0..<80 {
            var method: [Value] = []
            for index in 0..<Int.random(in: 0...3, using: &generator) {
                let kind = Int.random(in: 0..<kinds.count, using: &generator)
                method.append(kinds[kind]("a\(index)"))
            }
            let tolerances: [Value?] = [
                nil, 0, 7, ["type": "range", "range": [0, 1]], ["type": "regex", "pattern": "("],
            ]
            let hypothesis = tolerances.randomElement(using: &generator)?.map(Self.probe)
            let strategy = HypothesisStrategy.allCases.randomElement(using: &generator)
            let dry =
                Int.random(in: 0..<6, using: &generator) == 0 ? DryRun.allCases.randomElement(using: &generator) : nil
            let path = folder.appendingPathComponent("\(round).json").path
            let experiment = Self.experiment(method, hypothesis: hypothesis)
            let verdict = try await run(experiment, journal: path) {
                $0.hypothesisStrategy = strategy
                $0.dry = dry
            }
            let journal = try JSONReader.value(of: #require(FileContent.text(of: path)))
            let told = "\(JSONWriter.text(journal))"
            let entries = journal["run"]?.list ?? []
            let isJudged = entries.count == method.count && entries.allSatisfy { $0["status"]?.text != nil }
            if verdict.isSuccess { #expect(isJudged && journal["status"]?.text == "completed", "\(told)") }
            guard verdict.hasHeld else { continue }
            #expect(hypothesis != nil && (dry == nil || dry == .pause), "\(told)")
            #expect(entries.allSatisfy { $0["status"]?.text == "succeeded" }, "\(told)")
            let checks =
                ["before", "after"].compactMap { journal["steady_states"]?[$0] }.filter { !$0.isNull }
                + (journal["steady_states"]?["during"]?.list ?? [])
            #expect(!checks.isEmpty && checks.allSatisfy { $0["steady_state_met"]?.bool == true }, "\(told)")
        }
    }
}
