import ArgumentParser

/// Every performance figure of the project, repeatable with one command.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gameday-bench", abstract: "Measures gameday; one figure a file.",
        discussion: "Measures what the machine gives: with other work on it the ratios still hold, the rest does not.",
        subcommands: [
            AllBench.self, PollBench.self, FleetBench.self, FrameBench.self, FirstFrameBench.self, KeyBench.self,
            ExperimentBench.self, ProbesBench.self, OutputBench.self, RecordingBench.self, HaltBench.self,
            TourBench.self, SoakBench.self, PrometheusBench.self, LayoutBench.self,
            PageServer.self, QueryServer.self, SimulatedMesh.self, BareLoopCommand.self, ShowFrames.self, Tether.self,
        ],
        defaultSubcommand: AllBench.self)
}

/// All figures, one after the other.
struct AllBench: MeasuringCommand {
    static let configuration = CommandConfiguration(commandName: "all", abstract: "All figures, in some two minutes.")

    @OptionGroup var options: BenchOptions

    func measure(seconds: Int) async throws -> [Figure] {
        var figures: [Figure] = []
        let commands: [any MeasuringCommand.Type] = [
            PollBench.self, FleetBench.self, FrameBench.self, FirstFrameBench.self, KeyBench.self,
            ExperimentBench.self, ProbesBench.self, OutputBench.self, RecordingBench.self, HaltBench.self,
            PrometheusBench.self, LayoutBench.self,
        ]
        for command in commands {
            // An empty command line gives each its own standard settings.
            guard let measurement = try command.parseAsRoot([]) as? any Measurement else { continue }
            figures += try await measurement.measure(seconds: seconds)
        }
        return figures
    }
}
