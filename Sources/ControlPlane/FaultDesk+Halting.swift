internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Latches, takes everything back everywhere, and answers with a proof a proxy. Orphans go too: after a halt no
    /// proxy that answers holds a fault, whoever put it there.
    func halt(by: String, because reason: String) async -> Halt {
        tools.log.append([.halt(Halt(isLatched: true, by: by, reason: reason))])
        let ids = open.map(\.id)
        await begin(ending: ids, because: "halted by \(by)")
        var keys: [ProxyAddress: Set<String>] = [:]
        for proxy in watched { keys[proxy] = [] }
        for undo in open.flatMap(\.undos) { keys[undo.proxy, default: []].formUnion(undo.keys) }
        for id in ids { change(id) { $0.isBeingSwept = true } }
        let sights = await clear(keys, wiping: true)
        await settle(ids, sights)
        let proofs = sights.map { proxy, sight in
            Halt.Proof(source: proxy.source, isClean: sight.isClean, explanation: sight.explanation)
        }
        let halt = Halt(isLatched: true, by: by, reason: reason, proofs: proofs.sorted { $0.source < $1.source })
        // Somebody may have rearmed meanwhile; the latch is theirs then.
        if tools.log.read({ $0.isHalted }) { tools.log.append([.halt(halt)]) }
        return halt
    }

    /// Lets faults start again.
    func rearm(by: String) -> Halt {
        let halt = Halt(isLatched: false, by: by, reason: "rearmed")
        if tools.log.read({ $0.isHalted }) { tools.log.append([.halt(halt)]) }
        return halt
    }

    /// Asks the proxies again that had not been seen clean after the halt, and tells when that changes.
    func proveRest() async {
        guard let halt = tools.log.read({ $0.halt }), halt.isLatched else { return }
        let unproven = Set(halt.proofs.filter { !$0.isClean }.map(\.source))
        guard !unproven.isEmpty else { return }
        var keys: [ProxyAddress: Set<String>] = [:]
        for proxy in watched where unproven.contains(proxy.source) { keys[proxy] = [] }
        let sights = await clear(keys, wiping: true)
        guard var now = tools.log.read({ $0.halt }), now.isLatched else { return }
        let before = now
        for (proxy, sight) in sights where sight.isClean {
            guard let place = now.proofs.firstIndex(where: { $0.source == proxy.source }) else { continue }
            now.proofs[place] = Halt.Proof(source: proxy.source, isClean: true)
        }
        if now != before { tools.log.append([.halt(now)]) }
    }
}
