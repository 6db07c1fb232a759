import ArgumentParser
import ControlPlane
import Dispatch
import Glibc
import Logging
import MeshClient
import MeshModel

/// This process as a control plane: from its settings to the proof that nothing is left.
struct ControlPlaneProcess {
    let location: ControlPlaneLocation
    let description: MeshDescription
    var mode = SessionMode.live

    /// Runs until `gameday down` or a signal ends it; both undo everything first.
    func run(detached: Bool) async throws {
        // Nothing that we write is for others to read.
        umask(0o077)
        if detached { setsid() }
        let logger = Logger(label: "gameday") { StreamLogHandler.standardError(label: $0) }
        let settings = ControlPlane.Settings(
            description: description, mode: mode, socket: location.path, ledger: location.ledger,
            guardCommand: [Environment.program, "guard", "--ledger", location.ledger, "--parent", "\(getpid())"],
            version: Gameday.version)
        do {
            let mesh = try MeshAccess(description)
            let controlPlane = ControlPlane(
                settings, injector: mesh.injector, observatory: mesh.observatory, logger: logger)
            let signals = EndSignals()
            defer { withExtendedLifetime(signals) {} }
            try await withThrowingTaskGroup(of: Void.self) { [names = signals.stream] group in
                group.addTask { await mesh.observe() }
                group.addTask {
                    for await name in names { await controlPlane.end(because: "\(name) ended it") }
                }
                try await controlPlane.run()
                group.cancelAll()
            }
        } catch let error as any Explained {
            Output.error("gameday: \(error.summary)" + (error.remedy.map { "\n\($0)" } ?? ""))
            throw ExitCode.failure
        }
    }
}

/// The signals that ask a process to end, as a stream; they end nothing by themselves any more.
final class EndSignals {
    let stream: AsyncStream<String>
    private let sources: [any DispatchSourceSignal]

    init() {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self)
        self.stream = stream
        sources = [(SIGTERM, "SIGTERM"), (SIGINT, "SIGINT"), (SIGHUP, "SIGHUP")].map { number, name in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { continuation.yield(name) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
