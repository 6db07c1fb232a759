import ArgumentParser
import MeshClient
import MeshModel
import TerminalCanvas

/// `gameday experiments`: the catalogue of the control plane, and how each last came out.
struct ExperimentsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "experiments", abstract: "List the experiments and the current run.",
        discussion: """
            They are the Chaos Toolkit experiments in the control plane's folder: `experiments` beside gameday.yaml, \
            the folder named by `experiments:` in it, or by `gameday up --experiments`.

            With --json it prints one object: catalogue, runs of this session, and running, the id of the current run.
            """)

    @OptionGroup var location: ControlPlaneLocation

    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func run() async throws {
        let client = try location.client()
        let document = try await asking { () async throws(ControlPlaneError) in try await client.experiments() }
        if json { return Output.json(document) }
        let fields = WireFields(document, page: "experiments")
        let plans = (try? fields.plans("catalogue")) ?? []
        let runs = ((try? fields.objects("runs")) ?? []).compactMap { try? ExperimentReport($0) }
        if plans.isEmpty { Output.line("No experiments. Run `gameday up --experiments DIR` with their folder.") }
        let width = plans.map { Text.width($0.file) }.max() ?? 0
        for plan in plans {
            let last = runs.last { $0.file == plan.file && $0.isOver }?.verdict?.outcome ?? plan.lastRun?.outcome
            let pad = String(repeating: " ", count: max(0, width - Text.width(plan.file)))
            let verdict = plan.problems.isEmpty ? last?.rawValue ?? "-" : "invalid experiment"
            Output.line("\(Text.sanitised(plan.file))\(pad)  \(verdict)  \(Text.sanitised(plan.title))")
        }
        for run in runs where !run.isOver {
            Output.line("\(run.id) is running: \(Text.sanitised(run.title)), \(run.phase.rawValue)")
        }
    }
}
