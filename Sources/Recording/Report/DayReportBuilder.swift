import MeshModel

/// Gathers the figures of a day from its events, in one pass.
struct DayReportBuilder {
    private var report: DayReport
    private var told = 0
    /// Every run of the day; a state keeps the last ones.
    private var runs: [ExperimentReport] = []
    private var isHalted = false
    private var latencies: [Objective: LatencyHistogram] = [:]
    private var broken: [Objective: Timestamp] = [:]
    /// Faults that stand, by their place in the report.
    private var standing: [String: Int] = [:]
    private var keeper = MomentKeeper()
    private var frames: DayFrames

    private static let mostMoments = 8
    private static let mostReadings = 1200

    init(_ day: ExportedDay) {
        report = DayReport(
            header: day.header, session: day.header.session, start: day.start, end: day.end, findings: day.findings)
        frames = DayFrames(duration: day.duration)
    }

    mutating func take(_ event: Event, _ state: MeshState) {
        report.session = state.session ?? report.session
        takeTold(state)
        takeSpell(event, state)
        switch event.observation {
        case .traffic(let traffic):
            if state.session?.queryScopes.contains(traffic.service) != true { count(traffic) }
            see(traffic, state)
            for objective in state.session?.objectives ?? [] where objective.scope == traffic.service {
                judge(objective, traffic, state, at: event.at)
            }
        case .fault(let fault): follow(fault, state, at: event.at)
        case .halt(let halt): count(halt)
        case .keyframe(let told):
            // Its story has the halt that is in force, so the count has it too.
            count(told.halt ?? Halt(isLatched: false, by: "", reason: ""))
            takeRuns(state)
        case .experiment: takeRuns(state)
        case .session, .source, .edge, .note, .catalogue, .recording, .beat: break
        }
        keeper.take(event, state)
        frames.take(event, state)
    }

    mutating func report(_ state: MeshState) -> DayReport {
        takeRuns(state)
        report.experiments = runs
        report.catalogue = state.catalogue
        follow(state.watch.spell, state)
        // One whose service had no traffic is told too, or a verdict would pass over it.
        for objective in state.session?.objectives ?? []
        where !report.objectives.contains(where: { $0.objective == objective }) {
            report.objectives.append(DayReport.Judged(objective: objective))
        }
        for (objective, from) in broken { close(objective, from, at: report.end, isOver: false) }
        for place in report.objectives.indices {
            let objective = report.objectives[place].objective
            report.objectives[place].take(state, at: report.end)
            if case .latency(let quantile, _) = objective.indicator {
                report.objectives[place].value = latencies[objective]?.quantile(quantile)
            }
            report.objectives[place].breaches.sort { $0.from < $1.from }
            thin(&report.objectives[place].readings, isWorstLow: objective.isWorstLow)
        }
        takeMoments(state)
        report.lastHalt = state.isHalted ? state.halt : nil
        report.standing = state.activeFaults
        return report
    }

    private mutating func takeMoments(_ state: MeshState) {
        for run in runs { report.runMoments[run.id] = keeper.moment(of: run.id) }
        let own = report.faults.map(\.fault).filter { $0.run == nil }.compactMap { keeper.moment(of: $0.id) }
        report.moments = [keeper.first].compactMap(\.self) + own.prefix(Self.mostMoments)
        report.moments.append(GraphMoment("At the end", of: state, at: report.end))
        report.frames = frames
    }

    /// A halt tells more than once how it does, and one that is asked for again, by whomever, is still the same until it
    /// is re-armed. That with which a control plane ends is no halt of the day.
    private mutating func count(_ halt: Halt) {
        guard halt.isLatched else {
            isHalted = false
            return
        }
        guard !halt.endsControlPlane, !isHalted else { return }
        isHalted = true
        report.halts += 1
    }

    private mutating func takeRuns(_ state: MeshState) {
        for run in state.experiments {
            if let place = runs.lastIndex(where: { $0.id == run.id }) { runs[place] = run } else { runs.append(run) }
        }
    }

    private mutating func takeTold(_ state: MeshState) {
        let new = min(state.timeline.count, max(0, state.told &- told))
        if new > 0 { report.timeline += state.timeline.suffix(new) }
        told = max(told, state.told)
    }

    private mutating func count(_ traffic: TrafficReport) {
        if let inbound = traffic.inbound { report.services[traffic.service, default: DayReport.Total()].add(inbound) }
        for outbound in traffic.outbound {
            guard let sample = outbound.sample else { continue }
            let edge = Edge(from: traffic.service, to: outbound.to)
            report.edges[edge, default: DayReport.Total()].add(sample)
        }
    }

    /// Keeps what the fold counted of the faults that stand; it forgets that with their end.
    private mutating func see(_ traffic: TrafficReport, _ state: MeshState) {
        for (id, place) in standing where report.faults[place].fault.edge.from == traffic.service {
            guard let seen = state.watch.sightings[id] else { continue }
            report.faults[place].seen = seen.values.reduce(into: SeenShare(hit: 0, requests: 0)) { sum, share in
                sum.hit = sum.hit.addingReportingOverflow(share.hit).partialValue
                sum.requests = sum.requests.addingReportingOverflow(share.requests).partialValue
            }
        }
    }

    private mutating func judge(_ objective: Objective, _ traffic: TrafficReport, _ state: MeshState, at: Timestamp) {
        let place: Int
        if let known = report.objectives.firstIndex(where: { $0.objective == objective }) {
            place = known
        } else {
            report.objectives.append(DayReport.Judged(objective: objective))
            place = report.objectives.count - 1
        }
        if let latency = traffic.inbound?.latency { latencies[objective, default: LatencyHistogram()].add(latency) }
        let reading = state.reading(of: objective, at: at)
        report.objectives[place].readings.append((at, reading.value))
        guard let value = reading.value, let isMet = reading.isMet else { return }
        let worst = report.objectives[place].worst
        if worst.map({ objective.isWorstLow ? value < $0.value : value > $0.value }) ?? true {
            report.objectives[place].worst = (value, at)
        }
        if isMet {
            if let from = broken.removeValue(forKey: objective) { close(objective, from, at: at, isOver: true) }
        } else {
            broken[objective] = broken[objective] ?? at
        }
    }

    private mutating func close(_ objective: Objective, _ from: Timestamp, at: Timestamp, isOver: Bool) {
        guard let place = report.objectives.firstIndex(where: { $0.objective == objective }) else { return }
        report.objectives[place].breaches.append(Breach(objective: objective.name, from: from, to: at, isOver: isOver))
    }

    private mutating func follow(_ fault: Fault, _ state: MeshState, at: Timestamp) {
        let place: Int
        if let known = report.faults.firstIndex(where: { $0.fault.id == fault.id }) {
            place = known
            report.faults[place].fault = fault
        } else {
            report.faults.append(DayReport.Injected(fault: fault))
            place = report.faults.count - 1
        }
        if fault.phase == .active { report.faults[place].activeAt = report.faults[place].activeAt ?? at }
        if fault.phase.isOver {
            standing[fault.id] = nil
            report.faults[place].endedAt = fault.endedAt ?? at
        } else {
            standing[fault.id] = place
        }
    }

    /// Keeps what the fold says of the spell that is on, until the next one takes its place there.
    private mutating func takeSpell(_ event: Event, _ state: MeshState) {
        guard let spell = state.watch.spell else { return }
        switch event.observation {
        case .fault, .keyframe: follow(spell, state)
        case .traffic(let traffic):
            // A recovery may be what this poll shows.
            if state.session?.objectives.contains(where: { $0.scope == traffic.service }) ?? false {
                follow(spell, state)
            }
        case .session, .source, .edge, .halt, .note, .experiment, .catalogue, .recording, .beat: break
        }
    }

    private mutating func follow(_ spell: FaultSpell?, _ state: MeshState) {
        guard let spell else { return }
        if report.spells.last?.startedAt != spell.startedAt {
            report.spells.append(DayReport.Spell(startedAt: spell.startedAt, faults: []))
        }
        let place = report.spells.count - 1
        report.spells[place].stoppedAt = spell.stoppedAt
        report.spells[place].faults = spell.faults
        report.spells[place].effects = state.watch.tracks.compactMapValues(\.effect)
    }

    /// Leaves the worst reading of each stretch, so that a chart of a long day shows its dips.
    private func thin(_ readings: inout [(at: Timestamp, value: Double?)], isWorstLow: Bool) {
        let step = readings.count / Self.mostReadings + 1
        guard step > 1 else { return }
        readings = stride(from: 0, to: readings.count, by: step).map { start in
            let part = readings[start..<min(readings.count, start + step)]
            let values = part.compactMap(\.value)
            return (part[start].at, isWorstLow ? values.min() : values.max())
        }
    }
}

extension Objective {
    /// Is a lower value the worse one?
    var isWorstLow: Bool {
        switch indicator {
        case .success: true
        case .latency: false
        }
    }
}

extension DayReport.Total {
    fileprivate mutating func add(_ sample: TrafficSample) {
        requests = requests.addingReportingOverflow(sample.completed).partialValue
        errors = errors.addingReportingOverflow(sample.answers5xx).partialValue
        if let latency = sample.latency { self.latency.add(latency) }
    }
}

extension DayReport.Judged {
    /// Takes what the fold over the whole day says, by the functions that the screen asks too.
    fileprivate mutating func take(_ state: MeshState, at end: Timestamp) {
        day = state.watch.tracks[objective]?.day ?? day
        budget = state.budget(of: objective, at: end)
        last = state.reading(of: objective, at: end)
        if case .success = objective.indicator { value = day.badShare.map { 1 - $0 } }
    }
}
