internal import Glibc
public import MeshClient
internal import MeshModel

/// What runs in the guard process: it listens for the control plane's beat, and when that stops it takes back every
/// fault which the ledger says is open, with proof, and notes it there. The programs of a run end with it.
///
/// It acts for one life of a control plane. Before each act it takes a turn at the ledger and looks whether a later life
/// has begun: then nothing there is its business any more, and it ends. It holds no state that can't be lost, so it may
/// be killed and started again at any moment.
public struct Guardian: Sendable {
    /// What the line said since it was last asked.
    public enum Sign: Equatable, Sendable {
        case beat, silence, end
    }

    /// Longer than this without a beat, and the control plane is taken for dead or stopped.
    static let patience = Duration.seconds(3)
    /// How long it goes on trying after the control plane's end; what is left then is undone at the next start.
    static let persistence = Duration.seconds(300)
    /// How long it waits for its turn at the ledger. A control plane that was stopped in the middle of its own turn
    /// never ends it, and must not keep anybody from undoing.
    private static let turnPatience = Duration.milliseconds(700)

    private let ledger: String
    private let life: Int
    /// Where the run that is on is marked.
    private let mark: String
    private let injector: InjectorRouter
    private let clock: DayClock
    private let isOrphaned: @Sendable () -> Bool

    /// `isOrphaned` says whether the process that started us is gone, in case its line is held open by another.
    public init(
        ledger path: String, life: Int, injector: InjectorRouter, clock: DayClock = .system,
        isOrphaned: @escaping @Sendable () -> Bool
    ) {
        ledger = path
        self.life = life
        mark = RunMark.path(beside: path)
        self.injector = injector
        self.clock = clock
        self.isOrphaned = isOrphaned
    }

    /// How an act came out.
    private enum Outcome {
        /// Nothing of ours is left.
        case done
        case left
        /// A later life has begun.
        case fenced
    }

    /// What it knows beside the ledger.
    private struct Memory {
        /// Seen gone; noted or not.
        var undone: Set<String> = []
        /// Taken back while the control plane was silent, or after its death. A fault that it was just injecting when it was stopped comes
        /// after that, when it goes on.
        var suspects: [LedgerEntry] = []
        /// What the ledger says of open faults, should it be lost, and how much of which file was read.
        var contents = LedgerContents([])
        var file: LedgerFile.Identity?
        var read = 0
        /// What was open when the ledger was last sound, and of our life.
        var open: [LedgerEntry] = []
    }

    /// Guards until the control plane is gone and nothing is left of it. `listen` waits for a sign, a while at most.
    public func run(listen: () async -> Sign) async {
        var heard = clock.elapsed()
        var memory = Memory()
        while true {
            let sign = await listen()
            if sign == .end || isOrphaned() { break }
            if sign == .beat {
                heard = clock.elapsed()
                memory.undone = []
                look(&memory)
            } else if clock.elapsed() - heard >= Self.patience {
                if await undo(&memory, because: "the control plane did not answer") == .fenced { return }
            }
        }
        await end(memory)
    }

    /// Keeps in mind what is open. It reads on where it ended: days are long, and beats are many.
    private func look(_ memory: inout Memory) {
        let file = LedgerFile.identity(at: ledger)
        guard let size = LedgerFile.size(at: ledger), file != memory.file || size != memory.read else { return }
        let goesOn = file == memory.file && size > memory.read && memory.contents.tail == 0
        guard let bytes = LedgerFile.content(of: ledger, from: goesOn ? memory.read : 0) else { return }
        if !goesOn { (memory.contents, memory.read) = (LedgerContents([]), 0) }
        memory.contents.read(bytes)
        memory.contents.forgetEnded()
        (memory.file, memory.read) = (file, memory.read + bytes.count)
        if memory.contents.life?.number == life, memory.contents.damage.isEmpty { memory.open = memory.contents.open }
    }

    /// The programs of a run first, since they may be breaking something just now. The mark stays: the next control
    /// plane ends the journal by it.
    private func end(_ memory: Memory) async {
        var memory = memory
        memory.undone = []
        guard killPrograms() else { return }
        let died = clock.elapsed()
        var isSeenTwice = false
        while clock.elapsed() - died < Self.persistence {
            switch await undo(&memory, because: "the control plane died", isLast: true) {
            case .fenced: return
            case .left: await clock.sleep(.milliseconds(500))
            case .done:
                // The last that the dead one sent may come after the first undo.
                guard !isSeenTwice, !memory.undone.isEmpty else { return }
                (isSeenTwice, memory.undone) = (true, [])
                await clock.sleep(FaultDesk.longestWay)
            }
        }
    }

    /// False when a later life has begun, whose run the mark may tell of.
    private func killPrograms() -> Bool {
        if let file = try? LedgerFile.locked(path: ledger, patience: Self.turnPatience),
            isFenced((try? file.bytes()).map { LedgerContents($0) })
        {
            return false
        }
        if let mark = RunMark(at: mark), mark.life ?? life == life { mark.killProcesses() }
        return true
    }

    private func isFenced(_ contents: LedgerContents?) -> Bool { contents?.life.map { $0.number > life } ?? false }

    /// One round over all that is open, within one turn at the ledger.
    private func undo(_ memory: inout Memory, because why: String, isLast: Bool = false) async -> Outcome {
        guard let file = try? LedgerFile.locked(path: ledger, patience: Self.turnPatience),
            let contents = (try? file.bytes()).map({ LedgerContents($0) })
        else { return .left }
        guard !isFenced(contents) else { return .fenced }
        let open = contents.open + memory.open.filter { contents.isSilent(on: $0.fault.id) }
        let again = isLast ? memory.suspects.filter { !open.contains($0) } : []
        let entries = (open + again).filter { !memory.undone.contains($0.fault.id) }
        guard !entries.isEmpty else { return .done }
        memory.suspects = isLast ? again + open : open
        let proofs = await injector.undo(entries.map(\.undo))
        var isDone = true
        for entry in entries {
            guard OpenFault(fault: entry.fault, undo: entry.undo).unproven(by: proofs) == nil else {
                // Those of another mesh are tried, and not waited for.
                let own = contents.life?.mesh
                if own == nil || entry.mesh == nil || entry.mesh == own { isDone = false }
                continue
            }
            memory.undone.insert(entry.fault.id)
            let line = LedgerLine.recovered(id: entry.fault.id, by: "the guard", why: why, at: clock.now())
            if !again.contains(entry) { try? file.append(line.bytes) }
        }
        return isDone ? .done : .left
    }
}

extension Guardian {
    /// Leaves the session of the process that started us, so that neither its end nor its terminal's touches us.
    public static func detach() {
        setsid()
        for number in [SIGHUP, SIGINT, SIGPIPE] { signal(number, SIG_IGN) }
    }
}
