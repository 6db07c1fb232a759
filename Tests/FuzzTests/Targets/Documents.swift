import MeshClient
import MeshModel
import TerminalCanvas

@testable import Dashboard
@testable import Experiments
@testable import gameday

extension FuzzTarget {
    /// What people write.
    static let documents: [FuzzTarget] = [
        FuzzTarget(name: "settings", longest: 8192) { bytes in
            let text = bytes.text
            do {
                _ = try Settings.parse(text, file: "/nowhere/gameday.yaml")
            } catch let error as Settings.Invalid {
                try requireTold(error.mistakes, of: text)
            }
        },
        FuzzTarget(name: "openslo", longest: 8192) { bytes in
            let text = bytes.text
            let log = SettingsMistakes()
            let asked = SettingsNode("slo.yaml", log: log)
            let documents = OpenSLO.documents(in: text, at: "/nowhere/slo.yaml", for: asked)
            for objective in OpenSLO.objectives(
                in: documents, service: "door", runsQueries: text.count.isMultiple(of: 2))
            {
                switch objective.indicator {
                case .success(let target): try require(target > 0 && target <= 1, "a target of \(target)")
                case .latency(let quantile, let limit):
                    try require(quantile > 0 && quantile < 1 && limit > 0, "p\(quantile) <= \(limit)")
                }
            }
            try requireTold(log.all, of: text)
        },
        FuzzTarget(name: "keys", longest: 8192) { bytes in
            let text = bytes.text
            do {
                let keymap = try KeyFile.parse(text, file: "keys.yaml")
                for key in Action.with(.halt).keys {
                    try requireSame(keymap.action(for: key), .halt, "\(key) halts nothing")
                }
            } catch let error as KeyFile.Invalid {
                try requireTold(error.mistakes, of: text)
            }
        },
        FuzzTarget(name: "theme", longest: 8192) { bytes in
            do {
                let theme = try Theme(try ThemeFiles.document(bytes.text, name: "a"), inheritingFrom: .midnight)
                for tier in ColorTier.allCases { _ = theme.weakPairs(tier, text: 4.5, graphics: 3) }
            } catch {
                try require("\(error)".isPlain, "the error would be obeyed by a terminal: \(error)")
            }
        },
        FuzzTarget(name: "experiment-json", longest: 8192) { try check($0, .json) },
        FuzzTarget(name: "experiment-yaml", longest: 8192) { try check($0, .yaml) },
        FuzzTarget(name: "variables") { bytes in
            let (name, text) = bytes.halves
            var variables = Variables()
            try? variables.add(argument: name.text)
            for file in ["a.yaml", "a.json", "a.env"] { try? variables.add(file: file, text: text.text) }
        },
    ]

    /// Every mistake has a line of the text.
    private static func requireTold(_ mistakes: [SettingsMistake], of text: String) throws {
        let lines = text.unicodeScalars.reduce(2) { $0 + ($1.properties.isWhitespace && $1.value != 0x20 ? 1 : 0) }
        for mistake in mistakes {
            try require(mistake.line >= 0 && mistake.line <= lines, "line \(mistake.line) of \(lines)")
            try require(!mistake.message.isEmpty, "a mistake without a word")
        }
    }

    private static func check(_ bytes: [UInt8], _ format: ExperimentDocument.Format) throws {
        let document: ExperimentDocument
        do {
            document = try ExperimentDocument(source: "e", text: bytes.text, format: format)
        } catch { return }
        if case .json = format {
            var reader = JSONReader(Array(JSONWriter.text(document.value).utf8))
            try require(
                try reader.document().equals(document.value) || holdsNoNumber(document.value),
                "written and read again it is another value")
        }
        _ = ExperimentPlan(document, file: "e")
        _ = DocumentHints.lines(for: document)
        let problems = try InlineTasks.run {
            var checker = DocumentChecker(document, environment: [:], python: AgreeablePython())
            return await checker.check()
        }
        for problem in problems { try require(!problem.message.isEmpty, "a problem without a word") }
    }

    /// Not-a-number is no equal of itself.
    private static func holdsNoNumber(_ value: Value) -> Bool {
        switch value {
        case .number(let number): number.isNaN
        case .list(let items): items.contains { holdsNoNumber($0) }
        case .mapping(let fields): fields.entries.contains { holdsNoNumber($1) }
        default: false
        }
    }
}

private struct AgreeablePython: PythonChecking {
    func mistake(in activity: Value) async -> PythonMistake? { nil }
    func mistake(inControl control: Value) async -> String? { nil }
}
