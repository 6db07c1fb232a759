import ArgumentParser
import Experiments
import FoundationEssentials
import Glibc
import MeshClient

/// What `run` and `validate` both need: where the experiment is, and how to get it.
struct ExperimentOptions: ParsableArguments {
    @Argument(help: "The experiment: a .json, .yaml or .yml file, or an http address.")
    var experiment: String

    @Flag(help: "Do not verify TLS certificates.")
    var noVerifyTLS = false

    @Flag(help: "Behave exactly as Chaos Toolkit does.")
    var strict = false

    /// That of this process; experiments find this program in it even when no `PATH` leads here.
    var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        if !strict { environment["PATH"] = (environment["PATH"] ?? "/usr/bin:/bin") + ":" + Executable.directory }
        return environment
    }

    /// The network, which is not touched before it is needed.
    var network: HTTPDoor { HTTPDoor { () throws(TransportError) in try CurlTransport() } }

    /// The mesh of the control plane at the usual socket, which is not asked before it is needed.
    func mesh(_ network: HTTPDoor) -> ExperimentMesh? {
        // The letter of the original knows no mesh of ours.
        strict ? nil : ExperimentMesh(socket: ControlPlaneLocation.usualPath, network: network)
    }

    func load(_ network: HTTPDoor, settings: Value) async throws(DocumentError) -> ExperimentDocument {
        let source = ExperimentSource(
            experiment, network: network, environment: environment, settings: settings, verifiesTLS: !noVerifyTLS)
        return try await source.load()
    }

    /// Tells what is wrong with a document and ends the command.
    func fail(_ error: DocumentError, _ log: ToolkitLog) -> ExitCode {
        log.record(LogRecord(.error, error.problems.first?.message ?? error.summary))
        if strict {
            Output.error(error.problems.first?.message ?? error.summary)
            return ExitCode(1)
        }
        for line in error.report { Output.error(line) }
        return error.cause == .missing ? ExitCode(EX_UNAVAILABLE) : ExitCode(EX_DATAERR)
    }
}
