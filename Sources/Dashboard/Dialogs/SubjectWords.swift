import MeshModel
import TerminalCanvas

/// All that is known of a fault, an objective, a proxy, a run or a line of the story, as lines that cut nothing.
struct SubjectWords {
    private let state: DashboardState
    private let glyphs: Glyphs
    private let columns: Int
    private(set) var lines: [[Span]] = []

    /// As wide as the screen lets a dialog be, and no wider than a person reads a line.
    init(_ subject: Subject, _ state: DashboardState, _ glyphs: Glyphs) {
        self.state = state
        self.glyphs = glyphs
        columns = max(20, min(72, state.size.columns - 8))
        switch subject {
        case .selection: lines = DetailWords.lines(state, glyphs)
        case .fault(let id): if let fault = state.shown.faults.last(where: { $0.id == id }) { tell(fault) }
        case .objective(let name):
            if let objective = state.shown.session?.objectives.first(where: { $0.name == name }) { tell(objective) }
        case .proxy(let name): if let status = state.shown.sources[name] { tell(status) }
        case .run(let id): if let run = state.shown.experiments.last(where: { $0.id == id }) { tell(run) }
        case .plan(let file): if let plan = state.shown.catalogue.first(where: { $0.file == file }) { tell(plan) }
        case .entry(let number): if let entry = state.entry(number) { tell(entry, of: state.crowd(of: number)) }
        }
        if lines.isEmpty { add("No longer kept here; the recording has it.", Style(.muted)) }
    }

    private mutating func add(_ text: String, _ style: Style = Style(.text), indent: Int = 0) {
        let space = String(repeating: " ", count: indent)
        for line in Text.wrapped(Text.sanitised(text), to: max(1, columns - indent)) {
            lines.append([Span(space + line, style)])
        }
    }

    /// A name and what belongs to it, below each other where it is long.
    private mutating func fact(_ name: String, _ text: String, _ style: Style = Style(.text)) {
        let width = 12
        for (place, line) in Text.wrapped(Text.sanitised(text), to: max(1, columns - width)).enumerated() {
            lines.append([Span(Text.fitted(place == 0 ? name : "", to: width), Style(.muted)), Span(line, style)])
        }
    }

    private mutating func heading(_ title: String) { lines += [[], [Span(title, Style(.title, .bold))]] }

    private func clock(_ at: Timestamp?) -> String {
        guard let at, let session = state.shown.session else { return Format.unknown }
        return Format.clock(at.seconds(since: session.startedAt))
    }

    private mutating func tell(_ entry: TimelineEntry, of crowd: [TimelineEntry]) {
        lines.append([
            Span(clock(entry.at), Style(.muted)),
            Span("  \(TimelineWords.kind(entry.kind))", Style(Look.role(entry.tone), .bold)),
        ])
        lines.append([])
        if let words = TimelineWords.crowd(entry, crowd.count) {
            add(words)
            lines.append([])
            for one in crowd.prefix(500) { fact(clock(one.at), one.text, Style(.muted)) }
            if crowd.count > 500 { add("and \(Format.count(crowd.count - 500)) more", Style(.muted)) }
            return
        }
        add(entry.text)
        let sentence = Narrator.sentence(of: entry, in: state.shown)
        if sentence != entry.text, !entry.kind.isSaid {
            lines.append([])
            add(sentence, Style(.muted))
        }
        switch entry.scope {
        case .service(let name)?: heading("Service"); add(name.text)
        case .edge(let edge)?: heading("Edge"); add("\(edge)")
        case nil: break
        }
    }

    private mutating func tell(_ fault: Fault) {
        add("\(fault.id)  \(fault.kind.label)", Style(.title, .bold))
        add(Narrator.words(for: fault))
        lines.append([])
        fact("edge", "\(fault.edge)")
        fact("state", FaultWords.phase(fault, in: state.shown), Style(Look.role(fault.phase), .bold))
        fact(
            "requested",
            "\(fault.isOrphan ? "not here" : Format.asked(fault.share)) by \(fault.by) at \(clock(fault.requestedAt))")
        fact("configured", clock(fault.acceptedAt))
        if let ended = fault.endedAt { fact("ended", clock(ended)) }
        if !fault.isOrphan, !fault.phase.isOver {
            fact("lease", "\(Format.countdown(fault.leaseRemaining(at: state.shownAt))) left")
        }
        if let run = fault.run { fact("run", run) }
        if let seen = state.shown.seen(of: fault) {
            fact("observed", "\(seen.hit) of \(seen.requests) requests hit: \(Format.share(seen.ratio))")
        }
        if let why = fault.explanation { fact("reason", why, Style(.warn)) }
        guard !fault.phase.isOver else { return }
        heading("Proxies")
        lines += FaultDetails.proxies(fault, state, glyphs)
    }

    private mutating func tell(_ objective: Objective) {
        let reading = state.shown.reading(of: objective, at: state.shownAt)
        add(objective.name, Style(.title, .bold))
        add("\(objective.service)  \(ObjectiveWords.bound(objective))")
        lines.append(ObjectiveWords.verdict(objective, reading, state, glyphs))
        lines.append([])
        lines += ObjectiveFacts(objective).lines(state, glyphs)
        let crossings = state.shown.timeline.filter { entry in
            if case .objective(objective.name, _, _) = entry.turn { true } else { false }
        }
        guard !crossings.isEmpty else { return }
        heading("History")
        for entry in crossings.suffix(50).reversed() {
            fact(clock(entry.at), Narrator.sentence(of: entry, in: state.shown), Style(Look.role(entry.tone)))
        }
    }

    private mutating func tell(_ status: MeshState.SourceStatus) {
        let report = status.report
        let role = ProxyEvidence.role(report.state)
        add(report.name, Style(.title, .bold))
        lines.append([Span("\(glyphs.mark(role) ?? " ") \(report.state.rawValue)", Style(role, .bold))])
        lines.append([])
        fact("service", report.service?.text ?? Format.unknown)
        fact("kind", report.kind.rawValue)
        fact("endpoint", report.endpoint)
        fact("age", Format.age(status.heardAt.map { max(0, state.shownAt.seconds(since: $0)) }))
        if let version = report.version { fact("version", version) }
        if let zone = report.zone { fact("zone", zone) }
        if let reason = ProxyEvidence.reason(report) { fact("reason", reason, Style(.warn)) }
        let faults = state.shown.activeFaults.filter { $0.sources.contains(report.name) }
        if !faults.isEmpty { heading("Faults") }
        for fault in faults {
            add("\(fault.id)  \(fault.kind.label)  \(fault.edge)  \(FaultWords.phase(fault))", Style(.fault))
        }
        guard let name = report.service,
            let sample = state.shown.services[name]?.sample(of: report.name, until: state.shownAt)
        else { return }
        heading("Traffic in 5 s")
        fact("rate", Format.rate(sample.requestRate))
        fact("errors", Format.share(sample.successRatio.map { 1 - $0 }))
        fact("p50", Format.latency(sample.latency?.quantile(0.5)))
        fact("p99", Format.latency(sample.latency?.quantile(0.99)))
    }

    private mutating func tell(_ run: ExperimentReport) {
        add("\(run.id)  \(run.title)", Style(.title, .bold))
        add("\(run.file), started by \(run.by) at \(clock(run.startedAt))", Style(.muted))
        if let override = run.override { fact("overridden", override, Style(.warn)) }
        if let stop = run.stop { fact("stopped", "by \(stop.by): \(stop.reason)", Style(.warn)) }
        if let verdict = run.verdict {
            lines += [[], [Span(verdict.outcome.word, Style(Look.role(verdict.tone), .bold))]]
            for words in verdict.words { add(words) }
        }
        for probe in run.probes {
            heading(Text.sanitised(probe.name))
            fact("expected", probe.expected)
            for moment in [ExperimentReport.Probe.Moment.before, .during, .after] {
                guard let finding = probe[moment] else { continue }
                let word = finding.isMet.map { $0 ? "met" : "NOT MET" } ?? "not evaluated"
                fact(
                    moment.rawValue, "\(word): \(finding.value ?? finding.why ?? "nothing")",
                    Style(finding.isMet == false ? .bad : .text))
            }
        }
        for activity in run.activities {
            heading((activity.part == .rollbacks ? "rollback: " : "") + Text.sanitised(activity.name))
            fact("touches", activity.touches)
            let length = activity.startedAt.flatMap { start in
                activity.endedAt.map { Format.age($0.seconds(since: start)) }
            }
            fact("state", activity.state.rawValue + (length.map { " in \($0)" } ?? ""))
            if let output = activity.output { fact("result", output) }
            if let why = activity.why { fact("reason", why, Style(.warn)) }
        }
    }

    private mutating func tell(_ plan: ExperimentPlan) {
        add(plan.title.isEmpty ? plan.file : plan.title, Style(.title, .bold))
        add(plan.file, Style(.muted))
        if !plan.description.isEmpty { add(plan.description) }
        for problem in plan.problems { add(problem, Style(.warn)) }
        if !plan.probes.isEmpty { heading("STEADY STATE") }
        for probe in plan.probes { add("\(probe.name)  \(probe.expected)") }
        if !plan.steps.isEmpty { heading("METHOD") }
        for step in ExperimentWords.steps(plan) { add(step) }
        if let run = state.shown.lastRun(of: plan.file) {
            lines.append([])
            tell(run)
        }
    }
}
