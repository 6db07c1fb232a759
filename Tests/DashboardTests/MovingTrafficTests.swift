import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Dots that tell what was observed, by the day's own clock and nothing else.
struct MovingTrafficTests {
    private static let edge = Edge(from: "bar", to: "taps")
    private static let start = Timestamp(milliseconds: 1_764_000_000_000)

    private static func reading(rate: Double?, errors: Double = 0, health: Health = .ok) -> Reading {
        var reading = Reading(health: health)
        reading.rate = rate
        reading.errors = errors
        reading.requests = (rate ?? 0) > 0 ? 5 : 0
        return reading
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `with each step every dot goes one cell on and stays what it is`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let reading = Self.reading(rate: Double(generator.int(in: 1...4000)) / 10, errors: generator.double(in: 0...1))
        let cells = generator.int(in: 2...80)
        var now = Self.start.advanced(bySeconds: Double(generator.int(in: -100_000...100_000)))
        for _ in 0..<50 {
            let before = MovingTraffic.dots(reading, cells: cells, on: Self.edge, at: now)
            #expect(MovingTraffic.dots(reading, cells: cells, on: Self.edge, at: now) == before)
            now = now.advanced(bySeconds: MovingTraffic.step)
            let after = MovingTraffic.dots(reading, cells: cells, on: Self.edge, at: now)
            let moved = before.map { MovingTraffic.Dot(place: $0.place + 1, hasFailed: $0.hasFailed) }
            #expect(after.filter { $0.place > 0 } == moved.filter { $0.place < cells })
        }
    }

    @Test(arguments: [(0.0, 0), (0.001, 1), (0.05, 1), (0.3, 6), (0.52, 10), (1, 20)])
    func `of twenty dots as many have failed as of twenty requests`(errors: Double, failed: Int) {
        let cells = 20 * 6
        let dots = MovingTraffic.dots(
            Self.reading(rate: 40, errors: errors), cells: cells, on: Self.edge, at: Self.start)
        #expect(dots.count == 20 && dots.count { $0.hasFailed } == failed)
    }

    @Test func `more requests follow each other more closely, and none is no dot`() {
        let counts = [0.2, 2, 10, 40, 100, 1000].map {
            MovingTraffic.dots(Self.reading(rate: $0), cells: 528, on: Self.edge, at: Self.start).count
        }
        #expect(counts == counts.sorted() && Set(counts).count == counts.count)
        for reading in [
            Self.reading(rate: 0), Self.reading(rate: nil), Self.reading(rate: 40, health: .stale), .none,
        ] {
            #expect(MovingTraffic.dots(reading, cells: 100, on: Self.edge, at: Self.start).isEmpty)
        }
    }

    @Test func `the way of an edge is one line of cells from box to arrow, and crosses no box`() throws {
        let day = BarDay.broken(Size(120, 40))
        guard case .boxes(let plan) = day.state.picture else {
            Issue.record("no boxes")
            return
        }
        for (edge, route) in plan.routes {
            let cells = route.cells
            #expect(cells.count > 3 && Set(cells).count == cells.count, "\(edge)")
            for (one, next) in zip(cells, cells.dropFirst()) {
                #expect(abs(one.column - next.column) + abs(one.row - next.row) == 1)
            }
            #expect(!cells.contains { cell in plan.boxes.values.contains { $0.contains(cell) } })
            let last = try #require(cells.last)
            #expect(abs(last.column - route.head.column) + abs(last.row - route.head.row) == 1)
        }
    }

    @Test func `a replay that goes to a moment shows the dots that were seen live`() {
        var live = BarDay.broken(Size(120, 40))
        live.press("M esc")
        let options = DashboardState.Options(user: "mv", isTrafficMoving: true)
        for quarter in 0..<6 {
            let moment = live.now.advanced(bySeconds: Double(quarter) * 0.25)
            _ = live.state.update(.tick(moment))
            var replay = DashboardState(options, size: Size(120, 40), now: BarDay.start)
            _ = replay.update(.connection(.connected))
            _ = replay.update(.sought(live.kept, at: moment))
            let rows = 2..<26
            let seen = Screen.draw(live.state).lines[rows]
            #expect(Screen.draw(replay).lines[rows] == seen)
            #expect(seen.contains { $0.contains("•") })
        }
    }

    @Test func `it is off until it is asked for, and rests with what is old, frozen or not drawn`() {
        var day = BarDay.broken(Size(120, 40))
        #expect(!day.state.isAnimated)
        let still = Screen.draw(day.state).lines
        day.press("M")
        #expect(day.state.isAnimated)
        #expect(Screen.draw(day.state, glyphs: .ascii).lines.allSatisfy { !$0.contains("•") })
        for keys in ["z", "P", "3", "v v"] {
            var other = day
            other.press(keys)
            #expect(!other.state.isAnimated, "\(keys)")
        }
        var silent = day
        silent.silent = Set(BarDay.services)
        silent.run(seconds: 15)
        #expect(!silent.state.isAnimated && !Screen.draw(silent.state).lines.contains { $0.contains("•") })
        day.press("M")
        #expect(!day.state.isAnimated && Screen.draw(day.state).lines[2..<26] == still[2..<26])
    }

    @Test func `between two readings a tick costs no arithmetic but moves the dots`() {
        var day = BarDay.broken(Size(120, 40))
        day.press("M")
        _ = day.state.update(.tick(day.now))
        let (read, before) = (day.state.readings, Screen.draw(day.state).lines)
        day.send(.traffic(TrafficReport(source: "door", service: "door", inbound: nil, outbound: [])))
        _ = day.state.update(.tick(day.now.advanced(bySeconds: 0.25)))
        #expect(day.state.readings == read && Screen.draw(day.state).lines != before)
        _ = day.state.update(.tick(day.now.advanced(bySeconds: 1)))
        #expect(day.state.readings != read)
    }
}
