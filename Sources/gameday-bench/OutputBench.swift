import ArgumentParser
import Foundation

/// A probe that writes a lot: the time it takes and the memory it needs, beside the real Chaos Toolkit.
struct OutputBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "output", abstract: "A probe whose program writes 10 MB.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How often each is run.") var runs = 5

    func measure(seconds: Int) async throws -> [Figure] {
        let folder = try ScratchFolder()
        let players = try ExperimentPlayers(in: folder)
        tellProgress("output: 10 MB, \(runs) times")
        var figures: [Figure] = []
        for (name, line) in [("ASCII", "a line of a big answer"), ("UTF-8", "eine grosse Antwort: \u{e9} \u{2713}")] {
            let command = "yes '\(line)' | head -c 10000000"
            let provider = #"{"type": "process", "path": "/bin/sh", "arguments": ["-c", "\#(command)"]}"#
            let experiment = try folder.write(ExperimentText.probes(1, provider: provider), as: "\(name).json")
            let bare = try TimedProgram.median(of: runs, ["/bin/sh", "-c", command + " | cat"])
            let ours = try TimedProgram.median(of: runs, players.run(experiment))
            var ratios = [Figure.Ratio(ours.wall, to: bare.wall, "the pipe alone")]
            if let chaos = players.chaosRun(experiment) {
                let theirs = try TimedProgram.median(of: max(1, runs / 2), chaos)
                figures.append(
                    Figure(
                        "output", "chaos run, 10 MB of \(name)", theirs.wall, "ms",
                        note: String(format: "peak %.0f MB", theirs.peak)))
                ratios.append(.init(ours.wall, to: theirs.wall, "chaos"))
            }
            figures.append(
                Figure(
                    "output", "gameday run, 10 MB of \(name)", ours.wall, "ms", ratios: ratios,
                    note: String(format: "peak %.0f MB", ours.peak)))
        }
        return figures
    }
}
