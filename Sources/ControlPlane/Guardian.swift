internal import Glibc
public import MeshClient
internal import MeshModel

/// What runs in the guard process: it listens for the control plane's beat, and when that stops it takes back every
/// fault which the ledger says is open, with proof, and notes it there. The programs of a run end with it.
///
/// It holds no state but the ledger's, so it may be killed and started again at any moment.
public struct Guardian: Sendable {
    /// What the line said since it was last asked.
    public enum Sign: Equatable, Sendable {
        case beat, silence, end
    }

    /// Longer than this without a beat, and the control plane is taken for dead or stopped.
    static let patience = Duration.seconds(3)
    /// How long it goes on trying after the control plane's end; what is left then is undone at the next start.
    static let persistence = Duration.seconds(300)

    private let ledger: Ledger
    /// Where the run that is on is marked.
    private let mark: String
    private let injector: any FaultInjector
    private let clock: DayClock
    private let isOrphaned: @Sendable () -> Bool

    /// `isOrphaned` says whether the process that started us is gone, in case its line is held open by another.
    public init(
        ledger path: String, injector: any FaultInjector, clock: DayClock = .system,
        isOrphaned: @escaping @Sendable () -> Bool
    ) {
        ledger = Ledger(path: path)
        mark = RunMark.path(beside: path)
        self.injector = injector
        self.clock = clock
        self.isOrphaned = isOrphaned
    }

    /// Guards until the control plane is gone and nothing is left of it. `listen` waits for a sign, a while at most.
    public func run(listen: () -> Sign) async {
        var heard = clock.elapsed()
        while true {
            let sign = listen()
            if sign == .end || isOrphaned() { break }
            if sign == .beat {
                heard = clock.elapsed()
            } else if clock.elapsed() - heard >= Self.patience {
                await undo(await open() ?? [], because: "the control plane did not answer")
            }
        }
        // The programs of a run first, since they may be breaking something just now. The mark stays: the next control
        // plane ends the journal by it.
        RunMark(at: mark)?.killProcesses()
        await undoWhatIsLeft()
    }

    private func undoWhatIsLeft() async {
        let died = clock.elapsed()
        var left: [LedgerEntry]?
        while clock.elapsed() - died < Self.persistence {
            if let open = await open() {
                // Another control plane may have come and taken them back, or started others, which are not ours.
                let mine = left.map { $0.filter { open.contains($0) } } ?? open
                if mine.isEmpty { return }
                left = mine
                if await undo(mine, because: "the control plane died") { return }
            }
            await clock.sleep(.milliseconds(500))
        }
    }

    /// Nil when the ledger can't be read.
    private func open() async -> [LedgerEntry]? {
        try? await ledger.contents().open
    }

    /// True when all of them are seen gone.
    @discardableResult
    private func undo(_ entries: [LedgerEntry], because why: String) async -> Bool {
        guard !entries.isEmpty else { return true }
        let proofs = await injector.undo(entries.map(\.undo))
        var isDone = true
        for entry in entries {
            if OpenFault(fault: entry.fault, undo: entry.undo).unproven(by: proofs) == nil {
                await ledger.recovered(entry.fault.id, by: "the guard", why: why, at: clock.now())
            } else {
                isDone = false
            }
        }
        return isDone
    }
}

extension Guardian {
    /// Listens on a descriptor for a quarter of a second.
    public static func listen(on descriptor: Int32) -> Sign {
        var question = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard poll(&question, 1, 250) > 0 else { return .silence }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &bytes, bytes.count)
        if count > 0 { return .beat }
        return count < 0 && (errno == EINTR || errno == EAGAIN) ? .silence : .end
    }

    /// Leaves the session of the process that started us, so that neither its end nor its terminal's touches us.
    public static func detach() {
        setsid()
        for number in [SIGHUP, SIGINT, SIGPIPE] { signal(number, SIG_IGN) }
    }
}
