internal import Experiments
internal import MeshModel
internal import Synchronization

/// Tells a run to the day: takes in what its runner says, from any thread, and puts what changed into the log.
final class RunStory: Sendable {
    fileprivate struct Held {
        var report: ExperimentReport
        let excerpt = Excerpt()
        let methodCount: Int
        var moment = ExperimentReport.Probe.Moment.before
        /// Probes that the continuous hypothesis asks just now.
        var askedDuring: Set<Int> = []
        /// The last output of a probe, until it is judged.
        var outputs: [Int: String] = [:]
        var changedActivities: Set<Int> = []
        var changedProbes: Set<Int> = []
    }

    private let held: Mutex<Held>
    private let log: EventLog
    private let clock: DayClock

    /// Begins with the whole report as the first event.
    init(_ report: ExperimentReport, log: EventLog, clock: DayClock) {
        held = Mutex(
            Held(
                report: report, methodCount: report.activities.count { $0.part == .method }))
        self.log = log
        self.clock = clock
        log.append([.experiment(report)])
    }

    var report: ExperimentReport { held.withLock { $0.report } }

    func stop(by: String, because reason: String) {
        change { held in
            guard held.report.stop == nil, !held.report.isOver else { return }
            held.report.stop = ExperimentReport.Stop(by: by, reason: Excerpt.line(reason))
        }
    }

    func end(_ verdict: ExperimentReport.Verdict, journal: String?) {
        let now = clock.now()
        change { held in
            held.report.phase = .ended
            held.report.endedAt = now
            held.report.waitsUntil = nil
            held.report.verdict = verdict
            held.report.journal = journal
            for place in held.report.activities.indices {
                switch held.report.activities[place].state {
                case .planned: held.set(place) { $0.state = .skipped }
                case .running:
                    held.set(place) {
                        $0.state = .interrupted
                        $0.endedAt = now
                    }
                case .succeeded, .failed, .interrupted, .skipped: continue
                }
            }
            for place in held.report.probes.indices where held.report.probes[place].asking != nil {
                held.setProbe(place) { $0.asking = nil }
            }
        }
    }

    func hear(_ progress: RunProgress) {
        let now = clock.now()
        change { $0.hear(progress, at: now) }
    }

    /// Tells the head of the report and what the change touched. It is told under the lock, so that the order stays.
    private func change(_ body: (inout Held) -> Void) {
        held.withLock { held in
            var before = held.report
            body(&held)
            var news = held.report
            news.activities = held.changedActivities.sorted().map { held.report.activities[$0] }
            news.probes = held.changedProbes.sorted().map { held.report.probes[$0] }
            (before.activities, before.probes) = ([], [])
            (held.changedActivities, held.changedProbes) = ([], [])
            if news != before { log.append([.experiment(news)]) }
        }
    }
}

extension RunStory.Held {
    mutating func set(_ place: Int, _ body: (inout ExperimentReport.Activity) -> Void) {
        guard report.activities.indices.contains(place) else { return }
        body(&report.activities[place])
        changedActivities.insert(place)
    }

    mutating func setProbe(_ place: Int, _ body: (inout ExperimentReport.Probe) -> Void) {
        guard report.probes.indices.contains(place) else { return }
        body(&report.probes[place])
        changedProbes.insert(place)
    }

    mutating func hear(_ progress: RunProgress, at now: Timestamp) {
        switch progress {
        case .began(let title, _): report.title = excerpt.text(title)
        case .entered(let phase): enter(phase)
        case .pausing(_, _, let seconds, _):
            if report.phase == .method || report.phase == .waiting { report.phase = .waiting }
            report.waitsUntil = now.advanced(bySeconds: seconds)
        case .started(let place, _, _, let inBackground): start(place, inBackground: inBackground, at: now)
        case .finished(let place, _, let status, _, let output, let detail):
            let why = detail.map { excerpt.text($0) } ?? Self.doubt(output)
            let status = status == "succeeded" && Self.isKilled(output) ? "failed" : status
            finish(place, status, excerpt.output(output), why, at: now)
        case .judged(let place, _, let isMet):
            guard place.section == .hypothesis else { return }
            find(place.index, isMet: isMet, why: nil, at: now)
        case .checked(let moment, _):
            if let moment = ExperimentReport.Probe.Moment(rawValue: moment) { closeCheck(moment) }
        case .stopping(let reason):
            if report.stop == nil {
                report.stop = ExperimentReport.Stop(by: "the experiment itself", reason: excerpt.text(reason))
            }
        case .warned, .logged, .ended: break
        }
    }

    /// Chaos Toolkit calls it a success when a server refuses or a program fails, as long as there was an answer.
    private static func doubt(_ output: Value) -> String? {
        guard let status = output["status"]?.double else { return nil }
        if output["body"] != nil { return status >= 400 ? "the server answered \(Int(status))" : nil }
        if isKilled(output) { return "it was ended by signal \(Int(-status))" }
        return status != 0 && output["stdout"] != nil ? "it exited with \(Int(status))" : nil
    }

    /// A program that a signal ended did not do what it is for.
    private static func isKilled(_ output: Value) -> Bool {
        output["stdout"] != nil && output["status"]?.double.map { $0 < 0 } ?? false
    }

    private mutating func enter(_ phase: String) {
        guard let phase = ExperimentReport.Phase(rawValue: phase) else { return }
        report.phase = phase
        report.waitsUntil = nil
        switch phase {
        case .before: moment = .before
        case .method: moment = .during
        case .after: moment = .after
        case .gate, .waiting, .rollbacks, .ended: break
        }
    }

    private func number(of place: ActivityPlace) -> Int {
        place.section == .rollbacks ? methodCount + place.index : place.index
    }

    private mutating func start(_ place: ActivityPlace, inBackground: Bool, at now: Timestamp) {
        if place.section == .hypothesis {
            let moment = inBackground ? .during : self.moment
            if inBackground { askedDuring.insert(place.index) }
            setProbe(place.index) { $0.asking = moment }
            return
        }
        if !inBackground { resume() }
        set(number(of: place)) {
            $0.state = .running
            $0.startedAt = now
        }
    }

    /// A pause is over.
    private mutating func resume() {
        report.waitsUntil = nil
        if report.phase == .waiting { report.phase = .method }
    }

    private mutating func finish(
        _ place: ActivityPlace, _ status: String?, _ output: String?, _ why: String?, at now: Timestamp
    ) {
        if place.section == .hypothesis {
            outputs[place.index] = output
            if status != "succeeded" { find(place.index, isMet: status == nil ? nil : false, why: why, at: now) }
            return
        }
        set(number(of: place)) {
            $0.state = status == "succeeded" ? .succeeded : status == nil ? .interrupted : .failed
            $0.output = output
            $0.why = why
            $0.endedAt = now
        }
        // When only what runs in the background is left, the run waits for it.
        let method = report.activities.prefix(methodCount)
        if place.section == .method, report.phase == .method, method.contains(where: { $0.state == .running }),
            !method.contains(where: { $0.state == .planned || ($0.state == .running && !$0.isInBackground) })
        {
            report.phase = .waiting
        }
    }

    private mutating func find(_ index: Int, isMet: Bool?, why: String?, at now: Timestamp) {
        let moment = askedDuring.remove(index) != nil ? .during : moment
        let finding = ExperimentReport.Probe.Finding(
            value: outputs.removeValue(forKey: index), isMet: isMet, at: now, why: why)
        setProbe(index) {
            $0[moment] = finding
            $0.asking = nil
            guard moment == .during else { return }
            $0.checksDuring += 1
            if isMet == false { $0.unmetDuring += 1 }
        }
    }

    /// A check ends at its first unmet probe; those after it are asked no more.
    private mutating func closeCheck(_ moment: ExperimentReport.Probe.Moment) {
        for place in report.probes.indices where report.probes[place].asking == moment {
            setProbe(place) { $0.asking = nil }
        }
    }
}
