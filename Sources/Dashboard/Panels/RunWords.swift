import MeshModel
import TerminalCanvas

/// A run as lines of a pane.
struct RunWords {
    private(set) var lines: [[Span]] = []
    /// The line where something happens just now.
    private(set) var focus: Int?

    private let columns: Int
    private let glyphs: Glyphs
    private let now: Timestamp
    /// Without empty lines, where there is little room.
    private let isCompact: Bool

    init(run: ExperimentReport, at now: Timestamp, size: Size, _ glyphs: Glyphs) {
        columns = size.columns
        isCompact = size.rows < 12
        self.glyphs = glyphs
        self.now = now
        head(run)
        if !run.probes.isEmpty { steadyState(run) }
        steps(run, .method, "METHOD")
        steps(run, .rollbacks, "ROLLBACKS")
    }

    /// `0:12`: how long it is on, or how long it took.
    static func clock(_ run: ExperimentReport, at now: Timestamp) -> String {
        Format.countdown(max(0, (run.endedAt ?? now).seconds(since: run.startedAt)))
    }

    static func arrow(_ glyphs: Glyphs) -> String { glyphs.pick("▶", ">", ">") }

    /// `METHOD 2/3`, `ABORTING`.
    static func phase(_ run: ExperimentReport) -> String {
        func counted(_ part: ExperimentReport.Activity.Part) -> String {
            let all = run.activities.filter { $0.part == part }
            return all.isEmpty ? "" : " \(all.count { $0.startedAt != nil })/\(all.count)"
        }
        if run.stop != nil, run.phase != .rollbacks { return "ABORTING" }
        return switch run.phase {
        case .gate: "GATE"
        case .before: "BEFORE"
        case .method: "METHOD" + counted(.method)
        case .waiting: "WAITING" + counted(.method)
        case .after: "AFTER"
        case .rollbacks: "ROLLBACKS" + counted(.rollbacks)
        case .ended: "ENDED"
        }
    }

    private mutating func separate() {
        if !isCompact { lines.append([]) }
    }

    private mutating func add(_ text: String, _ style: Style, indent: Int = 1) {
        let space = String(repeating: " ", count: indent)
        for line in Text.wrapped(text, to: max(1, columns - indent)) { lines.append([Span(space + line, style)]) }
    }

    private mutating func head(_ run: ExperimentReport) {
        if let override = run.override { add("gate overridden: \(override)", Style(.warn)) }
        if let verdict = run.verdict {
            let role = Look.role(verdict.tone)
            lines.append([Span(" "), Span(" \(glyphs.mark(role) ?? "") \(verdict.outcome.word) ", Style(role, .bold))])
            for (number, words) in verdict.words.enumerated() {
                let isBad = words.hasPrefix("NOT ")
                add(words, Style(isBad ? .bad : .text, number == 0 || isBad ? .bold : []), indent: 3)
            }
            return
        }
        var spans = [Span(" \(Self.phase(run)) ", Style(run.stop == nil ? .accent : .warn, .bold))]
        if let pause = run.waitsUntil {
            let left = Format.countdown(max(0, pause.seconds(since: now)))
            spans.append(Span(" pause, \(left) left", Style(.lease)))
        }
        if let stop = run.stop { spans.append(Span(" stopped by \(stop.by): \(stop.reason)", Style(.warn))) }
        lines.append(spans)
    }

    private mutating func steadyState(_ run: ExperimentReport) {
        let hasDuring = run.probes.contains { $0.checksDuring > 0 || $0.asking == .during }
        let moments: [ExperimentReport.Probe.Moment] = hasDuring ? [.before, .during, .after] : [.before, .after]
        let width = columns >= 90 ? 18 : columns >= 66 ? 13 : 10
        let name = max(10, columns - moments.count * (width + 1) - 2)
        let heads = moments.map { Span(" " + Text.fitted($0.rawValue, to: width), Style(.muted)) }
        separate()
        lines += [[Span(" " + Text.fitted("STEADY STATE", to: name), Style(.title, .bold))] + heads]
        for probe in run.probes {
            if probe.asking != nil, focus == nil { focus = lines.count }
            // What is expected gives way before the name does.
            let whole = "\(probe.name)  \(probe.expected)"
            let label = Text.width(whole) <= name ? whole : probe.name
            let cells = moments.flatMap { [Span(" ")] + cell(probe, $0, width) }
            lines.append([Span(" " + Text.fitted(label, to: name), Style(.text))] + cells)
        }
    }

    private func cell(_ probe: ExperimentReport.Probe, _ moment: ExperimentReport.Probe.Moment, _ width: Int) -> [Span]
    {
        guard let finding = probe[moment] else {
            let isAsked = probe.asking == moment
            return [
                Span(
                    Text.fitted(isAsked ? "\(Self.arrow(glyphs)) running" : "-", to: width),
                    Style(isAsked ? .accent : .muted))
            ]
        }
        let role: StyleRole = finding.isMet.map { $0 ? .ok : .bad } ?? .stale
        var value = finding.value ?? finding.why ?? "unknown"
        if moment == .during, probe.unmetDuring > 0, width < 18 {
            value = "\(probe.unmetDuring)/\(probe.checksDuring) not met"
        } else if moment == .during, probe.unmetDuring > 0 {
            value = "\(probe.unmetDuring)/\(probe.checksDuring) not met, \(value)"
        }
        return [
            Span("\(glyphs.mark(role) ?? "?") ", Style(role, .bold)),
            Span(Text.fitted(value, to: width - 2), Style(finding.isMet == false ? .warn : .text)),
        ]
    }

    private mutating func steps(_ run: ExperimentReport, _ part: ExperimentReport.Activity.Part, _ title: String) {
        let activities = run.activities.filter { $0.part == part }
        guard !activities.isEmpty else { return }
        separate()
        lines += [[Span(" \(title)", Style(.title, .bold))]]
        for activity in activities {
            if activity.state == .running || isCompact && !run.isOver && activity.startedAt != nil {
                focus = lines.count
            }
            lines.append(line(activity))
            if let why = activity.why { add(why, Style(.warn), indent: 5) }
        }
    }

    private func line(_ activity: ExperimentReport.Activity) -> [Span] {
        let (mark, role) = state(activity.state)
        let time: String
        switch (activity.startedAt, activity.endedAt) {
        case (let start?, let end?): time = Format.age(end.seconds(since: start))
        case (let start?, nil): time = Format.countdown(max(0, now.seconds(since: start)))
        default: time = activity.state == .skipped ? "skipped" : ""
        }
        let room = max(10, columns - 4 - 8)
        let name = max(8, room * 3 / 5)
        let background = activity.isInBackground ? " &" : ""
        let isQuiet = activity.state == .planned || activity.state == .skipped
        return [
            Span(" \(mark) ", Style(role, .bold)),
            Span(Text.fitted(activity.name + background, to: name), Style(isQuiet ? .muted : .text)),
            Span(" " + Text.fitted(activity.output ?? activity.touches, to: room - name - 1), Style(.muted)),
            Span(Text.fitted(time, to: 8, .right), Style(activity.state == .running ? .lease : .muted)),
        ]
    }

    private func state(_ state: ExperimentReport.Activity.State) -> (mark: String, role: StyleRole) {
        switch state {
        case .planned, .skipped: (glyphs.pick("◌", "-", "-"), .muted)
        case .running: (Self.arrow(glyphs), .accent)
        case .succeeded: (glyphs.mark(.ok) ?? "o", .ok)
        case .failed: (glyphs.mark(.bad) ?? "X", .bad)
        case .interrupted: (glyphs.mark(.warn) ?? "!", .warn)
        }
    }
}
