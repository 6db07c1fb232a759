internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// A pause between two ticks that is longer means that we were stopped, or the machine slept.
    private static let longSleep = Duration.seconds(2)

    /// Rounds that wait for a proxy which hangs; each ends by the deadlines of its requests.
    private static let mostRounds = 20

    /// Looks after everything that is open; called some times a second, whether the last round is over or not.
    func tick() async {
        let elapsed = tools.clock.elapsed()
        if let lastTick, elapsed - lastTick > Self.longSleep { wokenAt = elapsed }
        lastTick = elapsed
        guard rounds < Self.mostRounds else { return }
        rounds += 1
        defer { rounds -= 1 }
        let expired = open.filter { $0.isExpired(at: elapsed) }.map(\.id)
        followCounters()
        let isDue = elapsed >= nextWatch
        if isDue { nextWatch = elapsed + .seconds(1) }
        await withDiscardingTaskGroup { group in
            if !expired.isEmpty { group.addTask { await self.end(expired, because: "its lease expired") } }
            guard isDue else { return }
            group.addTask { await self.tryAgain() }
            group.addTask { await self.tendStrays() }
            group.addTask { await self.watchLedger() }
            group.addTask { await self.lookAfter() }
            group.addTask { await self.lookForOrphans() }
            group.addTask { await self.proveRest() }
        }
    }

    /// A fault is active once a proxy counted a request that it hit.
    private func followCounters() {
        for record in open where record.isLive && record.fault.phase == .accepted {
            guard let seen = tools.log.read({ $0.seen(of: record.fault) }), seen.hit > 0 else { continue }
            change(record.id) { $0.fault.phase = .active }
        }
    }

    /// What could not be taken back is tried until it can.
    private func tryAgain() async {
        await sweep(open.filter { $0.isEnding && !$0.isBeingSwept && $0.application == nil }.map(\.id))
        await lookForGone()
    }

    /// Reads back what should be there. A fault that its proxies no longer hold is lost; it is never put back.
    private func lookAfter() async {
        let begun = tools.clock.elapsed()
        let absences = await absences(from: open.filter(\.isLive))
        for absence in absences where !absence.isTotal { note(absence) }
        // Rounds overlap, and one that comes later can't see any more who took it.
        let overs = Set(absences.filter(\.isOver).map(\.record.id))
        let lost = absences.filter(\.isTotal).map(\.record).filter { !judged.contains($0.id) }
        let reasons = Dictionary(absences.map { ($0.record.id, $0.reason) }) { one, _ in one }
        guard !lost.isEmpty else { return }
        judged.formUnion(lost.map(\.id))
        defer { judged.subtract(lost.map(\.id)) }
        // A restart is told by the counters, so they are asked before it is said who took the fault.
        await tools.poll(Array(Set(lost.flatMap(\.fault.sources))).sorted())
        await tools.clock.sleep(Self.pause)
        let recovered = (try? await tools.ledger.contents())?.recovered ?? [:]
        // Stopped in the middle of this, we can't know yet who took them.
        let isFresh = !hasJustWoken && tools.clock.elapsed() - begun < Self.longSleep
        // Whatever held it may still carry our notes of it.
        let left = lost.filter { isFresh && recovered[$0.id] == nil && !$0.fault.isOrphan }.map(\.undo)
        if !left.isEmpty { _ = await tools.injector.undo(left) }
        for record in lost where place(of: record.id).map({ open[$0].isLive }) == true {
            if recovered[record.id] != nil {
                close(
                    record.id, as: .reverted, because: "removed by the guard process: the control plane did not answer",
                    isNoted: true)
            } else if record.fault.isOrphan {
                close(record.id, as: .reverted, because: "removed from the proxy")
            } else if overs.contains(record.id) {
                close(record.id, as: .lost, because: reasons[record.id] ?? nil, ending: .over)
            } else if isFresh {
                close(record.id, as: .lost, because: (reasons[record.id] ?? nil) ?? loss(of: record.fault))
            }
        }
    }

    /// After a sleep the guard may be about to write what it undid; who took the fault is judged a little later.
    private var hasJustWoken: Bool {
        wokenAt.map { tools.clock.elapsed() - $0 < Self.longSleep } ?? false
    }

    /// What was seen of a fault that should be there.
    private struct Absence: Sendable {
        var record: OpenFault
        /// The sources that do not hold it as it was asked for.
        var sources: [String]
        /// None of them holds any of it, all of them having answered.
        var isTotal: Bool
        /// Who took it, where the injector can tell.
        var reason: String?
        /// What it did has passed, as it was to.
        var isOver = false
    }

    /// Tells which proxies lack a part of a fault, unless it was changed while they were asked.
    private func note(_ absence: Absence) {
        guard let place = place(of: absence.record.id), open[place].isLive, open[place].plan == absence.record.plan
        else { return }
        change(absence.record.id) { $0.fault.missing = absence.sources }
    }

    private nonisolated func absences(from records: [OpenFault]) async -> [Absence] {
        await withTaskGroup(of: Absence.self) { [injector = tools.injector] group in
            for record in records {
                group.addTask {
                    if let plan = record.plan {
                        let evidence = await injector.inspect(plan)
                        let absent = evidence.filter { $0.state == .gone || $0.state == .changed }.map(\.source)
                        let isOver = !evidence.isEmpty && evidence.allSatisfy(\.isOver)
                        let isTotal = !evidence.isEmpty && evidence.allSatisfy { $0.state == .gone } || isOver
                        let reasons = evidence.filter { $0.state == .gone || isOver }.compactMap(\.explanation)
                        return Absence(
                            record: record, sources: absent, isTotal: isTotal,
                            reason: reasons.isEmpty ? nil : reasons.joined(separator: "; "), isOver: isOver)
                    }
                    let surveys = await injector.survey(Set(record.fault.sources))
                    let isGone = surveys.allSatisfy { survey in
                        survey.faults.map { !$0.contains { $0.undo.overlaps(record.undo) } } ?? false
                    }
                    return Absence(record: record, sources: [], isTotal: !surveys.isEmpty && isGone)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func loss(of fault: Fault) -> String {
        let since = fault.acceptedAt ?? fault.requestedAt
        let restarted = fault.sources.filter { source in tools.log.restart(of: source).map { $0 >= since } ?? false }
        return restarted.isEmpty
            ? "removed from the proxy by someone else" : "\(restarted.joined(separator: ", ")) restarted without it"
    }
}
