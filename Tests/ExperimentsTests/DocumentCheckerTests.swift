import Testing

@testable import Experiments

@Suite(.timeLimit(.minutes(5))) struct DocumentCheckerTests {
    private struct NoPython: PythonChecking {
        func mistake(in activity: Value) async -> PythonMistake? { nil }
        func mistake(inControl control: Value) async -> String? { nil }
    }

    private func report(_ name: String) async throws -> [String] {
        let format: ExperimentDocument.Format = name.hasSuffix(".json") ? .json : .yaml
        let document = try ExperimentDocument(
            source: name, text: Fixture.text("Documents/\(name)"), format: format)
        var checker = DocumentChecker(document, environment: ["PATH": "/usr/bin:/bin"], python: NoPython())
        return DocumentError(invalid: name, await checker.check()).report
    }

    @Test(arguments: ["everything-wrong.yaml", "everything-wrong.json", "not-a-mapping.yaml", "wrong-shapes.yaml"])
    func `all mistakes are told at once, each with its line and a remedy`(name: String) async throws {
        let seen = try await report(name).joined(separator: "\n") + "\n"
        let expected = try Fixture.text("Documents/\(name).problems")
        #expect(seen == expected)
    }

    @Test(arguments: ["full.yaml", "full.json"])
    func `a good experiment has no mistakes`(name: String) async throws {
        #expect(try await report(name).isEmpty)
    }

    @Test func `a text that is no YAML is told with its line`() {
        #expect(throws: DocumentError.self) {
            try ExperimentDocument(source: "x.yaml", text: "title: t\nmethod: [\n", format: .yaml)
        }
        do { _ = try ExperimentDocument(source: "x.yaml", text: "title: t\nmethod: {a\nb: c", format: .yaml) } catch {
            #expect(
                error.report.first?.hasPrefix("x.yaml:3: Failed parsing YAML experiment") == true, "\(error.report)")
        }
    }

    @Test func `a key that is nearly one that is read is told, and one of somebody else's is not`() throws {
        let text = """
            title: t
            description: d
            stead-state-hypothesis: {}
            x-ours: 1
            method:
              - {type: action, nam: a, provider: {type: process, path: "true"}}
            """
        let document = try ExperimentDocument(source: "e.yaml", text: text, format: .yaml)
        #expect(
            DocumentHints.lines(for: document) == [
                "e.yaml:3: unknown key 'stead-state-hypothesis'; did you mean 'steady-state-hypothesis'?",
                "e.yaml:6: unknown key 'nam'; did you mean 'name'?",
            ])
    }

    @Test func `mistakes are told from the top of the file down`() throws {
        func problem(_ line: Int, _ message: String) -> DocumentProblem {
            DocumentProblem(
                path: DocumentPath(), position: SourcePosition(line: line, column: 1), message: message, remedy: "r")
        }
        let error = DocumentError(invalid: "e.yaml", [problem(9, "late"), problem(2, "early"), problem(9, "later")])
        #expect(error.report.map { $0.prefix(16) } == ["e.yaml:2: early\n", "e.yaml:9: late\n ", "e.yaml:9: later\n"])
    }
}
