import Foundation
import MeshModel
import Recording
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// A report tells what the screen shows at the end of the day: every figure in its tables, of every recording we ship.
struct ReportFiguresTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../recordings").standardizedFileURL

    static var files: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted() }
    }

    /// A day, the screen at its end, and the tables of its report by their headings.
    private struct Day {
        let reader: RecordingReader
        let screen: DashboardState
        var tables: [String: [[String: String]]] = [:]
        var headings: [String] = []
        /// What the screen last showed of each fault: how many requests on its edge, and how many it hit.
        var sightings: [String: (hit: UInt64, requests: UInt64)] = [:]
        let page: String

        init(file: String) throws {
            let reader = try RecordingReader(path: ReportFiguresTests.folder.appending(path: file).path())
            func export(_ name: String) throws -> String {
                let format = try #require(Exporter.format(named: name))
                var bytes: [UInt8] = []
                try Exporter.export(reader, to: format, options: ExportOptions()) { bytes += $0 }
                return String(decoding: bytes, as: UTF8.self)
            }
            self.reader = reader
            page = try export("html")
            var state = MeshState()
            var cursor = reader.events()
            while let event = cursor.next() {
                state.apply(event)
                for (fault, shares) in state.watch.sightings {
                    sightings[fault] = shares.values.reduce((0, 0)) { ($0.0 + $1.hit, $0.1 + $1.requests) }
                }
            }
            screen = Self.screen(state, at: reader.end)
            try read(try export("markdown"))
        }

        /// The dashboard as it shows a moment of the day.
        static func screen(_ state: MeshState, at now: Timestamp) -> DashboardState {
            var screen = DashboardState(
                DashboardState.Options(user: "t", isObserver: true), size: Size(120, 40), now: now)
            _ = screen.update(.event(Event(number: state.lastNumber, at: now, observation: .keyframe(state))))
            _ = screen.update(.tick(now))
            return screen
        }

        private mutating func read(_ markdown: String) throws {
            var heads: [String]?
            for line in markdown.split(separator: "\n") {
                if line.hasPrefix("## ") { headings.append(String(line.dropFirst(3))) }
                guard line.hasPrefix("| ") else {
                    heads = nil
                    continue
                }
                let cells = line.dropFirst(2).dropLast(2).replacing("&lt;", with: "<").components(separatedBy: " | ")
                if cells.allSatisfy({ $0.hasPrefix("---") }) { continue }
                if let heads {
                    let title = try #require(headings.last)
                    tables[title, default: []].append(Dictionary(uniqueKeysWithValues: zip(heads, cells)))
                } else {
                    heads = cells
                }
            }
        }

        /// What the screen says of an objective, by the name of the figure.
        func shown(_ objective: Objective) -> [String: String] { Self.shown(objective, on: screen) }

        /// The same of every objective of a state, by name.
        static func shown(_ state: MeshState, at now: Timestamp) -> [String: [String: String]] {
            let screen = screen(state, at: now)
            let objectives = state.session?.objectives ?? []
            return Dictionary(uniqueKeysWithValues: objectives.map { ($0.name, shown($0, on: screen)) })
        }

        static func shown(_ objective: Objective, on screen: DashboardState) -> [String: String] {
            ObjectiveFacts(objective).lines(screen, .full).reduce(into: [:]) { facts, spans in
                guard let name = spans.first?.text.trimmingCharacters(in: .whitespaces), spans.count == 2 else {
                    return
                }
                facts[name.isEmpty ? "\(facts.count)" : name] = spans[1].text
            }
        }
    }

    /// The screen has no room for the space before a unit.
    private static func spaced(_ text: String) -> String {
        text.replacing(/([0-9])(s|m|h|ms)\b/) { match in
            "\(match.output.1) \(match.output.2 == "m" ? "min" : match.output.2)"
        }
    }

    @Test(arguments: try files)
    func `every figure of a report is that of the screen`(file: String) throws {
        let day = try Day(file: file)
        try compareObjectives(day)
        try compareStopwatches(day)
        try compareVerdicts(day)
        let faults = try #require(day.tables["Faults"])
        #expect(faults.count == day.screen.shown.faults.count)
        for (row, fault) in zip(faults, day.screen.shown.faults) {
            let seen = day.sightings[fault.id]
            let expected = seen.map { "\(Self.percent($0.hit, of: $0.requests)) of \($0.requests) (" }
            #expect(row["observed"]?.hasPrefix(expected ?? "–") == true, "\(fault.id): \(row["observed"] ?? "")")
        }
    }

    private static func percent(_ part: UInt64, of all: UInt64) -> String {
        // As near to all as a tenth, a report is more exact.
        let percent = Double(part) / Double(all) * 100
        let scale = percent >= 99 && percent < 100 ? 100.0 : 10.0
        let rounded = (percent * scale).rounded() / scale
        return rounded == rounded.rounded() ? "\(Int(rounded))%" : "\(rounded)%"
    }

    private func compareObjectives(_ day: Day) throws {
        let mesh = day.screen.shown
        let objectives = try #require(mesh.session?.objectives)
        let rows = try #require(day.tables["Objectives"])
        #expect(rows.count == objectives.count && !rows.isEmpty)
        for objective in objectives {
            let row = try #require(rows.first { $0["objective"]?.hasPrefix(objective.name + " (") == true })
            let shown = day.shown(objective)
            let budget = mesh.budget(of: objective, at: day.reader.end)
            let left = try #require(row["budget left"])
            #expect(left.hasPrefix(Self.spaced(ObjectiveWords.left(budget.left)) + " of "))
            #expect(shown["left"] == ObjectiveWords.left(budget.left) + " of 30 d")
            #expect(row["of one day's"] == Self.spaced(ObjectiveWords.left(budget.dayLeft)))
            let spent = try #require(shown["faults"]?.split(separator: " spent ").last)
            #expect(row["last faults spent"] == Self.spaced(String(spent)))
            let verdict = mesh.reading(of: objective, at: day.reader.end).isMet
            let word = verdict.map { $0 ? ", met" : ", BROKEN" } ?? ""
            #expect(row["at the end"]?.hasSuffix(word) == true)
            if case .success = objective.indicator {
                #expect(row["at the end"] == Self.spaced(try #require(shown["now"])) + word)
                let counted = try #require(mesh.watch.tracks[objective]).day
                #expect(row["overall"] == Self.spaced(Format.success(counted.badShare.map { 1 - $0 })))
                #expect(row["requests"] == "\(counted.requests)")
            }
            // The same in the page for browsers.
            for (name, value) in row where name != "objective" && name != "verdict" {
                let (name, value) = (name.replacing("'", with: "&#39;"), value.replacing("<", with: "&lt;"))
                let fact = "<dt>\(name)</dt><dd>\(value)</dd>"
                #expect(day.page.contains(fact), "\(objective.name): \(fact)")
            }
        }
    }

    private func compareStopwatches(_ day: Day) throws {
        let spell = try #require(day.screen.shown.watch.spell)
        let rows = try #require(day.tables["What the faults did to the objectives"])
        for objective in try #require(day.screen.shown.session?.objectives) {
            let row = try #require(rows.last { $0["objective"] == objective.name })
            #expect(row["faults"] == spell.faults.joined(separator: " "))
            let shown = day.shown(objective)
            let dashes = shown.mapValues { $0 == "-" ? "–" : $0 }
            #expect(row["time to detect"] == Self.spaced(try #require(dashes["detect"])))
            let recovery = try #require(dashes["recover"])
            #expect(row["time to recover"] == (recovery.hasPrefix("running") ? "not observed" : Self.spaced(recovery)))
            let cells = ["time to detect", "time to recover"].map { ">\(row[$0] ?? "?")</td>" }
            let page = day.page.replacing("<td class=\"number\">", with: "<td>")
            #expect(page.contains("<td" + cells.joined(separator: "<td")))
        }
        // Every fault that a proxy held is in a spell, and each spell is told for each objective.
        let held = day.screen.shown.faults.filter { $0.acceptedAt != nil }.map(\.id)
        #expect(Set(rows.flatMap { ($0["faults"] ?? "").split(separator: " ").map(String.init) }) == Set(held))
    }

    /// What screen, report and narrator say of each fault window: `0.9 s after F7`, `1.8 s`, or a dash.
    @Test(arguments: try files)
    func `screen, report and narrator have one time to detect and to recover`(file: String) throws {
        let day = try Day(file: file)
        let rows = try #require(day.tables["What the faults did to the objectives"])
        // What the screen shows of each window in the end: just before the next one begins.
        var ordered: [[String: [String: String]]] = []
        var state = MeshState()
        var narration = Narration()
        var told: [String] = []
        var cursor = day.reader.events()
        while let event = cursor.next() {
            let before: MeshState? = if case .fault = event.observation { state } else { nil }
            state.apply(event)
            told += narration.tell(event)
            guard let before, let spell = before.watch.spell, spell.startedAt != state.watch.spell?.startedAt else {
                continue
            }
            ordered.append(Day.shown(before, at: event.at))
        }
        ordered.append(Day.shown(state, at: day.reader.end))
        #expect(ordered.count * (state.session?.objectives.count ?? 0) == rows.count && !rows.isEmpty)
        var expected: [String] = []
        for objective in try #require(state.session?.objectives) {
            for (row, window) in zip(rows.filter { $0["objective"] == objective.name }, ordered) {
                let shown = try #require(window[objective.name])
                let (detect, recover) = (try #require(row["time to detect"]), try #require(row["time to recover"]))
                #expect(detect == Self.spaced(try #require(shown["detect"])).replacing(/^-$/, with: "–"))
                #expect(recover == Self.spaced(try #require(shown["recover"])).replacing(/^-$/, with: "–"))
                #expect((detect == "–") == (recover == "–"))
                guard detect != "–" else { continue }
                expected.append(detect.replacing(" s after F", with: " seconds after fault "))
                expected.append("recovered \(recover.replacing(" s", with: " seconds")) after the removal")
            }
        }
        let figures = told.flatMap { line in
            line.matches(of: /[0-9.]+ seconds after fault [0-9]+|recovered [0-9.]+ seconds after the removal/)
                .map { String($0.output) }
        }
        // A recovery that is proven only after the objective is met again has no sentence; nothing else is said of it.
        let unsaid = Set(expected).subtracting(figures)
        #expect(Set(figures).isSubset(of: expected) && !expected.isEmpty, "\(figures) \(expected)")
        #expect(unsaid.allSatisfy { $0.hasPrefix("recovered") }, "\(unsaid)")
    }

    private func compareVerdicts(_ day: Day) throws {
        let runs = day.screen.shown.experiments
        let expected = runs.map { "Experiment \($0.id) \($0.title): \($0.verdict?.outcome.word ?? "NOT ENDED")" }
        #expect(day.headings.filter { $0.hasPrefix("Experiment ") } == expected)
        for run in runs {
            let word = try #require(run.verdict?.outcome.word)
            let title = try #require(day.page.range(of: "<h3>\(run.id) "))
            #expect(day.page[title.upperBound...].prefix(200).contains(">\(word)</span>"), "\(run.id)")
        }
    }
}
