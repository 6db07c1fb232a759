import ArgumentParser
import Experiments

/// `gameday validate`: tells every mistake of an experiment without running it.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Tell every mistake of a Chaos Toolkit experiment.")

    @OptionGroup var options: ExperimentOptions

    func run() async throws {
        let network = options.network
        let settings = ToolkitSettings.load(environment: options.environment)
        let document: ExperimentDocument
        do { document = try await options.load(network, settings: settings) } catch { throw options.fail(error) }
        var run = RunOptions()
        run.environment = options.environment
        run.isStrict = options.strict
        run.mesh = options.mesh(network)
        let problems = await ExperimentRunner(document, options: run, network: network).check()
        guard problems.isEmpty else {
            throw options.fail(DocumentError(invalid: document.source, problems))
        }
        Output.line("experiment syntax and semantic look valid")
    }
}
