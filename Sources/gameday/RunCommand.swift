import ArgumentParser
import ChildPrograms
import Experiments
import Glibc
import MeshClient

/// `gameday run`: plays a Chaos Toolkit experiment, with the options of `chaos run`.
struct RunCommand: AsyncParsableCommand, ActingCommand, ToolkitCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a Chaos Toolkit experiment.",
        discussion: """
            The exit code is 0 when the hypothesis held and everything was rolled back, or when there was no hypothesis \
            and the run was completed; 1 when not, 64 for an invalid option, 65 for an invalid experiment and 69 when \
            a dependency is unavailable.
            """)

    @OptionGroup var options: ExperimentOptions

    @OptionGroup(title: "Options of Chaos Toolkit, before or after the command") var toolkit: ToolkitOptions

    @Option(help: "Where to write the journal.")
    var journalPath = "./journal.json"

    @Option(help: "Do not perform: \(names(DryRun.self)).", transform: choice)
    var dry: DryRun?

    @Flag(help: "Do not validate the experiment before running.")
    var noValidation = false

    @Option(help: "When to run the rollbacks: \(names(RollbackStrategy.self)).", transform: choice)
    var rollbackStrategy: RollbackStrategy?

    @Option(
        name: .customLong("var"), parsing: .unconditionalSingleValue,
        help: "Set a configuration value: key=value, or key:type=value.")
    var variables: [String] = []

    @Option(name: .customLong("var-file"), help: "Read configuration and secrets, or a .env file, from this file.")
    var variableFiles: [String] = []

    @Option(name: .customLong("control-file"), help: "Read controls for every experiment from this file.")
    var controlFiles: [String] = []

    @Option(
        help: "When to check the hypothesis: \(names(HypothesisStrategy.self, leaving: 1)).", transform: strategy)
    var hypothesisStrategy: HypothesisStrategy?

    @Option(parsing: .unconditional, help: "Seconds between two checks of a continuous hypothesis.")
    var hypothesisFrequency = 1.0

    @Flag(help: "End the method when a check of a continuous hypothesis first fails.")
    var failFast = false

    @Flag(help: "Print one JSON object per event.")
    var json = false

    func run() async throws {
        let log = try toolkit.begin("run")
        defer { log.finish() }
        let settings = toolkit.readSettings(log)
        var run = try runOptions(settings)
        let network = options.network
        run.mesh = options.mesh(network)
        let document: ExperimentDocument
        do { document = try await options.load(network, settings: settings) } catch { throw options.fail(error, log) }
        let report = RunReport(isJSON: json, log: log)
        // A reader that stands still is not waited for.
        run.settle = { report.finish(within: 0.2) }
        let runner = ExperimentRunner(document, options: run, network: network) { report.tell($0) }
        await runner.tellStart()
        if !noValidation {
            log.tell(LogRecord(.info, "Validating the experiment's syntax"))
            let problems = await runner.check()
            guard problems.isEmpty else {
                await runner.close()
                report.finish(within: 2)
                throw options.fail(DocumentError(invalid: document.source, problems), log)
            }
            log.tell(LogRecord(.info, "Experiment looks valid"))
        }
        let signals = RunSignals(isStrict: options.strict) { runner.interrupt($0) }
        let end: Result<RunVerdict, RunFailure>
        do { end = .success(try await runner.run()) } catch { end = .failure(error) }
        // With the run over nothing is at stake: a slow reader is waited for, until a signal comes or has come.
        signals.stop()
        await runner.tellEnd()
        report.finish(within: signals.haveCome ? 2 : .infinity)
        let verdict: RunVerdict
        do { verdict = try end.get() } catch { throw fail(error, log) }
        let isSuccess = options.strict ? verdict.isSuccessForOriginal : verdict.isSuccess
        throw ExitCode(isSuccess ? 0 : 1)
    }

    private func fail(_ failure: RunFailure, _ log: ToolkitLog) -> ExitCode {
        switch failure {
        case .document(let error): return options.fail(error, log)
        case .preparation(let message):
            log.record(LogRecord(.error, message))
            Output.error(message)
            return ExitCode(options.strict ? 1 : EX_DATAERR)
        case .lost(let message):
            log.record(LogRecord(.critical, message))
            Output.error("The run gave no result: \(message)")
            return ExitCode(1)
        case .journal(let error, let verdict):
            log.record(LogRecord(.critical, error.message))
            Output.error(error.message)
            if let remedy = error.remedy, !options.strict { Output.error(remedy) }
            // Without a verdict nothing was done yet.
            return ExitCode(options.strict ? 1 : verdict == nil ? EX_USAGE : EX_UNAVAILABLE)
        }
    }

    private func runOptions(_ settings: Value) throws -> RunOptions {
        var run = RunOptions()
        run.hypothesisStrategy = hypothesisStrategy
        run.rollbackStrategy = rollbackStrategy
        run.frequency = .seconds(max(0, min(hypothesisFrequency.isNaN ? 1 : hypothesisFrequency, 1e9)))
        run.failsFast = failFast
        run.dry = dry
        run.environment = options.environment
        run.journalPath = journalPath
        run.isStrict = options.strict
        run.console = json ? .oursBesideOutput : .ours
        run.settings = settings
        run.logLevel = toolkit.lowestLevel
        run.variables = try readVariables()
        for file in controlFiles { run.controls += try ControlFile.controls(in: file, text: try read(file)) }
        return run
    }

    private func readVariables() throws -> Variables {
        var read = Variables()
        for file in variableFiles {
            do { try read.add(file: file, text: try self.read(file)) } catch let error as VariableError {
                guard !error.isFatal else { throw ValidationError(error.message) }
                Output.error(error.message)
            }
        }
        for argument in variables {
            do { try read.add(argument: argument) } catch { throw ValidationError(error.message) }
        }
        return read
    }

    private func read(_ file: String) throws -> String {
        do { return try FileContent.readText(file) } catch {
            throw ValidationError("'\(file)' cannot be read: \(error)")
        }
    }
}

private func names<Choice: CaseIterable & RawRepresentable<String>>(
    _ type: Choice.Type, leaving: Int = 0
) -> String {
    let names = type.allCases.map(\.rawValue).dropLast(leaving)
    return names.dropLast().joined(separator: ", ") + " or " + (names.last ?? "")
}

private func choice<Choice: CaseIterable & RawRepresentable<String>>(_ argument: String) throws -> Choice {
    guard let choice = Choice(rawValue: argument) else {
        throw ValidationError("'\(argument)' is not one of \(names(Choice.self))")
    }
    return choice
}

/// An old misspelling is still taken by the original, and `skip` never was.
private func strategy(_ argument: String) throws -> HypothesisStrategy {
    let strategy: HypothesisStrategy = try choice(argument == "continously" ? "continuously" : argument)
    guard strategy != .skip else { throw ValidationError("'skip' is valid only in an experiment") }
    return strategy
}
