import Experiments
import MeshModel
import TestKit
import Testing

@testable import ControlPlane

/// What the catalogue says of a document before it is run, and what of an output may be told.
@Suite struct ExperimentOutlineTests {
    private func plan(_ text: String) throws -> ExperimentPlan {
        ExperimentPlan(try ExperimentDocument(source: "x.yaml", text: text, format: .yaml), file: "x.yaml")
    }

    @Test func `faults through the API and through our command are told alike, with their blast`() throws {
        let api = try plan(ApiExperiment().text)
        let fault = try #require(api.faults.first)
        #expect(fault.kind == .abort(status: 503) && fault.edge == Edge(from: "bar", to: "taps") && fault.share == 0.5)
        let command = try plan(
            """
            title: t
            configuration: {share: {type: env, key: NOT_SET, default: "25"}}
            method:
              - {type: action, name: a, provider: {type: process, path: /opt/gameday, arguments: [fault, start, --from,
                 bar, --to, taps, --delay, 300ms, --percent, "${share}"]}, pauses: {after: 3}, background: true}
              - {type: action, name: b, provider: {type: process, path: kubectl, arguments: "delete pod"}}
              - {type: probe, name: c, provider: {type: http, url: "https://me:secret@shop.example/x?token=1"}}
              - {type: action, name: d, provider: {type: python, module: chaosk8s.pod, func: delete}}
            rollbacks:
              - {type: action, name: e, provider: {type: process, path: gameday, arguments: [fault, stop, --from, bar,
                 --to, taps]}}
            """)
        #expect(
            command.steps.map(\.touches) == [
                "DELAY 300 ms 25% bar>taps", "kubectl", "GET shop.example/x", "chaosk8s.pod.delete", "undo bar>taps",
            ])
        #expect(command.steps[0].isInBackground && command.steps[0].pauseAfter == 3)
        #expect(command.touches == ["DELAY 300 ms 25% bar>taps", "kubectl", "chaosk8s.pod.delete"])
    }

    @Test func `tolerances are told in words`() throws {
        func words(_ tolerance: String) throws -> String? {
            let provider = "{type: process, path: x}"
            return try plan(
                """
                title: t
                steady-state-hypothesis:
                  title: s
                  probes: [{type: probe, name: p, tolerance: \(tolerance), provider: \(provider)}]
                method: []
                """
            ).probes.first?.expected
        }
        #expect(try words("200") == "200")
        #expect(try words("[200, 204]") == "one of 200, 204")
        #expect(try words("{type: range, range: [99, 100], target: stdout}") == "99 to 100")
        #expect(try words("{type: jsonpath, path: $.met, expect: [true], target: body}") == "$.met = true")
        #expect(try words("{type: regex, pattern: ^ok, target: stdout}") == "stdout like ^ok")
    }

    @Test func `a document may bring guards of its own, which Chaos Toolkit does not mind`() throws {
        let text = """
            title: t
            description: d
            extensions:
              - {name: other, guards: [{stale: 1s}]}
              - name: gameday
                guards: [{stale: 5s}, {broken: orders, for: 20s}, {budget: orders, below: 10%}, {nonsense: 1}]
            method: []
            """
        let document = try ExperimentDocument(source: "x.yaml", text: text, format: .yaml)
        let report = ExperimentReport(document, id: "E1", file: "x", by: "me", at: Timestamp(milliseconds: 0))
        #expect(
            report.guards == [
                .stale(seconds: 5), .broken(objective: "orders", seconds: 20), .budget(objective: "orders", floor: 0.1),
            ])
    }

    @Test func `an excerpt is short and has no control character`() {
        let excerpt = Excerpt()
        #expect(excerpt.text("a\u{1B}[31mred\n\tline  ") == "a [31mred line")
        #expect(excerpt.text(String(repeating: "x", count: 900)).count == 200)
        #expect(excerpt.output(["status": 503, "headers": [:], "body": ["key": "x"]]) == #"503 {"key": "x"}"#)
        #expect(excerpt.output(["status": 2, "stdout": "", "stderr": "no such pod\n"]) == "exit 2: no such pod")
        #expect(excerpt.output(["status": 0, "stdout": "99.5\n", "stderr": ""]) == "99.5")
        #expect(excerpt.output(["status": 200, "body": ["summary": "99.9 %, met"]]) == "99.9 %, met")
        #expect(excerpt.output(.null) == nil)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `whatever a document says, an outline of it can be made`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let json = generator.json(depth: 5)
            let words = ["method", "rollbacks", "steady-state-hypothesis", "configuration", "title", "description"]
            let members = words.map { JSON.Member($0, generator.json(depth: 4)) } + [JSON.Member("x", json)]
            let text = String(decoding: JSON.object(members).bytes, as: UTF8.self)
            let document = try ExperimentDocument(source: "x", text: text, format: .json)
            let plan = ExperimentPlan(document, file: "x")
            #expect(plan.steps.count <= 500 && plan.title.unicodeScalars.count <= 201)
        }
    }
}
