import Experiments
import Recording

/// Journals as a document for people, in Markdown or HTML. All in it is text from outside, and none of it markup.
struct JournalReport {
    let journals: [Value]
    let title: String?

    /// A piece of the document, which both formats can write.
    private enum Block {
        case heading(Int, String)
        case paragraph(String)
        case table(head: [String], rows: [[String]])
        case code(String)
    }

    var markdown: String {
        blocks.map(Self.markdown).joined(separator: "\n\n") + "\n"
    }

    var html: String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
        \(Markup.element("title", "", heading))
        <style>\(HTMLStyle.sheet) pre { overflow-x: auto; white-space: pre-wrap; }</style></head>
        <body><main>
        \(blocks.map(Self.html).joined(separator: "\n"))
        </main></body></html>

        """
    }

    private var heading: String {
        if let title { return title }
        if journals.count == 1 { return Self.text(journals[0]["experiment"]?["title"]) }
        return "\(journals.count) experiments"
    }

    private var blocks: [Block] {
        var blocks: [Block] = [.heading(1, heading)]
        if journals.count > 1 {
            blocks.append(
                .table(
                    head: ["Experiment", "Status", "Deviated", "Started", "Duration"],
                    rows: journals.map { journal in
                        [
                            Self.text(journal["experiment"]?["title"]), Self.text(journal["status"]),
                            journal["deviated"]?.isTruthy ?? false ? "yes" : "no", Self.moment(journal["start"]),
                            Self.duration(journal["duration"]),
                        ]
                    }))
        }
        for journal in journals { blocks += Self.blocks(of: journal, isAlone: journals.count == 1) }
        return blocks
    }

    private static func blocks(of journal: Value, isAlone: Bool) -> [Block] {
        let experiment = journal["experiment"] ?? .null
        let tags = (experiment["tags"]?.list ?? []).map(text).joined(separator: ", ")
        var blocks: [Block] = isAlone ? [] : [.heading(2, text(experiment["title"]))]
        let description = text(experiment["description"])
        if !description.isEmpty { blocks.append(.paragraph(description)) }
        var facts = [
            ["Status", text(journal["status"])],
            ["Deviated", journal["deviated"]?.isTruthy ?? false ? "yes: a weakness may have been discovered" : "no"],
            ["Tagged", tags], ["Executed from", text(journal["node"])], ["Platform", text(journal["platform"])],
            ["Started", moment(journal["start"])], ["Completed", moment(journal["end"])],
            ["Duration", duration(journal["duration"])],
        ]
        if let verdict = journal["gameday"]?["summary"]?.text { facts.insert(["Verdict", verdict], at: 0) }
        blocks.append(.table(head: ["", ""], rows: facts.filter { !$0[1].isEmpty }))
        blocks += hypothesis(experiment, journal)
        blocks += played("Method", journal["run"])
        blocks += played("Rollbacks", journal["rollbacks"])
        return blocks
    }

    private static func hypothesis(_ experiment: Value, _ journal: Value) -> [Block] {
        guard let hypothesis = experiment["steady-state-hypothesis"], hypothesis.isTruthy else {
            return [.heading(2, "Steady state hypothesis"), .paragraph("None was defined.")]
        }
        var blocks: [Block] = [.heading(2, "Steady state hypothesis"), .paragraph(text(hypothesis["title"]))]
        let states = journal["steady_states"] ?? .null
        func met(_ state: Value?) -> String {
            state?["steady_state_met"]?.bool.map { $0 ? "met" : "not met" } ?? "not checked"
        }
        let during = states["during"]?.list ?? []
        var checks = [["before the method", met(states["before"])], ["after the method", met(states["after"])]]
        if !during.isEmpty {
            let held = during.count { $0["steady_state_met"]?.bool ?? false }
            checks.insert(["during the method", "met in \(held) of \(during.count) checks"], at: 1)
        }
        blocks.append(.table(head: ["Checked", "Result"], rows: checks))
        let rows = (hypothesis["probes"]?.list ?? []).map {
            [text($0["name"]), ValueText.json($0["tolerance"] ?? .null)]
        }
        return blocks + [.table(head: ["Probe", "Tolerance"], rows: rows)]
    }

    private static func played(_ title: String, _ entries: Value?) -> [Block] {
        guard let entries = entries?.list, !entries.isEmpty else { return [] }
        var blocks: [Block] = [.heading(2, title)]
        for entry in entries {
            let activity = entry["activity"] ?? .null
            let type = text(activity["type"])
            blocks.append(.heading(3, "\(type.prefix(1).uppercased() + type.dropFirst()) - \(text(activity["name"]))"))
            var rows = [
                ["Status", text(entry["status"] ?? "no result")], ["Started", moment(entry["start"])],
                ["Ended", moment(entry["end"])], ["Duration", duration(entry["duration"])],
            ]
            for name in ["before", "after"] {
                if let pause = activity["pauses"]?[name] { rows.append(["Paused \(name)", "\(text(pause))s"]) }
            }
            rows += provider(activity["provider"] ?? .null)
            blocks.append(.table(head: ["", ""], rows: rows.filter { !$0[1].isEmpty }))
            if let exception = entry["exception"]?.list, !exception.isEmpty {
                blocks.append(.code(exception.map(text).joined()))
            }
            if let output = entry["output"], !output.isNull {
                blocks.append(.code(clipped(ValueText.json(output, indent: 2))))
            }
        }
        return blocks
    }

    private static func provider(_ provider: Value) -> [[String]] {
        let names = ["type", "path", "url", "method", "module", "func", "timeout", "arguments"]
        return names.compactMap { name in
            guard let value = provider[name], !value.isNull else { return nil }
            let shown = value.text ?? ValueText.json(value)
            return [
                name == "url" ? "URL" : name == "func" ? "Function" : name.prefix(1).uppercased() + name.dropFirst(),
                shown,
            ]
        }
    }

    private static func text(_ value: Value?) -> String {
        value.map { $0.isNull ? "" : ValueText.python($0) } ?? ""
    }

    /// `2026-11-28 14:22:03 UTC`, without the fractions that nobody reads.
    private static func moment(_ value: Value?) -> String {
        let text = text(value)
        guard text.count > 19, text.contains("T") else { return text }
        return text.prefix(19).map { $0 == "T" ? " " : String($0) }.joined() + (text.hasSuffix("+00:00") ? " UTC" : "")
    }

    private static func duration(_ value: Value?) -> String {
        guard let seconds = value?.double, seconds >= 0, seconds < 1e9 else { return "" }
        if seconds < 60 { return "\((seconds * 1000).rounded() / 1000) s" }
        let whole = Int(seconds.rounded())
        let hours = whole >= 3600 ? "\(whole / 3600) h " : ""
        return "\(hours)\(whole % 3600 / 60) min \(whole % 60) s"
    }

    /// A long output is in the journal.
    private static func clipped(_ text: String) -> String {
        text.count > 4000 ? text.prefix(4000) + "\n… (the journal has the rest)" : text
    }

    private static func markdown(_ block: Block) -> String {
        switch block {
        case .heading(let level, let text): return String(repeating: "#", count: level) + " " + escaped(text)
        case .paragraph(let text): return escaped(text)
        case .table(let head, let rows):
            let line = { (cells: [String]) in "| " + cells.map(escaped).joined(separator: " | ") + " |" }
            return ([line(head), "|" + head.map { _ in " --- |" }.joined()] + rows.map(line)).joined(separator: "\n")
        case .code(let text):
            var fence = "```"
            while text.contains(fence) { fence += "`" }
            return "\(fence)\n\(shown(text))\n\(fence)"
        }
    }

    private static func html(_ block: Block) -> String {
        switch block {
        case .heading(let level, let text): return Markup.element("h\(level)", "", text)
        case .paragraph(let text): return Markup.element("p", "", text)
        case .table(let head, let rows):
            let titles =
                head.allSatisfy(\.isEmpty) ? "" : "<tr>" + head.map { Markup.element("th", "", $0) }.joined() + "</tr>"
            let body = rows.map { "<tr>" + $0.map { Markup.element("td", "", $0) }.joined() + "</tr>" }
            return "<div class=\"wide\"><table>\n\(titles)\(body.joined(separator: "\n"))\n</table></div>"
        case .code(let text):
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { Markup.escaped(String($0)) }
            return "<pre>\(lines.joined(separator: "\n"))</pre>"
        }
    }

    /// Text in Markdown that is text: nothing of it links, embeds, or ends its cell.
    private static func escaped(_ text: String) -> String {
        shown(text).map { character in
            switch character {
            case "\n", "\r\n": " "
            case "<": "&lt;"
            case "\\", "`", "*", "_", "[", "]", "#", "|", "!": "\\\(character)"
            default: String(character)
            }
        }.joined()
    }

    /// Without what would steer a terminal.
    private static func shown(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F ? "\u{FFFD}" : $0 }))
    }
}
