import Dashboard
import MeshModel
import TerminalCanvas
import TestKit

/// A scene as text: what a person does, what she sees, and what the dashboard then wants done.
///
/// A line is one of `size 80x24`, `at 12s` (so many seconds go by), `press f down enter` (keys by their names),
/// `type words`, `fault F1 abort 503 50% bar>taps` (events tell of it), `dial F1 40%`,
/// `orphan X1 abort 500 100% a>b`, `lacks F1 bar-2` (a proxy that should hold it), `end F1`, `said finding words`, `catalogue`,
/// `experiment method` (a run comes so far), `halt clean|dirty`, `lost` and `back`
/// (the control plane), `recorded`, `past 8s` and `now` (looking back), `see words`, `miss words`,
/// `effect start …`, `no effect`, `frame name`. `#` begins a remark.
struct Screenplay {
    /// What went otherwise than the play says, with the line.
    struct Slip: Error, CustomStringConvertible {
        var line: Int
        var words: String
        var description: String { "line \(line): \(words)" }
    }

    private let lines: [String]
    private(set) var day: BarDay
    private var effects: [Effect] = []
    /// Pictures by the name the play gave them.
    private(set) var frames: [(name: String, text: String)] = []

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        day = BarDay(Size(80, 24))
        day.run(seconds: 20)
    }

    mutating func play() throws(Slip) {
        for (index, line) in lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            guard let verb = words.first, verb != "#" else { continue }
            let rest = words.dropFirst().joined(separator: " ")
            if let problem = perform(verb, rest, Array(words.dropFirst())) {
                throw Slip(line: index + 1, words: problem)
            }
        }
    }

    private mutating func perform(_ verb: String, _ rest: String, _ words: [String]) -> String? {
        switch verb {
        case "size":
            let sides = rest.split(separator: "x").compactMap { Int($0) }
            guard sides.count == 2 else { return "no size: \(rest)" }
            effects += day.state.update(.size(Size(sides[0], sides[1])))
        case "at":
            guard let seconds = Int(rest.dropLast()) else { return "no time: \(rest)" }
            day.run(seconds: seconds)
        case "press":
            for word in words {
                guard let key = Key(word) else { return "no key: \(word)" }
                day.state.markDrawn()
                day.state.markSeen()
                effects += (day.state.update(.key(key)) + day.state.update(.quiet)).filter { !$0.isQuestion }
            }
        case "type": effects += day.type(rest)
        case "fault": return begin(words)
        case "orphan":
            if let problem = begin(words) { return problem }
            day.change(words[0]) { $0.isOrphan = true }
        case "dial":
            let now = day.now
            guard words.count == 2, let percent = Double(words[1].dropLast()) else { return "no dial: \(rest)" }
            day.change(words[0]) {
                $0.share = percent / 100
                $0.acceptedAt = now
            }
        case "lacks":
            guard words.count == 2 else { return "no proxy: \(rest)" }
            day.change(words[0]) {
                $0.sources.append(words[1])
                $0.missing = [words[1]]
            }
        case "end": day.end(rest)
        case "catalogue": day.showCatalogue()
        case "experiment": day.goOn(to: rest)
        case "said":
            let kind = words.first.flatMap(Note.Kind.init) ?? .note
            day.send(.note(Note(by: "mv", text: words.dropFirst().joined(separator: " "), kind: kind)))
        case "halt": halt(isClean: rest == "clean")
        case "lost": effects += day.state.update(.connection(.lost(why: "it hung up")))
        case "back": effects += day.state.update(.connection(.connected))
        case "recorded": day.send(.recording(RecordingStatus(.on, file: "day.jsonl", bytes: 48_200)))
        case "past":
            guard let seconds = Double(rest.dropLast()) else { return "no time: \(rest)" }
            let at = day.now.advanced(bySeconds: -seconds)
            _ = day.state.update(.past(Past(mesh: day.kept, at: at, isPlaying: false, speed: 1)))
        case "now": _ = day.state.update(.past(nil))
        default: return check(verb, rest)
        }
        return nil
    }

    private mutating func check(_ verb: String, _ rest: String) -> String? {
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        switch verb {
        case "see": return picture.contains(rest) ? nil : "not on the screen: \(rest)\n\(picture)"
        case "miss": return picture.contains(rest) ? "on the screen: \(rest)\n\(picture)" : nil
        case "effect":
            let found = effects.isEmpty ? "nothing" : Self.words(effects.removeFirst())
            return found == rest ? nil : "wanted \(rest), found \(found)"
        case "no": return effects.isEmpty ? nil : "unexpected: \(effects.map(Self.words))"
        case "frame": frames.append((rest, CanvasText.describe(Screen.draw(day.state))))
        default: return "no such verb: \(verb)"
        }
        return nil
    }

    private mutating func begin(_ words: [String]) -> String? {
        guard words.count == 5, let amount = Int(words[2]), let percent = Double(words[3].dropLast()) else {
            return "no fault: \(words)"
        }
        let ends = words[4].split(separator: ">").map { ServiceName(String($0)) }
        let kind: FaultKind = words[1] == "delay" ? .delay(milliseconds: amount) : .abort(status: amount)
        let edge = Edge(from: ends[0], to: ends[1])
        day.begin(BarDay.fault(words[0], kind, edge, share: percent / 100, at: day.now))
        return nil
    }

    private mutating func halt(isClean: Bool) {
        for fault in day.faults { day.end(fault.id) }
        let proofs = BarDay.services.map { service in
            Halt.Proof(
                source: service.text, isClean: isClean || service != "taps",
                explanation: service == "taps" && !isClean ? "it did not answer" : nil)
        }
        day.send(.halt(Halt(isLatched: true, by: "mv", reason: "key pressed", proofs: proofs)))
    }

    static func words(_ effect: Effect) -> String {
        switch effect {
        case .startFault(let request):
            "start \(request.kind.label) \(Int(request.share * 100))% \(request.edge) \(Int(request.lease))s by \(request.by)"
        case .learnAbilities(let edge): "learn \(edge)"
        case .learnProtection(let edge): "learn protection of \(edge)"
        case .learnLog(let edge, let onlyFailing): "learn log of \(edge)\(onlyFailing ? ", failing only" : "")"
        case .copy(let text): "copy \(text)"
        case .openLink(let url): "open \(url)"
        case .stopFault(let id): "stop \(id)"
        case .changeFault(let id, let change):
            "change \(id)" + (change.share.map { " to \(Int(($0 * 100).rounded()))%" } ?? "")
                + (change.lease.map { " for \(Int($0))s" } ?? "")
        case .halt: "halt"
        case .rearm: "rearm"
        case .note(let text, let kind): "\(kind.rawValue) \(text)"
        case .startExperiment(let file, let overridesGate): "run \(file)\(overridesGate ? " over the gate" : "")"
        case .abortExperiment(let id): "abort \(id)"
        case .theme(let name): "theme \(name)"
        case .travel(let travel): "travel \(travel)"
        case .screenshot: "screenshot"
        case .redraw: "redraw"
        case .suspend: "suspend"
        case .quit(let leaving): "quit \(leaving)"
        }
    }
}

extension Effect {
    /// It asks for something to be shown, and changes nothing.
    var isQuestion: Bool { if case .learnAbilities = self { true } else { false } }
}
