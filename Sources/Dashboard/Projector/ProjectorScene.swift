import MeshModel
import TerminalCanvas

/// What there is to tell the back row at a moment, before the board decides when it is shown.
struct ProjectorScene: Equatable, Sendable {
    /// One indicator in big digits, with its verdict in words.
    struct Gauge: Equatable, Sendable {
        enum Verdict: Equatable, Sendable { case holds, broken, unknown, unjudged }

        var title: String
        var digits: String
        var unit: String
        var verdict: Verdict
        /// What is asked for, and how it was before the faults.
        var bound: String?
        var before: String?
    }

    /// A fault as a sentence; its countdown is not part of it, so that a second that goes by is no news.
    struct FaultRow: Equatable, Sendable {
        var name: String
        var words: String
        /// The same in the fewest words: `F1 ABORT 503 50% bar>taps`.
        var short: String
        /// What is not as it should be, or not seen yet.
        var remark: String?
        var role: StyleRole
        var leaseEnds: Timestamp?
    }

    /// A line of the story, newest first.
    struct Sentence: Equatable, Sendable {
        var text: String
        var at: Timestamp
        var role: StyleRole
    }

    var headline: Headline
    var gauges: [Gauge]
    var faults: [FaultRow]
    var paths: [FaultPath]
    /// Services that fail by nothing that was injected.
    var unexplained: [ServiceName]
    var predictions: Predictions?
    var story: [Sentence]

    static let mostGauges = 3
    private static let mostSentences = 3

    init(_ state: DashboardState) {
        gauges = Self.gauges(state)
        faults = state.shown.activeFaults.map { Self.row($0, state) }
        paths = FaultPath.all(in: state)
        unexplained = FaultPath.unexplained(in: state)
        headline = Headline(state)
        predictions = Predictions(state.shown)
        let told = state.shown.timeline.suffix(40).reversed().filter {
            $0.kind != .session && !Narrator.isStep($0)
        }
        story = told.prefix(Self.mostSentences).map { entry in
            Sentence(
                text: Narrator.sentence(of: entry, in: state.shown), at: entry.at, role: Look.role(entry.tone))
        }
    }

    /// The objectives in their order; when there are more than fit, the broken ones come first.
    private static func gauges(_ state: DashboardState) -> [Gauge] {
        let objectives = state.shown.session?.objectives ?? []
        let entrance = state.shown.session?.entrance ?? state.digraph.names.first
        guard !objectives.isEmpty else { return entrance.map { plain($0, state) } ?? [] }
        let readings = objectives.map { ($0, state.shown.reading(of: $0, at: state.shownAt)) }
        let broken = readings.filter { $0.1.isMet == false }
        let chosen = objectives.count <= mostGauges ? readings : broken + readings.filter { $0.1.isMet != false }
        return chosen.prefix(mostGauges).map { gauge($0.0, $0.1, state) }
    }

    private static func gauge(_ objective: Objective, _ reading: ObjectiveReading, _ state: DashboardState) -> Gauge {
        let spell = state.shown.activeFaults.isEmpty ? nil : state.shown.watch.spell
        let band = spell?.baselines[.service(objective.scope)]?.band(of: objective.indicator)
        let isSuccess = if case .success = objective.indicator { true } else { false }
        let value = isSuccess ? Format.success(reading.value) : Format.latency(reading.value)
        let before = band.map { isSuccess ? Format.success($0.middle) : Format.latency($0.middle) }
        return Gauge(
            title: Narrator.indicator(of: objective), value: value,
            verdict: reading.isMet.map { $0 ? .holds : .broken } ?? .unknown,
            bound: Narrator.bound(of: objective), before: before)
    }

    /// Without objectives the door's own numbers stand there, and nobody judges them.
    private static func plain(_ name: ServiceName, _ state: DashboardState) -> [Gauge] {
        let reading = state.shownReadings[name]
        let success = Format.success(reading.errors.map { 1 - $0 })
        return [
            Gauge(title: "\(name) success", value: success, verdict: .unjudged, bound: nil, before: nil),
            Gauge(
                title: "\(name) p99", value: Format.latency(reading.p99), verdict: .unjudged, bound: nil, before: nil),
        ]
    }

    private static func row(_ fault: Fault, _ state: DashboardState) -> FaultRow {
        let remark: String? =
            switch fault.phase {
            case .requested: "requested, not configured yet"
            case .accepted where fault.evidence == .asked: "requested, not confirmed"
            case .accepted: "configured, no hits yet"
            case .active where fault.isOrphan: "not started here"
            case .active: nil
            case .reverting: "being removed"
            case .stuck: "STUCK: not removed yet"
            case .reverted, .lost, .refused, .other: fault.phase.word
            }
        return FaultRow(
            name: Narrator.name(of: fault).uppercased(), words: Narrator.words(for: fault),
            short: "\(fault.id) \(fault.kind.label) \(Format.asked(fault.share)) \(fault.edge)", remark: remark,
            role: Look.role(fault.phase), leaseEnds: fault.isOrphan ? nil : fault.leaseEnds)
    }
}

extension ProjectorScene.Gauge {
    /// Takes a value as the other screens write it apart into digits and unit.
    init(title: String, value: String, verdict: Verdict, bound: String?, before: String?) {
        let digits = value.prefix { $0.isASCII && ($0.isNumber || $0 == "." || $0 == "-") }
        self.init(
            title: title, digits: String(digits), unit: String(value.dropFirst(digits.count)), verdict: verdict,
            bound: bound, before: before)
    }
}
