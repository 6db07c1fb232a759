import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Figures against where they lay before the faults.
struct DifferenceTests {
    private static let band = Band(low: 10, middle: 12, high: 15)

    @Test(arguments: [
        (12, Difference.Figure.Tendency.same, "="), (18, .same, "="), (8.4, .same, "="), (18.1, .worse, "↑+6ms"),
        (8, .better, "↓-4ms"), (224, .worse, "↑+212ms"),
    ])
    func `a latency within a fifth of its band is the same, later is worse`(
        value: Double, tendency: Difference.Figure.Tendency, words: String
    ) throws {
        let figure = try #require(Difference.latency(value, Self.band))
        #expect(figure.tendency == tendency)
        #expect(DifferenceWords.cell(figure, .p99, .full).text == words)
    }

    @Test func `success is told in points, and a part of one is no zero`() throws {
        let whole = Band(low: 1, middle: 1, high: 1)
        let figure = try #require(Difference.success(0.959, whole))
        #expect(DifferenceWords.cell(figure, .success, .full).text == "↓-4.1" && figure.tendency == .worse)
        #expect(DifferenceWords.cell(figure, .success, .ascii).text == "v-4.1")
        let least = try #require(Difference.success(0.99999, whole))
        #expect(DifferenceWords.cell(least, .success, .full).text == "↓-<0.01")
        #expect(Difference.success(1, whole)?.tendency == .same && Difference.success(1, nil) == nil)
        let poor = Band(low: 0.8, middle: 0.85, high: 0.9)
        #expect(Difference.success(0.99, poor)?.tendency == .better)
        #expect(Difference.rate(1, Self.band)?.tendency == .other)
    }

    @Test func `each way has a sign and, but where there is no room, an arrow`() throws {
        for value in [1.0, 400] {
            let figure = try #require(Difference.latency(value, Self.band))
            for glyphs in Glyphs.allCases {
                let cell = DifferenceWords.cell(figure, .p99, glyphs).text
                #expect(cell.contains(value < 10 ? "-" : "+") && cell.first != "-" && cell.first != "+")
            }
            for columns in 0...30 {
                let cell = DifferenceWords.cell(figure, .p99, field: columns, .full)
                #expect(cell.width <= max(columns, 6) && cell.map(\.text).joined().contains(value < 10 ? "-" : "+"))
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(5))
    func `words of a difference never leave their room`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let day = BarDay.broken(Size(120, 40))
        let scopes = BarDay.services.map { Scope.service($0) } + BarDay.edges.map { .edge($0.0) }
        for _ in 0..<300 {
            let columns = generator.int(in: 0...30)
            let difference = day.state.difference(of: generator.pick(scopes))
            let spans = DifferenceWords.changes(
                generator.bool() ? difference : nil, Difference.Measure.allCases, to: columns,
                generator.pick(Glyphs.allCases))
            #expect(spans.width <= columns)
        }
    }

    @Test func `a replay that goes to a moment shows the differences that were seen live`() throws {
        var live = BarDay.broken(Size(120, 40))
        live.press("D")
        let line = EventWire.line(Event(number: 9999, at: live.now, observation: .keyframe(live.kept)))
        guard case .event(let event) = try EventWire.read(line), case .keyframe(let kept) = event.observation else {
            Issue.record("no key frame")
            return
        }
        let options = DashboardState.Options(user: "mv", themes: ["midnight", "paper"])
        var replay = DashboardState(options, size: Size(120, 40), now: BarDay.start)
        _ = replay.update(.connection(.connected))
        _ = replay.update(.sought(kept, at: live.now))
        _ = replay.update(.key(.character("D")))
        #expect(replay.showsDifferences)
        for scope in BarDay.services.map({ Scope.service($0) }) + BarDay.edges.map({ .edge($0.0) }) {
            let seen = try #require(live.state.difference(of: scope))
            #expect(replay.difference(of: scope) == seen)
        }
        let changed = BarDay.edges.filter { !(live.state.difference(of: .edge($0.0))?.isNone ?? true) }.map(\.0)
        #expect(
            changed.contains(Edge(from: "bar", to: "taps")) && changed.contains(Edge(from: "kitchen", to: "cellar")))
    }
}

/// What has no requests any more is not told to be as before.
struct SilenceTests {
    @Test func `a service whose few requests have ended is silent, not as before`() throws {
        var day = BarDay(Size(120, 40))
        day.extra = [(Edge(from: "bar", to: "snug"), 0.4)]
        day.run(seconds: 30)
        day.begin(BarDay.fault("F1", .abort(status: 503), BarDay.edges[4].0, share: 0.5, at: day.now))
        day.run(seconds: 6)
        day.press("D")
        let reading = day.state.readings["snug"]
        try #require(reading.requests == 0 && reading.health != .stale)
        let words = BoxWords(name: "snug", reading: reading, state: day.state, glyphs: .full)
        let lines = words.lines(columns: 16, rows: 4).map { $0.map(\.text).joined() }
        #expect(!lines.contains { $0.contains("as before") } && lines.contains { $0.contains("idle") }, "\(lines)")
    }
}
