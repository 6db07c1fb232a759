import DemoMesh
import Foundation
import Testing

/// The bar's experiments with the real Chaos Toolkit and on the real bar.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BarExperimentTests {
    @Test(arguments: BarExperiment.all.map(\.file))
    func `Chaos Toolkit and gameday find each experiment valid`(file: String) throws {
        let folder = try RealPrograms.directory()
        let text = try #require(BarExperiment.all.first { $0.file == file }?.text)
        try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(file)"))
        let program = try RealPrograms.gameday()
        let programFolder = String(program.dropLast("/gameday".count))
        let environment = ["PATH": "/usr/bin:/bin:\(programFolder)", "HOME": folder]
        let chaos = try #require(ProcessInfo.processInfo.environment["GAMEDAY_CHAOS"])
        let words = [chaos, "--no-version-check", "--no-log-file", "validate", "\(folder)/\(file)"]
        let theirs = try run(words, environment, in: folder)
        #expect(theirs.status == 0, "\(theirs.output)")
        let ours = try run([program, "validate", "\(folder)/\(file)"], environment, in: folder)
        #expect(ours.status == 0, "\(ours.output)")
    }

    @Test func `on the real bar a lost menu is harmless, a lost bathroom is not, and both are undone`() throws {
        let program = try RealPrograms.gameday()
        let folder = try RealPrograms.directory()
        let environment = [
            "XDG_RUNTIME_DIR": folder, "XDG_STATE_HOME": folder, "PATH": "/usr/bin:/bin", "USER": "tester",
        ]
        let demo = Process()
        demo.executableURL = URL(filePath: program)
        demo.arguments = ["demo", "--no-dashboard", "--envoy", try RealPrograms.envoy().path]
        demo.environment = environment
        let output = Pipe()
        demo.standardOutput = output
        try demo.run()
        var said = ""
        while !said.contains("End with Ctrl-C") {
            let more = output.fileHandleForReading.availableData
            try #require(!more.isEmpty, "\(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        let experiments = "\(folder)/gameday/demo-\(demo.processIdentifier)/experiments"
        while try run([program, "sli", "success", "--of", "door"], environment, in: folder).status != 0 {}

        let menu = try run([program, "run", "\(experiments)/3-the-menu-is-gone.yaml"], environment, in: folder)
        #expect(menu.status == 0, "\(menu.output)")
        #expect(menu.output.contains("The hypothesis held."))
        let bathroom = try run(
            [program, "run", "\(experiments)/8-where-is-the-bathroom.yaml"], environment, in: folder)
        #expect(bathroom.status == 1, "\(bathroom.output)")
        #expect(bathroom.output.contains("The system deviated from its steady state."))
        #expect(try run([program, "faults", "--json"], environment, in: folder).output == "[]\n")
        let all = try run([program, "faults", "--json", "--all"], environment, in: folder).output
        #expect(all.split(separator: "\"reverted\"").count == 3, "\(all)")
        demo.interrupt()
        demo.waitUntilExit()
        #expect(!FileManager.default.fileExists(atPath: experiments))
    }

    private func run(
        _ words: [String], _ environment: [String: String], in folder: String
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: words[0])
        process.arguments = Array(words.dropFirst())
        process.environment = environment
        process.currentDirectoryURL = URL(filePath: folder)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: said, as: UTF8.self))
    }
}
