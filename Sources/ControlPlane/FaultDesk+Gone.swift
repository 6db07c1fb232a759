internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// What became of the proxies of a fault that could not be taken back.
    struct Absences: Sendable {
        /// Since when each has not been there, on the clock that nobody can set.
        private var since: [String: Duration] = [:]

        /// Takes a look at all proxies of a fault. Nil while one of them may hold it; else what became of those that
        /// were not seen clean. `hasLeft` says of a source that the settings do not name it any more.
        mutating func judge(
            _ sights: [ProxySight], at now: Duration, for wait: Duration, hasLeft: (String) -> Bool
        ) -> String? {
            var isOver = !sights.isEmpty
            var words: [String] = []
            for sight in sights {
                switch sight.state {
                case .clean: continue
                case .replaced: words.append(sight.explanation)
                case .absent, .silent:
                    guard sight.state == .absent || hasLeft(sight.source) else {
                        since[sight.source] = nil
                        isOver = false
                        continue
                    }
                    let begun = since[sight.source] ?? now
                    since[sight.source] = begun
                    if now - begun < wait { isOver = false }
                    words.append(sight.explanation)
                case .holds:
                    since[sight.source] = nil
                    isOver = false
                }
            }
            return isOver && !words.isEmpty ? words.joined(separator: "; ") : nil
        }
    }

    /// How long a proxy must be away, after the lease, until its faults have ended with it: as long as the lease was.
    private static func wait(for fault: Fault) -> Duration {
        .seconds(max(5, min(60, fault.leaseLength)))
    }

    /// Ends the faults whose lease is over and whose proxies are not there any more.
    func lookForGone() async {
        let now = tools.clock.now()
        let elapsed = tools.clock.elapsed()
        let records = open.filter {
            $0.fault.phase == .stuck && !$0.isBeingSwept && $0.isLeaseOver(elapsed: elapsed, now: now)
        }
        for (id, sights) in await sights(of: records.map { ($0.id, $0.undo) }) {
            guard let place = place(of: id), open[place].fault.phase == .stuck else { continue }
            let undo = open[place].undo
            let wait = Self.wait(for: open[place].fault)
            let words = open[place].absences.judge(sights, at: elapsed, for: wait) { source in
                self.hasLeft(source, in: undo)
            }
            guard let words else { continue }
            close(id, as: .lost, because: "gone with its proxy: \(words)", ending: .gone)
        }
    }

    nonisolated func sights(of undos: [(id: String, undo: FaultUndo)]) async -> [(String, [ProxySight])] {
        await withTaskGroup(of: (String, [ProxySight]).self) { [injector = tools.injector] group in
            for (id, undo) in undos { group.addTask { (id, await injector.look(at: undo)) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    /// The settings name places, and none where the source is.
    private func hasLeft(_ source: String, in undo: FaultUndo) -> Bool {
        let parts = undo.parts.filter { $0.source == source }
        return !parts.isEmpty && parts.allSatisfy { tools.injector.isNamed($0) == false }
    }

    /// Gives a fault up whose end can't be proven. One that a proxy still shows is never forgotten.
    func forget(_ id: String, by: String) async throws(Problem) -> Fault {
        if let stray = strays.first(where: { $0.entry.fault.id == id }) { return try await forget(stray, by: by) }
        guard let place = place(of: id) else {
            guard let fault = known(id) else { throw .noFault(id) }
            throw .over(fault)
        }
        guard open[place].isEnding else { throw .stands(id) }
        // Perhaps it can be taken back after all.
        await sweep([id])
        guard let place = self.place(of: id) else {
            guard let fault = known(id) else { throw .noFault(id) }
            return fault
        }
        let record = open[place]
        let sights = await tools.injector.look(at: record.undo)
        if let holder = sights.first(where: { $0.state == .holds }) { throw .stillShown(id, holder.explanation) }
        guard self.place(of: id) != nil else { throw .over(known(id) ?? record.fault) }
        let words = Self.lastKnown(of: record.fault, sights)
        tell(
            "\(by) gave up \(id) (\(record.fault.kind.label) on \(record.fault.edge)); its removal is not confirmed: \(words)"
        )
        close(id, as: .lost, because: "given up by \(by); last known: \(words)", ending: .forgotten)
        await notingIsDone()
        return known(id) ?? record.fault
    }

    static func lastKnown(of fault: Fault, _ sights: [ProxySight]) -> String {
        let words = sights.filter { $0.state != .clean }.map(\.explanation).joined(separator: "; ")
        return words.isEmpty ? fault.explanation ?? "nothing" : words
    }
}
