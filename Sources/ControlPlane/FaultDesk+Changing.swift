internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Changes the share or the lease of a fault that stands. Changes of one fault follow one another.
    func alter(_ id: String, _ change: FaultChange, by: String) async throws(Problem) -> Fault {
        guard let place = place(of: id) else {
            guard let fault = known(id) else { throw .noFault(id) }
            throw .over(fault)
        }
        let before = open[place].changing
        let turn = Task { () async -> Result<Fault, Problem> in
            _ = await before?.value
            do throws(Problem) {
                return .success(try await self.perform(change, on: id, by: by))
            } catch {
                return .failure(error)
            }
        }
        open[place].changing = turn
        return try await turn.value.get()
    }

    private func perform(_ change: FaultChange, on id: String, by: String) async throws(Problem) -> Fault {
        if let share = change.share { try await dial(id, to: share, by: by) }
        if let lease = change.lease { try renew(id, seconds: lease, by: by) }
        guard let fault = known(id) else { throw .noFault(id) }
        return fault
    }

    /// The fault as it stands: held by its proxies, started here, and taken back by nobody.
    private func standing(_ id: String) throws(Problem) -> OpenFault {
        guard let place = place(of: id) else {
            guard let fault = known(id) else { throw .noFault(id) }
            throw .over(fault)
        }
        let record = open[place]
        guard !record.isEnding else { throw interrupted(id) }
        guard record.plan != nil else {
            throw .rail("orphan", "\(id) was not started here; it can only be stopped")
        }
        guard record.isLive else {
            throw .rail(
                "not configured yet", "\(id) is \(record.fault.phase.word)", "Wait until its proxies confirm it.")
        }
        return record
    }

    /// Sets another share. What takes the fault back is on disk before a proxy hears of it, as at the start.
    private func dial(_ id: String, to share: Double, by: String) async throws(Problem) {
        let record = try standing(id)
        let before = record.fault.share
        try tools.log.read { state throws(Problem) in
            try rails.check(share, for: record.fault, in: state, at: tools.clock.now())
        }
        guard share != before else { return }
        var plan: FaultPlan
        do {
            plan = try tools.injector.plan(
                record.fault.kind, share: share, at: record.scope, by: record.plan?.injector)
        } catch {
            throw .injection(error)
        }
        // A proxy that came later, or came back, holds nothing of it, and gets nothing by a dial.
        plan.undo.parts.removeAll { !record.fault.sources.contains($0.source) }
        let begun = tools.clock.elapsed()
        try await intend(plan, for: record)
        try await put(plan, into: id, since: begun)
        let now = tools.clock.now()
        change(id) {
            $0.fault.share = plan.share
            $0.fault.phase = $0.fault.phaseOnceHeld
            $0.fault.acceptedAt = now
            $0.fault.missing = []
            $0.fault.explanation = "changed from \(Self.percent(before)) to \(Self.percent(plan.share)) by \(by)"
        }
        await tools.poll(record.fault.sources)
    }

    /// Puts on the disk what takes the fault back as it was and as it will be.
    private func intend(_ plan: FaultPlan, for record: OpenFault) async throws(Problem) {
        var fault = record.fault
        fault.share = plan.share
        let undo = record.undo.joined(with: plan.undo)
        do {
            try await tools.ledger.intend(fault, undo)
        } catch {
            throw .ledger(error)
        }
        guard let place = place(of: record.id), !open[place].isEnding else {
            await noteEnd(of: record.id)
            throw interrupted(record.id)
        }
        open[place].undo = undo
        open[place].plan = plan
    }

    /// Tells the proxies. A change that fails takes the whole fault back, since nobody knows what they then hold.
    private func put(_ plan: FaultPlan, into id: String, since begun: Duration) async throws(Problem) {
        guard let place = place(of: id) else { throw interrupted(id) }
        let application = Task { await apply(plan) }
        open[place].application = application
        let failure = await application.value
        change(id) { $0.application = nil }
        guard let place = self.place(of: id), !open[place].isEnding else { throw interrupted(id) }
        if let failure {
            waitForArrival(of: id, failure)
            await end([id], because: "its change to \(Self.percent(plan.share)) failed: \(failure.summary)")
            throw failure.problem
        }
        if tools.clock.elapsed() - begun > Self.suspicious, await guardUndid(id) {
            await end([id], because: "removed by the guard process while it was changed")
            throw interrupted(id)
        }
    }

    /// It was taken back while its change was on the way to the disk, where it now stands open again.
    private func noteEnd(of id: String) async {
        guard place(of: id) == nil else { return }
        await notingIsDone()
        guard let contents = try? await tools.ledger.contents(), contents.open.contains(where: { $0.fault.id == id })
        else { return }
        note(id, "ended before its change")
    }

    private func renew(_ id: String, seconds: Double, by: String) throws(Problem) {
        _ = try standing(id)
        try rails.check(lease: seconds)
        if let halt = tools.log.read({ $0.halt }), halt.isLatched { throw .halted(halt) }
        let leaseEnds = tools.clock.elapsed() + .seconds(seconds)
        let now = tools.clock.now()
        change(id) {
            $0.leaseEnds = leaseEnds
            $0.fault.leaseEnds = now.advanced(bySeconds: seconds)
            $0.fault.renewedAt = now
            $0.fault.explanation = "lease renewed for \(GuardRails.plain(seconds)) s by \(by)"
        }
    }

    private static func percent(_ share: Double) -> String { "\(GuardRails.plain(share * 100))%" }
}
