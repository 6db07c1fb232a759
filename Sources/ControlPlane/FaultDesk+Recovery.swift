internal import Logging
internal import MeshModel

extension FaultDesk {
    /// Begins this control plane's life in the ledger: from here on the guard of an earlier one leaves all alone.
    /// Whatever that left is known from now on, and not yet touched.
    func takeOver() async {
        do {
            let inheritance = try await tools.ledger.takeOver(at: tools.clock.now())
            inherited = inheritance.contents
            nextNumber = inheritance.contents.highest + 1
            for entry in inheritance.contents.givenUp { scan.ended(entry.undo) }
            if let failure = inheritance.failure {
                warn("Cannot write the ledger, so no fault can start: \(failure.text)")
            }
            if !inheritance.contents.damage.isEmpty { tell(inheritance.contents.damage, copy: inheritance.copy) }
        } catch {
            // It may become readable; until then nobody knows what is in the mesh.
            if inherited == nil, !isToldUnread {
                warn("Cannot read the ledger, so no fault can start: \(error.text)")
            }
            isToldUnread = true
        }
    }

    /// Takes back what an earlier control plane left, before anything else happens. What can't be reached now stays
    /// open, and is tried again each second like anything that is stuck.
    @discardableResult
    func recover() async -> [RecoveredFault] {
        if inherited == nil { await takeOver() }
        guard let contents = inherited else { return [] }
        for entry in contents.open {
            guard isOurs(entry) else {
                strays.append(Stray(entry: entry))
                continue
            }
            var fault = entry.fault.heard(by: tools.clock.now())
            fault.phase = .reverting
            fault.explanation = "left by a control plane that died"
            var record = OpenFault(fault: fault, undo: entry.undo)
            record.ending = OpenFault.Ending(reason: "left by a control plane that died")
            open.append(record)
            tools.log.append([.fault(fault)])
        }
        tellStrays()
        let ids = open.map(\.id)
        guard !ids.isEmpty else { return contents.ended }
        tools.logger.notice("recovering \(ids.count) faults of an earlier control plane")
        await sweep(ids)
        await notingIsDone()
        let left = Set(open.map(\.id))
        return contents.ended
            + contents.open.map(\.fault).filter { ids.contains($0.id) && !left.contains($0.id) }.map {
                RecoveredFault(fault: $0, by: "the next control plane")
            }
    }

    /// Makes room, once nobody needs to know any more what was recovered.
    func tidyLedger() async {
        try? await tools.ledger.compact(beyond: 0)
    }

    /// Damage is answered by a look at every proxy of the mesh: what is missing in the ledger may be found there.
    func tell(_ damage: [LedgerDamage], copy: String?) {
        let lines = damage.prefix(5).map { "\($0.line)" }.joined(separator: ", ")
        let more = damage.count > 5 ? " and \(damage.count - 5) more" : ""
        let kept = copy.map { "a copy is kept as \($0)" } ?? "no copy of it could be kept"
        warn(
            "The ledger is damaged in line \(lines)\(more); \(kept). Every proxy is checked. Faults in those "
                + "lines are removed, others are shown as orphans. Check the disk.")
        scan.surveyAll(after: damage)
    }

    /// Tells it to people at the log and at the screen.
    func warn(_ text: String) {
        tools.logger.error("\(text)")
        tell(text)
    }

    /// Looks whether the ledger is still ours and whole.
    func watchLedger() async {
        if inherited == nil, isToldUnread {
            await recover()
            return
        }
        switch await tools.ledger.check() {
        case nil: return
        case .damaged(let damage, let copy): tell(damage, copy: copy)
        case .replaced(let text):
            warn("\(text). No fault can start. Run `gameday down`, then `gameday up`.")
        case .takenOver(let life):
            warn("Another control plane (process \(life.process)) took over the ledger, so this one ends.")
            // What was ours is in its hands; to take it back here would be to attack it.
            tools.fenced()
        }
    }
}

extension Fault {
    /// As one who reads of it at a moment has it: a day whose clock was ahead told of a future that is none.
    fileprivate func heard(by now: Timestamp) -> Fault {
        var fault = self
        let length = leaseLength
        fault.requestedAt = min(requestedAt, now)
        fault.acceptedAt = acceptedAt.map { min($0, now) }
        fault.renewedAt = renewedAt.map { min($0, now) }
        fault.leaseEnds = min(leaseEnds, now.advanced(bySeconds: length))
        return fault
    }
}
