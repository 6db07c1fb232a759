internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Takes one fault back, an orphan too. One that is over already is answered as it is.
    func stop(_ id: String, by: String) async throws(Problem) -> Fault {
        if let stray = strays.first(where: { $0.entry.fault.id == id }) { throw .ofAnotherMesh(stray.place) }
        await end([id], because: "stopped by \(by)")
        guard let fault = known(id) else { throw .noFault(id) }
        return fault
    }

    /// Takes back what somebody started; a dashboard's faults carry its name first.
    func undo(startedBy name: String, because reason: String) async {
        await end(open.filter { $0.fault.by.hasPrefix(name) }.map(\.id), because: reason)
    }

    /// Takes everything of ours back, and sets no latch.
    func undoAll(because reason: String) async {
        await end(open.filter { !$0.fault.isOrphan }.map(\.id), because: reason)
    }

    /// Takes these back and returns when that is proven, or when it is known that it can't be proven yet.
    func end(_ ids: [String], because reason: String, as phase: FaultPhase = .reverted) async {
        begin(ending: ids, because: reason, as: phase)
        await sweep(ids)
    }

    func begin(ending ids: [String], because reason: String, as phase: FaultPhase = .reverted) {
        for id in ids {
            change(id) { record in
                guard record.ending == nil else { return }
                record.ending = OpenFault.Ending(reason: reason, phase: phase)
                record.fault.phase = .reverting
                record.fault.explanation = reason
            }
        }
    }

    /// How long a request that was given up may be on its way: in a tunnel, say, or in the queue of a busy proxy.
    static let longestWay = Duration.seconds(2)

    /// What went out and was not answered may come after its undo; the fault is not over before that can be ruled out.
    func waitForArrival(of id: String, _ failure: OpenFault.Failure) {
        guard failure.mayArrive, let place = place(of: id) else { return }
        open[place].mayArriveUntil = tools.clock.elapsed() + Self.longestWay
    }

    /// Keeps those apart whose proxies must be seen clean once more, later.
    private func withoutArrivals(_ ids: [String]) -> [String] {
        let elapsed = tools.clock.elapsed()
        return ids.filter { id in
            guard let until = place(of: id).flatMap({ open[$0].mayArriveUntil }), elapsed < until else { return true }
            change(id) {
                $0.isBeingSwept = false
                $0.fault.phase = .reverting
                $0.fault.explanation = "no proxy shows it, but an unanswered request may still arrive"
            }
            return false
        }
    }

    /// Judges each fault by what its proxies showed; those that are gone must still show flat counters.
    func settle(_ ids: [String], _ proofs: [Halt.Proof]) async {
        var gone: [String] = []
        for id in ids {
            guard let place = place(of: id) else { continue }
            guard let left = open[place].unproven(by: proofs) else {
                gone.append(id)
                continue
            }
            change(id) {
                $0.isBeingSwept = false
                $0.fault.phase = .stuck
                $0.fault.explanation = left
            }
            scan.suspect(open[place].fault.sources)
        }
        gone = withoutArrivals(gone)
        await proveFlat(gone.filter { place(of: $0).map { open[$0].fault.evidence == .counted } ?? false })
        // What nobody counts is over when whoever held it says so.
        for id in gone {
            guard let place = place(of: id), open[place].fault.evidence != .counted else { continue }
            if let ending = open[place].ending { close(id, as: ending.phase, because: ending.reason) }
        }
    }

    /// Reads the counters of each fault until they stood still between two readings.
    private func proveFlat(_ ids: [String]) async {
        let begun = tools.clock.elapsed()
        var waiting = ids
        var before = await hits(of: open.filter { waiting.contains($0.id) })
        while !waiting.isEmpty {
            await tools.clock.sleep(Self.pause)
            let after = await hits(of: open.filter { waiting.contains($0.id) })
            let isLate = tools.clock.elapsed() - begun >= Self.longestProof
            waiting.removeAll { conclude($0, from: before[$0], to: after[$0], isLate: isLate) }
            before = after
        }
    }

    /// True when there is nothing more to wait for.
    private func conclude(_ id: String, from before: UInt64?, to after: UInt64?, isLate: Bool) -> Bool {
        guard let place = place(of: id), let ending = open[place].ending else { return true }
        switch (before, after) {
        case (let before?, let after?) where before == after:
            close(id, as: ending.phase, because: ending.reason)
        case (let before?, let after?) where isLate:
            change(id) {
                $0.isBeingSwept = false
                $0.fault.phase = .stuck
                $0.fault.explanation = "its counters are still rising: from \(before) to \(after) since the removal"
            }
        case _ where isLate:
            // The proxy's own page says that it holds nothing; only its counters could not be had.
            close(id, as: ending.phase, because: ending.reason + " (its counters could not be read)")
        default: return false
        }
        return true
    }

    /// The counters of each fault over all its proxies; left out where a proxy does not say.
    private nonisolated func hits(of records: [OpenFault]) async -> [String: UInt64] {
        await withTaskGroup(of: (String, UInt64?).self) { [injector = tools.injector] group in
            for record in records {
                group.addTask {
                    (record.id, await injector.hits(of: record.fault.kind, at: record.scope, in: record.undo))
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
