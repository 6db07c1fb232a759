import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// The picture for the back row.
struct ProjectorTests {
    private static func broken(_ size: Size) -> BarDay {
        var day = BarDay.broken(size)
        day.press("P")
        return day
    }

    @Test(arguments: [Size(60, 20), Size(80, 24), Size(120, 40), Size(200, 60), Size(240, 67)])
    func `the projector at every size`(size: Size) {
        let day = Self.broken(size)
        Golden.check(
            CanvasText.describe(Screen.draw(day.state)), "projector-\(size.columns)x\(size.rows).frame")
    }

    @Test func `a room with few letters sees the same without box drawing`() {
        let day = Self.broken(Size(80, 24))
        Golden.check(
            CanvasText.describe(Screen.draw(day.state, glyphs: .ascii)), "projector-ascii-80x24.frame")
    }

    @Test func `the picture fills every terminal, and the halt is always there`() {
        var day = Self.broken(Size(80, 24))
        let openings = ["f", "f enter", "?", ":", "N", "b", "right enter", "q"]
        for (turn, columns) in stride(from: 60, through: 250, by: 7).enumerated() {
            for rows in stride(from: 20 + turn % 5, through: 80, by: 5) {
                _ = day.state.update(.size(Size(columns, rows)))
                let lines = Screen.draw(day.state).lines
                #expect(lines.last?.contains("! HALT ALL") == true)
                // Nowhere is more than a fifth of the height empty in a row.
                let gaps = lines.split { !$0.isEmpty }.map(\.count)
                #expect((gaps.max() ?? 0) <= max(3, rows / 5), "\(columns)x\(rows)")
            }
            let opening = openings[turn % openings.count]
            day.press("esc esc esc P " + opening)
            #expect(day.state.isProjecting, "\(opening)")
            #expect(Screen.draw(day.state).lines.last?.contains("! HALT ALL") == true, "under \(opening)")
            day.press("esc esc esc P")
        }
    }

    @Test func `it has a theme of its own and gives the other one back`() {
        var day = BarDay(Size(80, 24))
        #expect(day.press("T") == [.theme("paper")])
        #expect(day.press("P") == [.theme("projector")])
        #expect(day.state.themeName == "projector")
        #expect(day.press("T") == [])
        #expect(day.press("2") == [.theme("paper")])
        #expect(!day.state.isProjecting)
    }

    @Test func `the halt is shown at once, whatever is held`() {
        var day = Self.broken(Size(80, 24))
        day.run(seconds: 1)
        #expect(day.press("!") == [.halt(reason: "halt key")])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("waiting for proof"))
    }

    @Test func `what changed is held for three seconds, and one light a second changes`() {
        for seed in SeededGenerator.seeds(4) {
            var generator = SeededGenerator(seed: seed)
            var day = BarDay(Size(120, 40))
            day.run(seconds: 10)
            day.press("P")
            var watch = LightWatch()
            for step in 0..<240 {
                switch generator.int(in: 0...8) {
                case 0:
                    let edge = generator.pick(BarDay.edges).0
                    day.begin(BarDay.fault("F\(step + 1)", .abort(status: 503), edge, share: 0.6, at: day.now))
                case 1: if let fault = day.faults.first { day.end(fault.id) }
                case 2: day.send(.note(Note(by: "mv", text: "step \(step)")))
                default: break
                }
                day.run(seconds: 1)
                watch.look(at: day.state.board, day.now)
            }
            #expect(watch.lights > 10, "seed \(seed)")
            #expect(watch.slips.isEmpty, "seed \(seed): \(watch.slips.prefix(3))")
        }
    }

    @Test func `a path leads from the fault to what suffers, with what is worse at each hop`() {
        let day = Self.broken(Size(120, 40))
        let paths = day.state.board.shown?.paths ?? []
        #expect(
            paths.map { "\($0.fault) \($0.hops.map(\.service.text).joined(separator: " "))" } == [
                "F1 bar door", "F2 kitchen bar door",
            ])
        #expect(paths.first?.hops.allSatisfy { $0.worse?.hasSuffix("% errors") == true } == true)
    }

    @Test func `what fails without a fault behind it is named as unexplained`() {
        var day = Self.broken(Size(120, 40))
        day.failing[Edge(from: "tab", to: "till")] = 0.5
        day.run(seconds: 8)
        #expect(day.state.board.shown?.unexplained == ["tab"])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("unexplained: tab fails, no edge leads there"))
    }

    @Test func `a prediction is scored by the next verdict, and only by its first word`() throws {
        var mesh = MeshState()
        func said(_ text: String) {
            mesh.timeline.append(
                TimelineEntry(at: BarDay.start, kind: .prediction, tone: .plain, turn: .said(by: "mv", text)))
        }
        func ended(_ outcome: ExperimentReport.Verdict.Outcome) {
            mesh.timeline.append(
                TimelineEntry(
                    at: BarDay.start, kind: .experiment, tone: .plain,
                    turn: .run(id: "E1", .ended(outcome, summary: ""))))
        }
        #expect(Predictions(mesh) == nil)
        said("deviated, says 62% of the room")
        said("it held last time")
        ended(.stopped)
        #expect(try #require(Predictions(mesh)).scored == 0)
        ended(.deviated)
        said("Held")
        #expect(try #require(Predictions(mesh)).isRight == nil)
        ended(.deviated)
        let predictions = try #require(Predictions(mesh))
        #expect(predictions.said == "Held" && predictions.isRight == false)
        #expect(predictions.right == 1 && predictions.scored == 2)
    }

    @Test func `a replay and an observer have it too`() {
        var replay = BarDay(Size(80, 24), mode: .replay)
        replay.run(seconds: 10)
        replay.press("P")
        #expect(CanvasText.glyphs(Screen.draw(replay.state)).contains("REPLAY"))
        var observer = BarDay(Size(80, 24), isObserver: true)
        observer.run(seconds: 10)
        observer.press("P")
        let picture = CanvasText.glyphs(Screen.draw(observer.state))
        #expect(picture.contains("OBSERVER") && !picture.contains("HALT ALL"))
    }
}

/// Watches what stands on the board from second to second.
private struct LightWatch {
    private var before: ProjectorBoard?
    private var litSince: [ProjectorBoard.Part: Timestamp] = [:]
    private var changedAt: Timestamp?
    private var digitsSince: [Int: Timestamp] = [:]
    private(set) var lights = 0
    private(set) var slips: [String] = []

    mutating func look(at board: ProjectorBoard, _ now: Timestamp) {
        defer { before = board }
        guard let before else { return }
        let parts: [ProjectorBoard.Part] = [.headline, .gauge(0), .gauge(1), .gauge(2), .faults, .paths, .story]
        let changed = parts.filter { before.isLit($0) != board.isLit($0) }
        if changed.count > 1 { slips.append("\(now): \(changed) at once") }
        if !changed.isEmpty, let last = changedAt, now.seconds(since: last) < 1 { slips.append("\(now): too soon") }
        for part in changed {
            changedAt = now
            if board.isLit(part) {
                lights += 1
                litSince[part] = now
            } else if let since = litSince[part], now.seconds(since: since) < 3 {
                slips.append("\(part) dark after \(now.seconds(since: since))")
            }
        }
        let gauges = zip(before.shown?.gauges ?? [], board.shown?.gauges ?? []).enumerated()
        for (index, (old, new)) in gauges where old != new {
            if let since = digitsSince[index], now.seconds(since: since) < 3, old.verdict == new.verdict {
                slips.append("gauge \(index) changed after \(now.seconds(since: since))")
            }
            digitsSince[index] = now
        }
    }
}
