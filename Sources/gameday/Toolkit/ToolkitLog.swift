import Experiments
import Glibc
import MeshClient
import MeshModel
import Synchronization
import TerminalCanvas

/// The log of Chaos Toolkit: what extensions say, and in the file also what the run does, in the words of the original.
final class ToolkitLog: Sendable {
    /// What of it the terminal shows.
    struct Console: Sendable {
        var level: LogRecord.Level
        var isJSON: Bool
        /// Whether lines say which line of which module they come from.
        var isVerbose: Bool
        /// Whether the terminal gets the whole log, also what the run does, as from the original.
        var tellsRun: Bool
    }

    let console: Console
    private let level: LogRecord.Level
    private let outbox: Outbox?
    private let story = Mutex(ToolkitStory())

    init(console: Console, file: (descriptor: Int32, level: LogRecord.Level)?) {
        self.console = console
        level = file?.level ?? .critical
        outbox = file.map { file in
            let stream = StandardStream(file.descriptor)
            return Outbox { _ = stream.write(Array(($0 + "\n").utf8)) }
        }
    }

    /// Writes one record into the file.
    func record(_ record: LogRecord) {
        guard let outbox, record.level >= level else { return }
        outbox.put(Self.line(record, showsPlace: true))
    }

    /// Writes one record into the file, and for the terminal if that gets the whole log.
    func tell(_ record: LogRecord) {
        self.record(record)
        if console.tellsRun, let text = shown(record) { Output.error(text) }
    }

    /// Writes what the original would have logged of it, and returns that.
    @discardableResult
    func take(_ progress: RunProgress) -> [LogRecord] {
        let records = story.withLock { $0.records(of: progress) }
        for record in records { self.record(record) }
        return records
    }

    /// The text for the terminal of what an extension says, or nil when it is not to be shown there.
    func shown(_ record: LogRecord) -> String? {
        guard record.level >= console.level else { return nil }
        return console.isJSON ? Self.json(record) : Self.line(record, showsPlace: console.isVerbose)
    }

    func finish() { outbox?.drain(within: 2) }

    /// A line as the original writes it. Its further lines are indented, and nothing in it steers a terminal.
    static func line(_ record: LogRecord, showsPlace: Bool) -> String {
        let place = showsPlace ? " [\(record.module):\(record.line)]" : ""
        let lines = record.text.split(separator: "\n", omittingEmptySubsequences: false).map {
            Text.sanitised(URLCredentials.hidden(in: String($0)))
        }
        return "[\(time()) \(record.level.name)]\(place) \(lines.joined(separator: "\n    "))"
    }

    private static func json(_ record: LogRecord) -> String {
        let now = time()
        let fields: Value = [
            "process": .integer(Int(getpid())), "asctime": .text(now), "levelname": .text(record.level.name),
            "module": .text(record.module), "lineno": .integer(record.line), "message": .text(record.text),
        ]
        return ValueText.json(fields)
    }

    private static func time() -> String {
        var seconds = Glibc.time(nil)
        var parts = tm()
        localtime_r(&seconds, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let count = strftime(&text, text.count, "%Y-%m-%d %H:%M:%S", &parts)
        return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// What the original logs of a run, of which it tells nothing else; scripts look for these words.
struct ToolkitStory {
    private var outline: RunOutline?

    mutating func records(of progress: RunProgress) -> [LogRecord] {
        switch progress {
        case .began(let title, let outline):
            self.outline = outline
            return beginning(title, outline).map { LogRecord(.info, $0) }
        case .entered(let phase): return forced(phase) + entering(phase).map { LogRecord(.info, $0) }
        case .pausing(_, _, let seconds, let isBefore):
            let when = isBefore ? "before next activity" : "after activity"
            return [LogRecord(.info, "Pausing \(when) for \(seconds)s...")]
        case .started(let place, let name, let type, let inBackground):
            let rollback = place.section == .rollbacks ? [LogRecord(.info, "Rollback: \(name)")] : []
            let kind = type.prefix(1).uppercased() + type.dropFirst()
            return rollback + [LogRecord(.info, "\(kind): \(name)\(inBackground ? " [in background]" : "")")]
        case .finished(_, _, let status, _, let output, let detail):
            if status == "failed" { return [LogRecord(.error, "  => failed: \(detail ?? "")")] }
            guard status != nil else { return [LogRecord(.debug, "Activity failed\n\(detail ?? "")")] }
            let result = output.isNull ? "without any result value" : "with '\(ValueText.python(output))'"
            return [LogRecord(.debug, "  => succeeded \(result)")]
        case .judged(_, let name, let isWithinTolerance):
            if isWithinTolerance { return [] }
            let words = "Steady state probe '\(name)' is not in the given tolerance"
            return [LogRecord(.critical, words + " so failing this experiment")]
        case .checked(_, let isMet):
            return isMet == true ? [LogRecord(.info, "Steady state hypothesis is met!")] : []
        case .stopping(let reason): return [LogRecord(.warning, "Received the exit signal: \(reason)")]
        case .warned(let text): return [LogRecord(.warning, text)]
        case .logged(let record): return [record]
        case .ended(let verdict): return Self.end(verdict)
        }
    }

    private func beginning(_ title: String, _ outline: RunOutline) -> [String] {
        [
            "Running experiment: \(title)", "Steady-state strategy: \(outline.hypothesisStrategy.rawValue)",
            "Rollbacks strategy: \(outline.rollbackStrategy.rawValue)",
        ] + (outline.hypothesis == nil ? ["No steady state hypothesis defined. That's ok, just exploring."] : [])
    }

    /// What made rollbacks run, when that was not the default.
    private func forced(_ phase: String) -> [LogRecord] {
        guard phase == "rollbacks" else { return [] }
        switch outline?.rollbackStrategy {
        case .always: return [LogRecord(.warning, "Rollbacks were explicitly requested to be played")]
        case .deviated:
            return [LogRecord(.warning, "Rollbacks will be played only because the experiment deviated")]
        default: return []
        }
    }

    private func entering(_ phase: String) -> [String] {
        switch phase {
        case "method":
            return ["Playing your experiment's method now..."]
                + (outline?.hasMethod == false ? ["No declared activities, let's move on."] : [])
        case "rollbacks":
            return ["Let's rollback..."]
                + (outline?.hasRollbacks == false ? ["No declared rollbacks, let's move on."] : [])
        default: return ["Steady state hypothesis: \(outline?.hypothesis ?? "")"]
        }
    }

    private static func end(_ verdict: RunVerdict) -> [LogRecord] {
        let status = verdict.hasDeviated ? "deviated" : verdict.status.rawValue
        let deviation = "The steady-state has deviated, a weakness may have been discovered"
        return [LogRecord(.info, "Experiment ended with status: \(status)")]
            + (verdict.hasDeviated ? [LogRecord(.info, deviation)] : [])
    }
}
