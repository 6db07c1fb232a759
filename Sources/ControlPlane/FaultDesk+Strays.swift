internal import MeshClient
internal import MeshModel

/// A fault in this ledger that is in another mesh: the same socket served that one before.
struct Stray: Sendable {
    var entry: LedgerEntry
    var absences = FaultDesk.Absences()

    /// Where it is, in words for a person.
    var place: String {
        let fault = entry.fault
        let proxies = entry.undo.parts.map(\.place).joined(separator: ", ")
        let mesh = entry.mesh.map { " of \($0.text)" } ?? ""
        return "\(fault.id) (\(fault.kind.label) on \(fault.edge)\(mesh), in \(proxies))"
    }

    var json: JSON {
        [
            "fault": entry.fault.json, "mesh": JSON(entry.mesh?.name), "settings": JSON(entry.mesh?.file),
            "proxies": .array(entry.undo.parts.map { .string($0.place) }),
        ]
    }
}

// What another mesh left is neither claimed nor counted here: no halt of this mesh fails for it. It is taken back all
// the same, since nobody else may come and do it.
extension FaultDesk {
    /// True for what this mesh has to answer for: it was put into it, or sits in a proxy of it.
    func isOurs(_ entry: LedgerEntry) -> Bool {
        guard let mesh = entry.mesh, mesh != tools.ledger.mesh else { return true }
        return entry.undo.parts.contains { tools.injector.isNamed($0) == true }
    }

    func tellStrays() {
        guard !strays.isEmpty else { return }
        warn(
            "The ledger has faults in another mesh: \(strays.map(\.place).joined(separator: "; ")). They are being removed "
                + "in the background and are not counted here. Run `gameday up` on that mesh, or `gameday forget ID`."
        )
    }

    /// Tries to take back what is in other meshes.
    func tendStrays() async {
        guard !strays.isEmpty, tools.clock.elapsed() >= nextTending else { return }
        nextTending = tools.clock.elapsed() + .seconds(5)
        let tried = strays
        let proofs = await tools.injector.undo(tried.map(\.entry.undo))
        let unproven = tried.filter {
            OpenFault(fault: $0.entry.fault, undo: $0.entry.undo).unproven(by: proofs) != nil
        }
        for stray in tried where !unproven.contains(where: { $0.entry == stray.entry }) {
            await end(stray, "removed and confirmed")
        }
        for (id, sights) in await sights(of: unproven.map { ($0.entry.fault.id, $0.entry.undo) }) {
            guard let place = strays.firstIndex(where: { $0.entry.fault.id == id }),
                strays[place].entry.fault.leaseEnds <= tools.clock.now()
            else { continue }
            let wait = Duration.seconds(max(5, min(60, strays[place].entry.fault.leaseLength)))
            let words = strays[place].absences.judge(sights, at: tools.clock.elapsed(), for: wait) { _ in false }
            if let words { await end(strays[place], "gone with its proxy: \(words)", how: .gone) }
        }
    }

    private func end(_ stray: Stray, _ why: String, how: FaultEnding? = nil) async {
        guard strays.contains(where: { $0.entry == stray.entry }) else { return }
        strays.removeAll { $0.entry == stray.entry }
        tell("\(stray.place) of another mesh has ended: \(why)")
        await tools.ledger.recovered(
            stray.entry.fault.id, by: "a control plane of another mesh", why: why, at: tools.clock.now(), how: how)
    }

    func forget(_ stray: Stray, by: String) async throws(Problem) -> Fault {
        let sights = await tools.injector.look(at: stray.entry.undo)
        if let holder = sights.first(where: { $0.state == .holds }) {
            throw .stillShown(stray.entry.fault.id, holder.explanation)
        }
        let words = Self.lastKnown(of: stray.entry.fault, sights)
        await end(stray, "given up by \(by); last known: \(words)", how: .forgotten)
        var fault = stray.entry.fault
        (fault.phase, fault.ending) = (.lost, .forgotten)
        fault.explanation = "given up by \(by); last known: \(words)"
        fault.endedAt = tools.clock.now()
        return fault
    }
}
