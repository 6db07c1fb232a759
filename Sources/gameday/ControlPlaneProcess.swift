import ArgumentParser
import CLinux
import ControlPlane
import Experiments
import FoundationEssentials
import Glibc
import Logging
import MeshClient
import MeshModel
import Recording

/// This process as a control plane: from its settings to the proof that nothing is left.
struct ControlPlaneProcess {
    let location: ControlPlaneLocation
    let meshSettings: Settings
    var mode = SessionMode.live
    /// The folder of experiments, from the root; nil for none.
    var experiments: String?

    /// Runs until `gameday down` or a signal ends it; both undo everything first.
    func run(detached: Bool) async throws {
        // From the first moment on: until it is heard, the signal would end us.
        let alarm = gameday_bell_for_signal(SIGUSR1)
        // Nothing that we write is for others to read.
        umask(0o077)
        if detached { setsid() }
        Self.raiseDescriptorLimit()
        // What one thread reads another lets go of: with a heap for each, each grows by what the others give back.
        gameday_use_one_heap()
        let logger = Logger(label: "gameday") { StreamLogHandler(label: $0, stream: LogLines()) }
        // A log that nobody reads must not hold up the end.
        defer { LogLines.outbox.drain(within: 1) }
        var settings = ControlPlane.Settings(
            description: meshSettings.mesh, mode: mode, socket: location.path, ledger: location.ledger,
            guardCommand: [Executable.path, "guard", "--ledger", location.ledger, "--parent", "\(getpid())"],
            version: Gameday.version,
            runs: ControlPlane.Settings.RunSettings(
                folder: experiments, journals: ControlPlaneLocation.journals, environment: environment,
                network: HTTPDoor { () throws(TransportError) in try CurlTransport() }), recording: recording)
        settings.alarm = alarm < 0 ? nil : alarm
        do {
            let mesh = try MeshAccess(meshSettings)
            let controlPlane = ControlPlane(
                settings, injectors: mesh.injectors, observatory: mesh.observatory, logger: logger)
            let interruptions = Interruptions()
            defer { withExtendedLifetime(interruptions) {} }
            try await withThrowingTaskGroup(of: Void.self) { [signals = interruptions.signals] group in
                group.addTask { await mesh.observe() }
                group.addTask {
                    for await number in signals { await controlPlane.end(because: "signal \(number) ended it") }
                }
                try await controlPlane.run()
                group.cancelAll()
            }
        } catch let error as any Explained {
            Output.error("gameday: \(error.summary)" + (error.remedy.map { "\n\($0)" } ?? ""))
            throw ExitCode.failure
        }
    }

    /// Programs of a run find this program, and speak to this control plane.
    private var environment: [String: String] {
        var environment = ProcessInfo.processInfo.environment
        environment["GAMEDAY_SOCKET"] = location.path
        environment["PATH"] = (environment["PATH"] ?? "/usr/bin:/bin") + ":" + Executable.directory
        return environment
    }

    private var recording: RecordingSettings? {
        let description = meshSettings.mesh
        guard description.recording.isOn else { return nil }
        return RecordingSettings(
            folder: Environment.recordings,
            retention: Retention(count: description.recording.keep, bytes: description.recording.bytes))
    }

    /// Each proxy has a connection of its own, and the usual soft limit of 1,024 stems from `select`.
    private static func raiseDescriptorLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = max(limit.rlim_cur, min(limit.rlim_max, 65_536))
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
