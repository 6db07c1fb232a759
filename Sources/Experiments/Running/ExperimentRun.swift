internal import ChildPrograms

/// One run: performs what its machine decides, keeps the journal, and tells its observers.
actor ExperimentRun {
    /// Where its tasks run, and so all that they wait for.
    private let executor: any TaskExecutor
    let options: RunOptions
    let plan: RunPlan
    let providers: Providers
    let controls: Controls
    let clock: RunClock
    let redaction: Redaction
    let observe: @Sendable (RunProgress) -> Void
    private let writer: JournalWriter?

    var machine: RunMachine
    var journal: Journal
    var experiment: ExperimentState
    var substitution: Substitution
    private var foreground: Task<Void, Never>?
    private var background: [ActivityPlace: Task<Void, Never>] = [:]
    private var watch: Task<Void, Never>?
    var watchPause: Task<Void, Never>?
    var stopsWatching = false
    private var phase = "preparing"
    /// Whether a control registered a handler for the events of the run.
    var hasListeners = false
    var hasToldInterruption = false
    /// What ended the run before its time, if something did.
    private(set) var interruption: Interruption?
    /// The journal as it was in the end, for those who are told of it.
    private(set) var concluded = Value.null
    /// What ended the run after its last part.
    private var late: Interruption?
    private let inbox: AsyncStream<RunEvent>
    private nonisolated let post: AsyncStream<RunEvent>.Continuation

    init(
        _ experiment: ExperimentState, plan: RunPlan, options: RunOptions, substitution: Substitution,
        providers: Providers, controls: Controls, writer: JournalWriter?, clock: RunClock,
        redaction: Redaction, observe: @escaping @Sendable (RunProgress) -> Void
    ) {
        executor = providers.process.children.tasks
        self.options = options
        self.plan = plan
        self.providers = providers
        self.controls = controls
        self.clock = clock
        self.redaction = redaction
        self.observe = observe
        self.experiment = experiment
        self.substitution = substitution
        machine = RunMachine(plan)
        journal = Journal(start: clock.now())
        self.writer = writer
        (inbox, post) = AsyncStream.makeStream()
    }

    nonisolated func interrupt(_ interruption: Interruption) {
        observe(.stopping(reason: interruption.reason))
        post.yield(.interrupt(interruption))
        // The run itself may be waiting for a control.
        Task { await controls.bridge.interruptControls() }
    }

    /// Plays the experiment to its end, whatever happens, and writes the journal.
    nonisolated func perform() async throws(RunFailure) -> RunVerdict {
        try await withTaskExecutorPreference(executor) { () throws(RunFailure) in try await playAll() }
    }

    private func playAll() async throws(RunFailure) -> RunVerdict {
        let title = PythonText.string(experiment.value["title"] ?? .null)
        observe(.began(title: title, RunOutline(experiment.value, plan)))
        if let stop = await configureControls() {
            if options.isStrict {
                await providers.python.bridge.stop()
                throw .lost(stop.reason)
            }
            observe(.stopping(reason: stop.reason))
            _ = machine.receive(.interrupt(stop))
        }
        await tellRunning()
        var events = inbox.makeAsyncIterator()
        var actions = machine.receive(.begin)
        while true {
            for action in actions {
                if let end = await perform(action) { return try await conclude(end) }
            }
            guard let event = await events.next() else { break }
            interruption = interruption ?? event.interruption
            actions = machine.receive(event)
        }
        throw .lost("the run ended without an end")
    }

    private enum End {
        case regular
        case lost(String)
    }

    /// Does one thing; not nil when it was the last.
    private func perform(_ action: RunAction) async -> End? {
        switch action {
        case .enter(let level): await enter(level)
        case .leave(let level): await leave(level)
        case .check(let moment):
            note(phase: moment.rawValue)
            foreground = Task(executorPreference: executor) { [self] in
                post.yield(.checked(moment, await check(moment)))
            }
        case .startWatching: watch = Task(executorPreference: executor) { [self] in await watchHypothesis() }
        case .stopWatching: stopWatching()
        case .start(let place, let inBackground): start(place, inBackground: inBackground)
        case .cancelForeground: foreground?.cancel()
        case .cancelBackground: for task in background.values { task.cancel() }
        case .abandonBackground: background = [:]
        case .note(let status):
            journal.status = status
            if status == .interrupted { await tellInterruption() }
        case .noteDeviation: journal.hasDeviated = true
        case .conclude: return .regular
        case .lose(let why): return .lost(why)
        }
        return nil
    }

    private func enter(_ level: RunLevel) async {
        if level != .experiment { note(phase: level == .rollback ? "rollbacks" : level.rawValue) }
        await tellEntering(level)
        let stop = await apply(.before, level, context: experiment.value, state: .null)
        post.yield(.entered(level, stop))
    }

    private func leave(_ level: RunLevel) async {
        guard level == .experiment else {
            let stop = await apply(.after, level, context: experiment.value, state: played(in: level)) {
                takePlayed($0, over: $1, in: level)
            }
            await tellLeaving(level)
            post.yield(.left(level, stop))
            return
        }
        journal.end = clock.now()
        let stop = await apply(.after, .experiment, context: experiment.value, state: journalValue())
        // All is over by then, and there is nothing left to interrupt but the words about it.
        if let stop, stop.force != .request { late = stop }
    }

    private func played(in level: RunLevel) -> Value {
        let entries = level == .method ? journal.run : journal.rollbacks
        return .list(entries.map { $0.value(activity: experiment[$0.place]) })
    }

    private func start(_ place: ActivityPlace, inBackground: Bool) {
        let task = Task(executorPreference: executor) { [self] in
            let (end, _) = await execute(
                place, kept: place.section == .method ? .run : .rollbacks, isForeground: !inBackground)
            post.yield(.finished(place, end))
        }
        if inBackground { background[place] = task } else { foreground = task }
    }

    private func stopWatching() {
        stopsWatching = true
        watchPause?.cancel()
        if journal.status == .interrupted, !options.isStrict { watch?.cancel() }
    }

    func report(_ event: RunEvent) {
        post.yield(event)
    }

    private func note(phase: String) {
        self.phase = phase
        observe(.entered(phase: phase))
        journalChanged()
    }

    /// Lets the journal be written: with it a crash leaves more than nothing.
    func journalChanged() {
        guard let writer, !options.isStrict else { return }
        writer.update { [weak self] in await self?.journalOfNow() }
    }

    /// The journal as it is at this moment. It is made of it elsewhere, since the run has better things to do.
    private func journalOfNow() -> @Sendable () -> Value {
        var journal = journal
        journal.status = journal.status ?? .interrupted
        journal.end = journal.end ?? clock.now()
        let (known, experiment, phase, more, redaction) = (journal, experiment, phase, options.notes, redaction)
        return {
            let notes = Self.notes(Fields([("partial", true), ("phase", .text(phase))]), more)
            return redaction(known.value(experiment: experiment, notes: notes))
        }
    }

    private static func notes(_ own: Fields, _ more: (@Sendable () -> Fields)?) -> Value {
        var notes = own
        for (name, value) in more?().entries ?? Fields().entries { notes[name] = value }
        return .mapping(notes)
    }

    private func journalValue(notes: Value? = nil) -> Value {
        journal.value(experiment: experiment, notes: notes)
    }

    private func conclude(_ end: End) async throws(RunFailure) -> RunVerdict {
        let stop = await cleanUpControls() ?? late
        await tell("finish", ["journal"])
        await providers.python.bridge.stop()
        if case .lost(let why) = end { throw .lost(why) }
        if let stop {
            if options.isStrict { throw .lost(stop.reason) }
            journal.status = .interrupted
        }
        let verdict = self.verdict()
        if let writer {
            let own = Fields([
                ("held", .bool(verdict.hasHeld)), ("undone", .bool(verdict.isUndone)),
                ("summary", .text(verdict.summary)),
                ("untested", .list(verdict.untested.map { .text($0.words) })),
            ])
            let notes = Self.notes(own, options.notes)
            concluded = shown(journalValue(notes: options.isStrict ? nil : notes))
            do { try await writer.finish(concluded) } catch {
                observe(.ended(verdict))
                throw .journal(error, verdict)
            }
        }
        observe(.ended(verdict))
        return verdict
    }

    /// The journal without secrets. With `--strict` its copy of the document says of them what the document itself does.
    private func shown(_ journal: Value) -> Value {
        let shown = redaction(journal)
        guard options.isStrict, let own = journal["experiment"]?["secrets"], var fields = shown.fields,
            var copy = shown["experiment"]?.fields
        else { return shown }
        copy["secrets"] = own
        fields["experiment"] = .mapping(copy)
        return .mapping(fields)
    }

    private func verdict() -> RunVerdict {
        let status = journal.overlay["status"]?.text.flatMap(RunStatus.init) ?? journal.status ?? .completed
        let hasDeviated = journal.overlay["deviated"]?.isTruthy ?? journal.hasDeviated
        let rolledBack = journal.rollbacks.allSatisfy { $0.status == "succeeded" }
        return RunVerdict(
            status: status, hasDeviated: hasDeviated, isMet: !machine.wasEverUnmet,
            isUndone: machine.isUndone && rolledBack, untested: untested())
    }

    /// A program that a signal ended; the original calls that a success, for there was an answer.
    private static func isKilled(_ output: Value?) -> Bool {
        guard let output, output["stdout"] != nil else { return false }
        return output["status"]?.double.map { $0 < 0 } ?? false
    }

    /// What the run leaves open, whatever its checks found.
    private func untested() -> [RunVerdict.Untested] {
        var untested: [RunVerdict.Untested] = []
        let strategy = machine.plan.hypothesisStrategy
        if !machine.plan.hasHypothesis {
            untested.append(.noHypothesis)
        } else if strategy == .skip {
            untested.append(.notChecked(moment: "at all"))
        } else if strategy == .duringMethodOnly, !journal.during.contains(where: { $0.isMet != nil }) {
            untested.append(.notChecked(moment: "during the method"))
        } else if strategy != .duringMethodOnly, journal.after?.isMet == nil {
            untested.append(.notChecked(moment: "after the method"))
        }
        if let dry = options.dry, dry != .pause { untested.append(.dryRun(dry)) }
        func name(_ entry: Journal.Entry) -> String { PythonText.string(experiment[entry.place]["name"] ?? "") }
        let failed = journal.run.filter {
            $0.status == "failed" && experiment[$0.place]["type"]?.text == "action"
        }
        if !failed.isEmpty { untested.append(.failed(actions: failed.map(name))) }
        let killed = journal.run.filter { $0.status == "succeeded" && Self.isKilled($0.output) }
        if !killed.isEmpty { untested.append(.killed(killed.map(name))) }
        // They begin in their order, so that those which never did are the last ones.
        let missing = experiment.list(of: .method).dropFirst(journal.run.count)
        let unjudged =
            journal.run.filter { $0.status == nil }.map(name)
            + missing.map { PythonText.string($0["name"] ?? $0["ref"] ?? "") }
        if !unjudged.isEmpty { untested.append(.unjudged(unjudged)) }
        return untested
    }
}

/// Why a run gave no verdict, or could not keep its journal.
public enum RunFailure: Error, Sendable {
    case document(DocumentError)
    /// The configuration, the secrets or the strategies of the experiment can't be used.
    case preparation(String)
    /// It ended where the original dies: before it began, or with `--strict` by an unexpected error.
    case lost(String)
    case journal(JournalError, RunVerdict?)
}
