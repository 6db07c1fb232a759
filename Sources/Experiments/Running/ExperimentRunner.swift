internal import ChildPrograms
internal import Synchronization

/// Checks and runs one experiment.
public final class ExperimentRunner: Sendable {
    let document: ExperimentDocument
    let options: RunOptions
    let network: HTTPDoor
    private let clock: RunClock
    /// Nothing of the run gets out but through it.
    let redaction: Redaction
    let observe: @Sendable (RunProgress) -> Void
    private let children: ChildProcesses
    let notifications: Notifications
    private let state = Mutex<State>(State())

    private struct State {
        var run: ExperimentRun?
        /// One Python for all that is done with the document, as in the original.
        var bridge: PythonBridge?
        var verdict: RunVerdict?
        var hasToldStart = false
        var interruption: Interruption?
    }

    /// Runs of `document` use `network` for requests and tell `observe` what happens, from any thread.
    public convenience init(
        _ document: ExperimentDocument, options: RunOptions, network: HTTPDoor,
        observe: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) {
        self.init(document, options: options, network: network, clock: .system, observe: observe)
    }

    init(
        _ document: ExperimentDocument, options: RunOptions, network: HTTPDoor, clock: RunClock,
        observe: @escaping @Sendable (RunProgress) -> Void = { _ in }
    ) {
        self.document = document
        self.options = options
        self.network = network
        self.clock = clock
        let redaction = Redaction(
            document, environment: Self.environment(of: options), settings: options.settings)
        self.redaction = redaction
        self.observe = { observe(redaction($0)) }
        let children = ChildProcesses()
        self.children = children
        notifications = Notifications(
            settings: options.settings, environment: Self.environment(of: options), network: network,
            children: children, console: options.console,
            log: PythonLog(level: options.logLevel) { observe(redaction(.logged($0))) })
    }

    /// Every mistake of the document; none means that it can be run.
    public func check() async -> [DocumentProblem] {
        let bridge = bridge
        let python = CheckingWithNative(
            native: NativeModules.all(options.mesh, network, surroundings), python: bridge)
        var checker = DocumentChecker(
            document, environment: environment, python: python, isStrict: options.isStrict)
        return redaction(await checker.check())
    }

    /// Ends the Python of a check that no run follows.
    public func close() async {
        await state.withLock { $0.bridge }?.stop()
        await notifications.close()
    }

    /// Plays the experiment to its end. It returns a verdict whatever happens in the run; it throws when the run can't
    /// begin, or has no journal in the end.
    public func run() async throws(RunFailure) -> RunVerdict {
        do { return try await play() } catch { throw redaction(error) }
    }

    private func play() async throws(RunFailure) -> RunVerdict {
        if let mistake = DocumentShape.mistake(in: document.value) { throw .lost("this is no experiment: \(mistake)") }
        let strategies = try RunStrategies(document.value, options)
        let writer = try journalWriter()
        let bridge = bridge
        let started = StartedFaults()
        let mesh = options.mesh?.noting(in: started)
        let providers = Providers(
            process: ProcessProvider(
                children: children, environment: environment, killsGroups: !options.isStrict,
                isStrict: options.isStrict,
                patience: { [weak self] in self?.patience ?? .zero }),
            http: network, python: PythonProvider(bridge: bridge),
            native: NativeModules.all(mesh, network, surroundings),
            isStrict: options.isStrict)
        let substitution: Substitution
        do { substitution = try await resolve(providers) } catch {
            await bridge.stop()
            throw error
        }
        redaction.learn(from: substitution)
        for lack in await lacks(providers.native, substitution) {
            observe(.warned("\(lack); Python runs it instead."))
        }
        var experiment = ExperimentState(options.isStrict ? withSecretsShown(substitution.secrets) : document.value)
        do {
            let title = try substitution(document.value["title"] ?? .null)
            experiment.set("title", title)
        } catch {
            await bridge.stop()
            throw .preparation(error.message)
        }
        experiment.set("dry", options.dry.map { .text($0.rawValue) } ?? .null)
        let plan = plan(strategies)
        let global = (options.settings["controls"]?.fields ?? Fields()).entries.map { Self.named($0, $1) }
        let controls = Controls(
            global: global + options.controls, bridge: bridge, isStrict: options.isStrict,
            warn: { [observe] in observe(.warned($0)) })
        if let stop = await controls.tellLoading(of: document.value, from: document.source) {
            await bridge.stop()
            throw .lost(stop.reason)
        }
        let run = ExperimentRun(
            experiment, plan: plan, options: options, substitution: substitution, providers: providers,
            controls: controls, writer: writer, clock: clock, redaction: redaction, observe: observe)
        let waiting = state.withLock { state in
            state.run = run
            return state.interruption
        }
        if let waiting { run.interrupt(waiting) }
        let result: Result<RunVerdict, RunFailure>
        do { result = .success(try await run.perform()) } catch { result = .failure(error) }
        state.withLock { $0.verdict = try? result.get() }
        if let mesh, strategies.rollbacks != .never {
            for words in await started.end(in: mesh) { observe(.warned(words)) }
        }
        return try result.get()
    }

    /// The writer of the journal, once it is known that it can write: before anything is done.
    private func journalWriter() throws(RunFailure) -> JournalWriter? {
        guard let path = options.journalPath else { return nil }
        if options.isStrict { return JournalWriter(path: path) }
        do {
            let writer = try JournalWriter(checking: path)
            if let caveat = writer.caveat { observe(.warned(caveat)) }
            return writer
        } catch {
            throw .journal(error, nil)
        }
    }

    /// Stops the run; its rollbacks are played as its strategy says.
    public func interrupt(_ interruption: Interruption) {
        let run = state.withLock { state in
            state.interruption = interruption
            return state.run
        }
        run?.interrupt(interruption)
    }

    /// As Python does for the original: a program which Ctrl-C reached has a quarter of a second to end by itself.
    private var patience: Duration {
        let isCtrlC = state.withLock { $0.interruption?.reachesPrograms ?? false }
        return options.isStrict && isCtrlC ? .milliseconds(250) : .zero
    }

    var environment: [String: String] { Self.environment(of: options) }

    private static func environment(of options: RunOptions) -> [String: String] {
        options.environment.merging(options.variables.environment) { _, added in added }
    }

    /// Whether it is asked for the first time.
    func isFirstStart() -> Bool {
        state.withLock { state in
            defer { state.hasToldStart = true }
            return !state.hasToldStart
        }
    }

    /// The verdict of a run that is over.
    var ended: (RunVerdict, ExperimentRun)? {
        state.withLock { state in state.verdict.flatMap { verdict in state.run.map { (verdict, $0) } } }
    }

    private var bridge: PythonBridge {
        state.withLock { state in
            let bridge =
                state.bridge
                ?? PythonBridge(
                    children: children, environment: environment, console: options.console, settle: options.settle,
                    diesOnce: options.isStrict, log: log,
                    onStop: { [weak self] interruption in self?.interrupt(interruption) })
            state.bridge = bridge
            return bridge
        }
    }

    /// What extensions log is told like all else that happens.
    private var log: PythonLog { PythonLog(level: options.logLevel) { [observe] in observe(.logged($0)) } }

    var surroundings: RequestSurroundings {
        RequestSurroundings(environment: environment, isStrict: options.isStrict)
    }

    private static func named(_ name: String, _ control: Value) -> Value {
        var fields = control.fields ?? Fields()
        fields["name"] = .text(name)
        return .mapping(fields)
    }

    private func plan(_ strategies: RunStrategies) -> RunPlan {
        let probes = document.value["steady-state-hypothesis"]?["probes"]?.list ?? []
        var plan = RunPlan(hasHypothesis: !probes.isEmpty, method: [], rollbacks: [])
        plan.take(activitiesOf: document.value)
        plan.hypothesisStrategy = strategies.hypothesis
        plan.rollbackStrategy = strategies.rollbacks
        plan.failsFast = options.failsFast
        plan.isStrict = options.isStrict
        plan.goesOnWhenUnmet = options.goesOnWhenUnmet
        return plan
    }
}
