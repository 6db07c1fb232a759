import ArgumentParser
import ChildPrograms
import Experiments

/// `gameday validate`: tells every mistake of an experiment without running it.
struct ValidateCommand: AsyncParsableCommand, ToolkitCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate", abstract: "Report every problem in a Chaos Toolkit experiment.")

    @OptionGroup var options: ExperimentOptions

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    func run() async throws {
        let log = try toolkit.begin("validate")
        defer { log.finish() }
        let network = options.network
        let settings = toolkit.readSettings(log)
        let document: ExperimentDocument
        do { document = try await options.load(network, settings: settings) } catch { throw options.fail(error, log) }
        var run = RunOptions()
        run.environment = options.environment
        run.isStrict = options.strict
        run.mesh = options.mesh(network)
        run.settings = settings
        run.console = .ours
        run.logLevel = toolkit.lowestLevel
        let runner = ExperimentRunner(document, options: run, network: network) { progress in
            log.take(progress)
            if case .logged(let record) = progress, let text = log.shown(record) { Output.error(text) }
        }
        await runner.tell(.validateStarted)
        log.tell(LogRecord(.info, "Validating the experiment's syntax"))
        let problems = await runner.check()
        let error = problems.first?.message
        await runner.tell(error == nil ? .validateCompleted : .validateFailed, error: error)
        await runner.close()
        guard problems.isEmpty else {
            throw options.fail(DocumentError(invalid: document.source, problems), log)
        }
        for words in ["Experiment looks valid", "experiment syntax and semantic look valid"] {
            log.tell(LogRecord(.info, words))
        }
        if !options.strict { for line in DocumentHints.lines(for: document) { Output.error(line) } }
        Output.line("experiment syntax and semantic look valid")
    }
}
