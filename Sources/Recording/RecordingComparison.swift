import MeshModel

/// Two recordings of the same experiment beside each other: what got better, what got worse.
public struct RecordingComparison: Sendable {
    /// An experiment, an objective or a service in both of them.
    public struct Row: Equatable, Sendable {
        public enum Change: String, Sendable {
            case same, better, worse, missing
        }

        public var name: String
        public var before: String
        public var after: String
        public var change: Change
    }

    public var rows: [Row] = []

    /// True when nothing got worse and nothing is missing.
    public var isNoWorse: Bool { rows.allSatisfy { $0.change == .same || $0.change == .better } }

    /// A difference below `tolerance` (a share of the earlier value) is noise.
    public init(_ before: DayReport, _ after: DayReport, tolerance: Double = 0.1) {
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
            switch (before.verdict?.outcome == .held, after.map { $0.verdict?.outcome == .held }) {
            case (_, nil): .missing
            case (true, false?): .worse
            case (false, true?): .better
            case (true, true?), (false, false?): .same
            }
        return Row(
            name: "experiment \(before.title)", before: before.verdict?.outcome.word ?? "–",
            after: after.map { $0.verdict?.outcome.word ?? "–" } ?? "–", change: change)
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
