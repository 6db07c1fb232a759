internal import Logging
internal import MeshClient
internal import MeshModel
internal import PinnedThreads

/// The single owner of faults: it grants them, follows them by what the proxies say, and takes them back.
///
/// After every `await` a fault may be gone or ending, so each step looks again. What it tells goes into the log, where
/// everybody reads it; it answers nothing from hope.
actor FaultDesk {
    /// Between the two readings that prove flat counters.
    static let pause = Duration.milliseconds(100)
    /// When the proof by counters is given up.
    static let longestProof = Duration.milliseconds(700)

    /// What the desk works with.
    struct Tools: Sendable {
        var description: MeshDescription
        var injector: InjectorRouter
        var log: EventLog
        var poll: @Sendable ([String]) async -> Void
        var ledger: Ledger
        var clock: DayClock
        var logger: Logger
        /// Called when a later control plane has taken the ledger over.
        var fenced: @Sendable () -> Void = {}
    }

    /// A thread of its own: what takes faults back must not wait for whatever keeps the others busy.
    private let thread = PinnedThread.forWork(name: "faults")
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    let tools: Tools
    let rails: GuardRails
    var open: [OpenFault] = []
    var nextNumber = 1
    var scan = OrphanScan()
    /// Runs that may start nothing more.
    var endedRuns: Set<String> = []
    /// When the slower part of `tick` is due.
    var nextWatch = Duration.zero
    /// Calls of `tick` that are not over.
    var rounds = 0
    /// The faults that nothing holds, while it is found out who took them.
    var judged: Set<String> = []
    /// When `tick` was last called, and when it was last called after a long sleep.
    var lastTick: Duration?
    var wokenAt: Duration?
    /// What stood in the ledger when this control plane's life in it began; nil until it has.
    var inherited: LedgerContents?
    var isToldUnread = false
    /// What is in other meshes, and when it is tried again.
    var strays: [Stray] = []
    var nextTending = Duration.zero
    /// The last line on its way to the ledger; an undo never waits for the disk.
    private var noting: Task<Void, Never>?

    init(_ tools: Tools) {
        self.tools = tools
        rails = GuardRails(description: tools.description)
    }

    deinit {
        thread.stop()
    }

    /// The sources that can hold faults; of the others nothing has to be proven.
    var holders: [String] {
        tools.log.read { state in
            state.sources.values.filter { tools.injector.canHold($0.report.kind) }.map(\.report.name)
        }
    }

    func place(of id: String) -> Int? { open.firstIndex { $0.id == id } }

    /// Changes a fault and tells it, unless it stays the same.
    func change(_ id: String, _ body: (inout OpenFault) -> Void) {
        guard let place = place(of: id) else { return }
        let before = open[place].fault
        body(&open[place])
        if open[place].fault != before { tools.log.append([.fault(open[place].fault)]) }
    }

    /// Nothing of the fault is left anywhere: tells how it ended, and notes it.
    func close(
        _ id: String, as phase: FaultPhase, because reason: String?, isNoted: Bool = false, ending: FaultEnding? = nil
    ) {
        guard let place = place(of: id) else { return }
        var gone = open.remove(at: place)
        // What can't be undone is never said to be.
        let isOver = phase == .reverted && gone.fault.kind.description?.beyondUndo != nil
        gone.fault.phase = isOver ? .lost : phase
        gone.fault.explanation = reason
        gone.fault.ending = isOver ? .over : ending
        gone.fault.endedAt = tools.clock.now()
        tools.log.append([.fault(gone.fault)])
        if !gone.fault.isOrphan { scan.ended(gone.undo) }
        if !isNoted, !gone.fault.isOrphan { note(id, reason ?? phase.rawValue, how: ending) }
    }

    func note(_ id: String, _ why: String, how: FaultEnding? = nil) {
        let at = tools.clock.now()
        noting = Task { [noting, ledger = tools.ledger] in
            await noting?.value
            await ledger.recovered(id, by: "the control plane", why: why, at: at, how: how)
        }
    }

    /// Returns when everything that was to be noted has been tried.
    func notingIsDone() async {
        await noting?.value
    }

    func tell(_ text: String) {
        tools.log.append([.note(Note(by: "gameday", text: text))])
    }
}
