internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Longer than this between the undo on disk and the confirmation, and somebody else may have undone it meanwhile:
    /// the guard steps in after three seconds.
    private static let suspicious = Duration.seconds(2)

    /// Starts a fault: guard rails, the undo on disk, the proxies, their confirmation. It answers when the proxies say
    /// that they hold it; whatever goes wrong before is taken back first.
    func start(_ request: FaultRequest) async throws(Problem) -> Fault {
        let proxies = try tools.log.read { state throws(Problem) in
            try rails.check(request, in: state, open: open.map(\.fault), at: tools.clock.now())
        }
        let begun = tools.clock.elapsed()
        let entered = enter(request, at: proxies)
        let fault = entered.fault
        do {
            try await tools.ledger.intend(fault, entered.undos)
        } catch {
            open.removeAll { $0.id == fault.id }
            throw .ledger(error)
        }
        guard let place = place(of: fault.id), !open[place].isEnding else { throw interrupted(fault.id) }
        tools.log.append([.fault(fault)])
        let application = Task { await apply(fault, at: proxies) }
        open[place].application = application
        let failure = await application.value
        change(fault.id) { $0.application = nil }
        guard let place = self.place(of: fault.id), !open[place].isEnding else { throw interrupted(fault.id) }
        if let failure {
            await end([fault.id], because: failure.summary, as: .refused)
            throw .injection(failure)
        }
        if tools.clock.elapsed() - begun > Self.suspicious, await guardUndid(fault.id) {
            await end([fault.id], because: "the guard undid it before it was confirmed")
            throw interrupted(fault.id)
        }
        return await accept(fault)
    }

    /// Takes the place of the fault at once, so that a second one on its edge is refused from now on.
    private func enter(_ request: FaultRequest, at proxies: [ProxyAddress]) -> OpenFault {
        let now = tools.clock.now()
        let by = request.by.isEmpty ? "somebody" : String(request.by.prefix(200))
        let fault = Fault(
            id: "F\(nextNumber)", kind: tools.injector.nearest(to: request.kind), edge: request.edge,
            share: request.share, by: by, requestedAt: now, leaseEnds: now.advanced(bySeconds: request.lease),
            sources: proxies.map(\.source))
        nextNumber += 1
        let undos = proxies.map { tools.injector.undo(of: fault, at: $0) }
        let leaseEnds = tools.clock.elapsed() + .seconds(request.lease)
        let entered = OpenFault(fault: fault, undos: undos, leaseEnds: leaseEnds)
        open.append(entered)
        return entered
    }

    private func interrupted(_ id: String) -> Problem {
        let halt = tools.log.read { $0.halt }
        if let halt, halt.isLatched { return .halted(halt) }
        return Problem(.notProven, status: 409, title: "ended while it started", detail: "\(id) was ended meanwhile")
    }

    /// Tells every proxy, and asks each what it holds: a yes alone proves nothing.
    private nonisolated func apply(_ fault: Fault, at proxies: [ProxyAddress]) async -> InjectionError? {
        let injector = tools.injector
        let deadline = tools.deadlines.apply
        return await withTaskGroup(of: InjectionError?.self) { group in
            for proxy in proxies {
                group.addTask {
                    do throws(InjectionError) {
                        try await injector.apply(fault, at: proxy, within: deadline)
                        let held = try await injector.held(at: proxy, within: deadline)
                        guard held.contains(where: { $0.isOf(fault) }) else {
                            throw .refused(source: proxy.source, why: "it said yes and does not hold the fault")
                        }
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            return await group.reduce(nil) { $0 ?? $1 }
        }
    }

    /// Asks for a poll at once, so that what is seen of the fault starts with a clean interval.
    private func accept(_ fault: Fault) async -> Fault {
        let now = tools.clock.now()
        change(fault.id) {
            $0.fault.phase = .accepted
            $0.fault.acceptedAt = now
        }
        await tools.poll(fault.sources)
        return known(fault.id) ?? fault
    }

    /// A fault of this session as it was last told, over or not.
    func known(_ id: String) -> Fault? {
        tools.log.read { state in state.faults.last { $0.id == id } }
    }

    /// True when the ledger says that the guard took the fault back.
    func guardUndid(_ id: String) async -> Bool {
        guard let contents = try? await tools.ledger.contents() else { return false }
        return contents.recovered[id] != nil
    }
}

extension HeldFault {
    /// True when this is the fault that was asked for; a proxy counts shares in ten-thousandths.
    func isOf(_ fault: Fault) -> Bool {
        to == fault.edge.to && kind == fault.kind && abs(share - fault.share) <= 0.0001
    }
}
