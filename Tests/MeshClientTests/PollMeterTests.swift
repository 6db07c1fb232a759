import TestKit
import Testing

@testable import MeshClient

/// When polls become less frequent, and when they come as often as wished again.
struct PollMeterTests {
    private let meter = PollMeter()

    private func turns(_ count: Int, late: Bool) { for _ in 0..<count { meter.turn(isLate: late) } }

    @Test func `a turn or two that begin late are no overload`() {
        turns(2, late: true)
        turns(1, late: false)
        turns(2, late: true)
        #expect(meter.slowdown == 1)
    }

    @Test func `late turns slow down, never beyond a bound, and a long time without them undoes it`() {
        turns(3, late: true)
        #expect(meter.slowdown == 1.5)
        turns(100, late: true)
        #expect(meter.slowdown == PollMeter.most)
        turns(19, late: false)
        #expect(meter.slowdown == PollMeter.most)
        turns(100, late: false)
        #expect(meter.slowdown == 1)
    }

    @Test func `what is polled is as good as late while nobody takes it`() {
        for _ in 0..<3 { meter.isBehind() }
        #expect(meter.slowdown > 1)
    }

    @Test func `a crowd that does not answer in time is asked less often, a few that hang are not`() {
        for _ in 0..<20 {
            meter.turnEnded(asked: 99, timedOut: 99)
            meter.turnEnded(asked: 1_000, timedOut: 500)
        }
        #expect(meter.slowdown == 1)
        for _ in 0..<2 { meter.turnEnded(asked: 1_000, timedOut: 501) }
        meter.turnEnded(asked: 1_000, timedOut: 10)
        for _ in 0..<2 { meter.turnEnded(asked: 1_000, timedOut: 501) }
        #expect(meter.slowdown == 1, "not one after the other")
        meter.turnEnded(asked: 1_000, timedOut: 501)
        #expect(meter.slowdown == 1.5)
        for _ in 0..<30 { meter.turnEnded(asked: 1_000, timedOut: 1_000) }
        #expect(meter.slowdown == PollMeter.most)
        turns(100, late: false)
        #expect(meter.slowdown == 1)
    }
}
