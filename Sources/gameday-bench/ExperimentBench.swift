import ArgumentParser
import Foundation

/// What an experiment costs beside what it does: from the start of `gameday run` to its verdict, beside the real Chaos
/// Toolkit (`GAMEDAY_CHAOS`, or `chaos` in the path) and beside the least that any program could need.
struct ExperimentBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment", abstract: "From start to verdict of an experiment with one probe.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How often each is run.") var runs = 20

    func measure(seconds: Int) async throws -> [Figure] {
        let folder = try ScratchFolder()
        let experiment = try folder.write(ExperimentText.oneProbe, as: "one.json")
        tellProgress("experiment: \(runs) runs of each")
        let players = try ExperimentPlayers(in: folder)
        func median(_ words: [String], times: Int) throws -> Double {
            try (0..<times).map { _ in try TimedProgram(words).wall }.quantile(0.5)
        }
        let nothing = try median(["/bin/true"], times: runs)
        let version = try median([players.gameday, "--version"], times: runs)
        let ours = try median(players.run(experiment), times: runs)
        var figures = [
            Figure("experiment", "/bin/true", nothing, "ms"),
            Figure(
                "experiment", "gameday --version", version, "ms", ratios: [.init(version, to: nothing, "/bin/true")]),
        ]
        var ratios: [Figure.Ratio] = []
        if let chaos = players.chaosRun(experiment) {
            let theirs = try median(chaos, times: max(3, runs / 4))
            figures.append(Figure("experiment", "chaos run, one process probe", theirs, "ms"))
            ratios = [.init(ours, to: theirs, "chaos")]
        }
        figures.append(
            Figure("experiment", "gameday run, one process probe", ours, "ms", ratios: ratios, aim: "at most 10"))
        return figures
    }
}

/// The programs that play experiments, as words that write nothing outside a folder.
struct ExperimentPlayers {
    let gameday: String
    private let chaos: String?
    private let folder: String

    init(in folder: ScratchFolder) throws {
        gameday = try Programs.gameday()
        chaos = ProcessInfo.processInfo.environment["GAMEDAY_CHAOS"] ?? Programs.installed("chaos")
        self.folder = folder.path
    }

    func run(_ experiment: String) -> [String] {
        [gameday, "run", experiment, "--journal-path", "\(folder)/ours.json"]
    }

    /// Nil when the real one is not installed.
    func chaosRun(_ experiment: String) -> [String]? {
        chaos.map {
            [$0, "--no-version-check", "--no-log-file", "run", experiment, "--journal-path", "\(folder)/theirs.json"]
        }
    }
}

/// The experiments that are measured.
enum ExperimentText {
    static let oneProbe = """
        {"title": "one probe", "description": "-", "method": [], "steady-state-hypothesis": {"title": "-", "probes": [
          {"type": "probe", "name": "p", "tolerance": 0, "provider": {"type": "process", "path": "/bin/true"}}]}}
        """

    /// So many probes in the method, each with this provider.
    static func probes(_ count: Int, provider: String) -> String {
        let probes = (0..<count).map { #"{"type": "probe", "name": "p\#($0)", "provider": \#(provider)}"# }
        return #"{"title": "probes", "description": "-", "method": [\#(probes.joined(separator: ",\n"))]}"#
    }
}
