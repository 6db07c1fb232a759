internal import MeshClient
internal import MeshModel

/// Whose turn it is to be asked what it holds, and what of ours ended lately.
///
/// Each proxy is asked about every ten seconds: some a second, so that the scan is a small share of the polling.
struct OrphanScan {
    /// At most so many proxies a second; a mesh of a thousand is walked through in under a minute.
    private static let most = 20

    private var queue: [ProxyAddress] = []
    private var ended: [FaultUndo] = []
    private var known = 0
    var next = 1

    /// The proxies to ask now.
    mutating func turn(among watched: [ProxyAddress]) -> [ProxyAddress] {
        if queue.isEmpty || watched.count != known {
            // The first round asks a small mesh at once: what was left there should be seen from the start.
            let isFirst = known == 0
            known = watched.count
            queue = watched
            if isFirst, watched.count <= Self.most { return take(watched.count) }
        }
        return take(min(Self.most, max(1, known / 10)))
    }

    private mutating func take(_ count: Int) -> [ProxyAddress] {
        let turn = Array(queue.prefix(count))
        queue.removeFirst(turn.count)
        return turn
    }

    /// Remembers what was taken back, so that its return is not taken for another's deed.
    mutating func ended(_ record: OpenFault) {
        guard !record.fault.isOrphan else { return }
        if ended.count > 200 { ended.removeFirst(100) }
        ended.append(contentsOf: record.undos)
    }

    /// True when these are keys that we set once and took back.
    func wasOurs(_ held: HeldFault, at proxy: ProxyAddress) -> Bool {
        ended.contains { $0.proxy == proxy && !Set($0.keys).isDisjoint(with: held.keys) }
    }
}

extension FaultDesk {
    /// Asks some proxies what they hold. What nobody here started becomes an orphan, which can be stopped like any other.
    func lookForOrphans() async {
        let proxies = scan.turn(among: watched)
        guard !proxies.isEmpty else { return }
        for (proxy, faults) in await heldFaults(at: proxies) {
            for held in faults where held.share > 0 && !isKnown(held, at: proxy) { await found(held, at: proxy) }
        }
    }

    private func isKnown(_ held: HeldFault, at proxy: ProxyAddress) -> Bool {
        open.flatMap(\.undos).contains { $0.proxy == proxy && !Set($0.keys).isDisjoint(with: held.keys) }
    }

    private func found(_ held: HeldFault, at proxy: ProxyAddress) async {
        let undo = FaultUndo(proxy: proxy, keys: held.keys)
        let caller = tools.log.read { $0.sources[proxy.source]?.report.service } ?? ServiceName(proxy.source)
        let now = tools.clock.now()
        let edge = held.to.map { Edge(from: caller, to: $0) } ?? Edge(from: "*", to: caller)
        var fault = Fault(
            id: "X\(scan.next)", kind: held.kind, edge: edge, share: held.share,
            by: "unknown", requestedAt: now, leaseEnds: now, phase: .accepted, sources: [proxy.source])
        scan.next += 1
        fault.acceptedAt = now
        fault.isOrphan = true
        // A proxy that hung may perform an old request long after we gave up on it, and after the undo.
        let wasOurs = scan.wasOurs(held, at: proxy)
        fault.explanation = wasOurs ? "it came back after it was undone" : "found in the proxy, not started here"
        open.append(OpenFault(fault: fault, undos: [undo], leaseEnds: nil))
        tools.log.append([.fault(fault)])
        if wasOurs { await end([fault.id], because: "it came back after it was undone") }
    }
}
