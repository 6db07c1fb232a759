// ControlPlane: the daemon: collects, numbers, records, guards, injects, rolls back; serves its API. It can not draw.
// It asks the proxies only through MeshClient, and decides everything about faults: who may start one, how it is undone,
// and when that is proven.

public import Experiments
internal import Glibc
public import Logging
public import MeshClient
public import MeshModel
internal import Recording

/// One control plane: from the claim of its socket to the proof that nothing is left of what it did.
public final class ControlPlane: Sendable {
    /// What a control plane is told when it starts.
    public struct Settings: Sendable {
        public var description: MeshDescription
        public var mode: SessionMode
        /// The Unix socket it serves.
        public var socket: String
        public var ledger: String
        /// How to start the guard process, program first; nil for none, which only a test wants.
        public var guardCommand: [String]?
        public var version: String
        /// A descriptor that becomes readable when everything is to be halted, as by a signal; nil for none.
        public var alarm: Int32?
        public var runs: RunSettings

        /// What runs of experiments need to know.
        public struct RunSettings: Sendable {
            /// The folder of the catalogue; nil for none.
            public var folder: String?
            /// The folder for journals.
            public var journals: String
            /// Of the programs that runs start.
            public var environment: [String: String]
            /// The way to the network for their requests.
            public var network: HTTPDoor

            public init(folder: String?, journals: String, environment: [String: String], network: HTTPDoor) {
                self.folder = folder
                self.journals = journals
                self.environment = environment
                self.network = network
            }
        }

        /// Where the session is recorded; nil for nowhere.
        public var recording: RecordingSettings?

        public init(
            description: MeshDescription, mode: SessionMode = .live, socket: String, ledger: String,
            guardCommand: [String]?, version: String, runs: RunSettings, recording: RecordingSettings? = nil
        ) {
            self.description = description
            self.mode = mode
            self.socket = socket
            self.ledger = ledger
            self.guardCommand = guardCommand
            self.version = version
            self.runs = runs
            self.recording = recording
        }
    }

    private let settings: Settings
    private let observatory: Observatory
    private let clock: DayClock
    private let logger: Logger
    private let log: EventLog
    private let ledger: Ledger
    private let desk: FaultDesk
    private let experiments: ExperimentDesk
    private let brake: Brake
    private let tokens = Tokens()
    private let loopback = Loopback()
    private let watchers: Watchers
    private let recorder: Recorder?
    private let tidier: RecordingTidier?
    /// The file that the session is recorded to.
    private let recordingPath: String?
    private let ending = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))

    public init(
        _ settings: Settings, injectors: [any Injector], observatory: Observatory, clock: DayClock = .system,
        logger: Logger
    ) {
        self.settings = settings
        self.observatory = observatory
        self.clock = clock
        self.logger = logger
        log = EventLog(clock: clock, isRecorded: settings.recording != nil)
        let path = settings.recording?.folder.newPath(name: settings.description.name, at: clock.now())
        recordingPath = path
        recorder = path.flatMap { [log] path in
            settings.recording.map {
                Recorder(
                    path: path, settings: $0, program: "gameday \(settings.version)", log: log, clock: clock,
                    logger: logger)
            }
        }
        tidier = path.flatMap { path in
            settings.recording.map {
                RecordingTidier(folder: $0.folder, current: path, clock: clock, logger: logger)
            }
        }
        watchers = Watchers(clock: clock)
        let mesh = LedgerMesh(name: settings.description.name, file: settings.description.file)
        ledger = Ledger(path: settings.ledger, mesh: mesh)
        desk = FaultDesk(
            FaultDesk.Tools(
                description: settings.description, injector: InjectorRouter(injectors), log: log,
                poll: observatory.poll,
                ledger: ledger, clock: clock, logger: logger,
                fenced: { [continuation = ending.continuation] in continuation.yield() }))
        let runs = settings.runs
        experiments = ExperimentDesk(
            ExperimentDesk.Tools(
                faults: desk, tokens: tokens, log: log, clock: clock, logger: logger, network: runs.network,
                environment: runs.environment, folder: runs.folder, journals: runs.journals,
                mark: RunMark.path(beside: settings.ledger), life: { [ledger] in ledger.lifeNumber },
                api: { [loopback] in loopback.address }))
        brake = Brake(faults: desk, experiments: experiments)
    }

    /// Runs until it is asked to end, by its API or by `end`. What an earlier one left is undone before it serves.
    public func run() async throws {
        let claim = try SocketClaim(path: settings.socket)
        log.append([.session(session)])
        let path = claim.path
        try await recorded { try await guarded(at: path) }
        claim.release()
        logger.notice("ended")
    }

    /// Records what happens during the body, to the last word of it.
    private func recorded(_ body: () async throws -> Void) async throws {
        guard let recorder else {
            log.append([.recording(RecordingStatus(.off))])
            return try await body()
        }
        // No child: nobody waits for it at the end, when it may wait for a disk.
        let tidying = Task { [tidier] in await tidier?.run() }
        defer { tidying.cancel() }
        try await recorder.recording(body)
    }

    private func guarded(at path: String) async throws {
        let guardProcess = settings.guardCommand.map {
            GuardProcess(command: $0, life: { [ledger] in ledger.lifeNumber }, logger: logger)
        }
        await desk.takeOver()
        await guardProcess?.beat()
        await experiments.recover(await desk.recover())
        await desk.tidyLedger()
        try await serve(at: path, guardProcess)
        await desk.notingIsDone()
        // The guard looks into the ledger when it is let go, so that comes after the last note.
        await guardProcess?.end()
    }

    /// Undoes everything, proves it, and lets `run` return.
    public func end(because reason: String) async {
        _ = await brake.halt(by: "gameday", because: reason, isEnd: true)
        ending.continuation.yield()
    }

    private var session: Session {
        let now = clock.now()
        let description = settings.description
        let id = String(now.milliseconds, radix: 36) + "-" + String(getpid(), radix: 36)
        return Session(
            id: id, name: description.name, mode: settings.mode, startedAt: now, entrance: description.entrance,
            pollInterval: description.pollInterval, objectives: description.objectives, guards: description.guards,
            protected: description.protected, longestLease: description.longestLease)
    }

    private func serve(at path: String, _ guardProcess: GuardProcess?) async throws {
        let server = Server(
            desk: desk, experiments: experiments, brake: brake, tokens: tokens, loopback: loopback, log: log,
            knowledge: observatory.knowledge, logs: LogDesk(links: settings.description.links, read: observatory.logs),
            watchers: watchers, clock: clock, version: settings.version,
            recording: recordingPath,
            end: { [continuation = ending.continuation] in continuation.yield() })
        let doors = try open(at: path, server)
        let pulse = Pulse(
            desk: desk, experiments: experiments, brake: brake, log: log, watchers: watchers, clock: clock,
            guardProcess: guardProcess, cost: CostMeter(observatory: observatory, log: log, watchers: watchers))
        await withDiscardingTaskGroup { group in
            group.addTask { [experiments, clock] in
                while !Task.isCancelled {
                    await experiments.refresh()
                    await clock.sleep(.seconds(2))
                }
            }
            group.addTask { [observatory, log] in await Collector(observatory: observatory, log: log).run() }
            group.addTask { [observatory, log, clock] in
                await StandingRound(observatory: observatory, log: log, clock: clock).run()
            }
            group.addTask { await pulse.run() }
            group.addTask { [desk, clock] in
                await withDiscardingTaskGroup { rounds in
                    while !Task.isCancelled {
                        // A lease ends in time whatever an earlier round waits for.
                        rounds.addTask { await desk.tick() }
                        await clock.sleep(.milliseconds(250))
                    }
                }
            }
            for await _ in ending.stream { break }
            if Task.isCancelled { await outlive() }
            log.close()
            await withDiscardingTaskGroup { closing in
                for door in doors { closing.addTask { await door.stop(within: .milliseconds(100)) } }
            }
            group.cancelAll()
        }
    }

    /// The halt's own way first, so that whoever can ask for a status can also halt.
    private func open(at path: String, _ server: Server) throws(SocketClaimError) -> [Reception] {
        let alarm = settings.alarm.map { [brake] bell in
            Reception.Alarm(bell: bell) { _ = await brake.halt(by: "signal", because: "requested by SIGUSR1") }
        }
        let halt = ControlPlaneSocket.halt(of: path)
        var doors = [try Reception("halt", Doorway(unix: halt, .halt), server: server, limits: .halt, alarm: alarm)]
        doors.append(try Reception("api", Doorway(unix: path, .socket), server: server))
        logger.notice("serving \(path)")
        do throws(SocketClaimError) {
            let doorway = try Doorway(loopback: .loopback)
            loopback.isServed(on: doorway.port)
            doors.append(try Reception("loopback", doorway, server: server))
        } catch {
            logger.warning("cannot serve the API on loopback TCP: \(error.summary)")
        }
        return doors
    }

    /// What was injected must be taken back even when our own task was cancelled, and with it all that it awaits.
    private func outlive() async {
        await Task.detached { [brake] in
            _ = await brake.halt(by: "gameday", because: "the control plane is ending", isEnd: true)
        }.value
    }
}
