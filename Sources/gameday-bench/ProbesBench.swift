import ArgumentParser
import Foundation

/// Many probes of programs and of addresses, beside a plain loop of the shell and the real Chaos Toolkit.
struct ProbesBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "probes", abstract: "200 probes of programs and 200 of addresses.")

    @OptionGroup var options: BenchOptions
    @Option(help: "How often each is run.") var runs = 7
    private static let count = 200

    func measure(seconds: Int) async throws -> [Figure] {
        let folder = try ScratchFolder()
        let players = try ExperimentPlayers(in: folder)
        tellProgress("probes: \(Self.count) programs, \(runs) times")
        let shell = #"{"type": "process", "path": "/bin/sh", "arguments": ["-c", "echo ok"]}"#
        let programs = try folder.write(ExperimentText.probes(Self.count, provider: shell), as: "programs.json")
        let script = "i=0; while [ $i -lt \(Self.count) ]; do out=$(/bin/sh -c 'echo ok'); i=$((i+1)); done"
        let loop = ["/bin/sh", "-c", script]
        let bare = try TimedProgram.median(of: runs, loop)
        var figures = [Figure("probes", "a loop of sh, 200 times sh -c", bare.wall, "ms")]
        figures += try figuresOf("process probes", programs, players, [(bare, "the loop")], aim: "1.1 times the loop")

        tellProgress("probes: \(Self.count) addresses, \(runs) times")
        let server = try ChildProgram(["page-server"])
        let url = "http://127.0.0.1:\(try server.line())/"
        let addresses = try folder.write(
            ExperimentText.probes(Self.count, provider: #"{"type": "http", "url": "\#(url)"}"#), as: "addresses.json")
        figures += try figuresOf("http probes", addresses, players, [], aim: nil)
        server.end()
        return figures
    }

    private func figuresOf(
        _ what: String, _ experiment: String, _ players: ExperimentPlayers, _ baselines: [(TimedProgram, String)],
        aim: String?
    ) throws -> [Figure] {
        let ours = try TimedProgram.median(of: runs, players.run(experiment))
        var ratios = baselines.map { Figure.Ratio(ours.wall, to: $0.0.wall, $0.1) }
        var figures: [Figure] = []
        if let chaos = players.chaosRun(experiment) {
            let theirs = try TimedProgram.median(of: max(1, runs / 2), chaos)
            figures.append(
                Figure("probes", "chaos run, \(Self.count) \(what)", theirs.wall, "ms", note: Self.cost(theirs)))
            ratios.append(.init(ours.wall, to: theirs.wall, "chaos"))
        }
        figures.append(
            Figure(
                "probes", "gameday run, \(Self.count) \(what)", ours.wall, "ms", ratios: ratios, aim: aim,
                note: Self.cost(ours)))
        return figures
    }

    private static func cost(_ program: TimedProgram) -> String {
        String(format: "%.0f ms of CPU, peak %.0f MB", program.processor, program.peak)
    }
}
