internal import MeshClient
internal import MeshModel

extension FaultDesk {
    /// Longer than this between the undo on disk and the confirmation, and somebody else may have undone it meanwhile:
    /// the guard steps in after three seconds.
    static let suspicious = Duration.seconds(2)

    /// Starts a fault: guard rails, the undo on disk, the proxies, their confirmation. It answers when the proxies say
    /// that they hold it; whatever goes wrong before is taken back first.
    func start(_ request: FaultRequest) async throws(Problem) -> Fault {
        if let run = request.run, endedRuns.contains(run) { throw .runIsOver(run) }
        let abilities = await tools.injector.abilities(at: .edge(request.edge))
        try tools.log.read { state throws(Problem) in
            try rails.check(request, in: state, open: open.map(\.fault), abilities: abilities)
        }
        let begun = tools.clock.elapsed()
        var plan = try plan(request)
        let fault = enter(request, plan)
        // What tells these proxies from others that may come to their addresses is part of what is written down.
        plan = await tools.injector.identified(plan)
        guard place(of: fault.id).map({ !open[$0].isEnding }) == true else { throw interrupted(fault.id) }
        do {
            try await tools.ledger.intend(fault, plan.undo)
        } catch {
            open.removeAll { $0.id == fault.id }
            throw .ledger(error)
        }
        guard let place = place(of: fault.id), !open[place].isEnding else {
            throw interrupted(fault.id)
        }
        (open[place].plan, open[place].undo) = (plan, plan.undo)
        // Stopped on the way, we were taken for dead, and what is in the ledger for something to be undone.
        if tools.clock.elapsed() - begun > Self.suspicious, await guardUndid(fault.id) {
            await end([fault.id], because: "removed by the guard process before it started", as: .refused)
            throw interrupted(fault.id)
        }
        tools.log.append([.fault(fault)])
        let application = Task { await apply(plan) }
        open[place].application = application
        let failure = await application.value
        change(fault.id) { $0.application = nil }
        guard let place = self.place(of: fault.id), !open[place].isEnding else { throw interrupted(fault.id) }
        if let failure {
            waitForArrival(of: fault.id, failure)
            await end([fault.id], because: failure.summary, as: .refused)
            throw failure.problem
        }
        if tools.clock.elapsed() - begun > Self.suspicious, await guardUndid(fault.id) {
            await end([fault.id], because: "removed by the guard process before it was confirmed")
            throw interrupted(fault.id)
        }
        return await accept(fault)
    }

    private func plan(_ request: FaultRequest) throws(Problem) -> FaultPlan {
        var plan: FaultPlan
        do {
            plan = try tools.injector.plan(request.kind, share: request.share, at: .edge(request.edge))
        } catch {
            throw .injection(error)
        }
        let absent = try tools.log.read { state throws(Problem) in
            try rails.absent(among: plan.undo.parts.map(\.source), in: state, at: tools.clock.now())
        }
        let names = Set(absent.map(\.name))
        plan.undo.parts.removeAll { names.contains($0.source) }
        guard !plan.undo.parts.isEmpty else { throw .injection(.unknownService(request.edge.from)) }
        let words = [plan.explanation, absent.leftOut].compactMap(\.self)
        plan.explanation = words.isEmpty ? nil : words.joined(separator: "; ")
        return plan
    }

    /// Takes the place of the fault at once, so that a second one on its edge is refused from now on.
    private func enter(_ request: FaultRequest, _ plan: FaultPlan) -> Fault {
        let now = tools.clock.now()
        let by = request.by.isEmpty ? "somebody" : String(request.by.prefix(200))
        var fault = Fault(
            id: "F\(nextNumber)", kind: plan.kind, edge: request.edge, share: plan.share, by: by, requestedAt: now,
            leaseEnds: now.advanced(bySeconds: request.lease), sources: plan.undo.parts.map(\.source))
        fault.evidence = plan.evidence
        fault.explanation = plan.explanation
        fault.run = request.run
        nextNumber += 1
        let leaseEnds = tools.clock.elapsed() + .seconds(request.lease)
        open.append(OpenFault(fault: fault, undo: plan.undo, plan: plan, leaseEnds: leaseEnds))
        return fault
    }

    func interrupted(_ id: String) -> Problem {
        let halt = tools.log.read { $0.halt }
        if let halt, halt.isLatched { return .halted(halt) }
        return Problem(.notProven, status: 409, title: "ended while it started", detail: "\(id) was stopped meanwhile")
    }

    /// Tells every proxy, and asks each what it holds: a yes alone proves nothing.
    nonisolated func apply(_ plan: FaultPlan) async -> OpenFault.Failure? {
        do throws(InjectionError) {
            try await tools.injector.apply(plan)
        } catch {
            return OpenFault.Failure(
                problem: .injection(error), summary: error.summary, mayArrive: error.mayArrive)
        }
        for evidence in await tools.injector.inspect(plan) {
            switch evidence.state {
            case .held: continue
            case .gone, .changed:
                let summary = "\(evidence.source)'s proxy accepted the fault but does not show it"
                return OpenFault.Failure(problem: .refused(summary), summary: summary)
            case .unknown:
                let summary =
                    evidence.explanation ?? "\(evidence.source)'s proxy does not report whether it has the fault"
                return OpenFault.Failure(problem: .unreachable(summary), summary: summary)
            }
        }
        return nil
    }

    /// Asks for a poll at once, so that what is seen of the fault starts with a clean interval.
    private func accept(_ fault: Fault) async -> Fault {
        let now = tools.clock.now()
        change(fault.id) {
            $0.fault.phase = $0.fault.phaseOnceHeld
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
