import Foundation
import TestKit
import Testing

@testable import Experiments

/// What experiments that others published do, and ours did otherwise.
@Suite(.timeLimit(.minutes(5))) struct PublicExperimentsTests {
    private static func program(_ name: String) -> String {
        #"{"type": "action", "name": "\#(name)", "provider": {"type": "process", "path": "true"}}"#
    }

    private static func journal(_ bench: Bench, _ name: String) throws -> Value {
        try JSONReader.value(of: bench.text(name))
    }

    @Test func `what a control puts into the list of what was played is in the journal`() async throws {
        let bench = try Bench([
            "e.json": """
            {"title": "t", "description": "d", "method": [\(Self.program("a"))], "rollbacks": [\(Self.program("u"))],
             "controls": [{"name": "one", "provider": {"type": "python", "module": "marking"}},
              {"name": "two", "provider": {"type": "python", "module": "marking"}}]}
            """,
            "marking.py": """
            def after_method_control(context, state, **kw):
                state[0]["seen"] = state[0].get("seen", 0) + 1
                state.append("method")
            def after_rollback_control(context, state, **kw):
                state.append({"rollback": len(state)})
            """,
        ])
        #expect(await bench.chaos("run", "e.json", "--journal-path", "theirs.json").status == 0)
        let theirs = try Self.journal(bench, "theirs.json")
        #expect(theirs["run"]?.list?.last?.text == "method")
        for command in [["run"], ["run", "--strict"]] {
            let end = await bench.run(
                BuiltProgram.path("gameday"), command + ["e.json", "--journal-path", "ours.json"])
            #expect(end.status == 0, "\(end)")
            let ours = try Self.journal(bench, "ours.json")
            for (part, count) in [("run", 3), ("rollbacks", 3)] {
                let (mine, known) = (ours[part]?.list ?? [], theirs[part]?.list ?? [])
                #expect(mine.count == count && known.count == count)
                for (one, other) in zip(mine.dropFirst(), known.dropFirst()) { #expect(one.equals(other), "\(part)") }
                #expect(mine.first?["seen"]?.double == known.first?["seen"]?.double)
            }
        }
    }

    @Test(arguments: ["exit_gracefully", "exit_ungracefully"])
    func `the end of the run that an activity in the background asks for last comes before its own`(
        function: String
    ) async throws {
        let bench = try Bench([
            "e.json": """
            {"title": "t", "description": "d", "rollbacks": [\(Self.program("u"))],
             "method": [{"type": "action", "name": "a", "background": true,
              "provider": {"type": "python", "module": "leaving", "func": "leave"}}]}
            """,
            "leaving.py": "import chaoslib.exit\ndef leave():\n    chaoslib.exit.\(function)()\n",
        ])
        for _ in 0..<8 {
            let end = await bench.gameday("run", "--strict", "e.json")
            let journal = try Self.journal(bench, "journal.json")
            #expect(end.status == 1 && journal["status"]?.text == "interrupted", "\(end)")
            #expect(journal["rollbacks"]?.list?.isEmpty == true)
        }
    }
}
