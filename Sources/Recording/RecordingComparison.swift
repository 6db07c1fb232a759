import MeshModel

/// Two recordings of the same experiment beside each other: what got better, what got worse.
public struct RecordingComparison: Sendable {
    /// An experiment, an objective or a service in both of them.
    public struct Row: Equatable, Sendable {
        public enum Change: String, CaseIterable, Sendable {
            case worse, missing, better, same
        }

        public var name: String
        public var before: String
        public var after: String
        public var change: Change
    }

    public var rows: [Row] = []
    /// What a reader should know before the figures: that they are of two meshes, of one recording, of half a run.
    public var notes: [String] = []
    /// False when no service is in both, so that nothing can be compared.
    public var isPossible = true

    /// True when nothing got worse and nothing is missing.
    public var isNoWorse: Bool { rows.allSatisfy { $0.change == .same || $0.change == .better } }

    /// A difference below `tolerance` (a share of the earlier value) is noise.
    public init(_ before: DayReport, _ after: DayReport, tolerance: Double = 0.1) {
        note(before, after)
        for run in Self.lastRuns(before) {
            rows.append(Self.outcome(run, after.experiments.last { $0.file == run.file }))
        }
        for judged in before.objectives {
            let other = after.objectives.first { $0.objective.name == judged.objective.name }
            rows.append(Self.verdict(judged, other))
            rows.append(
                Self.row(
                    "\(judged.objective.name): broken for", judged.brokenSeconds, other?.brokenSeconds, tolerance,
                    floor: 1, ReportText.seconds))
            // Where one of them broke nothing there is no time to compare; the verdict has said so.
            if let other, let old = before.longestRecovery(judged), let new = after.longestRecovery(other) {
                rows.append(
                    Self.row(
                        "\(judged.objective.name): time to recover", old, new, tolerance, floor: 1
                    ) { $0.map(ReportText.wait) ?? "–" })
            }
        }
        for (name, total) in before.services.sorted(by: { $0.key < $1.key }) {
            let other = after.services[name]
            rows.append(
                Self.row(
                    "\(name): errors", total.errorShare, other?.errorShare, tolerance, floor: 0.001, ReportText.percent)
            )
            rows.append(
                Self.row(
                    "\(name): p99", total.latency.quantile(0.99), other?.latency.quantile(0.99), tolerance, floor: 1,
                    ReportText.milliseconds))
        }
    }

    /// The last run of each experiment, in the order of their beginning.
    private static func lastRuns(_ report: DayReport) -> [ExperimentReport] {
        report.experiments.filter { run in report.experiments.last { $0.file == run.file }?.id == run.id }
    }

    private static func outcome(_ before: ExperimentReport, _ after: ExperimentReport?) -> Row {
        let change: Row.Change =
            switch (before.verdict?.outcome, after?.verdict?.outcome) {
            case (nil, nil) where after != nil: .same
            // It was never run, or its end is not in the recording.
            case (_, nil): .missing
            case (.held?, let outcome?): outcome == .held ? .same : .worse
            case (_, .held?): .better
            case (.completed?, let outcome?): outcome == .completed ? .same : .worse
            case (_, _?): .same
            }
        func word(_ run: ExperimentReport) -> String { run.verdict?.outcome.word ?? "NOT ENDED" }
        return Row(
            name: "experiment \(before.title)", before: word(before), after: after.map(word) ?? "–", change: change)
    }

    private mutating func note(_ before: DayReport, _ after: DayReport) {
        if let session = before.session?.id, session == after.session?.id, before.start == after.start {
            notes.append("both are recordings of the same session")
        }
        if before.name != after.name { notes.append("the first is of '\(before.name)', the second of '\(after.name)'") }
        if !before.services.isEmpty, Set(before.services.keys).isDisjoint(with: after.services.keys) {
            isPossible = false
            notes.append("no common service: nothing to compare")
        } else if before.services.isEmpty {
            isPossible = false
            notes.append("the first has no traffic: nothing to compare")
        } else if Set(before.experiments.map(\.file)).isDisjoint(with: after.experiments.map(\.file)),
            !before.experiments.isEmpty
        {
            notes.append("no common experiment; objectives and services are compared")
        }
        for (place, report) in [("first", before), ("second", after)] where !report.isComplete {
            notes.append("the \(place) was not closed properly; its end may be missing")
        }
    }

    private static func verdict(_ before: DayReport.Judged, _ after: DayReport.Judged?) -> Row {
        let change: Row.Change =
            switch (before.isHeld, after?.isHeld) {
            case (_, nil): after == nil || before.isHeld != nil ? .missing : .same
            case (false?, true?): .better
            case (true?, false?), (nil, false?): .worse
            default: .same
            }
        return Row(
            name: before.objective.name, before: ReportText.verdict(before.isHeld),
            after: after.map { ReportText.verdict($0.isHeld) } ?? "–", change: change)
    }

    /// Lower is better; what lies below `floor` counts as nothing.
    private static func row(
        _ name: String, _ before: Double?, _ after: Double?, _ tolerance: Double, floor: Double,
        _ text: (Double?) -> String
    ) -> Row {
        let change: Row.Change
        if let before, let after {
            let difference = after - before
            let noise = max(floor, abs(before) * tolerance)
            change = difference > noise ? .worse : difference < -noise ? .better : .same
        } else {
            change = before == nil ? .same : .missing
        }
        return Row(name: name, before: text(before), after: text(after), change: change)
    }
}
