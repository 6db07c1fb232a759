import ArgumentParser
import Experiments
import Glibc
import MeshClient

/// `gameday run`: plays a Chaos Toolkit experiment, with the options of `chaos run`.
struct RunCommand: AsyncParsableCommand, ActingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a Chaos Toolkit experiment.",
        discussion: """
            The exit code is 0 when the hypothesis held and everything was rolled back, or when there was no hypothesis \
            and the run came to its end; 1 when not, 64 for a wrong option, 65 for a wrong experiment and 69 when \
            something needed is not there.
            """)

    @OptionGroup var options: ExperimentOptions

    @Option(help: "Where to write the journal.")
    var journalPath = "./journal.json"

    @Option(help: "Pretend only: \(names(DryRun.self)).", transform: choice)
    var dry: DryRun?

    @Flag(help: "Do not validate the experiment before running.")
    var noValidation = false

    @Option(help: "When to play the rollbacks: \(names(RollbackStrategy.self)).", transform: choice)
    var rollbackStrategy: RollbackStrategy?

    @Option(
        name: .customLong("var"), parsing: .unconditionalSingleValue,
        help: "Set a configuration value: key=value, or key:type=value.")
    var variables: [String] = []

    @Option(name: .customLong("var-file"), help: "Read configuration and secrets, or a .env file, from here.")
    var variableFiles: [String] = []

    @Option(name: .customLong("control-file"), help: "Read controls for every experiment from here.")
    var controlFiles: [String] = []

    @Option(
        help: "When to check the hypothesis: \(names(HypothesisStrategy.self, leaving: 1)).", transform: strategy)
    var hypothesisStrategy: HypothesisStrategy?

    @Option(parsing: .unconditional, help: "Seconds between two checks of a continuous hypothesis.")
    var hypothesisFrequency = 1.0

    @Flag(help: "End the method at the first unmet check of a continuous hypothesis.")
    var failFast = false

    @Flag(help: "Tell what happens as one line of JSON an event.")
    var json = false

    func run() async throws {
        let settings = ToolkitSettings.load(environment: options.environment)
        var run = try runOptions(settings)
        let network = options.network
        run.mesh = options.mesh(network)
        let document: ExperimentDocument
        do { document = try await options.load(network, settings: settings) } catch { throw options.fail(error) }
        let report = RunReport(isJSON: json)
        // A reader that stands still is not waited for.
        run.settle = { report.finish(within: 0.2) }
        let runner = ExperimentRunner(document, options: run, network: network) { report.tell($0) }
        if !noValidation {
            let problems = await runner.check()
            guard problems.isEmpty else { throw options.fail(DocumentError(invalid: document.source, problems)) }
        }
        let signals = RunSignals(isStrict: options.strict) { runner.interrupt($0) }
        let end: Result<RunVerdict, RunFailure>
        do { end = .success(try await runner.run()) } catch { end = .failure(error) }
        // With the run over nothing is at stake: a slow reader is waited for, until a signal comes or has come.
        signals.stop()
        report.finish(within: signals.haveCome ? 2 : .infinity)
        let verdict: RunVerdict
        do { verdict = try end.get() } catch { throw fail(error) }
        let isSuccess = options.strict ? verdict.isSuccessForOriginal : verdict.isSuccess
        throw ExitCode(isSuccess ? 0 : 1)
    }

    private func fail(_ failure: RunFailure) -> ExitCode {
        switch failure {
        case .document(let error): return options.fail(error)
        case .preparation(let message):
            Output.error(message)
            return ExitCode(options.strict ? 1 : EX_DATAERR)
        case .lost(let message):
            Output.error("The run gave no result: \(message)")
            return ExitCode(1)
        case .journal(let error, let verdict):
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
            throw ValidationError("'\(file)' can't be read: \(error)")
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
    guard strategy != .skip else { throw ValidationError("'skip' can only be asked for by an experiment") }
    return strategy
}
