import MeshModel
import TerminalCanvas

// What concerns the terminal: its clipboard, and leaving it for a while.
extension DashboardState {
    /// More is no selection of a person.
    private static let mostCopied = 2000

    /// While it is stopped nothing renews what was started here, and no key halts.
    var whyNotSuspend: String? {
        guard !isReplay, !options.isObserver else { return nil }
        if let run = mesh.runningExperiment, run.by == options.user {
            return "\(run.id) was started here and is running: \(keys(of: .abort)) aborts it first"
        }
        if let fault = mesh.activeFaults.first(where: { !$0.isOrphan && $0.by == options.user }) {
            return "\(fault.id) was started here and is active: stop it first"
        }
        return asking.isEmpty ? nil : "A fault was requested here and is not configured yet"
    }

    var whyNotCopy: String? {
        if isProjecting { return "Not in the projector view: nothing is selected there" }
        return selectedText == nil ? "Nothing selected" : nil
    }

    mutating func copy() -> [Effect] {
        guard let selected = selectedText else { return [] }
        let text = String(Text.sanitised(selected).prefix(Self.mostCopied))
        say("Copied: \(Text.clipped(text, to: 60))")
        return [.copy(text)]
    }

    /// What is selected in the pane that has the keys, as a line.
    private var selectedText: String? {
        switch pane {
        case .graph, .proof:
            switch selection {
            case .service(let name): return name.text
            case .edge(let edge): return "\(edge)"
            case nil: return nil
            }
        case .objectives: return chosenObjective?.name ?? selectedService?.text
        case .faults:
            return shown.faults.last { $0.id == selectedFault }.map { fault in
                "\(fault.id) \(fault.kind.label) \(Format.asked(fault.share)) \(fault.edge)"
            }
        case .timeline:
            guard story.indices.contains(storyPlace), let entry = entry(story[storyPlace]) else { return nil }
            let clock = shown.session.map { Format.clock(entry.at.seconds(since: $0.startedAt)) } ?? ""
            return "\(clock) \(Narrator.sentence(of: entry, in: shown))"
        case .catalogue: return selectedExperiment
        case .run: return paneRun.map { "\($0.id) \($0.title): \($0.verdict?.words.first ?? RunWords.phase($0))" }
        case .proxies: return nil
        }
    }
}

extension Key {
    /// Keys that are a letter of a text.
    var isText: Bool { if case .character = self { true } else { false } }
    var isPaste: Bool { if case .pasted = self { true } else { false } }
}
