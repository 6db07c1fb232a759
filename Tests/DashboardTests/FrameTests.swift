import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// The screens as a person sees them, each in a file that a person has looked at.
struct FrameTests {
    static let sizes = [Size(40, 10), Size(60, 20), Size(80, 24), Size(120, 40), Size(200, 60)]

    @Test(arguments: sizes)
    func `the overview at every size`(size: Size) {
        let day = BarDay.broken(size)
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "overview-\(size.columns)x\(size.rows).frame")
    }

    @Test(arguments: sizes.dropFirst())
    func `the objectives while they burn, at every size`(size: Size) {
        var day = BarDay.broken(size)
        day.press("3")
        Golden.check(
            CanvasText.describe(Screen.draw(day.state)), "objectives-broken-\(size.columns)x\(size.rows).frame")
    }
}

/// An objective is drawn by the quantile that it is bound to, and by no other.
struct QuantileTests {
    private static func day(_ quantile: Double) -> BarDay {
        var day = BarDay(Size(120, 40))
        let objective = Objective(
            name: "beer quick", service: "taps", indicator: .latency(quantile: quantile, limit: 15))
        day.send(
            .session(
                Session(
                    id: "gd1", name: "the bar", mode: .live, startedAt: BarDay.start, entrance: "door",
                    objectives: [objective])))
        day.run(seconds: 30)
        day.begin(
            BarDay.fault(
                "F1", .delay(milliseconds: 400), Edge(from: "taps", to: "cellar"), share: 0.5, at: day.now))
        day.run(seconds: 8)
        day.press("3")
        return day
    }

    @Test func `the chart of a p95 has its own curve and its own band`() {
        let day = Self.day(0.95)
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "objective-p95-120x40.frame")
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("beer quick: p95 of taps") && !picture.contains("no baseline"))
    }

    @Test(arguments: [(0.5, "p50"), (0.95, "p95"), (0.99, "p99"), (0.999, "p99.9")])
    func `the gauge beside the graph is named, drawn and banded as its objective is bound`(
        quantile: Double, name: String
    ) throws {
        var day = Self.day(quantile)
        day.press("1")
        day.state.select(.service("taps"))
        let scope = try #require(day.state.shown.services["taps"])
        let window = SeriesWindow(scope.series, interval: 1, until: day.now, columns: 30)
        let baseline = try #require(day.state.baseline)
        let gauge = Gauge.latency(
            GaugeContext(state: day.state, scope: scope, window: window, baseline: baseline))
        #expect(gauge.name == name && gauge.limit == 15)
        let expected = scope.recent.last.flatMap { $0.sample.latency?.quantile(quantile) }
        let last = try #require(gauge.values.last ?? nil)
        #expect(abs(last - (try #require(expected))) < 0.01)
        #expect(gauge.band == baseline.band(of: .latency(quantile: quantile, limit: 15)) && gauge.band != nil)
    }
}
