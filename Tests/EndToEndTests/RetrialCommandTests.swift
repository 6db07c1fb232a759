import Foundation
import Recording
import TestKit
import Testing

/// `gameday judge` and `gameday diff` as somebody in a hurry types them: clear words, and a code for a script.
@Suite(.timeLimit(.minutes(2)), .serialized) struct RetrialCommandTests {
    private static let recordings = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../recordings").standardizedFileURL.path()
    private let home: GamedayHome
    private let broken = Self.recordings + "/taps-brownout.jsonl.bz3"
    private let slow = Self.recordings + "/one-tap-is-slow.jsonl.bz3"

    init() throws { home = try GamedayHome() }

    private func check(
        _ arguments: [String], code: Int32, says words: [String], line: Int = #line
    ) async throws {
        let outcome = try await home.run(arguments)
        let place = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
        #expect(outcome.code == code, "\(outcome.output)", sourceLocation: place)
        for word in words { #expect(outcome.output.contains(word), "\(outcome.output)", sourceLocation: place) }
    }

    /// The beginning of a recording, as a control plane leaves it that died.
    private func cut() throws -> String {
        let path = home.folder + "/cut.jsonl"
        let whole = try RecordingReader(path: slow)
        let format = try #require(Exporter.format(named: "recording"))
        var bytes: [UInt8] = []
        try Exporter.export(whole, to: format, options: ExportOptions()) { bytes += $0 }
        try Data(bytes.prefix(bytes.count / 2)).write(to: URL(filePath: path))
        return path
    }

    @Test func `a day is judged by its own objectives and by those of a file`() async throws {
        try await check(
            ["judge", broken], code: 1,
            says: [
                "BROKEN   orders answered", "MET      orders quick", "broken at +0:00:2",
                "time to detect 0.8 s after F1, time to recover ",
            ])
        try await check(
            ["judge", broken, "--json"], code: 1, says: ["\"faultWindows\":[{\"faults\":[\"F1\"],\"timeToDetect\":0.8"])
        home.write("slos: [{name: lax, service: door, success: 50%}]\n", to: "lax.yaml")
        try await check(["judge", broken, "--slo", home.folder + "/lax.yaml"], code: 0, says: ["MET      lax"])
        home.write(
            "slos: [{name: lax, service: door, success: 50%}, {name: ghost, service: nobody, success: 50%}]\n",
            to: "ghost.yaml")
        // What nobody observed is not held, whatever the others are.
        try await check(
            ["judge", broken, "--slo", home.folder + "/ghost.yaml"], code: 1,
            says: ["MET      lax", "NO DATA  ghost", "no traffic to nobody", "in this recording: bar, bathroom,"])
        try await check(
            ["judge", broken, "--slo", home.folder + "/ghost.yaml", "--json"], code: 1, says: ["\"held\":null"])
    }

    @Test func `files that can not be judged by, or that are no recordings, are told apart`() async throws {
        home.write("slos: []\n", to: "none.yaml")
        home.write("slos: [{name: a, service: door, success: 200%}, {nme: b}]\n", to: "bad.yaml")
        home.write("noise", to: "noise.jsonl")
        let folder = home.folder
        try await check(["judge", broken, "--slo", folder + "/none.yaml"], code: 65, says: ["has no SLOs"])
        try await check(
            ["judge", broken, "--slo", folder + "/bad.yaml"], code: 65,
            says: ["bad.yaml:1: invalid percentage '200%' for success", "'nme'"])
        try await check(
            ["judge", broken, "--slo", folder + "/no.yaml"], code: 65, says: ["no.yaml:1: the file does not exist"])
        try await check(
            ["judge", folder + "/no.jsonl"], code: 65, says: ["No such file", "No recordings yet"])
        try await check(["judge", "last"], code: 65, says: ["No such file", "No recordings yet"])
        try await check(
            ["judge", folder + "/noise.jsonl"], code: 65,
            says: ["is not a recording", "Use a recording of the control plane"])
        try await check(["judge", folder], code: 65, says: ["it is not a regular file"])
        try await check(["judge"], code: 64, says: ["<file>"])
    }

    @Test func `two days are compared, and what can not be compared is said`() async throws {
        try await check(["diff", slow, slow], code: 0, says: ["same session", "; no worse", " same"])
        try await check(
            ["diff", broken, slow], code: 1,
            says: ["before     after", "orders answered", "BROKEN     MET        better"])
        try await check(
            ["diff", slow, Self.recordings + "/where-is-the-bathroom.jsonl.bz3"], code: 1,
            says: ["no common experiment", "HELD       –          missing"])
        try await check(
            ["diff", slow, try cut()], code: 1, says: ["was not closed properly", "HELD       NOT ENDED  missing"])
        try await check(["diff", slow, home.folder + "/no.jsonl"], code: 65, says: ["No such file"])
        try await check(
            ["diff", Self.recordings + "/where-is-the-bathroom.jsonl", broken], code: 1,
            says: ["DEVIATED   –          missing"])
        try await check(["diff", slow], code: 64, says: ["<after>"])
        try await check(["diff", slow, slow, "--tolerance", "nan"], code: 64, says: ["percentage"])
        let other = home.folder + "/other.jsonl"
        try await check(["export", slow, "--to", "recording", "--alias", "--output", other], code: 0, says: [])
        // Under other names it is another mesh.
        try await check(["diff", slow, other], code: 65, says: ["no common service"])
    }

    @Test func `a run that is not in a recording has no journal`() async throws {
        let journal = ["--to", "journal", "--experiment", "E9", "--output", "-"]
        try await check(["export", broken] + journal, code: 1, says: ["unknown run 'E9'; it has no runs"])
        try await check(["export", slow] + journal, code: 1, says: ["unknown run 'E9'; use one of E1"])
    }

    @Test func `a picture of a moment that never was is refused`() async throws {
        try await check(
            ["export", broken, "--to", "svg", "--at", "1h", "--output", "-"], code: 64, says: ["72.6 s long"])
    }
}
