extension MeshState {
    mutating func begin(_ session: Session, at: Timestamp) {
        self.session = session
        for objective in session.objectives { _ = services[objective.scope, default: ScopeState()] }
        tell(.session, .plain, .began(name: session.name, session: session.id, mode: session.mode), at: at)
    }

    mutating func hear(_ report: SourceReport, at: Timestamp) {
        let before = sources[report.name]?.report.state
        let about = report.service.map { Scope.service($0) }
        if report.isGone {
            forgetKnowledge(of: report.name)
            guard sources.removeValue(forKey: report.name) != nil else { return }
            return tell(.source, .plain, .left(source: report.name, why: report.explanation), at: at, about: about)
        }
        if before == nil, report.health == SourceReport.new {
            tell(.source, .plain, .joined(source: report.name, why: report.explanation), at: at, about: about)
        }
        let heardAt = report.state == .fresh ? at : sources[report.name]?.heardAt
        sources[report.name] = SourceStatus(report: report, heardAt: heardAt)
        if let service = report.service, services[service] == nil { services[service] = ScopeState() }
        guard let before, before != report.state else { return }
        tell(
            .source, report.state == .fresh ? .good : .warn,
            .source(report.name, report.state, why: report.explanation), at: at, about: about)
    }

    mutating func add(_ report: TrafficReport, at: Timestamp) {
        sources[report.source]?.heardAt = at
        if report.restarted {
            tell(.source, .warn, .restarted(source: report.source), at: at, about: .service(report.service))
        }
        let pace = pace(of: report.source)
        let isReplica = { [sources] (source: String) in sources.isReplica(source, of: report.source) }
        let isNewRound = services[report.service, default: ScopeState()]
            .add(report.inbound, from: report.source, at: at, pace: pace, isReplica: isReplica)
        for outbound in report.outbound {
            let edge = Edge(from: report.service, to: outbound.to)
            edges[edge, default: ScopeState()]
                .add(outbound.sample, from: report.source, at: at, pace: pace, isReplica: isReplica)
            if let sample = outbound.sample { followMechanisms(on: edge, sample, at: at) }
        }
        for objective in session?.objectives ?? [] where objective.scope == report.service {
            tally(report, for: objective, isNewRound: isNewRound ?? true, at: at)
            judge(objective, at: at)
        }
        see(report, at: at)
    }

    private mutating func judge(_ objective: Objective, at: Timestamp) {
        guard let isMet = reading(of: objective, at: at).isMet else { return }
        let before = verdicts.updateValue(isMet, forKey: objective)
        let lag = before == isMet ? nil : cross(objective, isMet: isMet, at: at)
        // The first judgement is no crossing, unless the day begins broken.
        guard before != isMet, before != nil || !isMet else { return }
        tell(
            .objective, isMet ? .good : .bad, .objective(objective.name, isMet: isMet, lag: lag), at: at,
            about: .service(objective.service))
    }

    mutating func follow(_ fault: Fault, at: Timestamp) {
        let before: Fault?
        if let index = faults.lastIndex(where: { $0.id == fault.id }) {
            before = faults[index]
            faults[index] = fault
        } else {
            before = nil
            faults.append(fault)
            dropOldestFault()
        }
        // What was counted before the fault was changed tells nothing of what it is now.
        if let before, before.acceptedAt != fault.acceptedAt { watch.sightings[fault.id] = nil }
        followSpell(fault, at: at)
        if let before, before.share != fault.share, !fault.phase.isOver {
            tell(
                .fault, before.share < fault.share ? .warn : .plain,
                .dialled(fault: fault.id, from: before.share, to: fault.share, why: fault.explanation), at: at,
                by: fault.by, about: .edge(fault.edge))
            return
        }
        guard before?.phase != fault.phase else { return }
        let tone: TimelineEntry.Tone =
            switch fault.phase {
            case .requested, .accepted, .active, .other: .warn
            case .reverting: .plain
            case .reverted: .good
            case .lost where fault.ending == .gone || fault.ending == .over: .plain
            case .lost, .refused, .stuck: .bad
            }
        tell(.fault, tone, .fault(TimelineEntry.FaultTurn(fault)), at: at, by: fault.by, about: .edge(fault.edge))
    }

    private mutating func dropOldestFault() {
        while faults.count > Self.keptFaults, let place = faults.firstIndex(where: \.phase.isOver) {
            faults.remove(at: place)
            older.faults += 1
        }
    }

    mutating func follow(_ halt: Halt, at: Timestamp) {
        if !halt.isLatched || self.halt?.isLatched != true { watch.flatPolls = [:] }
        self.halt = halt
        guard halt.isLatched else {
            watch.rearmedAt = at
            tell(.halt, .plain, .rearmed(by: halt.by), at: at, by: halt.by)
            return
        }
        let clean = halt.proofs.filter(\.isClean).count
        if halt.proofs.isEmpty {
            tell(.halt, .warn, .halted(by: halt.by, reason: halt.reason), at: at, by: halt.by)
        } else {
            let tone: TimelineEntry.Tone = clean == halt.proofs.count ? .good : .bad
            tell(.halt, tone, .proven(clean: clean, of: halt.proofs.count), at: at, by: halt.by)
        }
    }
}
