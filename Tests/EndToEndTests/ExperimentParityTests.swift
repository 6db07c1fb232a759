import FoundationEssentials
import Glibc
import MeshClient
import MeshModel
import TestKit
import Testing

/// The same file, with faults of ours in it, under the real Chaos Toolkit and under gameday: the same verdict.
@Suite(.timeLimit(.minutes(2)), .serialized) struct ExperimentParityTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home = try GamedayHome()
        try #require(mkdir(home.folder + "/experiments", 0o700) == 0)
    }

    private static var chaos: String {
        get throws {
            let path = ProcessInfo.processInfo.environment["GAMEDAY_CHAOS"]
            return try #require(path, "GAMEDAY_CHAOS names no Chaos Toolkit; `make test` installs one")
        }
    }

    private struct Verdict: Equatable {
        var code: Int32
        var status: String?
        var hasDeviated: Bool?
        var activities: [String]
    }

    private func verdict(_ code: Int32, _ journal: String) throws -> Verdict {
        let journal = try JSON(parsing: Array(journal.utf8))
        let entries = (journal["run"]?.array ?? []) + (journal["rollbacks"]?.array ?? [])
        return Verdict(
            code: code, status: journal["status"]?.string, hasDeviated: journal["deviated"]?.bool,
            activities: entries.map { entry in
                "\(entry["activity"]?["name"]?.string ?? "") \(entry["status"]?.string ?? "") "
                    + "\(entry["output"]?["status"]?.integer ?? 0)"
            })
    }

    @Test(arguments: [false, true])
    func `chaos and gameday agree`(deviates: Bool) async throws {
        var document = ApiExperiment()
        if deviates {
            // Before there is no fault, after the method there is one.
            document.probe = "/v1/faults?open"
            document.tolerance = #"{type: jsonpath, path: "$[*].phase", count: 0, target: body}"#
        }
        home.write(document.text, to: "experiments/taps.yaml")
        let client = try await home.up([("bar", bar.url)], edges: 1)
        let api = try #require(try await client.status()["api"])
        let (address, token) = (try #require(api["address"]?.string), try #require(api["token"]?.string))
        let journal = home.folder + "/chaos.json"
        let chaos = try await home.run(
            program: try Self.chaos,
            [
                "--no-version-check", "--log-file", home.folder + "/chaos.log", "run", "--journal-path", journal,
                home.folder + "/experiments/taps.yaml",
            ],
            environment: ["GAMEDAY_API=\(address)", "GAMEDAY_TOKEN=\(token)", "HOME=\(home.folder)"])
        let theirs = try verdict(chaos.code, home.text(of: journal))
        #expect(bar.keys.isEmpty, "\(chaos.output)")
        let outcome = try await home.run("experiment", "start", "taps", "--wait")
        let ours = try verdict(outcome.code, try #require(home.journals().first))
        #expect(ours == theirs, "\(chaos.output)\n\(outcome.output)")
        #expect(ours.code == (deviates ? 1 : 0) && ours.hasDeviated == deviates)
        #expect(ours.activities == ["half of the beers fail succeeded 201", "mend the taps succeeded 200"])
        #expect(bar.keys.isEmpty)
        // The token stands in no file of the day, the real toolkit's own journal included.
        for text in home.journals() + [home.text(of: journal), home.ledger()] { #expect(!text.contains(token)) }
        #expect(try await home.run("down").code == 0)
    }
}
