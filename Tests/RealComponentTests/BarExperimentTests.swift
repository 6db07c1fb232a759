import DemoMesh
import Foundation
import Testing

/// The bar's experiments with the real Chaos Toolkit and on the real bar.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BarExperimentTests {
    @Test(arguments: BarExperiment.all.map(\.file))
    func `Chaos Toolkit and gameday find each experiment valid`(file: String) async throws {
        let folder = try RealPrograms.directory()
        let text = try #require(BarExperiment.all.first { $0.file == file }?.text)
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(file)"))
        let program = try RealPrograms.gameday()
        let programFolder = String(program.dropLast("/gameday".count))
        let environment = ["PATH": "/usr/bin:/bin:\(programFolder)", "HOME": folder]
        let chaos = try #require(ProcessInfo.processInfo.environment["GAMEDAY_CHAOS"])
        let words = [chaos, "--no-version-check", "--no-log-file", "validate", "\(folder)/\(file)"]
        let theirs = try await RealPrograms.run(words, environment, in: folder)
        #expect(theirs.status == 0, "\(theirs.output)")
        let ours = try await RealPrograms.run([program, "validate", "\(folder)/\(file)"], environment, in: folder)
        #expect(ours.status == 0, "\(ours.output)")
    }

    @Test func `on the real bar a lost menu is harmless, a lost bathroom is not, and both are undone`() async throws {
        let bar = try await RunningBar.start([])
        let experiments = "\(bar.folder)/gameday/demo-\(bar.process.processIdentifier)/experiments"

        let menu = try await play("\(experiments)/3-the-menu-is-gone.yaml", on: bar)
        #expect(menu.status == 0, "\(menu.output)")
        #expect(menu.output.contains("The hypothesis held."))
        let bathroom = try await play("\(experiments)/8-where-is-the-bathroom.yaml", on: bar)
        #expect(bathroom.status == 1, "\(bathroom.output)")
        #expect(bathroom.output.contains("The system deviated from its steady state."))
        #expect(try await bar.run(["faults", "--json"]).output == "[]\n")
        let all = try await bar.run(["faults", "--json", "--all"]).output
        #expect(all.split(separator: "\"reverted\"").count == 3, "\(all)")
        bar.end()
        #expect(!FileManager.default.fileExists(atPath: experiments))
    }

    /// Runs an experiment, again when a busy machine keeps the bar from its steady state before the method.
    private func play(_ file: String, on bar: RunningBar) async throws -> (status: Int32, output: String) {
        var end = try await bar.run(["run", file])
        for _ in 0..<10 where end.output.contains("steady state before the method is not met") {
            end = try await bar.run(["run", file])
        }
        return end
    }
}
