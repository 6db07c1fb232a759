internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// So many groups of proxies are told to let go at the same time, so that each can be heard within its deadline.
    private static let atOnce = 256

    private enum Step: Sendable {
        case letGo([String], [Halt.Proof])
        case settled
    }

    /// One round over all proxies of these faults: let go, look, and watch the counters. What proxies showed comes back.
    ///
    /// Faults that share a proxy go through it together, and each such group by itself: a proxy that hangs delays no
    /// proof but its own.
    @discardableResult
    func sweep(_ ids: [String]) async -> [Halt.Proof] {
        let wanted = Set(ids)
        let groups = Self.groups(of: open.filter { wanted.contains($0.id) })
        for id in groups.joined() { change(id) { $0.isBeingSwept = true } }
        var waiting = groups[...]
        var proofs: [Halt.Proof] = []
        await withTaskGroup(of: Step.self) { tasks in
            for group in waiting.prefix(Self.atOnce) { tasks.addTask { .letGo(group, await self.letGo(group)) } }
            waiting = waiting.dropFirst(Self.atOnce)
            for await step in tasks {
                guard case .letGo(let group, let shown) = step else { continue }
                proofs += shown
                if let next = waiting.popFirst() { tasks.addTask { .letGo(next, await self.letGo(next)) } }
                tasks.addTask {
                    await self.settle(group, shown)
                    return .settled
                }
            }
        }
        return proofs
    }

    /// Takes these from their proxies, once an injection that is under way has come to its end.
    private func letGo(_ ids: [String]) async -> [Halt.Proof] {
        for id in ids {
            if let application = place(of: id).flatMap({ open[$0].application }) { _ = await application.value }
        }
        // A change may have come to the disk meanwhile, and with it more to undo.
        return await tools.injector.undo(ids.compactMap { place(of: $0).map { open[$0].undo } })
    }

    /// The faults in groups, such that no two groups have a proxy in common.
    private static func groups(of records: [OpenFault]) -> [[String]] {
        var groups: [[String]] = []
        var places: [String: Int] = [:]
        for record in records {
            let proxies = record.undo.parts.map { "\($0.injector) \($0.place)" }
            let known = Set(proxies.compactMap { places[$0] }).sorted()
            let place = known.first ?? groups.count
            if known.isEmpty { groups.append([]) }
            groups[place].append(record.id)
            for other in known.dropFirst() {
                groups[place] += groups[other]
                groups[other] = []
                for (proxy, its) in places where its == other { places[proxy] = place }
            }
            for proxy in proxies { places[proxy] = place }
        }
        return groups.filter { !$0.isEmpty }
    }
}
