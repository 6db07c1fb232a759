internal import MeshClient
internal import MeshModel

/// Whose turn it is to be asked what it holds, and what of ours ended lately.
///
/// Each proxy is asked about every ten seconds: some a second, so that the scan is a small share of the polling.
struct OrphanScan {
    /// At most so many proxies a second; a mesh of a thousand is walked through in under a minute.
    private static let most = 20

    private var queue: [String] = []
    private var ended: [FaultUndo] = []
    private var known = 0
    /// Proxies that did not answer an undo, and for how many more turns they are asked out of turn.
    private var suspects: [String: Int] = [:]
    /// Of a damaged ledger: the lines that can't be read, and who has been asked since.
    private var damage: [LedgerDamage] = []
    private var asked: Set<String>?
    var next = 1

    /// Lets every proxy be asked at once, those too that are heard later.
    mutating func surveyAll(after damage: [LedgerDamage]) {
        self.damage = (self.damage + damage).suffix(1000)
        asked = []
    }

    /// Notes who answered a survey of all; true when everybody has, for the first time.
    mutating func answered(_ sources: [String], of all: [String]) -> Bool {
        guard var asked else { return false }
        asked.formUnion(sources)
        let isDone = !all.isEmpty && Set(all).isSubset(of: asked)
        self.asked = isDone ? nil : asked
        return isDone
    }

    /// Part of the ledger was lost, so that what is found may be ours.
    var isLedgerDamaged: Bool { !damage.isEmpty }

    /// A line that can't be read any more still speaks of this fault: by one of its settings, or by its edge.
    func isSpokenOf(_ undo: FaultUndo, on edge: Edge) -> Bool {
        let keys = undo.parts.flatMap(\.keys).map { JSON.string($0).bytes }
        let ends = [("from", edge.from), ("to", edge.to)].map { name, service in
            Array("\"\(name)\":".utf8) + JSON.string(service.text).bytes
        }
        return damage.contains { line in
            keys.contains { line.text.firstRange(of: $0) != nil }
                || ends.allSatisfy { line.text.firstRange(of: $0) != nil }
        }
    }

    /// A proxy that hangs may have a request of ours in its queue, and perform it when it wakes up, after everything
    /// that came later was answered. It is watched closely for a while.
    mutating func suspect(_ sources: [String]) {
        for source in sources { suspects[source] = 5 }
    }

    /// The sources to ask now.
    mutating func turn(among sources: [String]) -> Set<String> {
        var watched = Set(suspects.keys)
        if let asked { watched.formUnion(sources.filter { !asked.contains($0) }) }
        suspects = suspects.mapValues { $0 - 1 }.filter { $0.value > 0 }
        return watched.union(regularTurn(among: sources))
    }

    private mutating func regularTurn(among sources: [String]) -> Set<String> {
        if queue.isEmpty || sources.count != known {
            // The first round asks a small mesh at once: what was left there should be seen from the start.
            let isFirst = known == 0
            known = sources.count
            queue = sources
            if isFirst, known <= Self.most { return take(known) }
        }
        return take(min(Self.most, max(1, known / 10)))
    }

    private mutating func take(_ count: Int) -> Set<String> {
        let turn = queue.prefix(count)
        queue.removeFirst(turn.count)
        return Set(turn)
    }

    /// Remembers what was taken back, so that its return is not taken for another's deed.
    mutating func ended(_ undo: FaultUndo) {
        if ended.count >= 200 { ended.removeFirst(100) }
        ended.append(undo)
    }

    /// True when these are keys that we set once and took back.
    func wasOurs(_ undo: FaultUndo) -> Bool {
        ended.contains { $0.overlaps(undo) }
    }
}

extension FaultDesk {
    /// Asks some proxies what they hold. What nobody here started becomes an orphan, which can be stopped like any other.
    func lookForOrphans() async {
        let sources = scan.turn(among: holders.sorted())
        guard !sources.isEmpty else { return }
        let surveys = await tools.injector.survey(sources)
        for survey in surveys {
            for held in survey.faults ?? [] where !open.contains(where: { $0.undo.overlaps(held.undo) }) {
                await found(held, at: survey.source)
            }
        }
        let all = holders
        if scan.answered(surveys.filter { $0.faults != nil }.map(\.source), of: all) {
            tell(
                "The check after the damage of the ledger is complete: \(all.count) of \(all.count) proxies responded"
            )
        }
    }

    private func found(_ held: FaultSurvey.Held, at source: String) async {
        let edge =
            switch held.scope {
            case .edge(let edge): edge
            case .service(let service): Edge(from: "*", to: service)
            }
        let now = tools.clock.now()
        var fault = Fault(
            id: "X\(scan.next)", kind: held.kind, edge: edge, share: held.share, by: "unknown", requestedAt: now,
            leaseEnds: now, phase: .accepted, sources: [source])
        fault.evidence = held.evidence
        scan.next += 1
        fault.acceptedAt = now
        fault.isOrphan = true
        var wasOurs: String?
        if scan.wasOurs(held.undo) {
            wasOurs = "it came back after its removal"
        } else if !held.isOthers, scan.isSpokenOf(held.undo, on: edge) {
            wasOurs = "listed in a damaged line of the ledger"
        }
        fault.explanation =
            wasOurs
            ?? (scan.isLedgerDamaged
                ? "found in the proxy; the ledger was damaged, so it may have been started here"
                : "found in the proxy, not started here")
        open.append(OpenFault(fault: fault, undo: held.undo, foundAt: held.scope, isOthers: held.isOthers))
        tools.log.append([.fault(fault)])
        if let wasOurs { await end([fault.id], because: wasOurs) }
    }
}
