extension MeshState {
    /// Counts a poll against the objectives of its service, and looks whether they are back where they were.
    mutating func tally(_ report: TrafficReport, for objective: Objective, isNewRound: Bool, at: Timestamp) {
        guard let sample = report.inbound else { return }
        let counted = objective.tally(of: sample)
        watch.tracks[objective, default: ObjectiveTrack()].add(counted, covering: sample, at: at)
        // One replica of many is not the service.
        let round = services[objective.scope]?.lastRound ?? sample
        if objective.ownQuantile != nil {
            watch.tracks[objective]?.keep(objective.value(of: round), isNewRound: isNewRound, at: at)
        }
        guard let spell = watch.spell, let stopped = spell.stoppedAt, watch.tracks[objective]?.effect != nil,
            at.advanced(bySeconds: -sample.seconds + 0.05) >= stopped, let value = objective.value(of: round)
        else { return }
        let band = spell.baselines[.service(objective.scope)]?.band(of: objective.indicator)
        let isBack = objective.reading(of: round).isMet == true && objective.isBack(value, in: band)
        guard let day = watch.tracks[objective]?.day else { return }
        watch.tracks[objective]?.effect?.follow(isBack: isBack, isNewRound: isNewRound, day, at: at)
    }

    /// Notes a crossing, lays it to the fault that came last, and tells how long after that it was; of a return, how long
    /// the objective took since the faults were gone, where that is known by now.
    mutating func cross(_ objective: Objective, isMet: Bool, at: Timestamp) -> TimelineEntry.Lag? {
        let before = watch.tracks[objective]?.since
        watch.tracks[objective, default: ObjectiveTrack()].since = at
        guard let spell = watch.spell, let effect = watch.tracks[objective]?.effect else { return nil }
        if isMet { return lag(ofReturn: effect, spell, brokenSince: before) }
        guard effect.detection == nil, !effect.wasBroken, effect.recoveredAt == nil else { return nil }
        let own = faults.filter { spell.faults.contains($0.id) && ($0.acceptedAt ?? $0.requestedAt) <= at }
        guard let last = own.max(by: { ($0.acceptedAt ?? $0.requestedAt) < ($1.acceptedAt ?? $1.requestedAt) }) else {
            return nil
        }
        let found = FaultEffect.Detection(fault: last.id, startedAt: last.acceptedAt ?? last.requestedAt, at: at)
        watch.tracks[objective]?.effect?.detection = found
        return TimelineEntry.Lag(fault: last.id, milliseconds: max(0, at.milliseconds &- found.startedAt.milliseconds))
    }

    /// The time to recover, once it is proven; nil of a breach that came after it, which is another's.
    private func lag(ofReturn effect: FaultEffect, _ spell: FaultSpell, brokenSince: Timestamp?) -> TimelineEntry.Lag? {
        guard effect.detection != nil, let stopped = spell.stoppedAt, let back = effect.recoveredAt,
            brokenSince.map({ $0 <= back }) ?? true
        else { return nil }
        let fault = spell.faults.count == 1 ? spell.faults[0] : nil
        return TimelineEntry.Lag(fault: fault, milliseconds: max(0, back.milliseconds &- stopped.milliseconds))
    }

    /// Begins a spell with the first fault that a proxy holds, and ends it when nothing stands any more.
    mutating func followSpell(_ fault: Fault, at: Timestamp) {
        let isHeld = fault.phase == .accepted || fault.phase == .active
        if isHeld { join(fault, at: at) }
        let stands = faults.contains {
            switch $0.phase {
            case .requested, .accepted, .active, .other: true
            case .reverting, .reverted, .lost, .stuck, .refused: false
            }
        }
        if !stands, watch.spell != nil, watch.spell?.stoppedAt == nil { watch.spell?.stoppedAt = at }
        if fault.phase.isOver { watch.sightings[fault.id] = nil }
    }

    private mutating func join(_ fault: Fault, at: Timestamp) {
        guard let spell = watch.spell, !isOver(spell, at: at) else {
            begin(spellWith: fault, at: at)
            return
        }
        if !spell.faults.contains(fault.id) { watch.spell?.faults.append(fault.id) }
        guard spell.stoppedAt != nil else { return }
        watch.spell?.stoppedAt = nil
        for objective in watch.tracks.keys { watch.tracks[objective]?.effect?.resume() }
    }

    /// A spell is over when every objective is back, or when that has taken too long to wait for.
    private func isOver(_ spell: FaultSpell, at: Timestamp) -> Bool {
        guard let stopped = spell.stoppedAt else { return false }
        let isBack = watch.tracks.values.allSatisfy { $0.effect.map { $0.recoveredAt != nil } ?? true }
        return isBack || abs(at.seconds(since: stopped)) > 2 * Baseline.seconds
    }

    private mutating func begin(spellWith fault: Fault, at: Timestamp) {
        let before = watch.spell
        // The time in which the last spell was still felt is no baseline.
        let felt = watch.tracks.values.compactMap { $0.effect?.recoveredAt }.max() ?? before?.stoppedAt
        let earliest = at.advanced(bySeconds: -Baseline.seconds)
        let start = felt.map { max($0, earliest) } ?? earliest
        var spell = FaultSpell(startedAt: at, stoppedAt: nil, faults: [fault.id], baselines: [:])
        for scope in scopesToKeep(fault) {
            let series =
                switch scope {
                case .service(let name): services[name]?.series
                case .edge(let edge): edges[edge]?.series
                }
            var baseline = Baseline(series ?? [], from: start, until: at)
            if case .service(let name) = scope {
                for objective in session?.objectives ?? [] where objective.scope == name {
                    baseline?.add(watch.tracks[objective]?.values ?? [], of: objective, from: start, until: at)
                }
            }
            spell.baselines[scope] = baseline ?? before?.baselines[scope]
        }
        watch.spell = spell
        for objective in session?.objectives ?? [] {
            let day = watch.tracks[objective]?.day ?? BudgetTally()
            watch.tracks[objective, default: ObjectiveTrack()].effect = FaultEffect(
                before: day, wasBroken: verdicts[objective] == false)
        }
    }

    private func scopesToKeep(_ fault: Fault) -> Set<Scope> {
        if services.count + edges.count <= FaultSpell.mostScopes {
            return Set(services.keys.map { .service($0) } + edges.keys.map { .edge($0) })
        }
        var scopes: Set<Scope> = [.edge(fault.edge), .service(fault.edge.from), .service(fault.edge.to)]
        for objective in session?.objectives ?? [] { scopes.insert(.service(objective.scope)) }
        if let entrance = session?.entrance { scopes.insert(.service(entrance)) }
        return scopes
    }

    /// Adds what a source counted of the faults it holds, and whether its counters stood still since a halt.
    mutating func see(_ report: TrafficReport, at: Timestamp) {
        // Most of the day nothing stands, and a thousand proxies tell of it each second.
        if let spell = watch.spell, spell.stoppedAt == nil {
            for place in faults.indices where !faults[place].phase.isOver && faults[place].edge.from == report.service {
                see(report, of: faults[place], at: at)
            }
        }
        if isHalted, halt?.proofs.isEmpty == false { prove(report) }
    }

    private mutating func see(_ report: TrafficReport, of fault: Fault, at: Timestamp) {
        guard fault.evidence == .counted, let accepted = fault.acceptedAt else { return }
        for outbound in report.outbound where outbound.to == fault.edge.to {
            guard let sample = outbound.sample, at.advanced(bySeconds: -sample.seconds + 0.05) >= accepted else {
                continue
            }
            guard let more = sample.seen(of: fault.kind) else { continue }
            var seen = watch.sightings[fault.id]?[report.source] ?? SeenShare(hit: 0, requests: 0)
            seen.hit = seen.hit.addingClamped(more.hit)
            seen.requests = seen.requests.addingClamped(more.requests)
            watch.sightings[fault.id, default: [:]][report.source] = seen
        }
    }

    private mutating func prove(_ report: TrafficReport) {
        let samples = [report.inbound].compactMap { $0 } + report.outbound.compactMap(\.sample)
        guard !samples.isEmpty else { return }
        let isFlat = samples.allSatisfy { $0.hits == 0 }
        watch.flatPolls[report.source] = isFlat ? min(1_000_000, (watch.flatPolls[report.source] ?? 0) + 1) : 0
    }
}

extension Objective {
    /// Is a value back where it was before? A fifth beyond the band is still there: no two minutes are the same.
    func isBack(_ value: Double, in band: Band?) -> Bool {
        guard let band else { return true }
        return switch indicator {
        case .success: 1 - value <= (1 - band.low) * 1.2 + 1e-9
        case .latency: value <= band.high * 1.2 + 1e-9
        }
    }
}
