import ArgumentParser
import Glibc
import MeshClient
import MeshModel
import TerminalCanvas

/// `gameday experiment`: starts and stops a run of the control plane.
struct ExperimentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiment", abstract: "Start or stop an experiment, run by the control plane.",
        discussion: """
            Unlike with `gameday run`, the control plane runs it: every dashboard shows it live, any of them can abort it, \
            and its faults are removed whichever process dies.
            """,
        subcommands: [Start.self, Abort.self, Journal.self])
}

extension ExperimentCommand {
    /// `gameday experiment start`: answers with the run's id once it is on.
    struct Start: AsyncParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start an experiment; prints only the id of its run.",
            discussion: """
                Takes a name from `gameday experiments`, with or without its extension, or the path of a file. The gate \
                is closed while an objective is broken, and the run ends at once if its own hypothesis is not met.

                  gameday experiment start one-tap-is-slow --wait
                """)

        @OptionGroup var location: ControlPlaneLocation

        @Argument(help: ArgumentHelp("A name from the catalogue, or a file.", valueName: "experiment"))
        var experiment: String

        @Flag(help: "Start even if an objective is broken; the journal records it.")
        var overrideGate = false

        @Flag(help: "Wait until the run has ended; exits with the code of `gameday run`.")
        var wait = false

        @Flag(help: "Print the whole run as JSON.")
        var json = false

        mutating func run() async throws {
            let client = try location.client()
            let isFile = experiment.contains("/")
            let whole = experiment.hasPrefix("/") ? experiment : Executable.currentDirectory + "/" + experiment
            let request = ExperimentRequest(
                name: isFile ? nil : experiment, path: isFile ? whole : nil, by: Environment.user,
                overridesGate: overrideGate)
            var run = try await asking { () async throws(ControlPlaneError) in try await client.start(request) }
            if !json { Output.line(run.id) }
            if wait { run = await client.end(of: run) }
            if json { Output.json(run.json) }
            guard wait else { return }
            if !json { for line in run.verdict?.words ?? [] { Output.line(Text.sanitised(line)) } }
            if !run.isSuccess { throw ExitCode.failure }
        }
    }

    /// `gameday experiment abort`: stops the run that is on.
    struct Abort: AsyncParsableCommand, ActingCommand {
        static let configuration = CommandConfiguration(
            abstract: "Abort the current run: its faults are removed at once, then its rollbacks run.")

        @OptionGroup var location: ControlPlaneLocation

        @Argument(help: ArgumentHelp("Id of a run, such as E1; default: the current run.", valueName: "id"))
        var id: String?

        @Flag(help: "Print the run as JSON.")
        var json = false

        mutating func run() async throws {
            let client = try location.client()
            let run = try await asking { () async throws(ControlPlaneError) in
                try await client.abortExperiment(id, by: Environment.user)
            }
            if json { Output.json(run.json) }
        }
    }

    /// `gameday experiment journal`: what a run did, as Chaos Toolkit tells it.
    struct Journal: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the journal of a run of this session, complete or not.")

        @OptionGroup var location: ControlPlaneLocation

        @Argument(help: ArgumentHelp("Id of a run, such as E1.", valueName: "id"))
        var id: String

        mutating func run() async throws {
            let client = try location.client()
            let bytes = try await asking { () async throws(ControlPlaneError) in try await client.journal(of: id) }
            Output.json(bytes)
        }
    }
}

extension ControlPlaneClient {
    /// Waits for the end of a run: as it ended, or as it was last seen, should the control plane end first.
    func end(of run: ExperimentReport) async -> ExperimentReport {
        var state = MeshState()
        for await element in feed() {
            switch element {
            case .event(let event): state.apply(event)
            case .anew: return run
            case .lost, .ended: continue
            }
            if let known = state.experiments.last(where: { $0.id == run.id }), known.isOver { return known }
        }
        return run
    }
}
