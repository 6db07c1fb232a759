internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Looks after everything that is open; called some times a second.
    func tick() async {
        let elapsed = tools.clock.elapsed()
        let now = tools.clock.now()
        let expired = open.filter { $0.isExpired(elapsed: elapsed, now: now) }.map(\.id)
        followCounters()
        let isDue = elapsed >= nextWatch
        if isDue { nextWatch = elapsed + .seconds(1) }
        await withDiscardingTaskGroup { group in
            if !expired.isEmpty { group.addTask { await self.end(expired, because: "its lease ran out") } }
            guard isDue else { return }
            group.addTask { await self.tryAgain() }
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
    }

    /// Reads back what should be there. A fault that its proxies no longer hold is lost; it is never put back.
    private func lookAfter() async {
        let proxies = Set(open.filter(\.isLive).flatMap { $0.undos.map(\.proxy) })
        guard !proxies.isEmpty else { return }
        let held = await held(at: Array(proxies))
        let lost = open.filter { record in
            record.isLive
                && record.undos.allSatisfy { undo in
                    guard let keys = held[undo.proxy] else { return false }
                    return keys.isDisjoint(with: undo.keys)
                }
        }
        guard !lost.isEmpty else { return }
        // A restart is told by the counters, so they are asked before it is said who took the fault.
        await tools.poll(Array(Set(lost.flatMap(\.fault.sources))).sorted())
        let recovered = (try? await tools.ledger.contents())?.recovered ?? [:]
        for record in lost where place(of: record.id).map({ open[$0].isLive }) == true {
            if recovered[record.id] != nil {
                close(record.id, as: .reverted, because: "the guard undid it: we did not answer", isNoted: true)
            } else {
                close(record.id, as: record.fault.isOrphan ? .reverted : .lost, because: loss(of: record.fault))
            }
        }
    }

    private func loss(of fault: Fault) -> String {
        let since = fault.acceptedAt ?? fault.requestedAt
        let restarted = fault.sources.filter { source in tools.log.restart(of: source).map { $0 >= since } ?? false }
        return restarted.isEmpty
            ? "removed from the proxy by another hand" : "\(restarted.joined(separator: ", ")) restarted without it"
    }

    /// The keys of all faults that each proxy holds; those that do not answer are left out.
    nonisolated func held(at proxies: [ProxyAddress]) async -> [ProxyAddress: Set<String>] {
        await heldFaults(at: proxies).mapValues { Set($0.flatMap(\.keys)) }
    }

    nonisolated func heldFaults(at proxies: [ProxyAddress]) async -> [ProxyAddress: [HeldFault]] {
        let injector = tools.injector
        let deadline = tools.deadlines.recover
        return await withTaskGroup(of: (ProxyAddress, [HeldFault]?).self) { group in
            for proxy in proxies {
                group.addTask { (proxy, try? await injector.held(at: proxy, within: deadline)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
